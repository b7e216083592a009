//! The comparison with a reference: on random micro designs and twins of theirs it answers what plain
//! enumeration says, and its proofs do not carry over to twins that differ.
//!
//! Problem: engine and kernel of `design.compare` share graph, frames and solver. A wrong reading of
//! power-up, reset or `assume`, or an unsound merge, would pass through both.
//! Method: a micro design is the reference. Twins meant to be equal have registers renamed, reordered,
//! complemented and doubled, gates restructured and a constant register; twins meant to differ have a
//! gate rewired or inverted, a register loaded or powered up otherwise, or a trigger; both go through
//! Yosys JSON. Enumeration decides the claim: pairs of states that no common word within `assume` ever
//! tells apart (greatest fixpoint), then every power-up of the twin asks for one of the reference from
//! which all words in reset lead to such pairs. A refutation is decided by runs of one twin state beside
//! the set of all states that the reference may be in. Each certificate is checked by the kernel; ties
//! and choice of a proof are compared with all pairs of states that are reached, a refuting run is
//! followed from every power-up of the reference. Proofs are then forged (a tie dropped or inverted, a
//! false merge, a choice dropped; a refuting run is named at other places) and taken over to twins of the same layout that differ.
//! Cost: nearly all of it the engine's, 0.15 s a twin; enumeration takes a tenth of a millisecond.
//! What it cannot see: state beyond seven bits, ports or undriven bits of the reference alone, identities,
//! what the netlist reader does, and the readings of the claim that its author shares with the kernel's.
//!
//! `PROBITY_ORACLE=5000 cargo test --release -p probity-testkit --test compare -- --nocapture` judges
//! more designs than the 60 of every day.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "compare/certify.rs"]
mod certify;
#[path = "compare/twins.rs"]
mod twins;

use certify::sealed;
use design::compare::equivalence;
use design::{Answer, Settings};
use evidence::Digest;
use netlist::{Lit, Node};
use proof::Model;
use proof::certificate::{Body, Divergence, Equivalence};
use proof::model::StateKind;
use proof::product::{Product, REFERENCE};
use proof::replay::Run;
use solve::Budget;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use testkit::micro::Micro;
use testkit::oracle::compare::{Pair, Question};
use twins::{Chance, changed, grow, same};

const EFFORT: u64 = 60_000;
/// Designs of a run that nobody asked more of.
const DESIGNS: u64 = 60;

/// Counts by what was counted.
type Tally = BTreeMap<String, usize>;

/// A question as the product sees it.
struct Case<'a>(Question<'a>);

impl<'a> Deref for Case<'a> {
    type Target = Question<'a>;
    fn deref(&self) -> &Question<'a> {
        &self.0
    }
}

impl Case<'_> {
    fn input(&self, name: &str) -> usize {
        self.own.inputs.iter().position(|i| i.name == name).unwrap()
    }
    /// A state bit of the product in a pair of states.
    fn bit(&self, name: &str, (s, d, r): Pair) -> bool {
        let of = |m: &Micro, name: &str| m.registers.iter().position(|r| r.name == name);
        let (at, word) = match name.strip_prefix(REFERENCE) {
            Some(name) => (of(self.reference, name), r),
            None => match of(&self.own, name) {
                Some(at) => (Some(at), d),
                None => (Some(self.input(name)), s),
            },
        };
        word >> at.unwrap() & 1 == 1
    }
    fn tied(&self, product: &Product, [bit, code]: [u32; 2], p: Pair) -> bool {
        let state = &product.model.state;
        let known =
            (code >> 1).checked_sub(1).is_some_and(|i| self.bit(&state[i as usize].name, p));
        self.bit(&state[bit as usize].name, p) == (known != (code & 1 == 1))
    }
    /// What a proof says of all pairs of states; those that are reached.
    fn certified(&self, product: &Product, c: &Equivalence) -> (bool, BTreeSet<Pair>) {
        let all = self.reached(|p| c.choice.iter().all(|&t| self.tied(product, t, p)));
        let outputs = |&(s, d, r): &Pair| {
            self.0.legal(s, d).iter().all(|&w| self.d.at(false, d, w).1 == self.r.at(false, r, w).1)
        };
        let ties = |p: &Pair| c.ties.iter().all(|&t| self.tied(product, t, *p));
        (all.iter().all(|p| outputs(p) && ties(p)), all)
    }

    /// A refuting run differs from every power-up of the reference.
    fn differs(&self, product: &Product, run: &Divergence) -> bool {
        let model = &product.model;
        let one = |text: &str, at: usize| text.as_bytes()[at] == b'1';
        let (mut d, mut straps) = (0, 0);
        for (at, bit) in model.state.iter().take(product.delivered_state).enumerate() {
            let set = u32::from(one(&run.run.power_up, at));
            match self.own.registers.iter().position(|r| r.name == bit.name) {
                Some(i) => d |= set << i,
                None => straps |= set << self.input(&bit.name),
            }
        }
        let mut legal = self.d.power_up.contains(&d) && self.straps().contains(&straps);
        let mut states = self.r.power_up.clone();
        let before = self.own.outputs.iter().take_while(|o| o.name != run.port);
        let output = before.map(|o| o.wires.len()).sum::<usize>() + run.bit as usize;
        for (cycle, text) in run.run.inputs.iter().enumerate() {
            let mut word = straps;
            for (at, bit) in model.inputs.iter().enumerate() {
                word |= u32::from(one(text, at)) << self.input(&bit.name);
            }
            let reset = cycle < self.resets() as usize;
            let (next, x) = self.d.at(reset, d, word);
            legal &= reset || self.holds(self.clauses, word, x);
            if cycle == run.cycle as usize {
                let differ = |&r: &u32| (x ^ self.r.at(reset, r, word).1) >> output & 1 == 1;
                return legal && !reset && states.iter().all(differ);
            }
            states.iter_mut().for_each(|r| *r = self.r.at(reset, *r, word).0);
            d = next;
        }
        false
    }

    fn model(&self) -> Model {
        let (own, reference) = (self.own.yosys_json(), self.reference.yosys_json());
        let mut contract = self.own.contract();
        contract.reference = Some(Digest::of(&reference));
        proof::load_compared(&own, &reference, &contract).unwrap()
    }
}

