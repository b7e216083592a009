//! The kinds of mutants: what is edited in a certificate, its proofs, or the contract it is under.

use crate::base::{Answered, Base, digests, model_of, questions};
use crate::edit::{Choice, circuit, trace, words};
use crate::forge::complete;
use evidence::{Digest, Verdict};
use proof::certificate::{Body, Entry, OwnerScope};
use proof::{Model, Var};
use testkit::micro::{Condition, Gate, Micro};

/// Something to submit.
pub(crate) struct Mutant {
    pub(crate) kind: &'static str,
    /// The design with the contract that it is submitted under.
    pub(crate) micro: Micro,
    pub(crate) answer: Answered,
    /// Whether the author could prove every obligation of the edited object; `None`: did not try.
    pub(crate) proved: Option<bool>,
}

/// All kinds, in the order of the table that is printed.
pub(crate) const KINDS: [&str; 17] = [
    "another design",
    "another contract",
    "contradictory assumptions",
    "another property",
    "truncated proof",
    "altered proof",
    "swapped proofs",
    "dropped obligation",
    "listed obligations altered",
    "invariant or set edited",
    "rank or stage edited",
    "controller or adversary edited",
    "legal words edited",
    "run edited",
    "relation edited",
    "identity or verdict altered",
    "potential or entry edited",
];

/// The mutant of a kind, if it exists for this certificate.
pub(crate) fn mutate(
    kind: usize,
    base: &Base,
    target: usize,
    other: &Base,
    by: &mut Choice,
) -> Option<Mutant> {
    let mut micro = base.micro.clone();
    let mut answer = base.answers[target].clone();
    let name = KINDS[kind];
    // raw: the edit alone; else the author derives and proves again
    let mut again = false;
    match kind {
        0 => {
            let pick = by.below(other.answers.len());
            let question = answer.question.clone();
            answer = Answered { question, ..other.answers[pick].clone() };
            let c = &mut answer.certificate;
            if by.yes() {
                (c.netlist, c.contract) = digests(&base.netlist, &base.micro.contract());
                (c.check, c.item) = (answer.question.check.into(), answer.question.item.clone());
                again = by.yes();
            }
        }
        1 | 2 => {
            if kind == 1 {
                loosen(&mut micro, by);
            } else {
                contradict(&mut micro, by);
            }
            micro.contract().check().ok()?;
            if by.below(4) > 0 {
                answer.certificate.contract = digests(&base.netlist, &micro.contract()).1;
                again = by.below(4) > 0;
            }
        }
        3 => {
            let all = questions(&base.micro);
            let to = all[by.below(all.len())].clone();
            let c = &mut answer.certificate;
            if by.yes() {
                (c.check, c.item) = (to.check.into(), to.item.clone());
            }
            answer.question = to;
            again = by.yes();
        }
        4 | 5 => {
            if answer.proofs.is_empty() {
                return None;
            }
            let at = by.below(answer.proofs.len());
            let (old, mut bytes) = answer.proofs[at].clone();
            if kind == 4 {
                bytes.truncate(by.below(bytes.len()));
            } else {
                alter(&mut bytes, by)?;
            }
            replace_proof(&mut answer, old, bytes);
        }
        6 => {
            let listed = &mut answer.certificate.obligations;
            let with: Vec<usize> =
                (0..listed.len()).filter(|&o| listed[o].lrat.is_some()).collect();
            let (a, b) = (*with.get(by.below(with.len()))?, *with.get(by.below(with.len()))?);
            if listed[a].lrat == listed[b].lrat {
                return None;
            }
            let kept = listed[a].lrat;
            listed[a].lrat = listed[b].lrat;
            if by.yes() {
                listed[b].lrat = kept;
            }
        }
        7 => {
            let listed = &mut answer.certificate.obligations;
            let at = by.below(listed.len());
            match by.below(3) {
                _ if listed.is_empty() => return None,
                0 => drop(listed.remove(at)),
                1 => listed[at].lrat = None,
                _ => listed.clear(),
            }
            if answer.certificate == base.answers[target].certificate {
                return None;
            }
        }
        8 => {
            let listed = &mut answer.certificate.obligations;
            let at = by.below(listed.len());
            let to = by.below(listed.len());
            match by.below(5) {
                _ if listed.is_empty() => return None,
                0 => listed.swap(at, to),
                1 => listed[at].cnf = Digest::of(b"p cnf 0 1\n0\n"),
                2 => listed[at].name = listed[to].name.clone() + "'",
                3 => listed[at].cnf = listed[to].cnf,
                _ => {
                    let one = listed[at].clone();
                    listed.insert(to, one);
                }
            }
            if answer.certificate == base.answers[target].certificate {
                return None;
            }
        }
        15 => {
            let c = &mut answer.certificate;
            match by.below(6) {
                0 => c.kernel += 1,
                1 => c.schema.push('2'),
                2 => c.item.push('x'),
                3 => {
                    let other = [Verdict::Proved, Verdict::Refuted];
                    c.verdict = if c.verdict == other[0] { other[1] } else { other[0] };
                }
                4 => {
                    let kinds = ["dead", "lock", "leash", "overdue", "timer", "value", "timing"];
                    let new = Some(kinds[by.below(kinds.len())].to_owned());
                    c.kind = if by.yes() { None } else { new };
                }
                _ => c.netlist = c.contract,
            }
            if answer.certificate == base.answers[target].certificate {
                return None;
            }
        }
        _ => {
            let model = model_of(&micro, &base.netlist)?;
            edit(kind, &mut answer.certificate.body, &model, by)?;
            if answer.certificate.body == base.answers[target].certificate.body {
                return None;
            }
            again = by.below(8) > 0;
        }
    }
    let mut proved = None;
    if again && let Some(model) = model_of(&micro, &base.netlist) {
        proved = Some(complete(&model, &mut answer, by.number()));
    }
    Some(Mutant { kind: name, micro, answer, proved })
}

