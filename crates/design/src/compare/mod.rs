//! `design.compare`: does a delivered netlist do what its reference does, cycle by cycle?
//!
//! Problem: whoever has the reference need not guess what hides. But synthesis renames, merges and
//! restructures, so that files cannot be compared.
//! Method: both parts stand side by side in one graph under the same inputs ([`proof::product`]). They are
//! simulated from reset: a difference at an output ends the matter with its run. State bits of either part
//! that behaved alike, up to the sign, are assumed equal, at first in pairs of one part and the other, then in
//! whole classes, and counterexamples to induction separate them until the rest is inductive (`induct`), with internal equalities where arithmetic was restructured
//! (`sweep`). Outputs are compared under that; for what remains different a run is sought from reset
//! (`search`).
//! Cost: close to linear where synthesis kept the structure; one SAT call per differing bit and round.
//!
//! What it cannot see: retimed or re-encoded registers, which leave outputs open, as do equalities that
//! need more of the reachable states than equal state bits.

mod classes;
mod induct;
mod search;
mod shorten;
mod sweep;

use crate::legal::{self, Lacking};
use crate::{Answer, Settings, Undecided};
use classes::Classes;
use evidence::{Locator, Reason, Verdict};

use netlist::Lit;
use proof::Frames;
use proof::certificate::{Body, Divergence, Equivalence, Trace};
use proof::model::{Model, StateKind};
use proof::product::{Compared, Product, REFERENCE};
use proof::replay::print_bits;
use serde_json::json;
use solve::{AigSolver, Budget, Outcome};
use std::collections::{BTreeMap, BTreeSet};
use sweep::Swept;

/// Deepest unrolling, in cycles after reset, unless said otherwise.
pub const DEPTH: usize = 20;
/// Conflicts for one output.
const STEPS: u64 = 50_000;
/// Most registers that a finding names.
const LOCATORS: usize = 8;
/// What induction may spend of what is left of the budget, as a divisor.
const SHARE: u64 = 3;

/// What a comparison says.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// A run in which an output surely differs, and how it was found: `simulation` or `search`.
    pub difference: Option<(Divergence, &'static str)>,
    /// Outputs that are equal in every cycle, by induction.
    pub equal: usize,
    /// Outputs neither proved equal nor seen to differ.
    pub open: Vec<String>,
    /// Cycles after reset in which a search has shown that no open output differs.
    pub clear: usize,
    /// How registers correspond.
    pub registers: Registers,
    /// What the kernel can check, where no output is open.
    pub object: Option<Equivalence>,
    /// Why there is no such object although no output is open.
    pub lacking: Option<(Reason, &'static str)>,
}

/// How registers correspond. Only what is inductive counts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Registers {
    /// Bits of the reference that equal one of the delivered part, or its complement.
    pub matched: usize,
    /// Those of them whose names are equal.
    pub by_name: usize,
    /// Bits of either part that never change after reset.
    pub constant: usize,
    /// Bits of the delivered part without a partner: state indices.
    pub lone_delivered: Vec<usize>,
    /// Bits of the reference without a partner: state indices.
    pub lone_reference: Vec<usize>,
}

/// Compares both parts of a product, at most `depth` cycles deep where induction fails.
pub fn compare(product: &Product, depth: usize, budget: &Budget) -> Comparison {
    let mut found = Comparison::default();
    let (classes, difference) = classes::simulate(product, budget);
    if let Some(difference) = difference {
        found.difference = Some((shorten::shorten(product, difference), "simulation"));
        return found;
    }
    let choice = classes.choice(product);
    let mut open = product.outputs.clone();
    for classes in [classes.paired(product), classes] {
        let share = budget.slice(budget.remaining() / SHARE);
        let Some(mut equal) = induct::inductive(product, &choice, classes, &share) else {
            continue;
        };
        let still = unequal(product, &mut equal.swept, &share);
        if still.len() < open.len() {
            open = still;
            found.registers = registers(product, &equal.classes);
        }
        if !open.is_empty() && found.clear == 0 {
            let searched = search::unroll(product, &choice, &open, depth, &share);
            found.clear = searched.clear;
            if let Some(difference) = searched.found {
                found.difference = Some((shorten::shorten(product, difference), "search"));
                break;
            }
        }
        if open.is_empty() {
            found.equal = product.outputs.len();
            match object(product, choice, equal.swept, budget) {
                Ok(object) => found.object = Some(object),
                Err(why) => found.lacking = Some(why),
            }
            return found;
        }
    }
    found.equal = product.outputs.len() - open.len();
    found.open = open.iter().map(name).collect();
    if found.difference.is_none() && found.clear == 0 {
        let searched = search::unroll(product, &choice, &open, depth, budget);
        found.difference = searched.found.map(|d| (shorten::shorten(product, d), "search"));
        found.clear = searched.clear;
    }
    found
}

