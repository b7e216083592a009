//! What the kernel says of a hunt's objects is what plain simulation and enumeration say.
//!
//! Problem: the hunt and the kernel share graph and replay. A wrong reading of reset, of `assume` or of what
//! it means to hold a net would pass through both.
//! Method: random micro designs, evaluated gate by gate here. Random runs are named as activations of output
//! bits and registers, with random cycles, quiet values and effects; the kernel must accept exactly those
//! that the evaluation confirms. That an output bit is never active is enumerated over all states and words.
//! Cost: seconds. What it cannot see: nets that no output or register is, state beyond fourteen bits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "hunted/enumerate.rs"]
mod enumerate;

use design::hunt::{Settled, excluded, settle};
use design::{Answer, Subject, seal};
use enumerate::shown;
use evidence::{Digest, Verdict};
use proof::certificate::{Body, Effect, Excluded, Fired, Hunted, NetBit, NetRef, Trace};
use proof::hunted::active;
use proof::kernel::{HUNT, NETLIST_ITEM};
use proof::model::{StateBit, StateKind};
use proof::{Model, ProofSource, derive, kernel};
use solve::Budget;
use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;
use testkit::micro::{Gate, Micro, Planted, Role, grow};

const DESIGNS: u64 = 150;
const RUNS: usize = 60;
/// Most bits of state and input that are enumerated.
const BITS: u32 = 14;

/// A number sequence of its own, so that the test shares nothing with what it tests.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }
    fn bits(&mut self, n: usize) -> Vec<bool> {
        (0..n).map(|_| self.below(2) == 1).collect()
    }
}

/// Values of all gates.
fn evaluate(
    m: &Micro,
    reset: bool,
    state: &[bool],
    word: &[bool],
    ids: &[Vec<bool>],
    held: Option<(usize, bool)>,
) -> Vec<bool> {
    let mut v: Vec<bool> = Vec::with_capacity(m.gates.len());
    for &gate in &m.gates {
        let at = |w: u32| v[w as usize];
        v.push(match gate {
            Gate::False => false,
            Gate::Reset => reset,
            Gate::Register(i) => match held {
                Some((r, value)) if r == i as usize => value,
                _ => state[i as usize],
            },
            Gate::Input(i) => word[i as usize],
            Gate::Identity(item, bit) => ids[item as usize][bit as usize],
            Gate::Not(a) => !at(a),
            Gate::And(a, b) => at(a) && at(b),
            Gate::Or(a, b) => at(a) || at(b),
            Gate::Xor(a, b) => at(a) != at(b),
            Gate::Mux(c, t, e) => {
                if at(c) {
                    at(t)
                } else {
                    at(e)
                }
            }
        });
    }
    v
}

/// A run of a micro design, with the values of all gates in each cycle.
struct Told {
    values: Vec<Vec<bool>>,
    legal: bool,
}

fn text(bits: &[bool]) -> String {
    bits.iter().map(|&b| if b { '1' } else { '0' }).collect()
}

/// The same run gate by gate.
fn tell(m: &Micro, model: &Model, run: &Trace, quiet: Option<(usize, bool)>) -> Told {
    let bit = |word: &str, i: usize| word.as_bytes()[i] == b'1';
    // a register or port behind a cut identity has its name, too
    let held = |register: bool, name: &str, b: u32| {
        let kind = |s: &StateBit| matches!(s.kind, StateKind::Register(_)) == register;
        model.state.iter().position(|s| kind(s) && s.name == name && s.bit == b)
    };
    let input = |name: &str, b: u32| {
        model.inputs.iter().rposition(|s| s.name == name && s.bit == b).unwrap()
    };
    let mut state: Vec<bool> = m
        .registers
        .iter()
        .map(|r| bit(&run.power_up, held(true, &r.name, r.bit).unwrap()))
        .collect();
    let resets = m.reset.map_or(0, |r| r.cycles as usize);
    let (mut values, mut legal) = (Vec::new(), true);
    for (cycle, now) in run.inputs.iter().enumerate() {
        let value = |name: &str, b: u32| match held(false, name, b) {
            Some(i) => bit(&run.power_up, i),
            None => bit(now, input(name, b)),
        };
        let word: Vec<bool> =
            m.inputs.iter().flat_map(|i| (0..i.width).map(|b| value(&i.name, b))).collect();
        let ids: Vec<Vec<bool>> = m
            .identities
            .iter()
            .map(|i| (0..i.width).map(|b| value(&i.name, b)).collect())
            .collect();
        let v = evaluate(m, cycle < resets, &state, &word, &ids, quiet);
        if cycle >= resets {
            legal &= m.assume.iter().all(|c| v[c.wire as usize]);
            legal &= m.off.as_ref().is_none_or(|c| !v[c.wire as usize]);
        }
        state = m.registers.iter().map(|r| v[r.next as usize]).collect();
        values.push(v);
    }
    Told { values, legal }
}

