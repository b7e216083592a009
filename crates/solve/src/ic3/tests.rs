//! Bounded search and IC3 against explicit reachability on random small designs.

use super::*;
use crate::bmc::{Reached, cover, reach};
use netlist::{Lit, Netlist, PowerUp};
use proof::contract::{Contract, Level, Reset};
use proof::replay::Run;

/// Deterministic pseudo-random numbers (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }
    fn flip(&mut self) -> bool {
        self.roll(2) == 1
    }
}

/// A random literal of random logic over `pool`.
fn logic(n: &mut Netlist, pool: &[Lit], gates: usize, dice: &mut Dice) -> Lit {
    let mut pool = pool.to_vec();
    let mut last = pool[dice.roll(pool.len())];
    for _ in 0..gates {
        let a = pool[dice.roll(pool.len())].xor_sign(dice.flip());
        let b = last.xor_sign(dice.flip());
        last = match dice.roll(4) {
            0 => n.aig.xor(a, b),
            1 => {
                let c = pool[dice.roll(pool.len())];
                n.aig.mux(c, a, b)
            }
            _ => n.aig.and(a, b),
        };
        pool.push(last);
    }
    last.xor_sign(dice.flip())
}

/// At most eight state bits and three inputs; sometimes reset, straps and assumptions.
fn random_model(dice: &mut Dice) -> Model {
    let mut n = Netlist { name: "random".into(), ..Netlist::default() };
    let (registers, inputs) = (1 + dice.roll(7), dice.roll(4));
    let mut contract = Contract::default();
    let reset = dice.flip().then(|| n.add_input("rst", 1)[0]);
    if reset.is_some() {
        let cycles = 1 + dice.roll(3) as u32;
        let active = if dice.flip() { Level::High } else { Level::Low };
        contract.reset = Some(Reset { port: "rst".into(), active, cycles });
    }
    let mut pool = n.add_input("in", inputs as u32);
    let strap = dice.flip().then(|| n.add_input("strap", 1)[0]);
    if strap.is_some() {
        contract.inputs.constant.push("strap".into());
    }
    pool.extend(strap);
    for i in 0..registers {
        let power_up = [PowerUp::Zero, PowerUp::One, PowerUp::Free][dice.roll(3)];
        pool.push(n.add_register("r", i as u32, power_up));
    }
    for i in 0..registers {
        let gates = 1 + dice.roll(8);
        let mut next = logic(&mut n, &pool, gates, dice);
        if dice.roll(3) == 0 {
            let out = n.registers[i].out;
            let enable = logic(&mut n, &pool, 2, dice);
            next = n.aig.mux(enable, next, out);
        }
        if let (Some(reset), true) = (reset, dice.roll(5) != 0) {
            let high = contract.reset.as_ref().is_some_and(|r| r.active == Level::High);
            next = n.aig.mux(reset.xor_sign(!high), Lit::constant(dice.flip()), next);
        }
        n.registers[i].next = next;
    }
    let mut assume = Lit::TRUE;
    if dice.flip() {
        let (a, b) = (logic(&mut n, &pool, 2, dice), logic(&mut n, &pool, 2, dice));
        assume = n.aig.or(a, b);
    }
    n.finish();
    let mut model = Model::new(&n, &contract).unwrap();
    if let Some(strap) = strap.filter(|_| dice.flip()) {
        model.assume_constants = strap;
    }
    model.assume = model.aig.and(assume, model.assume_constants);
    model
}

fn bits(value: usize, count: usize) -> Vec<bool> {
    (0..count).map(|i| value >> i & 1 == 1).collect()
}

fn number(bits: &[bool]) -> usize {
    bits.iter().enumerate().map(|(i, &b)| usize::from(b) << i).sum()
}

/// The model as a table.
struct Explicit {
    states: usize,
    /// Distance from Init of each state; Init is 0.
    distance: Vec<Option<usize>>,
    /// Legal successors of each state.
    next: Vec<Vec<usize>>,
}