/// An AND and an earlier literal that differ in a state and under a word that are met.
fn false_merge(
    q: &Case<'_>,
    product: &Product,
    all: &BTreeSet<Pair>,
    c: &mut Chance,
) -> Option<[u32; 2]> {
    let model = &product.model;
    let ands = |v: &u32| matches!(model.aig.node(*v), Node::And(..));
    let ands: Vec<u32> = (0..model.aig.len() as u32).filter(ands).collect();
    if ands.is_empty() {
        return None;
    }
    let var = ands[c.below(ands.len())];
    let code = c.below(2 * var as usize) as u32;
    all.iter().find_map(|&p| {
        let state = model.state.iter().map(|b| q.bit(&b.name, p)).collect();
        let mut run = Run::after_reset(model, state);
        q.legal(p.0, p.1).into_iter().find_map(|word| {
            let word: Vec<bool> =
                model.inputs.iter().map(|b| word >> q.input(&b.name) & 1 == 1).collect();
            run.evaluate(&word);
            let differ = run.value(Lit::new(var, false)) != run.value(Lit::from_code(code));
            differ.then_some([var, code])
        })
    })
}

/// Forged proofs of a pair that is equal: what is accepted is true.
fn forge(q: &Case<'_>, model: &Model, answer: &Answer, c: &mut Chance, tally: &mut Tally) {
    let (Body::Equivalence(body), Some(product)) = (&answer.body, &model.reference) else { return };
    let (_, all) = q.certified(product, body);
    let mut forged: Vec<(&str, Equivalence)> = Vec::new();
    if !body.ties.is_empty() {
        let at = c.below(body.ties.len());
        let mut less = body.clone();
        less.ties.remove(at);
        let mut flipped = body.clone();
        flipped.ties[at][1] ^= 1;
        forged.extend([("a tie less", less), ("a tie inverted", flipped)]);
    }
    if let Some(merge) = false_merge(q, product, &all, c) {
        let mut merged = body.clone();
        merged.merges.retain(|m| m[0] != merge[0]);
        merged.merges.push(merge);
        merged.merges.sort_unstable();
        forged.push(("a false merge", merged));
    }
    let assume = product.model.assume;
    if matches!(product.model.aig.node(assume.var()), Node::And(..)) {
        let mut merged = body.clone();
        merged.merges.retain(|m| m[0] != assume.var());
        merged.merges.push([assume.var(), u32::from(assume.is_neg())]);
        merged.merges.sort_unstable();
        forged.push(("a false merge of what is assumed", merged));
    }
    if !body.choice.is_empty() {
        let mut less = body.clone();
        less.choice.remove(c.below(body.choice.len()));
        forged.push(("a choice less", less));
    }
    for (what, body) in forged {
        let accepted =
            sealed(model, Answer { body: Body::Equivalence(body.clone()), ..answer.clone() });
        if accepted.is_ok() {
            assert!(!what.contains("inv") && !what.contains("false"), "{what} passes: {body:?}");
            assert!(q.certified(product, &body).0, "{what} passes and is false: {body:?}");
        }
        let said = if accepted.is_ok() { "accepted" } else { "refused" };
        *tally.entry(format!("{what}: {said}")).or_default() += 1;
    }
}

