//! What the design does in normal use: bit-parallel sequential simulation with a stimulus that learns.
//!
//! Problem: a net is *rare* only against a stimulus under which ordinary logic is busy. Plain random
//! inputs hold a design in reset, or idle, for ever.
//! Method: 512 runs at once, in eight groups of 64 lanes with a stimulus profile each: for each input a
//! probability of 1 and a rate of change. First each likely control input is held at 0 and at 1; the
//! value under which clearly more registers move becomes its usual one, and the other is given during
//! the first cycles and seldom afterwards (so resets are found without their names). Then profiles
//! evolve: those that show new values of nets stay and vary, others are drawn anew (coverage-directed
//! stimulus). Runs start from all registers 0, or from random states where that moves more registers.
//! Counted: how often each node is 1, over all lanes and cycles.
//! Cost: eight words and two counters per node; cycles fall with the size of the design.
//! What it cannot see: an honest mode that needs a protocol longer than luck allows; it looks rare.

use super::circuit::Circuit;
use super::random::Random;

/// Words of 64 lanes: one profile each.
pub(super) const WORDS: usize = 8;

/// What was counted.
pub(super) struct Activity {
    /// Times each node was 1.
    pub(super) ones: Vec<u64>,
    /// Samples of each node.
    pub(super) samples: u64,
    /// Times each register went from 1 to 0, resets apart, and from 0 to 1.
    pub(super) moves: Vec<[u64; 2]>,
    /// Usual value of each free input, where one was found.
    pub(super) usual: Vec<Option<bool>>,
    /// Whether runs start from random states.
    pub(super) random_start: bool,
    /// Share of registers that ever moved.
    pub(super) moving: f64,
}

impl Activity {
    /// Share of samples with the less frequent value.
    pub(super) fn rate(&self, var: u32) -> f64 {
        let ones = self.ones[var as usize];
        ones.min(self.samples - ones) as f64 / self.samples as f64
    }
    /// The more frequent value.
    pub(super) fn quiet(&self, var: u32) -> bool {
        self.ones[var as usize] * 2 > self.samples
    }
    /// How rare the other value is, in bits; a net that never showed it gets the most there is.
    pub(super) fn bits(&self, var: u32) -> f64 {
        let ones = self.ones[var as usize];
        let few = ones.min(self.samples - ones) as f64 + 0.5;
        (self.samples as f64 / few).log2()
    }
}

/// One group's stimulus: for each input threshold of 1 and of change, in 1/256.
#[derive(Clone)]
struct Profile {
    one: Vec<u16>,
    change: Vec<u16>,
    gain: u64,
}

/// A running simulation.
pub(super) struct Machine<'c, 'g> {
    c: &'c Circuit<'g>,
    ands: Vec<[u32; 3]>,
    /// Values of all nodes.
    pub(super) values: Vec<[u64; WORDS]>,
    loaded: Vec<[u64; WORDS]>,
}

impl<'c, 'g> Machine<'c, 'g> {
    pub(super) fn new(c: &'c Circuit<'g>) -> Self {
        let mut ands = Vec::new();
        for var in 1..c.len() as u32 {
            if let Some((a, b)) = c.graph.fanin(var) {
                ands.push([var, a.code(), b.code()]);
            }
        }
        Self {
            c,
            ands,
            values: vec![[0; WORDS]; c.len()],
            loaded: vec![[0; WORDS]; c.graph.registers.len()],
        }
    }
    pub(super) fn settle(&mut self) {
        for &[var, a, b] in &self.ands {
            let (x, y) = (self.values[(a >> 1) as usize], self.values[(b >> 1) as usize]);
            let (p, q) = (sign(a), sign(b));
            let out = &mut self.values[var as usize];
            for w in 0..WORDS {
                out[w] = (x[w] ^ p) & (y[w] ^ q);
            }
        }
    }
    pub(super) fn load(&mut self) {
        self.latch();
        self.publish();
    }
    fn latch(&mut self) {
        for (slot, r) in self.loaded.iter_mut().zip(&self.c.graph.registers) {
            let p = sign(r.next.code());
            *slot = self.values[r.next.index()].map(|w| w ^ p);
        }
    }
    /// Adds falls and rises of each register between latching and publishing.
    fn count(&self, moves: &mut [[u64; 2]]) {
        for (count, (new, r)) in
            moves.iter_mut().zip(self.loaded.iter().zip(&self.c.graph.registers))
        {
            let old = &self.values[r.out.index()];
            for (old, new) in old.iter().zip(new) {
                count[0] += u64::from((old & !new).count_ones());
                count[1] += u64::from((!old & new).count_ones());
            }
        }
    }
    fn publish(&mut self) {
        for (slot, r) in self.loaded.iter().zip(&self.c.graph.registers) {
            self.values[r.out.index()] = *slot;
        }
    }
    fn start(&mut self, random: Option<&mut Random>) {
        match random {
            None => {
                for r in &self.c.graph.registers {
                    self.values[r.out.index()] = [0; WORDS];
                }
            }
            Some(random) => {
                for r in &self.c.graph.registers {
                    self.values[r.out.index()] = std::array::from_fn(|_| random.word());
                }
            }
        }
    }
}

