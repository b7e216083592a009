//! LRAT proofs, checked by unit propagation along their hints and nothing else.
//!
//! Problem: a solver says "unsatisfiable"; believing it must not mean believing the solver.
//! Method: an LRAT proof (Cruz-Filipe, Heule, Hunt, Kaufmann and Schneider-Kamp, CADE 2017) is a
//! list of clause additions and deletions. An addition names earlier clauses, its hints. Assume the
//! new clause false; each hint in turn must then be falsified — the clause follows — or leave a
//! single literal that is not false, which becomes true. The proof is accepted when the empty clause
//! is added. Only these reverse unit propagation (RUP) steps are known here: a negative hint would
//! start a RAT step, which preserves satisfiability but not the models, and is refused.
//! Why it is sound: every clause in the table is an original one or was implied by clauses that were
//! in the table before; deletion only shrinks the table; so the empty clause is implied by the
//! formula. Assigning a literal that is already true changes nothing, and hints after the conflict
//! are read but not needed.
//! Cost: linear in the literals of the hinted clauses. Memory: the live literals, and eight bytes
//! per clause id.
//!
//! Both codings are read; the first byte tells which.
//!
//! | step | text | binary (CaDiCaL) |
//! |---|---|---|
//! | addition | `id literal* 0 hint* 0` | `a` id literal* 0 hint* 0 |
//! | deletion | `id d id* 0` | `d` id* 0 |
//!
//! A binary number is `2·|n| + (n < 0)` in base 128, least significant digit first, every byte but
//! the last with its high bit set. The formula's clauses have the ids `1..=m` in order; new ids
//! rise strictly.

use crate::cnf::Cnf;
use source::{Source, Step};
use std::io::Read;

mod source;

/// Bounds on what a proof may cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of the (uncompressed) proof.
    pub bytes: u64,
    /// Literals of all live clauses together, the formula's included.
    pub literals: usize,
    /// Literals looked at while following hints.
    pub visits: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 << 30, literals: 1 << 29, visits: 1 << 38 }
    }
}

/// Clause ids stay below the number of the formula's clauses, plus the bytes read so far (each
/// addition takes at least four), plus this: the id table cannot outgrow the proof.
const ID_SLACK: u64 = 1 << 20;

/// Why a proof was refused. `step` counts additions and deletions from 1.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LratError {
    #[error("step {step}: the proof ends within the step")]
    Truncated { step: u64 },
    #[error("step {step}: byte {byte} is not a {expected}")]
    Malformed { step: u64, byte: u64, expected: &'static str },
    #[error("step {step}: clause id {id} is not above the ids before it")]
    StaleId { step: u64, id: i64 },
    #[error("step {step}: literal {literal} is not a literal of the formula")]
    LiteralRange { step: u64, literal: i64 },
    #[error("step {step}: clause {id} does not exist or was deleted")]
    UnknownClause { step: u64, id: i64 },
    #[error("step {step}: the hint {id} is neither unit nor false")]
    NotUnit { step: u64, id: i64 },
    #[error("step {step}: the hints are used up without a conflict")]
    NoConflict { step: u64 },
    #[error("step {step}: the negative hint {id} makes this a RAT step; only RUP is accepted")]
    RatStep { step: u64, id: i64 },
    #[error("the proof ends after {steps} steps without the empty clause")]
    NoEmptyClause { steps: u64 },
    #[error("step {step}: more than {most} {what}")]
    Limit { step: u64, what: &'static str, most: u64 },
    #[error("step {step}: the proof cannot be read: {why}")]
    Unreadable { step: u64, why: String },
}

/// What it took to accept a proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Accepted {
    /// Additions and deletions up to the empty clause.
    pub steps: u64,
    /// Hints followed.
    pub hints: u64,
    /// Bytes of the proof up to there.
    pub bytes: u64,
}

/// Checks that `proof` derives the empty clause from `cnf`, within the default [`Limits`]. Reading
/// stops there: what follows in the stream is not looked at.
///
/// # Errors
/// [`LratError`], if the proof is damaged, too large, or proves nothing.
pub fn check(cnf: &Cnf, proof: impl Read) -> Result<Accepted, LratError> {
    check_within(cnf, proof, &Limits::default())
}

/// [`check`] with limits of the caller's.
///
/// # Errors
/// As [`check`].
pub fn check_within(cnf: &Cnf, proof: impl Read, limits: &Limits) -> Result<Accepted, LratError> {
    let mut source = Source::new(proof, limits.bytes);
    let mut table = Table::of(cnf, limits.literals);
    let mut falsified = Marks::new(cnf.variables);
    let mut clause: Vec<i32> = Vec::new();
    let mut spent = Spent { hints: 0, visits: 0, most: limits.visits };
    loop {
        match source.step()? {
            Step::End => return Err(LratError::NoEmptyClause { steps: source.step }),
            Step::Delete => {
                loop {
                    let id = source.number("clause id")?;
                    if id == 0 {
                        break;
                    }
                    if !table.delete(id) {
                        return Err(LratError::UnknownClause { step: source.step, id });
                    }
                }
                continue;
            }
            Step::Add(id) => {
                clause.clear();
                falsified.reset();
                loop {
                    let literal = source.number("literal")?;
                    match i32::try_from(literal) {
                        Ok(0) => break,
                        Ok(l) if l.unsigned_abs() <= cnf.variables => {
                            clause.push(l);
                            falsified.add(l);
                        }
                        _ => return Err(LratError::LiteralRange { step: source.step, literal }),
                    }
                    if clause.len() > limits.literals {
                        return Err(source.limit("literals", limits.literals as u64));
                    }
                }
                follow(&mut source, &table, &mut falsified, &mut spent)?;
                table.insert(id, &clause, &source)?;
            }
        }
        if clause.is_empty() {
            return Ok(Accepted { steps: source.step, hints: spent.hints, bytes: source.offset });
        }
    }
}