fn explicit(model: &Model) -> Explicit {
    let (count, inputs) = (model.state.len(), model.inputs.len());
    let states = 1usize << count;
    let step = |state: usize, in_reset: bool| -> Vec<(usize, bool)> {
        (0..1usize << inputs)
            .map(|word| {
                let state = bits(state, count);
                let mut run = match in_reset {
                    true => Run::new(model, state),
                    false => Run::after_reset(model, state),
                };
                run.evaluate(&bits(word, inputs));
                let legal = run.value(model.assume);
                run.advance();
                (number(&run.state), legal)
            })
            .collect()
    };
    let constants = |state: usize| {
        let mut run = Run::after_reset(model, bits(state, count));
        run.evaluate(&vec![false; inputs]);
        run.value(model.assume_constants)
    };
    let power_up = |state: usize| {
        model
            .state
            .iter()
            .enumerate()
            .all(|(i, s)| s.power_up.is_none_or(|v| v == (state >> i & 1 == 1)))
    };
    let mut now: Vec<bool> = (0..states).map(power_up).collect();
    for _ in 0..model.reset_cycles {
        let mut then = vec![false; states];
        for s in (0..states).filter(|&s| now[s]) {
            step(s, true).into_iter().for_each(|(t, _)| then[t] = true);
        }
        now = then;
    }
    let next: Vec<Vec<usize>> = (0..states)
        .map(|s| step(s, false).into_iter().filter(|t| t.1).map(|t| t.0).collect())
        .collect();
    let mut distance: Vec<Option<usize>> =
        (0..states).map(|s| (now[s] && constants(s)).then_some(0)).collect();
    let mut depth = 0;
    loop {
        let front: Vec<usize> = (0..states).filter(|&s| distance[s] == Some(depth)).collect();
        if front.is_empty() {
            break;
        }
        depth += 1;
        for s in front {
            for &t in &next[s] {
                distance[t] = distance[t].or(Some(depth));
            }
        }
    }
    Explicit { states, distance, next }
}

fn meets(state: usize, cube: &Cube) -> bool {
    cube.iter().all(|&(i, v)| (state >> i & 1 == 1) == v)
}

fn random_cubes(dice: &mut Dice, count: usize) -> Vec<Cube> {
    (0..1 + dice.roll(2))
        .map(|_| {
            (0..1 + dice.roll(count.min(5))).map(|_| (dice.roll(count), dice.flip())).collect()
        })
        .collect()
}

fn check_invariant(table: &Explicit, clauses: &[Clause], targets: &[Cube]) {
    let holds = |s: usize| clauses.iter().all(|c| c.iter().any(|&(i, v)| (s >> i & 1 == 1) == v));
    for s in 0..table.states {
        assert!(table.distance[s] != Some(0) || holds(s));
        if holds(s) {
            assert!(table.next[s].iter().all(|&t| holds(t)));
            assert!(!targets.iter().any(|c| meets(s, c)));
        }
    }
}

