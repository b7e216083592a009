//! The oracle: on random micro designs both checks answer what plain enumeration says.
//!
//! `PROBITY_ORACLE=20000 cargo test --release -p probity-testkit --test oracle -- --nocapture` runs
//! more designs than the 2,000 of every day; `PROBITY_ORACLE_SEED=N` begins elsewhere, and with
//! `PROBITY_ORACLE=1` repeats one design. A disagreement prints seed, design and contract.
#![expect(clippy::print_stderr, clippy::panic, reason = "a test that reports figures")]

use design::identity_leak::identity_leak;
use design::remote_disable::remote_disable;
use design::{Answer, Settings, Subject, Undecided, seal};
use evidence::{Digest, Reason, Verdict};
use proof::{Model, ProofSource, kernel};
use solve::Budget;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::io::BufRead;
use std::time::Instant;
use testkit::micro::{Micro, Planted, grow};
use testkit::oracle::disable::disable;
use testkit::oracle::leak::leak;
use testkit::oracle::{Expected, TooLarge};

/// Designs of a run that nobody asked more of.
const DESIGNS: u64 = 2000;
/// One design in so many is decided again without enumeration; odd, so that all sorts are met.
const SHARE: usize = 9;
/// Solver steps per check and for its certificate.
const EFFORT: u64 = 300_000;

struct Proofs(HashMap<Digest, Vec<u8>>);

impl ProofSource for Proofs {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        match self.0.get(lrat) {
            Some(bytes) => Ok(Box::new(&bytes[..])),
            None => Err("there is no such proof".into()),
        }
    }
}

/// Counts of one check, or of one check under one feature.
#[derive(Clone, Default)]
struct Tally {
    proved: usize,
    refuted: usize,
    undecided: usize,
    senseless: usize,
    weaker: usize,
    certificates: usize,
    obligations: usize,
    micros: u128,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.proved += other.proved;
        self.refuted += other.refuted;
        self.undecided += other.undecided;
        self.senseless += other.senseless;
        self.weaker += other.weaker;
        self.certificates += other.certificates;
        self.obligations += other.obligations;
        self.micros += other.micros;
    }
    fn line(&self, name: &str) -> String {
        let decidable = self.proved + self.refuted + self.undecided;
        let share = 100.0 * self.undecided as f64 / decidable.max(1) as f64;
        format!(
            "{name:<32} {decidable:>6} questions: {:>5} proved {:>5} refuted {:>4} undetermined \
             ({share:.1} %), {:>4} without an answer, {:>4} of a weaker kind, {} certificates \
             ({} obligations) re-checked, {} ms",
            self.proved,
            self.refuted,
            self.undecided,
            self.senseless,
            self.weaker,
            self.certificates,
            self.obligations,
            self.micros / 1000,
        )
    }
}

#[derive(Default)]
struct Outcome {
    tallies: BTreeMap<String, Tally>,
    reasons: BTreeMap<String, (usize, u64)>,
    disagreements: Vec<String>,
    too_large: usize,
    oracle_micros: u128,
}

/// The design of a number: half of them without an implant; too large ones are grown again.
fn design_of(number: u64) -> (Micro, Vec<Expected>, Vec<Expected>, usize) {
    let planted = match number % 4 {
        1 => Planted::Disable,
        3 => Planted::Leak,
        _ => Planted::Nothing,
    };
    for again in 0..64u64 {
        let micro = grow(number.wrapping_mul(0x1_0000).wrapping_add(again), planted);
        let services: Result<Vec<_>, TooLarge> =
            (0..micro.services.len()).map(|s| disable(&micro, s)).collect();
        let Ok(services) = services else { continue };
        let items: Result<Vec<_>, TooLarge> =
            (0..micro.identities.len()).map(|i| leak(&micro, i)).collect();
        if let Ok(items) = items {
            return (micro, services, items, again as usize);
        }
    }
    panic!("no design of number {number} is small enough");
}