/// Edits the object itself.
fn edit(kind: usize, body: &mut Body, model: &Model, by: &mut Choice) -> Option<()> {
    let states: Vec<Var> = (0..model.state.len() as u32).map(Var::State).collect();
    match (kind, body) {
        (9, Body::Recovery(r)) => circuit(&mut r.invariant, &states, by),
        (9, Body::ClosedSet(c)) => circuit(&mut c.set, &states, by),
        (10, Body::Recovery(r)) => {
            let ctrl = (0..r.controller.registers).map(Var::Ctrl);
            let places: Vec<Var> = states.into_iter().chain(ctrl).collect();
            let (at, to) = (by.below(r.stages.len()), by.below(r.stages.len()));
            let stage = r.stages.get_mut(at)?;
            match by.below(8) {
                0 => {
                    stage.bound = match by.below(3) {
                        0 => "0".into(),
                        1 => (stage.bound.parse::<u64>().ok()?.saturating_sub(1)).to_string(),
                        _ => "18446744073709551615".into(),
                    };
                }
                1 => stage.steps = stage.steps.saturating_sub(1 + by.below(2) as u32),
                2 => stage.steps = 1,
                3 => circuit(&mut stage.holds, &places, by),
                4 => circuit(&mut stage.rank, &places, by),
                5 => drop(stage.rank.outputs.pop()),
                6 => drop(r.stages.remove(at)),
                _ => r.stages.swap(at, to),
            }
        }
        (11, Body::Recovery(r)) => {
            let ctrl = (0..r.controller.registers).map(Var::Ctrl);
            let places: Vec<Var> = states.into_iter().chain(ctrl).collect();
            match by.below(4) {
                0 if r.controller.registers > 0 => circuit(&mut r.controller.next, &places, by),
                1 => {
                    r.controller.registers = r.controller.registers.saturating_sub(1);
                    r.controller.next.outputs.pop();
                }
                _ => circuit(&mut r.controller.owner, &places, by),
            }
        }
        (11, Body::ClosedSet(c)) => match (&mut c.adversary, by.below(4)) {
            (Some(_), 0) => c.adversary = None,
            (Some(a), _) => circuit(a, &states, by),
            (None, _) => {
                c.owner = match c.owner {
                    OwnerScope::Any => OwnerScope::Documented,
                    OwnerScope::Documented => OwnerScope::Any,
                }
            }
        },
        (12, Body::Recovery(r)) => {
            let all = if by.yes() { &mut r.legal_inputs } else { &mut r.adversary_inputs };
            words(all, by);
        }
        (12, Body::ClosedSet(c)) => words(&mut c.legal_inputs, by),
        (12, Body::Relation(r)) => words(&mut r.legal_inputs, by),
        (13, Body::Recovery(r)) => runs(&mut r.covers, by),
        (13, Body::ClosedSet(c)) => match (&mut c.entry, by.below(3)) {
            (_, 0) => runs(&mut c.covers, by),
            (Entry::Trace(t), _) => trace(t, by),
            (Entry::Accelerated(a), _) => trace(&mut a.prefix, by),
        },
        (13, Body::Pair(p)) => match by.below(5) {
            0 => p.cycle = p.cycle.wrapping_add(by.below(3) as u32).wrapping_sub(1),
            1 => p.bit = p.bit.wrapping_add(1),
            2 => {
                let all = &model.observables;
                p.port = all[by.below(all.len())].port.clone();
            }
            3 => trace(&mut p.left, by),
            _ => {
                // the same edit on both sides keeps them a pair
                let mut kept = by.clone();
                trace(&mut p.left, by);
                trace(&mut p.right, &mut kept);
            }
        },
        (13, Body::Relation(r)) => {
            let at = by.below(r.declassified.len());
            let pair = r.declassified.get_mut(at)?;
            if by.yes() {
                pair.cycle = pair.cycle.wrapping_add(1);
            } else {
                trace(&mut pair.left, by);
            }
        }
        (14, Body::Relation(r)) => relation(r, model, by),
        (16, Body::ClosedSet(c)) => match (&mut c.potential, &mut c.entry, by.below(4)) {
            (Some(_), _, 0) => c.potential = None,
            (Some(p), _, _) => circuit(p, &states, by),
            (_, Entry::Accelerated(a), pick) => {
                let segment = a.segments.first_mut()?;
                match pick {
                    0 => segment.repeat = "1".into(),
                    1 => circuit(&mut segment.holds, &states, by),
                    2 => circuit(&mut segment.counter, &states, by),
                    _ => words(&mut segment.body, by),
                }
            }
            (None, Entry::Trace(t), 1) => {
                t.inputs.truncate(model.reset_cycles as usize);
                t.essential.clear();
            }
            (potential @ None, _, _) => {
                let mut new = proof::Circuit::constant(true);
                circuit(&mut new, &states, by);
                *potential = Some(new);
            }
        },
        _ => return None,
    }
    Some(())
}