/// A proof taken over to twins of the same layout that differ.
fn carry(q: &Case<'_>, model: &Model, answer: &Answer, c: &mut Chance, tally: &mut Tally) {
    let names = |m: &Model| -> Vec<String> {
        m.reference.iter().flat_map(|p| &p.model.state).map(|s| s.name.clone()).collect()
    };
    for _ in 0..4 {
        let other = Case(Question::new(changed(&q.own, c), q.reference, q.clauses));
        if other.equal() {
            continue;
        }
        let theirs = other.model();
        let Body::Equivalence(body) = &answer.body else { return };
        if names(&theirs) != names(model) {
            continue;
        }
        for keep in [true, false] {
            let mut body = body.clone();
            if !keep {
                body.merges.clear();
            }
            let forged = Answer { body: Body::Equivalence(body), ..answer.clone() };
            match sealed(&theirs, forged) {
                Ok(()) => panic!("a proof of another twin passes: {:#?}", other.own),
                Err(why) => {
                    let by = why.split('`').nth(1).unwrap_or("shape or run");
                    *tally.entry(format!("another twin: {by}")).or_default() += 1;
                }
            }
        }
    }
}

/// Decides one twin; counts what was said of it.
fn judge(seed: u64, kind: &str, q: &Case<'_>, c: &mut Chance, all: &mut [Tally; 2]) {
    let [tally, forged] = all;
    let about = format!("seed {seed}, {kind}");
    let model = q.model();
    let product = model.reference.as_deref().unwrap();
    let (equal, refutable) = (q.equal(), q.refutable());
    assert!(!(equal && refutable), "{about}: the oracle contradicts itself");
    let mut registers = product.model.state.iter().filter(|s| s.kind != StateKind::Constant);
    let free = registers.any(|s| s.power_up.is_none());
    let truth = match (equal, refutable) {
        (true, _) if q.stuck() => "equal, but out of inputs",
        (true, _) if free => "equal, some free",
        (true, _) => "equal, all declared",
        (_, true) => "different",
        _ => "different, each run fits some power-up",
    };
    let settings = Settings { budget: Budget::new(EFFORT), hints: Default::default(), exact: true };
    let said = match equivalence(&model, 0, &settings) {
        Ok(answer) => {
            sealed(&model, answer.clone()).unwrap_or_else(|why| panic!("{about}: {why}"));
            match &answer.body {
                Body::Equivalence(body) => {
                    assert!(equal, "{about}: proved\n{:#?}", q.own);
                    assert!(q.certified(product, body).0, "{about}: {body:?}\n{:#?}", q.own);
                    forge(q, &model, &answer, c, forged);
                    carry(q, &model, &answer, c, forged);
                    "proved"
                }
                Body::Divergence(run) => {
                    assert!(refutable, "{about}: {run:?}\n{:#?}", q.own);
                    assert!(q.differs(product, run), "{about}: {run:?}\n{:#?}", q.own);
                    for cycle in 0..run.run.inputs.len() as u32 {
                        for (port, bit) in product.outputs.iter().map(|o| (&o.port, o.bit)) {
                            let said = Divergence { cycle, port: port.clone(), bit, ..run.clone() };
                            let accepted = proof::equivalence::differs(product, &said).is_ok();
                            assert!(!accepted || q.differs(product, &said), "{about}: {said:?}");
                        }
                    }
                    "refuted"
                }
                _ => panic!("{about}: {}", answer.title),
            }
        }
        Err(_) => "undetermined",
    };
    *tally.entry(format!("{kind}: {truth}: {said}")).or_default() += 1;
}

#[test]
fn verdicts_are_those_of_enumeration() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse::<u64>().ok());
    let first = number("PROBITY_ORACLE_SEED").unwrap_or(1);
    let last = first + number("PROBITY_ORACLE").unwrap_or(DESIGNS);
    let next = AtomicU64::new(first);
    let work = || {
        let mut all = [Tally::new(), Tally::new()];
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= last {
                return all;
            }
            let (reference, clauses) = grow(seed);
            let mut c = Chance(seed);
            let twin = same(&reference, &mut c);
            let base = if c.percent(50) { &reference } else { &twin };
            let other = changed(base, &mut c);
            for (kind, own) in [("meant equal", twin), ("changed", other)] {
                let q = Case(Question::new(own, &reference, &clauses));
                judge(seed, kind, &q, &mut c, &mut all);
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut sums = [Tally::new(), Tally::new()];
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        for all in threads.into_iter().map(|t| t.join().unwrap()) {
            for (sum, part) in sums.iter_mut().zip(all) {
                part.into_iter().for_each(|(what, n)| *sum.entry(what).or_default() += n);
            }
        }
    });
    let [tally, forged] = sums;
    eprintln!("{} designs: {tally:#?}\nforged: {forged:#?}", last - first);
    let count =
        |said: &str| -> usize { tally.iter().filter(|t| t.0.ends_with(said)).map(|t| *t.1).sum() };
    if last - first >= DESIGNS {
        let open = count("meant equal: equal, all declared: undetermined");
        let sure = count("meant equal: equal, all declared: proved");
        assert!(9 * open <= sure, "too few of the equal ones are proved: {open} of {sure} open");
        assert!(
            count("different: refuted") > 9 * count("different: undetermined"),
            "too few refuted"
        );
        for by in ["init", "step", "outputs"] {
            let by = format!("another twin: {by}");
            assert!(forged.contains_key(&by), "nothing is refused by {by}");
        }
    }
}