fn run(number: u64, exact: bool) -> Outcome {
    let mut outcome = Outcome::default();
    let begin = Instant::now();
    let (micro, services, items, again) = design_of(number);
    outcome.oracle_micros = begin.elapsed().as_micros();
    outcome.too_large = again;
    assert!(micro.registers.len() <= 16 && micro.input_bits() <= 6, "too large: {micro:#?}");
    let contract = micro.contract();
    contract.check().unwrap_or_else(|e| panic!("{number}: {e}: {}", text(&micro)));
    let netlist = micro.netlist().unwrap_or_else(|e| panic!("{number}: {e}"));
    let model = Model::new(&netlist, &contract)
        .unwrap_or_else(|e| panic!("{number}: {e}: {}", text(&micro)));
    let digests = (
        Digest::of(format!("{micro:?}").as_bytes()),
        proof::contract_digest(&contract).unwrap_or_else(|e| panic!("{number}: {e}")),
    );
    let settings = || Settings { budget: Budget::new(EFFORT), hints: Default::default(), exact };
    for (s, expected) in services.iter().enumerate() {
        let (start, item) = (Instant::now(), &micro.services[s].name);
        let settings = settings();
        let answer = remote_disable(&model, s, &settings);
        let check = kernel::REMOTE_DISABLE;
        let subject = Subject { netlist: digests.0, contract: digests.1, check, item };
        judge(&mut outcome, number, &micro, &model, subject, expected, answer, &settings, start);
    }
    for (i, expected) in items.iter().enumerate().filter(|_| exact) {
        let (start, item) = (Instant::now(), &micro.identities[i].name);
        let settings = settings();
        let answer = identity_leak(&model, i, &settings);
        let check = kernel::IDENTITY_LEAK;
        let subject = Subject { netlist: digests.0, contract: digests.1, check, item };
        judge(&mut outcome, number, &micro, &model, subject, expected, answer, &settings, start);
    }
    outcome
}

#[expect(clippy::too_many_arguments, reason = "one call site per check")]
fn judge(
    outcome: &mut Outcome,
    number: u64,
    micro: &Micro,
    model: &Model,
    subject: Subject<'_>,
    expected: &Expected,
    answer: Result<Answer, Undecided>,
    settings: &Settings,
    start: Instant,
) {
    let mut tally = Tally::default();
    let sealed = answer.and_then(|a| seal(model, subject, a, &settings.budget));
    tally.micros = start.elapsed().as_micros();
    let mut wrong = None;
    match sealed {
        Ok(sealed) => {
            let mut proofs = Proofs(sealed.proofs.iter().cloned().collect());
            let (netlist, contract) = (subject.netlist, subject.contract);
            match kernel::check(model, &netlist, &contract, &sealed.certificate, &mut proofs) {
                Ok(checked) => {
                    tally.certificates += 1;
                    tally.obligations += checked.obligations;
                }
                Err(error) => wrong = Some(format!("the kernel refuses the certificate: {error}")),
            }
            let kind = sealed.kind.as_deref();
            let fits = match sealed.answer.verdict {
                Verdict::Proved => expected.proved,
                _ => kind.is_some_and(|k| expected.refuted.contains(k)),
            };
            if !fits {
                let said = sealed.answer.verdict;
                wrong = Some(format!("the check says {said:?} {kind:?}: {}", sealed.answer.title));
            }
            match sealed.answer.verdict {
                Verdict::Proved => tally.proved += 1,
                _ => tally.refuted += 1,
            }
            tally.weaker += usize::from(expected.strongest.is_some_and(|k| Some(k) != kind));
        }
        Err(undecided) => {
            if expected.decidable() {
                tally.undecided += 1;
                let detail: String = undecided.detail.chars().take(110).collect();
                let key = format!("{} {:?}: {detail}", subject.check, undecided.reason);
                outcome.reasons.entry(key).or_insert((0, number)).0 += 1;
                if undecided.reason == Reason::Internal
                    || (undecided.reason == Reason::Contradiction
                        && undecided.detail.starts_with("the kernel says"))
                    || undecided.detail.ends_with("does not hold")
                {
                    wrong = Some(format!("the check contradicts itself: {}", undecided.detail));
                }
            } else {
                tally.senseless += 1;
            }
        }
    }
    if let Some(what) = wrong {
        outcome.disagreements.push(format!(
            "PROBITY_ORACLE_SEED={number} PROBITY_ORACLE=1: {} `{}`: {what}\n  the oracle says \
             {expected:?}\n{}",
            subject.check,
            subject.item,
            text(micro)
        ));
    }
    outcome.tallies.entry(subject.check.to_owned()).or_default().add(&tally);
    for feature in &micro.features {
        let key = format!("{} {feature}", subject.check.trim_start_matches("design."));
        outcome.tallies.entry(key).or_default().add(&tally);
    }
}