fn runs(all: &mut Vec<proof::certificate::Trace>, by: &mut Choice) {
    let at = by.below(all.len());
    match by.below(4) {
        0 => all.clear(),
        1 => all.truncate(all.len().saturating_sub(1)),
        _ => {
            if let Some(one) = all.get_mut(at) {
                trace(one, by);
            }
        }
    }
}

fn relation(r: &mut proof::certificate::Relation, model: &Model, by: &mut Choice) {
    let bits = model.state.len() as u32;
    let at = by.below(r.untied.len());
    match by.below(7) {
        0 if !r.untied.is_empty() => drop(r.untied.remove(at)),
        1 => {
            let new = by.below(bits as usize) as u32;
            if !r.untied.contains(&new) {
                r.untied.push(new);
                r.untied.sort_unstable();
            }
        }
        2 if !r.equal.is_empty() => {
            let at = by.below(r.equal.len());
            r.equal.remove(at);
        }
        3 => {
            let new = by.below(model.aig.len()) as u32;
            if !r.equal.contains(&new) {
                r.equal.push(new);
                r.equal.sort_unstable();
            }
        }
        4 => r.declassified.clear(),
        5 => r.untied = (0..bits).collect(),
        _ => {
            let places: Vec<Var> = (0..bits).flat_map(|i| [Var::Left(i), Var::Right(i)]).collect();
            circuit(&mut r.extra, &places, by);
        }
    }
}