fn name(output: &Compared) -> String {
    format!("{}[{}]", output.port, output.bit)
}

/// Outputs that are not equal under ties, with merges where they help.
fn unequal(product: &Product, swept: &mut Swept, budget: &Budget) -> Vec<Compared> {
    let open = outputs(product, swept, budget);
    if open.is_empty() || !swept.merges.is_empty() {
        return open;
    }
    swept.merges = sweep::merges(product, &swept.ties, budget);
    outputs(product, swept, budget)
}

/// Outputs that are not equal under ties and merges.
fn outputs(product: &Product, swept: &Swept, budget: &Budget) -> Vec<Compared> {
    let mut frames = Frames::new(&product.model);
    let now = sweep::tied(&mut frames, product, swept);
    let mut solver = AigSolver::new();
    solver.add_clause(&frames.aig, &[now.assume]);
    let mut open = Vec::new();
    for output in &product.outputs {
        let x = frames.lit(now.frame, output.delivered);
        let y = frames.lit(now.frame, output.reference);
        let differ = frames.aig.xor(x, y);
        if differ != Lit::FALSE
            && solver.solve(&frames.aig, &[differ], &budget.slice(STEPS)) != Outcome::Unsat
        {
            open.push(output.clone());
        }
    }
    open
}

/// The certificate's object: with words that show the assumptions never run out, and a run.
fn object(
    product: &Product,
    choice: Vec<[u32; 2]>,
    swept: Swept,
    budget: &Budget,
) -> Result<Equivalence, (Reason, &'static str)> {
    let model = &product.model;
    let mut frames = Frames::new(model);
    let now = sweep::tied(&mut frames, product, &swept);
    let plain = frames.frame(now.state.clone(), now.inputs.clone());
    let constants = frames.lit(plain, model.assume_constants);
    let place = legal::Place { state: &now.state, inputs: &now.inputs, frame: plain };
    let first = Some(vec![false; model.inputs.len()]);
    let most = proof::obligation::MAX_WORDS;
    let conditions = [model.assume];
    let words = legal::cover(&mut frames, &place, &[constants], &conditions, first, most, budget)
        .map_err(|why| match why {
        // no effort helps: such a contract has no certificate of this shape
        Lacking::Word => (
            Reason::Unsupported,
            "the assumptions leave no input in some state, perhaps one never reached",
        ),
        Lacking::Room => (Reason::Unsupported, "the assumptions need more than 256 words"),
        Lacking::Budget => (Reason::Budget, "the effort limit was reached"),
    })?;
    let cover = cover(product, budget)?;
    Ok(Equivalence { choice, ties: swept.ties, merges: swept.merges, legal_inputs: words, cover })
}

/// A run of one cycle after reset.
fn cover(product: &Product, budget: &Budget) -> Result<Trace, (Reason, &'static str)> {
    let model = &product.model;
    let mut frames = Frames::new(model);
    let power_up = frames.power_up_state();
    let (mut all, first) = frames.init_from(power_up.clone());
    all.push(first);
    let assume = frames.lit(first, model.assume);
    let mut solver = AigSolver::new();
    solver.add_clause(&frames.aig, &[assume]);
    match solver.solve(&frames.aig, &[], budget) {
        Outcome::Sat => {}
        Outcome::Unsat => {
            return Err((Reason::Unsupported, "no run beyond reset meets the assumptions"));
        }
        Outcome::Unknown => return Err((Reason::Budget, "the effort limit was reached")),
    }
    let mut bits =
        |lits: &[Lit]| print_bits(&lits.iter().map(|&l| solver.value(l)).collect::<Vec<_>>());
    let power_up = bits(&power_up);
    let inputs = all.iter().map(|&f| bits(frames.inputs(f))).collect();
    Ok(Trace { power_up, inputs, essential: Vec::new() })
}

fn registers(product: &Product, classes: &Classes) -> Registers {
    let state = &product.model.state;
    let mut found = Registers::default();
    let register = |i: &usize| matches!(state[*i].kind, StateKind::Register(_));
    for (number, class) in classes.members().into_iter().enumerate() {
        let class: Vec<usize> = class.into_iter().filter(register).collect();
        let (own, theirs): (Vec<usize>, Vec<usize>) =
            class.iter().partition(|&&i| i < product.delivered_state);
        if number == 0 {
            found.constant += class.len();
        } else if theirs.is_empty() {
            found.lone_delivered.extend(own);
        } else if own.is_empty() {
            found.lone_reference.extend(theirs);
        } else {
            found.matched += theirs.len();
            let named = |i: &&usize| {
                let name = state[**i].name.strip_prefix(REFERENCE);
                own.iter().any(|&o| {
                    Some(state[o].name.as_str()) == name && state[o].bit == state[**i].bit
                })
            };
            found.by_name += theirs.iter().filter(named).count();
        }
    }
    found
}

