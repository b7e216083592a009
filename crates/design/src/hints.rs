//! Hints: what somebody who knows the design says about it, for the engines to try.
//!
//! Problem: some proofs need a fact that no search finds, such as "a request, a counter or an answer is
//! always under way", and are long where nobody says what falls; the author could write both down.
//! Method: lines in the expression language of contracts, over registers and nets by their hierarchical
//! names. `invariant EXPR` becomes clauses: a state that violates it is asked for by SAT, reduced to the
//! literals that already violate it, and its negation is a clause; when no state is left, the clauses
//! are the expression (prime implicates by blocking, McMillan, CAV 2002). From here on they are guesses
//! like any other: the engine keeps those that are inductive together. `stage EXPR`, with `rank WORD;
//! WORD…` below it, is a stretch of the way back to service and what falls in it. The kernel re-checks
//! what is used; a line that is false costs time.
//! Cost: a few SAT calls on the expression for each clause.
//! What it cannot see: facts about inputs, and expressions with more clauses than the limit, such as the
//! equality of two wide words under a condition; those have to be split, or left out.

use netlist::{Aig, Lit, Netlist};
use proof::contract::{Expr, ExprError, Scope, compile_bool, compile_word};
use proof::model::{Place, PortScope};
use proof::{Circuit, Model, StateKind, Var};
use solve::{AigSolver, Budget, Outcome};
use std::collections::BTreeMap;

/// A disjunction of register bits with values.
pub type Clause = Vec<(usize, bool)>;

/// What a file says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hints {
    /// Clauses that may hold in every reachable state.
    pub invariant: Vec<Clause>,
    /// What the part goes through on its way back to service, in order.
    pub stages: Vec<Stage>,
}

/// A stretch of the way back to service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stage {
    /// Its line.
    pub line: usize,
    /// The part is in it, or further.
    pub holds: Circuit,
    /// Falls in each cycle in which the part stays in it, least significant bit first; none: it never
    /// stays.
    pub rank: Circuit,
}

/// Most clauses of one file.
pub const MAX_CLAUSES: usize = 4_000;
/// Most stages of one file.
pub const MAX_STAGES: usize = 32;
/// Widest rank, in bits.
pub const MAX_RANK: usize = 63;
/// Solver steps for one line.
const STEPS: u64 = 100_000;

/// A line that has no meaning, with the remedy.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}; {remedy}")]
pub struct HintError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// What is wrong with a line, and the remedy.
type Fault = (String, String);

/// Reads a file of hints for a design; `#` begins a line that says nothing.
///
/// # Errors
/// If a line does not parse, names something unknown or an input, or exceeds a limit.
pub fn read(netlist: &Netlist, model: &Model, text: &str) -> Result<Hints, HintError> {
    let mut reader = Reader {
        scope: Registers::of(netlist, model),
        aig: model.aig.clone(),
        model,
        hints: Hints::default(),
    };
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (word, said) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let read = match word {
            "invariant" => reader.invariant(said),
            "stage" => reader.stage(number + 1, said),
            "rank" => reader.rank(said),
            _ => {
                let word: String = word.chars().take(40).collect();
                let remedy = "begin the line with `invariant`, `stage`, `rank` or `#`";
                Err((format!("`{word}` is no kind of hint"), remedy.into()))
            }
        };
        read.map_err(|(what, remedy)| HintError { line: number + 1, what, remedy })?;
    }
    Ok(reader.hints)
}

struct Reader<'a> {
    scope: Registers<'a>,
    aig: Aig,
    model: &'a Model,
    hints: Hints,
}

impl Reader<'_> {
    fn invariant(&mut self, said: &str) -> Result<(), Fault> {
        let fact = self.compile(said, compile_bool)?;
        let state = self.state(&[fact])?;
        let free = MAX_CLAUSES - self.hints.invariant.len();
        let found = clauses(self.model, &self.aig, fact, &state, free).ok_or_else(|| {
            (format!("more than {free} clauses are left for it"), "split it, or say less".into())
        })?;
        self.hints.invariant.extend(found);
        Ok(())
    }

    fn stage(&mut self, line: usize, said: &str) -> Result<(), Fault> {
        let holds = self.compile(said, compile_bool)?;
        let holds = self.circuit(&[holds])?;
        if self.hints.stages.len() == MAX_STAGES {
            return Err((format!("more than {MAX_STAGES} stages"), "join some of them".into()));
        }
        self.hints.stages.push(Stage { line, holds, rank: Circuit::default() });
        Ok(())
    }

    /// Words separated by semicolons, the most significant first.
    fn rank(&mut self, said: &str) -> Result<(), Fault> {
        let mut bits = Vec::new();
        for word in said.rsplit(';') {
            bits.extend(self.compile(word, compile_word)?);
        }
        if bits.len() > MAX_RANK {
            let what = format!("a rank of {} bits, the limit is {MAX_RANK}", bits.len());
            return Err((what, "leave out what does not fall".into()));
        }
        let rank = self.circuit(&bits)?;
        match self.hints.stages.last_mut() {
            Some(stage) if stage.rank.outputs.is_empty() => stage.rank = rank,
            _ => {
                return Err((
                    "no stage is above it".into(),
                    "write `stage EXPRESSION` first".into(),
                ));
            }
        }
        Ok(())
    }

    fn compile<T>(
        &mut self,
        text: &str,
        how: fn(&mut Aig, &dyn Scope, &Expr) -> Result<T, ExprError>,
    ) -> Result<T, Fault> {
        Expr::parse(text)
            .and_then(|e| how(&mut self.aig, &self.scope, &e))
            .map_err(|e| (e.what, e.remedy))
    }

    fn circuit(&self, outputs: &[Lit]) -> Result<Circuit, Fault> {
        self.state(outputs)?;
        let place = |var| match self.place(var) {
            Some(Place::State(i)) => Some(Var::State(i)),
            _ => None,
        };
        Circuit::extract(&self.aig, outputs, place).map_err(|e| (e.0, "speak of registers".into()))
    }

    /// As [`Model::place`]; expressions add gates, never leaves.
    fn place(&self, var: u32) -> Option<Place> {
        if (var as usize) < self.model.aig.len() { self.model.place(var) } else { None }
    }

    /// The registers that `outputs` depend on.
    fn state(&self, outputs: &[Lit]) -> Result<Vec<usize>, Fault> {
        let mut state = Vec::new();
        for var in self.aig.cone(outputs.iter().copied()) {
            let what = match self.place(var) {
                Some(Place::State(i)) => {
                    state.push(i as usize);
                    continue;
                }
                Some(Place::Input(i)) => {
                    format!("the input `{}`", self.model.inputs[i as usize].name)
                }
                Some(Place::Reset | Place::Clock) => "clock or reset".into(),
                None => continue,
            };
            let remedy = "speak of registers, and of nets that only registers drive";
            return Err((format!("it depends on {what}"), remedy.into()));
        }
        Ok(state)
    }
}