fn model(m: &Micro) -> Option<Model> {
    let mut contract = m.contract();
    contract.hunt = true;
    let model = proof::load_model(&m.yosys_json(), &contract).ok()?;
    model.unsupported.is_empty().then_some(model)
}

fn accepted(model: &Model, hunted: Hunted) -> bool {
    derive(model, HUNT, NETLIST_ITEM, Verdict::Suspect, &Body::Hunted(hunted)).is_ok()
}

#[test]
fn activations_are_what_simulation_says() {
    let mut tally: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for seed in 0..DESIGNS {
        let m = grow(seed, [Planted::Nothing, Planted::Disable, Planted::Leak][seed as usize % 3]);
        let Some(model) = model(&m) else { continue };
        let mut chance = Chance(seed ^ 0x5eed);
        let resets = m.reset.map_or(0, |r| r.cycles as usize);
        for _ in 0..RUNS {
            let power_up: Vec<bool> = model
                .state
                .iter()
                .map(|s| s.power_up.unwrap_or_else(|| chance.below(2) == 1))
                .collect();
            let length = resets + 1 + chance.below(5) as usize;
            let run = Trace {
                power_up: text(&power_up),
                inputs: (0..length).map(|_| text(&chance.bits(model.inputs.len()))).collect(),
                essential: Vec::new(),
            };
            let (quiet, cycle) = (chance.below(2) == 1, chance.below(length as u64 + 1) as usize);
            let free = tell(&m, &model, &run, None);
            let in_time = cycle >= resets && cycle < length;
            let output = &m.outputs[chance.below(m.outputs.len() as u64) as usize];
            let at = chance.below(output.wires.len() as u64) as usize;
            let net = NetRef::Named(output.name.clone(), at as u32);
            let active = in_time && free.values[cycle][output.wires[at] as usize] != quiet;
            let bit = NetBit { net, quiet };
            let fired = Fired { bit, run: run.clone(), cycle: cycle as u32, effect: None };
            let right = free.legal && active;
            assert_eq!(
                accepted(&model, Hunted { fired: vec![fired], never: Vec::new(), excluded: None }),
                right,
                "seed {seed}"
            );
            *tally.entry(("fires", right)).or_default() += 1;
            // a register held quiet, and what an output would have been
            let r = chance.below(m.registers.len() as u64) as usize;
            let name = &m.registers[r].name;
            let lit = model.state.iter().find(|s| {
                matches!(s.kind, StateKind::Register(_))
                    && s.name == *name
                    && s.bit == m.registers[r].bit
            });
            let nets = model.nets.iter().find(|n| n.name == *name).unwrap();
            let Some(at) = lit.and_then(|s| nets.bits.iter().position(|&l| l == s.lit)) else {
                continue;
            };
            let held = tell(&m, &model, &run, Some((r, quiet)));
            let shows = |t: &Told, c: usize, w: u32| t.values[c][w as usize];
            let seen = chance.below(length as u64) as usize;
            let state = |t: usize| {
                // the register's own value in the free run is what it loaded a cycle before
                match t.checked_sub(1) {
                    Some(before) => free.values[before][m.registers[r].next as usize],
                    None => {
                        power_up[model
                            .state
                            .iter()
                            .position(|s| Some(s.lit) == lit.map(|l| l.lit))
                            .unwrap()]
                    }
                }
            };
            let wire = output.wires[0];
            let differs = !output.hidden && shows(&free, seen, wire) != shows(&held, seen, wire);
            let right = free.legal && in_time && state(cycle) != quiet && differs;
            let effect = Effect { cycle: seen as u32, port: output.name.clone(), bit: 0 };
            let bit = NetBit { net: NetRef::Named(name.clone(), at as u32), quiet };
            let fired = Fired { bit, run, cycle: cycle as u32, effect: Some(effect) };
            assert_eq!(
                accepted(&model, Hunted { fired: vec![fired], never: Vec::new(), excluded: None }),
                right,
                "seed {seed}"
            );
            *tally.entry(("effect", right)).or_default() += 1;
        }
    }
    println!("{tally:?}");
    assert!(tally[&("fires", true)] > 500 && tally[&("effect", true)] > 50, "{tally:?}");
}

struct Proofs(HashMap<Digest, Vec<u8>>);

impl ProofSource for Proofs {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        self.0.get(lrat).map_or(Err("no such proof".into()), |b| Ok(Box::new(&b[..])))
    }
}

fn certified(model: &Model, hunted: Hunted) -> bool {
    let (netlist, contract) = (Digest::of(b"netlist"), Digest::of(b"contract"));
    let subject = Subject { netlist, contract, check: HUNT, item: NETLIST_ITEM };
    let answer = Answer {
        verdict: Verdict::NothingFound,
        body: Body::Hunted(hunted),
        title: String::new(),
        detail: String::new(),
        locators: Vec::new(),
        metrics: BTreeMap::new(),
    };
    let Ok(sealed) = seal(model, subject, answer, &Budget::new(100_000)) else { return false };
    let mut proofs = Proofs(sealed.proofs.into_iter().collect());
    kernel::check(model, &netlist, &contract, &sealed.certificate, &mut proofs).unwrap();
    true
}