/// Decides `design.compare` for the reference of a model.
///
/// # Errors
/// If outputs cannot be compared, or stay open.
pub fn equivalence(model: &Model, _: usize, settings: &Settings) -> Result<Answer, Undecided> {
    let Some(product) = &model.reference else {
        return Err(Undecided::new(Reason::MissingReference, "the reference was not read"));
    };
    let refuse = |what: &str, names: &[String]| {
        let shown = names.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        Undecided::new(Reason::Unsupported, format!("{} {what}: {shown}", names.len()))
    };
    if !product.model.unsupported.is_empty() {
        return Err(refuse("constructs are not modelled exactly", &product.model.unsupported));
    }
    let found = compare(product, DEPTH, &settings.budget);
    if let Some((divergence, by)) = &found.difference {
        return Ok(refuted(product, divergence, by));
    }
    if !product.lone_outputs.is_empty() {
        return Err(refuse("output bits cannot be compared", &product.lone_outputs));
    }
    match found.object {
        Some(object) => Ok(proved(product, &found.registers, object)),
        None => Err(open(&found)),
    }
}

fn open(found: &Comparison) -> Undecided {
    if let Some((reason, why)) = found.lacking {
        return Undecided::new(reason, why);
    }
    let shown = found.open.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    let r = &found.registers;
    Undecided::new(
        Reason::Budget,
        format!(
            "{} outputs are equal by induction, {} stay open ({shown}{}); no difference within {} cycles \
             after reset; {} register bits correspond, {} of the delivered part and {} of the \
             reference have no partner",
            found.equal,
            found.open.len(),
            if found.open.len() > 5 { ", …" } else { "" },
            found.clear,
            r.matched,
            r.lone_delivered.len(),
            r.lone_reference.len()
        ),
    )
}

fn refuted(product: &Product, d: &Divergence, by: &str) -> Answer {
    let place = |name: &str, bit: u32, src: Option<String>, role: &str| Locator {
        name: name.to_owned(),
        bit: Some(bit),
        src,
        role: Some(role.to_owned()),
    };
    let mut locators = vec![place(&d.port, d.bit, None, "differs")];
    let (own, theirs) = product.model.state.split_at(product.delivered_state);
    let known: BTreeSet<&str> =
        theirs.iter().filter_map(|s| s.name.strip_prefix(REFERENCE)).collect();
    let alone = own.iter().filter(|s| matches!(s.kind, StateKind::Register(_)));
    let alone = alone.filter(|s| !known.contains(s.name.as_str()));
    locators.extend(
        alone
            .take(LOCATORS)
            .map(|s| place(&s.name, s.bit, s.src.clone(), "is not in the reference by this name")),
    );
    let after = u64::from(d.cycle) - u64::from(product.model.reset_cycles);
    let metrics = [
        ("cycles_after_reset".to_owned(), json!(after)),
        ("port".to_owned(), json!(d.port)),
        ("port_bit".to_owned(), json!(d.bit)),
    ];
    Answer {
        verdict: Verdict::Refuted,
        title: format!("`{}` differs from the reference", d.port),
        detail: format!(
            "{after} cycles after reset bit {} of {} differs from the reference's under the same inputs, \
             whatever the reference leaves open. Found by {by}.",
            d.bit, d.port
        ),
        locators,
        metrics: metrics.into_iter().collect(),
        body: Body::Divergence(d.clone()),
    }
}

fn proved(product: &Product, r: &Registers, object: Equivalence) -> Answer {
    let metrics: BTreeMap<String, serde_json::Value> = [
        ("outputs", product.outputs.len()),
        ("registers_matched", r.matched),
        ("registers_by_name", r.by_name),
        ("registers_constant", r.constant),
        ("registers_delivered_alone", r.lone_delivered.len()),
        ("registers_reference_alone", r.lone_reference.len()),
        ("merges", object.merges.len()),
    ]
    .into_iter()
    .map(|(name, count)| (name.to_owned(), json!(count)))
    .collect();
    Answer {
        verdict: Verdict::Proved,
        title: "every output is the reference's in every cycle".to_owned(),
        detail: format!(
            "All {} output bits equal the reference's from the end of reset on. {} register bits of the \
             reference correspond to one of the delivered part, {} of them by name; {} bits of either never \
             change; {} and {} have no partner and do not matter.",
            product.outputs.len(),
            r.matched,
            r.by_name,
            r.constant,
            r.lone_delivered.len(),
            r.lone_reference.len()
        ),
        locators: Vec::new(),
        metrics,
        body: Body::Equivalence(object),
    }
}