#[test]
fn engines_agree_with_explicit_search() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut safe, mut deep, mut reached) = (0, 0, 0);
    for _ in 0..600 {
        let model = random_model(&mut dice);
        let table = explicit(&model);
        let mut known: Vec<Clause> = Vec::new();
        for _ in 0..3 {
            let targets = random_cubes(&mut dice, model.state.len());
            let shortest = (0..table.states)
                .filter(|&s| targets.iter().any(|c| meets(s, c)))
                .filter_map(|s| table.distance[s])
                .min();
            let mut target = |frames: &mut proof::Frames<'_>, t: usize| {
                let cubes: Vec<Lit> = targets
                    .iter()
                    .map(|cube| {
                        let lits: Vec<Lit> =
                            cube.iter().map(|&(i, v)| frames.state(t, i).xor_sign(!v)).collect();
                        frames.aig.and_all(lits)
                    })
                    .collect();
                frames.aig.or_all(cubes)
            };
            let budget = Budget::new(1_000_000);
            match (reach(&model, &mut target, 20, &budget), shortest) {
                (Reached::At(trace, depth), Some(exact)) => {
                    assert_eq!(depth, exact);
                    assert_eq!(trace.inputs.len(), model.reset_cycles as usize + depth);
                    assert!(ends_in(&model, &trace, &targets));
                    deep = deep.max(depth);
                }
                (Reached::NotWithin(20), None) => {}
                (Reached::NotWithin(20), Some(exact)) => assert!(exact > 20),
                other => panic!("{other:?}"),
            }
            match (ic3(&model, &targets, &known, &budget), shortest) {
                (Ic3Answer::Safe(clauses), None) => {
                    check_invariant(&table, &clauses, &targets);
                    known.extend(clauses);
                    safe += 1;
                }
                (Ic3Answer::Unsafe(trace), Some(_)) => {
                    assert!(ends_in(&model, &trace, &targets));
                    reached += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(safe > 200 && reached > 200 && deep > 4, "{safe} {reached} {deep}");
}

#[test]
fn a_cover_executes_its_cycle() {
    let mut n = Netlist { name: "cover".into(), ..Netlist::default() };
    let (go, bar) = (n.add_input("go", 1)[0], n.add_input("bar", 1)[0]);
    let r = n.add_register("r", 0, PowerUp::Zero);
    n.registers[0].next = n.aig.or(r, go);
    let mut model = Model::new(&n, &Contract::default()).unwrap();
    let both = model.aig.and(r, go);
    let budget = Budget::unlimited();
    let mut target = |frames: &mut proof::Frames<'_>, t: usize| frames.lit(t, both);
    let Reached::At(trace, 1) = cover(&model, &mut target, 5, &budget) else { panic!() };
    assert_eq!(trace.inputs.len(), 2);
    // an assumption that forbids the cycle forbids the cover, but not the state before it
    let forbidden = model.aig.and(r, go);
    model.assume = model.aig.and(!forbidden, !bar);
    assert_eq!(cover(&model, &mut target, 5, &budget), Reached::NotWithin(5));
    let mut state = |frames: &mut proof::Frames<'_>, t: usize| frames.state(t, 0);
    assert!(matches!(reach(&model, &mut state, 5, &budget), Reached::At(_, 1)));
    assert_eq!(reach(&model, &mut state, 5, &Budget::new(0)), Reached::Unknown);
    assert_eq!(ic3(&model, &[vec![(0, true)]], &[], &Budget::new(2)), Ic3Answer::Unknown);
}

#[test]
fn a_wrong_known_invariant_never_makes_a_verdict() {
    let mut n = Netlist { name: "counter".into(), ..Netlist::default() };
    let go = n.add_input("go", 1)[0];
    let bits: Vec<Lit> = (0..5).map(|i| n.add_register("c", i, PowerUp::Zero)).collect();
    let mut carry = go;
    for (i, &bit) in bits.iter().enumerate() {
        n.registers[i].next = n.aig.xor(bit, carry);
        carry = n.aig.and(carry, bit);
    }
    let model = Model::new(&n, &Contract::default()).unwrap();
    let budget = Budget::unlimited();
    let all: Cube = (0..5).map(|i| (i, true)).collect();
    let Ic3Answer::Unsafe(trace) = ic3(&model, std::slice::from_ref(&all), &[], &budget) else {
        panic!()
    };
    assert!(trace.inputs.len() >= 31);
    assert_eq!(ic3(&model, &[all], &[vec![(3, false)]], &budget), Ic3Answer::Unknown);
}

/// A ring of tokens of which exactly one moves on request, and a saturating counter beside it.
#[test]
fn a_mutual_exclusion_of_forty_stations_is_proved() {
    let mut n = Netlist { name: "ring".into(), ..Netlist::default() };
    let stations = 40;
    let move_on = n.add_input("move", 1)[0];
    let ask = n.add_input("ask", stations);
    let token: Vec<Lit> = (0..stations)
        .map(|i| n.add_register("token", i, if i == 0 { PowerUp::One } else { PowerUp::Zero }))
        .collect();
    let busy: Vec<Lit> = (0..stations).map(|i| n.add_register("busy", i, PowerUp::Zero)).collect();
    let none_busy = n.aig.or_all(busy.iter().copied());
    let advance = n.aig.and(move_on, !none_busy);
    for i in 0..stations as usize {
        let before = token[(i + stations as usize - 1) % stations as usize];
        n.registers[i].next = n.aig.mux(advance, before, token[i]);
        let enter = n.aig.and(token[i], ask[i]);
        let enter = n.aig.and(enter, !advance);
        let keep = n.aig.and(busy[i], ask[i]);
        n.registers[stations as usize + i].next = n.aig.or(enter, keep);
    }
    let model = Model::new(&n, &Contract::default()).unwrap();
    let busy = |i: usize| stations as usize + i;
    let targets =
        vec![vec![(busy(3), true), (busy(17), true)], vec![(busy(0), true), (busy(39), true)]];
    let budget = Budget::new(10_000_000);
    let Ic3Answer::Safe(clauses) = ic3(&model, &targets, &[], &budget) else { panic!() };
    assert!(!clauses.is_empty());
}