#[test]
fn nets_that_are_never_active_are_what_enumeration_says() {
    let (mut never, mut sometimes) = (0, 0);
    for seed in 0..4 * DESIGNS {
        let m = grow(seed, Planted::Nothing);
        let ids: u32 = m.identities.iter().map(|i| i.width).sum();
        let bits = m.registers.len() as u32 + m.input_bits() + ids;
        let Some(model) = model(&m).filter(|_| bits <= BITS) else { continue };
        let mut seen: HashMap<u32, [bool; 2]> = HashMap::new();
        for number in 0..1u32 << bits {
            let mut left = number;
            let mut take = |n: usize| {
                let bits: Vec<bool> = (0..n).map(|i| left >> i & 1 == 1).collect();
                left >>= n;
                bits
            };
            let state = take(m.registers.len());
            let word = take(m.input_bits() as usize);
            let ids: Vec<Vec<bool>> = m.identities.iter().map(|i| take(i.width as usize)).collect();
            for reset in [false, true] {
                if reset && m.reset.is_none() {
                    continue;
                }
                let v = evaluate(&m, reset, &state, &word, &ids, None);
                for &w in m.outputs.iter().flat_map(|o| &o.wires) {
                    seen.entry(w).or_default()[usize::from(v[w as usize])] = true;
                }
            }
        }
        for output in &m.outputs {
            for (at, w) in output.wires.iter().enumerate() {
                for quiet in [false, true] {
                    let right = !seen[w][usize::from(!quiet)];
                    let bit = NetBit { net: NetRef::Named(output.name.clone(), at as u32), quiet };
                    let hunted = Hunted { never: vec![bit], ..Hunted::default() };
                    assert_eq!(
                        certified(&model, hunted),
                        right,
                        "seed {seed}, {}[{at}]",
                        output.name
                    );
                    *(if right { &mut never } else { &mut sometimes }) += 1;
                }
            }
        }
    }
    println!("{never} never active, {sometimes} sometimes");
    assert!(never > 10 && sometimes > 100, "{never} {sometimes}");
}

#[test]
fn what_runs_fire_is_what_enumeration_says() {
    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..2 * DESIGNS {
        let m = grow(seed, [Planted::Nothing, Planted::Disable][seed as usize % 2]);
        let (Some(model), Some(seen)) = (model(&m), shown(&m)) else { continue };
        for ((o, b), values) in seen {
            for quiet in [false, true] {
                let net = NetRef::Named(m.outputs[o].name.clone(), b as u32);
                let bit = NetBit { net, quiet };
                let right = values[usize::from(!quiet)];
                let lit = active(&model, &bit).unwrap();
                let place = format!("seed {seed}, {}[{b}] quiet {quiet}", m.outputs[o].name);
                let word = match settle(&model, lit, &[], &Budget::new(100_000)) {
                    Settled::Fires(run) => {
                        assert!(right, "{place}");
                        let cycle = run.inputs.len() as u32 - 1;
                        let fired = vec![Fired { bit, run, cycle, effect: None }];
                        assert!(accepted(&model, Hunted { fired, ..Hunted::default() }), "{place}");
                        "fires"
                    }
                    Settled::Excluded(clauses) => {
                        assert!(!right, "{place}");
                        // an invariant that keeps one net quiet says nothing of the other value
                        let excluded =
                            excluded(&model, &clauses, vec![bit.clone()], &Budget::new(100_000));
                        let excluded = excluded.unwrap();
                        let hunted = |nets| Hunted {
                            excluded: Some(Excluded { nets, ..excluded.clone() }),
                            ..Hunted::default()
                        };
                        assert!(certified(&model, hunted(vec![bit.clone()])), "{place}");
                        let other = NetBit { quiet: !quiet, ..bit };
                        assert!(!certified(&model, hunted(vec![other])), "{place}");
                        "excluded"
                    }
                    Settled::Open => "open",
                };
                *tally.entry(word).or_default() += 1;
            }
        }
    }
    println!("{tally:?}");
    assert!(tally["fires"] > 500 && tally["excluded"] > 20, "{tally:?}");
    assert!(tally.get("open").is_none_or(|n| *n < tally["excluded"]), "{tally:?}");
}

#[test]
fn a_contract_that_asks_for_no_hunt_has_none() {
    let m = grow(1, Planted::Nothing);
    let model = Model::new(&m.netlist().unwrap(), &m.contract()).unwrap();
    assert!(!accepted(&model, Hunted::default()));
    assert!(m.inputs.iter().all(|i| i.role != Role::Undriven || i.width == 1));
}