/// A design and its contract, complete.
fn text(m: &Micro) -> String {
    let mut t = format!("design {:#x}, {:?}\n", m.seed, m.features);
    let _ = writeln!(t, "  reset {:?}, declared {}", m.reset, m.declared);
    for (i, g) in m.gates.iter().enumerate() {
        let _ = write!(t, "{}{i}={g:?}", if i % 8 == 0 { "\n  " } else { "  " });
    }
    let _ = writeln!(t);
    for r in &m.registers {
        let _ = writeln!(t, "  {}[{}] <= {} power-up {:?}", r.name, r.bit, r.next, r.power_up);
    }
    for i in &m.inputs {
        let _ = writeln!(t, "  input {i:?}");
    }
    for o in &m.outputs {
        let _ = writeln!(t, "  output {o:?}");
    }
    for i in &m.identities {
        let _ = writeln!(t, "  {i:?}");
    }
    let contract = serde_json::to_string(&m.contract()).unwrap_or_default();
    let _ = writeln!(t, "  contract {contract}");
    t
}

fn number_from(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// Runs the numbers of a range, on all cores, in order.
fn run_all(first: u64, count: u64, stride: usize, exact: bool) -> Outcome {
    let numbers: Vec<u64> = (first..first + count).step_by(stride).collect();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let size = numbers.len().div_ceil(threads).max(1);
    let all: Vec<Outcome> = std::thread::scope(|scope| {
        let tasks: Vec<_> = numbers
            .chunks(size)
            .map(|part| scope.spawn(|| part.iter().map(|&n| run(n, exact)).collect::<Vec<_>>()))
            .collect();
        tasks.into_iter().flat_map(|t| t.join().unwrap_or_else(|_| panic!("see above"))).collect()
    });
    let mut total = Outcome::default();
    for one in all {
        for (key, tally) in &one.tallies {
            total.tallies.entry(key.clone()).or_default().add(tally);
        }
        for (key, (count, number)) in one.reasons {
            total.reasons.entry(key).or_insert((0, number)).0 += count;
        }
        total.disagreements.extend(one.disagreements);
        total.too_large += one.too_large;
        total.oracle_micros += one.oracle_micros;
    }
    total
}

fn report(title: &str, outcome: &Outcome, numbers: u64) {
    eprintln!("{title}: {numbers} designs, oracle {} ms", outcome.oracle_micros / 1000);
    eprintln!("{} designs were too large for the oracle and grown again", outcome.too_large);
    for (key, tally) in &outcome.tallies {
        eprintln!("  {}", tally.line(key));
    }
    for (key, (count, number)) in &outcome.reasons {
        eprintln!("  {count:>4} undetermined, first {number}: {key}");
    }
    for one in outcome.disagreements.iter().take(5) {
        eprintln!("{one}");
    }
    eprintln!("{} disagreements", outcome.disagreements.len());
}

#[test]
fn the_checks_agree_with_enumeration() {
    let first = number_from("PROBITY_ORACLE_SEED", 1);
    let count = number_from("PROBITY_ORACLE", DESIGNS);
    let outcome = run_all(first, count, 1, true);
    report("both checks", &outcome, count);
    assert!(outcome.disagreements.is_empty(), "{} disagreements", outcome.disagreements.len());
}

/// The same with the enumeration of small logic switched off, on a part of the designs: what the
/// symbolic engines say must be right too; how often they say nothing is printed.
#[test]
fn the_symbolic_engines_agree_with_enumeration() {
    let first = number_from("PROBITY_ORACLE_SEED", 1);
    let count = number_from("PROBITY_ORACLE", DESIGNS);
    let stride = if count < SHARE as u64 { 1 } else { SHARE };
    let outcome = run_all(first, count, stride, false);
    report("symbolic engines alone", &outcome, count.div_ceil(stride as u64));
    assert!(outcome.disagreements.is_empty(), "{} disagreements", outcome.disagreements.len());
}