/// The clauses of `fact` over `state`, none of which can do without one of its literals. `None` if there
/// are more than `most`.
fn clauses(
    model: &Model,
    aig: &Aig,
    fact: Lit,
    state: &[usize],
    most: usize,
) -> Option<Vec<Clause>> {
    let budget = Budget::new(STEPS);
    let mut solver = AigSolver::light();
    let mut all = Vec::new();
    loop {
        match solver.solve(aig, &[!fact], &budget) {
            Outcome::Unsat => return Some(all),
            Outcome::Sat if all.len() < most => {}
            Outcome::Sat | Outcome::Unknown => return None,
        }
        let mut cube: Vec<Lit> = Vec::with_capacity(state.len());
        for &i in state {
            let lit = model.state[i].lit;
            cube.push(lit.xor_sign(!solver.value(lit)));
        }
        let mut at = 0;
        while at < cube.len() {
            let mut fewer = cube.clone();
            fewer.remove(at);
            fewer.push(fact);
            match solver.solve(aig, &fewer, &budget) {
                Outcome::Unknown => return None,
                Outcome::Sat => at += 1,
                Outcome::Unsat => {
                    let core = solver.core();
                    let kept = cube[..at].iter().filter(|l| core.contains(l)).count();
                    cube.retain(|l| core.contains(l));
                    at = kept;
                }
            }
        }
        let blocked: Vec<Lit> = cube.iter().map(|&l| !l).collect();
        solver.add_clause(aig, &blocked);
        let clause = state.iter().filter_map(|&i| {
            let lit = model.state[i].lit;
            let found = cube.iter().find(|l| l.var() == lit.var())?;
            Some((i, *found != lit))
        });
        all.push(clause.collect());
    }
}

/// Nets, registers and ports by name.
struct Registers<'a> {
    netlist: &'a Netlist,
    ports: PortScope<'a>,
    words: BTreeMap<&'a str, Vec<(u32, Lit)>>,
}

impl<'a> Registers<'a> {
    fn of(netlist: &'a Netlist, model: &'a Model) -> Self {
        let mut words: BTreeMap<&str, Vec<(u32, Lit)>> = BTreeMap::new();
        for bit in model.state.iter().filter(|b| matches!(b.kind, StateKind::Register(_))) {
            words.entry(&bit.name).or_default().push((bit.bit, bit.lit));
        }
        for word in words.values_mut() {
            word.sort_unstable();
            word.dedup_by_key(|bit| bit.0);
        }
        Self { netlist, ports: PortScope(&model.ports), words }
    }
}

impl Scope for Registers<'_> {
    fn resolve(&self, name: &str) -> Option<Vec<Lit>> {
        let net = || self.netlist.net(name).map(|n| n.bits.clone());
        let dense = |w: &&Vec<(u32, Lit)>| w.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0);
        let word = || {
            let word = self.words.get(name).filter(dense)?;
            Some(word.iter().map(|bit| bit.1).collect())
        };
        net().or_else(word).or_else(|| self.ports.resolve(name))
    }
    fn offset(&self, name: &str) -> u32 {
        let word = || self.words.get(name).and_then(|w| w.first()).map(|bit| bit.0);
        let net = self.netlist.net(name).map(|n| n.offset);
        net.or_else(word).unwrap_or_else(|| self.ports.offset(name))
    }
    fn upto(&self, name: &str) -> bool {
        self.netlist.net(name).map_or_else(|| self.ports.upto(name), |n| n.upto)
    }
    fn all_names(&self) -> Vec<String> {
        self.words.keys().map(|&n| n.to_owned()).collect()
    }
}