/// What following hints has cost so far, and the most literals it may look at.
struct Spent {
    hints: u64,
    visits: u64,
    most: u64,
}

/// Reads the hints of an addition and propagates along them up to the conflict.
fn follow(
    source: &mut Source<impl Read>,
    table: &Table,
    falsified: &mut Marks,
    spent: &mut Spent,
) -> Result<(), LratError> {
    let mut conflict = false;
    loop {
        let id = source.number("hint")?;
        let step = source.step;
        if id == 0 {
            return if conflict { Ok(()) } else { Err(LratError::NoConflict { step }) };
        }
        if id < 0 {
            return Err(LratError::RatStep { step, id });
        }
        if conflict {
            continue;
        }
        let clause = table.get(id).ok_or(LratError::UnknownClause { step, id })?;
        spent.hints += 1;
        spent.visits += clause.len() as u64;
        if spent.visits > spent.most {
            return Err(source.limit("literal visits", spent.most));
        }
        let mut open = clause.iter().copied().filter(|&l| !falsified.has(l));
        let Some(unit) = open.next() else {
            conflict = true;
            continue;
        };
        if open.any(|l| l != unit) {
            return Err(LratError::NotUnit { step, id });
        }
        falsified.add(-unit);
    }
}

/// The set of falsified literals. Emptying it is one increment.
struct Marks {
    epoch: u32,
    stamp: Vec<u32>,
}

impl Marks {
    fn new(variables: u32) -> Self {
        Self { epoch: 1, stamp: vec![0; 2 * (variables as usize + 1)] }
    }
    fn at(literal: i32) -> usize {
        2 * literal.unsigned_abs() as usize + usize::from(literal < 0)
    }
    fn has(&self, literal: i32) -> bool {
        self.stamp[Self::at(literal)] == self.epoch
    }
    fn add(&mut self, literal: i32) {
        self.stamp[Self::at(literal)] = self.epoch;
    }
    fn reset(&mut self) {
        if self.epoch == u32::MAX {
            self.stamp.fill(0);
            self.epoch = 0;
        }
        self.epoch += 1;
    }
}

/// A clause's place in the arena.
#[derive(Clone, Copy)]
struct Place {
    start: u32,
    len: u32,
}

/// Marks an id without a clause.
const GONE: Place = Place { start: u32::MAX, len: 0 };

/// Live clauses by id.
struct Table {
    arena: Vec<i32>,
    places: Vec<Place>,
    originals: u64,
    dead: usize,
    most: usize,
}

impl Table {
    fn of(cnf: &Cnf, most: usize) -> Self {
        let most = most.min(u32::MAX as usize / 4);
        let mut table = Self {
            arena: Vec::new(),
            places: vec![GONE],
            originals: cnf.len() as u64,
            dead: 0,
            most,
        };
        for clause in cnf.clauses() {
            table.append(clause);
        }
        table
    }

    fn append(&mut self, clause: &[i32]) {
        // `insert` keeps the arena within `u32`, and a formula beyond it has no place: its
        // clauses stay unknown.
        let place = match (u32::try_from(self.arena.len()), u32::try_from(clause.len())) {
            (Ok(start), Ok(len)) if start < u32::MAX => Place { start, len },
            _ => GONE,
        };
        if place.start != GONE.start {
            self.arena.extend_from_slice(clause);
        }
        self.places.push(place);
    }

    fn get(&self, id: i64) -> Option<&[i32]> {
        let place = *self.places.get(usize::try_from(id).ok()?)?;
        let start = place.start as usize;
        if place.start == GONE.start {
            None
        } else {
            self.arena.get(start..start + place.len as usize)
        }
    }

    fn delete(&mut self, id: i64) -> bool {
        let Some(clause) = self.get(id) else { return false };
        self.dead += clause.len();
        self.places[id as usize] = GONE;
        true
    }

    fn insert(
        &mut self,
        id: i64,
        clause: &[i32],
        source: &Source<impl Read>,
    ) -> Result<(), LratError> {
        let index = match usize::try_from(id) {
            Ok(index) if index >= self.places.len() => index,
            _ => return Err(LratError::StaleId { step: source.step, id }),
        };
        let most = self.originals.saturating_add(source.offset).saturating_add(ID_SLACK);
        if index as u64 > most {
            return Err(source.limit("clause ids", most));
        }
        if self.arena.len() + clause.len() > self.most || self.dead > self.arena.len() / 2 {
            self.compact();
            if self.arena.len() + clause.len() > self.most {
                return Err(source.limit("live literals", self.most as u64));
            }
        }
        self.places.resize(index, GONE);
        self.append(clause);
        Ok(())
    }

    /// Moves the live clauses together; ids rise with places, so each moves towards the front.
    fn compact(&mut self) {
        let mut end = 0;
        for place in self.places.iter_mut().filter(|p| p.start != GONE.start) {
            let (start, len) = (place.start as usize, place.len as usize);
            self.arena.copy_within(start..start + len, end);
            place.start = end as u32;
            end += len;
        }
        self.arena.truncate(end);
        self.dead = 0;
    }
}

#[cfg(test)]
mod tests;
