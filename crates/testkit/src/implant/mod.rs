//! Implants: hidden functions put into a netlist, with ground truth and a stimulus that fires them.
//!
//! Problem: a detector is only worth what it finds in designs it has not seen. Labelled designs are few,
//! and tuning to them proves nothing.
//! Method: the host is simulated from power-up under random inputs with resets released, and everything
//! an implant needs is taken from that recording: literals that agree in some recorded cycle make a
//! conjunction that is known to fire *there*, values of consecutive cycles make a sequence, events that
//! were counted make a counter's end. So each implant comes with its own firing stimulus, found without
//! any solver. The implanted netlist is simulated again: an implant that does not fire where it should,
//! or starts to fire more than once in 10,000 cycles, is thrown away and another drawn. Half of the implants are reset with their
//! host, and a third of the counters are cleared by its ordinary life, so that neither tells them apart.
//! A *placebo* has the trigger of the same shape and an honest use of it: a status output, or the
//! write-enable of a register with a read port of its own.
//! Cost: the recording, 8 bytes per node and cycle.
//! What it does not make: analogue payloads, implants in memories or clock trees.

mod export;
mod payload;
mod record;
mod trigger;

pub use export::verilog;
pub use payload::Payload;
pub use record::Recording;
pub use trigger::Trigger;

use netlist::{Lit, Netlist, SeqSim};

/// A host with something in it.
#[derive(Clone, Debug)]
pub struct Implanted {
    /// The netlist.
    pub netlist: Netlist,
    /// The trigger literal.
    pub trigger: Lit,
    /// Registers that belong to the implant, by index.
    pub registers: Vec<usize>,
    /// Registers that nothing reads and that must survive synthesis.
    pub kept: Vec<usize>,
    /// Input words, one bit per input of the netlist, cycle by cycle, that fire the trigger last.
    pub witness: Vec<Vec<bool>>,
    /// Share of simulated cycles in which the trigger starts to be active.
    pub rate: f64,
}

/// What to put in.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Kind of trigger.
    pub trigger: Trigger,
    /// Kind of payload; none makes a placebo.
    pub payload: Option<Payload>,
    /// Seed.
    pub seed: u64,
}

/// Most attempts at one order.
const ATTEMPTS: u64 = 200;
/// Share of simulated cycles in which a trigger may start to be active.
const MOST_STARTS: f64 = 1.05e-4;
/// Share of simulated cycles in which it may be active.
const MOST_ACTIVE: f64 = 0.02;

/// Puts `order` into `host`, or says that it cannot be done.
pub fn implant(host: &Netlist, recording: &Recording, order: Order) -> Option<Implanted> {
    (0..ATTEMPTS).find_map(|attempt| {
        let mut random = Draw::new(order.seed.wrapping_mul(1000).wrapping_add(attempt));
        let mut netlist = host.clone();
        random.reset = if random.below(2) == 0 { reset_of(host) } else { None };
        let (trigger, fires) = trigger::build(&mut netlist, recording, order.trigger, &mut random)?;
        let first = host.registers.len();
        let mut made = Implanted {
            netlist,
            trigger,
            registers: Vec::new(),
            kept: Vec::new(),
            witness: recording.inputs(fires.lane, fires.cycle + 1),
            rate: 0.0,
        };
        match order.payload {
            Some(payload) => payload::attach(&mut made, recording, payload, &mut random)?,
            None => payload::honest(&mut made, recording, &mut random),
        }
        made.registers = (first..made.netlist.registers.len()).collect();
        if let Some(active) = random.reset {
            for &i in &made.registers {
                let next = made.netlist.registers[i].next;
                made.netlist.registers[i].next = made.netlist.aig.and(next, !active);
            }
        }
        made.netlist.finish();
        let (starts, active) = rates(&made, recording, fires)?;
        made.rate = starts;
        (starts <= MOST_STARTS && active <= MOST_ACTIVE).then_some(made)
    })
}

/// The host's reset, active when true.
fn reset_of(host: &Netlist) -> Option<Lit> {
    host.inputs.iter().find_map(|input| {
        let low = record::reset_polarity(&host.ports[input.port as usize].name)?;
        Some(input.lit.xor_sign(low))
    })
}

/// A cycle of the witness on the implanted netlist.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Registers in order.
    pub registers: Vec<bool>,
    /// Inputs in order.
    pub inputs: Vec<bool>,
}

/// The last `count` cycles of the witness.
pub fn frames(made: &Implanted, count: usize) -> Vec<Frame> {
    let mut sim: SeqSim<1> = SeqSim::of(&made.netlist);
    let first = made.witness.len().saturating_sub(count);
    let mut found = Vec::new();
    for (cycle, word) in made.witness.iter().enumerate() {
        for (input, &bit) in made.netlist.inputs.iter().zip(word) {
            sim.logic.set(input.lit, &[u64::from(bit)]);
        }
        sim.settle();
        if cycle >= first {
            let value = |l: Lit| sim.logic.value(l)[0] & 1 == 1;
            let registers = made.netlist.registers.iter().map(|r| value(r.out)).collect();
            found.push(Frame { registers, inputs: word.clone() });
        }
        sim.load();
    }
    found
}

/// Simulates all lanes, for the recorded cycles and until the trigger should have fired: in which share of
/// cycles it starts to be active, and is; nothing if it does not fire where it should.
fn rates(made: &Implanted, recording: &Recording, fires: trigger::Fires) -> Option<(f64, f64)> {
    let mut sim: SeqSim<1> = SeqSim::of(&made.netlist);
    let (mut active, mut starts, mut before) = (0u64, 0u64, 0u64);
    let mut fired = false;
    let cycles = recording.cycles.max(fires.cycle + 1);
    for cycle in 0..cycles {
        for (i, input) in made.netlist.inputs.iter().enumerate() {
            sim.logic.set(input.lit, &[recording.input(i, cycle)]);
        }
        sim.settle();
        let now = sim.logic.value(made.trigger)[0];
        active += u64::from(now.count_ones());
        starts += u64::from((now & !before).count_ones());
        before = now;
        fired |= cycle <= fires.cycle && now >> fires.lane & 1 == 1;
        sim.load();
    }
    let share = |n: u64| n as f64 / (64 * cycles) as f64;
    fired.then(|| (share(starts), share(active)))
}

/// A small deterministic generator.
#[derive(Clone, Debug)]
pub struct Draw {
    state: u64,
    /// What clears the registers of the implant that is being drawn, if anything.
    reset: Option<Lit>,
}

impl Draw {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        let state = seed.wrapping_add(0x1234_5678).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut draw = Self { state, reset: None };
        for _ in 0..4 {
            draw.word();
        }
        draw
    }
    /// 64 random bits.
    pub fn word(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    /// A number below `n`, or 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.word() >> 20) as usize % n.max(1)
    }
    /// A number in `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }
}