pub(super) fn sign(code: u32) -> u64 {
    0u64.wrapping_sub(u64::from(code & 1))
}

/// Cycles that even a large design is simulated for, so that rarity means the same in all …
const LEAST_CYCLES: u64 = 4096;
/// … as long as this many node evaluations are enough.
const MOST_WORK: u64 = 1_600_000_000;

/// Simulates with about `work` node evaluations.
pub(super) fn measure(c: &Circuit<'_>, work: u64, seed: u64) -> Activity {
    let mut random = Random::new(seed);
    let mut machine = Machine::new(c);
    let inputs = c.graph.free.len();
    let usual = usual_values(c, &mut machine, &mut random);
    let random_start = starts_better_random(c, &mut machine, &mut random, &usual);
    let nodes = c.len() as u64 + 1;
    let least = (MOST_WORK / nodes).clamp(512, LEAST_CYCLES);
    let cycles_in_all = (work / nodes).clamp(least, 1 << 16);
    let episode = 128u64.min(cycles_in_all / 4).max(32);
    let mut ones = vec![0u64; c.len()];
    let mut seen = vec![0u8; c.len()];
    let mut profiles: Vec<Profile> =
        (0..WORDS).map(|w| fresh(inputs, &usual, &mut random, w)).collect();
    let mut moves = vec![[0u64; 2]; c.graph.registers.len()];
    let mut samples = 0u64;
    let mut done = 0u64;
    let mut episodes = 0u64;
    while done < cycles_in_all {
        // episodes grow: deep states need long runs
        let length = episode << (episodes / 4).min(5);
        machine.start(random_start.then_some(&mut random));
        for p in &mut profiles {
            p.gain = 0;
        }
        for cycle in 0..length {
            drive(c, &mut machine, &profiles, &usual, cycle, &mut random);
            machine.settle();
            for var in 1..c.len() {
                let v = machine.values[var];
                ones[var] += v.iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
                if seen[var] != 3 {
                    for (w, word) in v.iter().enumerate() {
                        let now = u8::from(*word != u64::MAX) | u8::from(*word != 0) << 1;
                        if now & !seen[var] != 0 {
                            seen[var] |= now;
                            profiles[w].gain += 1;
                        }
                    }
                }
            }
            machine.latch();
            if cycle > 3 {
                machine.count(&mut moves);
            }
            machine.publish();
            samples += 64 * WORDS as u64;
        }
        done += length;
        episodes += 1;
        evolve(&mut profiles, inputs, &usual, &mut random);
    }
    let moved = c.graph.registers.iter().filter(|r| seen[r.out.index()] == 3).count();
    let moving = moved as f64 / c.graph.registers.len().max(1) as f64;
    Activity { ones, samples, moves, usual, random_start, moving }
}

fn fresh(inputs: usize, usual: &[Option<bool>], random: &mut Random, kind: usize) -> Profile {
    const BIAS: [u16; 8] = [128, 128, 64, 192, 16, 240, 128, 4];
    const RATE: [u16; 4] = [256, 256, 64, 16];
    let mut p = Profile { one: vec![128; inputs], change: vec![256; inputs], gain: 0 };
    for (i, usual) in usual.iter().enumerate() {
        if let Some(value) = *usual {
            let seldom = if kind % 4 == 3 { 4 } else { 0 };
            p.one[i] = if value { 256 - seldom } else { seldom };
        } else if kind > 0 {
            p.one[i] = BIAS[random.below(if kind.is_multiple_of(2) { 4 } else { 8 })];
            p.change[i] = RATE[random.below(4)];
        }
    }
    p
}

fn evolve(profiles: &mut [Profile], inputs: usize, usual: &[Option<bool>], random: &mut Random) {
    let best = profiles.iter().enumerate().max_by_key(|(i, p)| (p.gain, WORDS - i)).map(|b| b.0);
    let Some(best) = best else { return };
    let parent = profiles[best].clone();
    for (w, p) in profiles.iter_mut().enumerate() {
        if w == 0 || (w == best && p.gain > 0) {
            continue;
        }
        let new = fresh(inputs, usual, random, w);
        if parent.gain > 0 && w.is_multiple_of(2) {
            // a child: the parent with a quarter of the inputs drawn anew
            *p = parent.clone();
            for i in 0..inputs {
                if random.below(4) == 0 {
                    p.one[i] = new.one[i];
                    p.change[i] = new.change[i];
                }
            }
        } else {
            *p = new;
        }
    }
}

