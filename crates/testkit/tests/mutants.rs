//! Certificates that were altered, hashed again and signed again: none that is unsound is accepted.
//!
//! `PROBITY_MUTANTS=20000 cargo test --release -p probity-testkit --test mutants -- --nocapture` makes
//! more than the 1,600 of every day; `PROBITY_MUTANTS_SEED=N` other ones. Each mutant goes the whole
//! way: a dossier of its own, every digest computed again, a fresh key, `dossier::verify`. Where an
//! object is edited, its author derives the obligations again and proves all that a solver can prove.
//! What ought to come of it is said by enumeration: of the claim (`oracle::disable`, `oracle::leak`)
//! and of the object itself (`oracle::object`). A mutant that enumeration calls valid may be accepted.
#![expect(clippy::print_stderr, clippy::panic, reason = "a test that reports figures")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "mutants/base.rs"]
mod base;
#[path = "mutants/edit.rs"]
mod edit;
#[path = "mutants/forge.rs"]
mod forge;
#[path = "mutants/mutate.rs"]
mod mutate;

use base::{Answered, Base, base, model_of, submit};
use edit::Choice;
use mutate::{KINDS, Mutant, mutate};
use proof::certificate::Body;
use proof::kernel;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use testkit::oracle::disable::disable;
use testkit::oracle::leak::leak;
use testkit::oracle::object::{Verdict, World};

/// Mutants of a run that nobody asked more of.
const MUTANTS: u32 = 1600;
/// Designs that one part of a run draws from; there are four parts.
const DESIGNS: u64 = 48;

/// What became of the mutants of one kind.
#[derive(Clone, Default)]
struct Tally {
    /// Enumeration says no: the claim is false or the object is not what it must be.
    unsound: usize,
    /// Of these, the claim itself is false.
    false_claims: usize,
    /// The object is fine, but the proofs, digests or names beside it are not.
    unproved: usize,
    /// Enumeration says the object is valid, and every obligation was proved again: accepted.
    valid: usize,
    /// Enumeration says so, and it was refused all the same.
    strict: usize,
    /// Too large to enumerate; refused, or accepted with a claim that is true.
    undecided: usize,
}

impl Tally {
    fn total(&self) -> usize {
        self.unsound + self.unproved + self.valid + self.strict + self.undecided
    }
    fn add(&mut self, o: &Self) {
        self.unsound += o.unsound;
        self.false_claims += o.false_claims;
        self.unproved += o.unproved;
        self.valid += o.valid;
        self.strict += o.strict;
        self.undecided += o.undecided;
    }
}

#[derive(Default)]
struct Outcome {
    tallies: BTreeMap<&'static str, Tally>,
    /// What refused an object that enumeration calls valid.
    strict: BTreeMap<String, usize>,
}

/// What enumeration says of a claim: `None` if it cannot.
fn claim(mutant: &Mutant) -> Option<bool> {
    let c = &mutant.answer.certificate;
    let index = mutant.answer.question.index;
    let expected = match mutant.answer.question.check {
        kernel::REMOTE_DISABLE => disable(&mutant.micro, index).ok()?,
        _ => leak(&mutant.micro, index).ok()?,
    };
    Some(match c.verdict {
        evidence::Verdict::Proved => expected.proved,
        _ => c.kind.as_deref().is_some_and(|k| expected.refuted.contains(k)),
    })
}

/// What enumeration says of the object.
fn object(mutant: &Mutant, netlist: &[u8]) -> Verdict {
    let c = &mutant.answer.certificate;
    let q = &mutant.answer.question;
    if (c.check.as_str(), &c.item) != (q.check, &q.item) {
        return Verdict::Invalid("it speaks of something else".into());
    }
    let Some(model) = model_of(&mutant.micro, netlist) else {
        return Verdict::Invalid("there is no model".into());
    };
    let Some(mut world) = World::new(&mutant.micro, &model) else { return Verdict::TooLarge };
    match (q.check, c.verdict, &c.body) {
        (kernel::REMOTE_DISABLE, evidence::Verdict::Proved, Body::Recovery(r)) => {
            world.recovery(q.index, r)
        }
        (kernel::REMOTE_DISABLE, evidence::Verdict::Refuted, Body::ClosedSet(s)) => {
            world.closed_set(q.index, s)
        }
        (kernel::IDENTITY_LEAK, evidence::Verdict::Proved, Body::Relation(r)) => {
            world.relation(q.index, r)
        }
        (kernel::IDENTITY_LEAK, evidence::Verdict::Refuted, Body::Pair(p)) => {
            world.pair(q.index, p, c.kind.as_deref())
        }
        _ => Verdict::Invalid("an object of another kind".into()),
    }
}

/// Submits a mutant and compares; an error is an unsound mutant that was accepted.
fn judge(mutant: &Mutant, base: &Base, outcome: &mut Outcome) -> Result<(), String> {
    let root = tempfile::tempdir().unwrap();
    let kept = |a: &&Answered| a.question != mutant.answer.question;
    // under another contract the honest certificates beside it would be refused for their own part
    let same = mutant.micro.contract() == base.micro.contract();
    let mut answers: Vec<&Answered> = base.answers.iter().filter(kept).filter(|_| same).collect();
    answers.push(&mutant.answer);
    let accepted = submit(root.path(), &mutant.micro, &base.netlist, &answers);
    let (claim, object) = (claim(mutant), object(mutant, &base.netlist));
    let tally = outcome.tallies.entry(mutant.kind).or_default();
    let unsound = claim == Some(false) || matches!(object, Verdict::Invalid(_));
    match (&accepted, unsound) {
        (Ok(_), true) => {
            return Err(format!(
                "{} was accepted, but the claim is {claim:?} and the object {object:?}: {} {:?}\n{:#?}\n{:?}",
                mutant.kind,
                mutant.answer.question.item,
                mutant.micro.features,
                mutant.answer.certificate.body,
                mutant.micro,
            ));
        }
        (Err(_), true) => {
            tally.unsound += 1;
            tally.false_claims += usize::from(claim == Some(false));
        }
        (_, false) if object == Verdict::TooLarge => tally.undecided += 1,
        (Ok(_), false) => tally.valid += 1,
        (Err(why), false) if mutant.proved == Some(true) => {
            tally.strict += 1;
            *outcome.strict.entry(why.chars().take(160).collect()).or_default() += 1;
        }
        (Err(_), false) => tally.unproved += 1,
    }
    Ok(())
}

