//! Recording a refutation while it is found, and writing only the part that is needed.
//!
//! Problem: a solver logs every clause it learns; most never reach the empty clause, and dossiers
//! carry the log.
//! Method: CaDiCaL reports each derived clause with its antecedents in the order in which they
//! propagate (Pollitt, Fleury, Biere: "Faster LRAT checking than solving with CaDiCaL", SAT 2023).
//! They are kept in one byte arena; at the end the clauses the empty one depends on are marked
//! backwards, renumbered without gaps after the formula's own, and written as binary LRAT, each
//! deleted after its last use (backward trimming: Heule, Hunt, Wetzler, FMCAD 2013).
//! Cost: linear in the log. Memory: the log, about two bytes per literal and antecedent, plus four
//! bytes per clause; bounded by [`MAX_LOG`].
//! What it cannot see: a shorter proof. RAT steps and definitions cannot be expressed; a log that
//! refers to a clause never reported is refused.

use rustsat_cadical::{CaDiCaLClause, ClauseId, TraceProof};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Most bytes a log may have.
pub(crate) const MAX_LOG: usize = 6 << 30;

/// Deletions are written in groups of this many.
const DELETION_GROUP: usize = 128;

/// The log of one solver run. Clauses are known by *number*: those of the formula are `1..=m` in
/// the order in which they were added, derived ones follow in the order of their derivation.
pub(crate) struct Log {
    originals: u32,
    seen: u32,
    /// Number by solver id; 0: none.
    number: Vec<u32>,
    bytes: Vec<u8>,
    /// Start of each derived clause in `bytes`.
    starts: Vec<usize>,
    empty: Option<usize>,
    damaged: bool,
    /// Set when the log is full or damaged; stops the solver.
    stop: Arc<AtomicBool>,
}

impl Log {
    pub(crate) fn new(originals: u32, stop: Arc<AtomicBool>) -> Self {
        Self {
            originals,
            seen: 0,
            number: vec![0],
            bytes: Vec::new(),
            starts: Vec::new(),
            empty: None,
            damaged: false,
            stop,
        }
    }

    fn name(&mut self, id: ClauseId, number: u32) {
        let Ok(index) = usize::try_from(id.0) else { return self.damage() };
        if self.number.len() <= index {
            self.number.resize(index + 1, 0);
        }
        self.number[index] = number;
    }

    fn damage(&mut self) {
        self.damaged = true;
        self.stop.store(true, Ordering::Relaxed);
    }

    /// The trimmed refutation in binary LRAT; `None` if there is none.
    pub(crate) fn refutation(&self) -> Option<Vec<u8>> {
        let last = self.empty.filter(|_| !self.damaged)?;
        let first = self.originals as usize + 1;
        // last use of each derived clause; a clause without one is not needed
        let mut last_use = vec![UNUSED; last + 1];
        last_use[last] = last as u32;
        for step in (0..=last).rev() {
            if last_use[step] == UNUSED {
                continue;
            }
            for number in self.record(step).hints(first + step) {
                if let Some(used) = (number as usize).checked_sub(first)
                    && last_use[used] == UNUSED
                {
                    last_use[used] = step as u32;
                }
            }
        }
        let mut out = Vec::new();
        let mut renumbered = vec![0u32; last + 1];
        let (mut next, mut dead) = (first as u32, Vec::new());
        for step in 0..=last {
            if last_use[step] == UNUSED {
                continue;
            }
            renumbered[step] = next;
            let record = self.record(step);
            out.push(b'a');
            put(&mut out, 2 * u64::from(next));
            next += 1;
            for literal in record.literals() {
                put(&mut out, literal);
            }
            out.push(0);
            for number in record.hints(first + step) {
                let id = match (number as usize).checked_sub(first) {
                    None => number,
                    Some(used) => {
                        if last_use[used] == step as u32 {
                            last_use[used] = UNUSED;
                            dead.push(renumbered[used]);
                        }
                        renumbered[used]
                    }
                };
                put(&mut out, 2 * u64::from(id));
            }
            out.push(0);
            if dead.len() >= DELETION_GROUP {
                out.push(b'd');
                dead.drain(..).for_each(|id| put(&mut out, 2 * u64::from(id)));
                out.push(0);
            }
        }
        Some(out)
    }

    fn record(&self, step: usize) -> Record<'_> {
        Record { bytes: &self.bytes, at: self.starts[step] }
    }
}

const UNUSED: u32 = u32::MAX;

impl TraceProof for Log {
    fn add_original_clause(
        &mut self,
        id: ClauseId,
        _: bool,
        _: &CaDiCaLClause<'_>,
        restored: bool,
    ) {
        if !restored {
            self.seen += 1;
            self.name(id, self.seen);
        }
    }

    fn add_derived_clause(
        &mut self,
        id: ClauseId,
        _: bool,
        clause: &CaDiCaLClause<'_>,
        antecedents: &[ClauseId],
    ) {
        if self.empty.is_some() || self.damaged {
            return;
        }
        if self.bytes.len() > MAX_LOG || self.starts.len() + self.originals as usize > MAX_CLAUSES {
            return self.damage();
        }
        let step = self.starts.len();
        let own = self.originals + 1 + step as u32;
        self.name(id, own);
        self.starts.push(self.bytes.len());
        put(&mut self.bytes, clause.len() as u64);
        for literal in clause.iter() {
            put(&mut self.bytes, code(literal.to_ipasir()));
        }
        put(&mut self.bytes, antecedents.len() as u64);
        for antecedent in antecedents {
            let known =
                usize::try_from(antecedent.0).ok().and_then(|i| self.number.get(i).copied());
            match known {
                Some(number @ 1..) if number < own => put(&mut self.bytes, u64::from(own - number)),
                _ => return self.damage(),
            }
        }
        if clause.is_empty() {
            self.empty = Some(step);
        }
    }
}

const MAX_CLAUSES: usize = u32::MAX as usize - 2;

/// A literal as LRAT writes it.
fn code(literal: i32) -> u64 {
    2 * u64::from(literal.unsigned_abs()) + u64::from(literal < 0)
}

/// Appends `value` in base 128, least significant digit first.
fn put(out: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        out.push(value as u8 | 128);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A derived clause in the log: literals, then distances to its antecedents, each list after its
/// length.
#[derive(Clone, Copy)]
struct Record<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Record<'a> {
    fn number(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.bytes.get(self.at).copied().unwrap_or(0);
            self.at += 1;
            value |= u64::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 || shift > 56 {
                return value;
            }
        }
    }

    fn literals(mut self) -> impl Iterator<Item = u64> + 'a {
        let count = self.number();
        (0..count).map(move |_| self.number())
    }

    fn hints(mut self, own: usize) -> impl Iterator<Item = u32> + 'a {
        for _ in 0..self.number() {
            self.number();
        }
        let count = self.number();
        (0..count).map(move |_| (own as u64).saturating_sub(self.number()) as u32)
    }
}