fn alter(bytes: &mut Vec<u8>, by: &mut Choice) -> Option<()> {
    let old = bytes.clone();
    let at = by.below(bytes.len());
    match by.below(5) {
        _ if bytes.is_empty() => bytes.extend(b"1 0 1 0\n"),
        0 => bytes[at] ^= 1 << by.below(8),
        1 => bytes[at] = bytes[at].wrapping_add(2),
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, by.number() as u8),
        _ => {
            let to = (at + 1 + by.below(6)).min(bytes.len());
            bytes.drain(at..to);
        }
    }
    (*bytes != old).then_some(())
}

fn replace_proof(answer: &mut Answered, old: Digest, bytes: Vec<u8>) {
    let new = Digest::of(&bytes);
    for o in &mut answer.certificate.obligations {
        if o.lrat == Some(old) {
            o.lrat = Some(new);
        }
    }
    answer.proofs.retain(|p| p.0 != old);
    answer.proofs.push((new, bytes));
}

/// Some condition that the contract speaks of already.
fn condition(m: &Micro, by: &mut Choice) -> Option<Condition> {
    let services = m.services.iter().flat_map(|s| s.start.iter().chain([&s.done]));
    let windows = m.windows.iter().map(|w| &w.when);
    let lists = [&m.assume, &m.recovery_assume, &m.documented].into_iter().flatten();
    let all: Vec<&Condition> = services.chain(windows).chain(lists).collect();
    all.get(by.below(all.len())).map(|c| (*c).clone())
}

fn negated(m: &mut Micro, c: &Condition) -> Condition {
    m.gates.push(Gate::Not(c.wire));
    Condition { text: format!("!({})", c.text), wire: m.gates.len() as u32 - 1 }
}

/// Another contract: times, grants, documents and roles that differ.
fn loosen(m: &mut Micro, by: &mut Choice) {
    let service = by.below(m.services.len());
    match by.below(8) {
        0 | 1 => {
            if let Some(s) = m.services.get_mut(service) {
                s.within = match by.below(3) {
                    0 => 1,
                    1 => (s.within / 2).max(1),
                    _ => s.within + 1000,
                };
            }
        }
        2 => m.recovery_assume.clear(),
        3 => m.assume.clear(),
        4 => m.off = None,
        5 => m.outputs.iter_mut().for_each(|o| o.hidden = !o.hidden && by.yes()),
        6 => {
            if let Some(w) = m.windows.first_mut() {
                w.length += 1;
            }
            m.documented.clear();
        }
        _ => {
            if let Some(c) = condition(m, by) {
                let c = if by.yes() { negated(m, &c) } else { c };
                if by.yes() { m.documented.push(c) } else { m.recovery_assume.push(c) }
            }
        }
    }
}

/// Assumptions that contradict each other, everywhere or in some states.
fn contradict(m: &mut Micro, by: &mut Choice) {
    let Some(c) = condition(m, by) else { return };
    let not = negated(m, &c);
    match by.below(4) {
        0 => m.assume.extend([c, not]),
        1 => m.recovery_assume.extend([c, not]),
        2 => m.assume.push(if by.yes() { c } else { not }),
        _ => m.documented.extend([c, not]),
    }
}