fn drive(
    c: &Circuit<'_>,
    machine: &mut Machine<'_, '_>,
    profiles: &[Profile],
    usual: &[Option<bool>],
    cycle: u64,
    random: &mut Random,
) {
    for (i, leaf) in c.graph.free.iter().enumerate() {
        let old = machine.values[leaf.index()];
        let mut new = [0u64; WORDS];
        for w in 0..WORDS {
            let p = &profiles[w];
            let value = random.biased(p.one[i]);
            let change = if cycle == 0 { u64::MAX } else { random.biased(p.change[i]) };
            new[w] = value & change | old[w] & !change;
            if cycle < 3
                && let Some(usual) = usual[i]
            {
                // the unusual value first: most often it is a reset
                new[w] = if usual { 0 } else { u64::MAX };
            }
        }
        machine.values[leaf.index()] = new;
    }
}

/// Registers that moved under one plain random run with `force` on input `index` in odd words.
fn usual_values(
    c: &Circuit<'_>,
    machine: &mut Machine<'_, '_>,
    random: &mut Random,
) -> Vec<Option<bool>> {
    const CANDIDATES: usize = 48;
    const CYCLES: u64 = 48;
    /// Node evaluations for one trial of four inputs; a trial is four such runs.
    const WORK: u64 = 12_000_000;
    let inputs = c.graph.free.len();
    let mut usual = vec![None; inputs];
    if c.graph.registers.is_empty() {
        return usual;
    }
    let mut order: Vec<usize> = (0..inputs).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(c.users(c.graph.free[i].var()).len()), i));
    let cycles = (WORK / c.len() as u64).clamp(12, CYCLES);
    // large designs: the inputs that lead to most, which is where resets are
    let affordable = (8 * WORK / (c.len() as u64 * cycles)).max(3) as usize * (WORDS / 2);
    order.truncate(CANDIDATES.min(affordable));
    // two rounds: one reset may hide another
    for _ in 0..2 {
        for group in order.chunks(WORDS / 2) {
            let mut moved = vec![[false; WORDS]; c.graph.registers.len()];
            for start in 0..2 {
                machine.start((start == 1).then_some(&mut *random));
                let mut old: Vec<[u64; WORDS]> =
                    c.graph.registers.iter().map(|r| machine.values[r.out.index()]).collect();
                for cycle in 0..cycles {
                    for (i, leaf) in c.graph.free.iter().enumerate() {
                        let mut v: [u64; WORDS] = std::array::from_fn(|_| random.word());
                        if let Some(value) = usual[i] {
                            let unusual = cycle < 2;
                            v = [if value ^ unusual { u64::MAX } else { 0 }; WORDS];
                        }
                        if let Some(k) = group.iter().position(|&g| g == i) {
                            v[2 * k] = if cycle < 2 { u64::MAX } else { 0 };
                            v[2 * k + 1] = if cycle < 2 { 0 } else { u64::MAX };
                        }
                        machine.values[leaf.index()] = v;
                    }
                    machine.settle();
                    machine.load();
                    for (r, reg) in c.graph.registers.iter().enumerate() {
                        let now = machine.values[reg.out.index()];
                        for w in 0..WORDS {
                            moved[r][w] |= cycle > 2 && now[w] != old[r][w];
                        }
                        old[r] = now;
                    }
                }
            }
            for (k, &i) in group.iter().enumerate() {
                let count = |w: usize| moved.iter().filter(|m| m[w]).count() as f64;
                let (zero, one) = (count(2 * k), count(2 * k + 1));
                let all = c.graph.registers.len() as f64;
                if (zero - one).abs() > (0.4 * zero.max(one)).max(0.05 * all).max(2.5) {
                    usual[i] = Some(one > zero);
                }
            }
        }
        if usual.iter().all(Option::is_none) {
            break;
        }
    }
    usual
}

/// Whether clearly more registers move when runs start from random states.
fn starts_better_random(
    c: &Circuit<'_>,
    machine: &mut Machine<'_, '_>,
    random: &mut Random,
    usual: &[Option<bool>],
) -> bool {
    let mut score = [0usize; 2];
    for (k, slot) in score.iter_mut().enumerate() {
        machine.start((k == 1).then_some(&mut *random));
        let profiles: Vec<Profile> =
            (0..WORDS).map(|w| fresh(c.graph.free.len(), usual, random, w)).collect();
        let mut seen = vec![0u8; c.graph.registers.len()];
        for cycle in 0..96 {
            drive(c, machine, &profiles, usual, cycle, random);
            machine.settle();
            machine.load();
            if cycle < 8 {
                continue;
            }
            for (s, r) in seen.iter_mut().zip(&c.graph.registers) {
                // one lane of a word must show both values
                let v = machine.values[r.out.index()];
                *s |= if v[0] & 1 == 0 { 1 } else { 2 };
                *s |= if v[WORDS / 2] & 1 == 0 { 1 } else { 2 };
            }
        }
        *slot = seen.iter().filter(|s| **s == 3).count();
    }
    score[1] > score[0] + score[0] / 2 + 2
}