fn run(seed: u64, cases: u32) -> Result<Outcome, String> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 64, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let outcome = RefCell::new(Outcome::default());
    let bases: RefCell<HashMap<u64, Option<Rc<Base>>>> = RefCell::default();
    let get = |number: u64| {
        let first = seed * 1_000_003;
        let mut all = bases.borrow_mut();
        // the next design of which something is certified
        (number..).find_map(|n| {
            let n = first + n % DESIGNS;
            all.entry(n).or_insert_with(|| base(n).map(Rc::new)).clone()
        })
    };
    let strategy = (0..DESIGNS, 0..DESIGNS, 0..KINDS.len(), any::<[u32; 12]>());
    let result = runner.run(&strategy, |(number, another, kind, numbers)| {
        let (Some(base), Some(other)) = (get(number), get(another)) else { return Ok(()) };
        let mut by = Choice::new(numbers.to_vec());
        let target = by.below(base.answers.len());
        // a kind that does not exist for this certificate gives way to the next
        let mutant = (0..KINDS.len()).find_map(|k| {
            mutate((kind + 7 * k) % KINDS.len(), &base, target, &other, &mut by.clone())
        });
        let Some(mutant) = mutant else { return Ok(()) };
        judge(&mutant, &base, &mut outcome.borrow_mut()).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => Ok(outcome.into_inner()),
        Err(TestError::Fail(why, input)) => Err(format!("{why}\nshrunk to {input:?}")),
        Err(TestError::Abort(why)) => Err(format!("given up: {why}")),
    }
}

fn number_from(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

#[test]
fn no_unsound_mutant_is_accepted() {
    let seed = number_from("PROBITY_MUTANTS_SEED", 1);
    let cases = number_from("PROBITY_MUTANTS", u64::from(MUTANTS)) as u32;
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(4) as u32;
    let results: Vec<Result<Outcome, String>> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4u32)
            .map(|part| (part, u64::from(part) + 4 * seed))
            .collect::<Vec<_>>()
            .chunks(4usize.div_ceil(threads as usize))
            .map(|parts| {
                let parts = parts.to_vec();
                scope.spawn(move || {
                    parts.into_iter().map(|(_, s)| run(s, cases.div_ceil(4))).collect::<Vec<_>>()
                })
            })
            .collect();
        all.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    let mut total = Outcome::default();
    for one in results {
        let one = one.unwrap_or_else(|why| panic!("{why}"));
        for (kind, tally) in &one.tallies {
            total.tallies.entry(kind).or_default().add(tally);
        }
        for (why, count) in one.strict {
            *total.strict.entry(why).or_default() += count;
        }
    }
    eprintln!(
        "{:<34} {:>7} {:>8} {:>12} {:>9} {:>6} {:>7} {:>9}",
        "kind", "mutants", "unsound", "false claim", "unproved", "valid", "strict", "too large"
    );
    let mut sum = Tally::default();
    for kind in KINDS {
        let t = total.tallies.entry(kind).or_default();
        sum.add(t);
        row(kind, t);
    }
    row("all", &sum);
    for (why, count) in &total.strict {
        eprintln!("  {count} valid but refused: {why}");
    }
    eprintln!("0 of {} unsound mutants accepted", sum.unsound + sum.unproved);
    if cases >= MUTANTS {
        assert!(sum.unsound + sum.unproved >= 1000, "too few mutants that had to be refused");
    }
    assert_eq!(sum.strict, 0, "objects that are valid and proved were refused");
}

fn row(kind: &str, t: &Tally) {
    eprintln!(
        "{kind:<34} {:>7} {:>8} {:>12} {:>9} {:>6} {:>7} {:>9}",
        t.total(),
        t.unsound,
        t.false_claims,
        t.unproved,
        t.valid,
        t.strict,
        t.undecided
    );
}

/// What the engines certify is valid by enumeration too: the judge of mutants is no mere refuser.
#[test]
fn enumeration_confirms_what_the_engines_certify() {
    let (mut valid, mut large) = (0, 0);
    for number in 1..120 {
        let Some(base) = base(number) else { continue };
        for answer in &base.answers {
            let micro = base.micro.clone();
            let mutant = Mutant { kind: "none", micro, answer: answer.clone(), proved: Some(true) };
            match object(&mutant, &base.netlist) {
                Verdict::Valid => valid += 1,
                Verdict::TooLarge => large += 1,
                Verdict::Invalid(what) => panic!(
                    "{number}: {} `{}`: {what}: {:#?}",
                    answer.question.check, answer.question.item, answer.certificate.body
                ),
            }
            assert_ne!(claim(&mutant), Some(false), "{number}: {}", answer.question.item);
        }
        let root = tempfile::tempdir().unwrap();
        let all: Vec<&Answered> = base.answers.iter().collect();
        assert_eq!(submit(root.path(), &base.micro, &base.netlist, &all), Ok(all.len()));
    }
    eprintln!("{valid} objects confirmed, {large} too large to enumerate");
    assert!(valid > 3 * large, "{valid} confirmed, {large} too large");
}
