//! The campaign: random pairs of runs, for leaks and for hints.
//!
//! Problem: most leaks show themselves to anybody who drives the part and looks at two copies; and
//! whatever never differs in thousands of such runs is worth trying to prove.
//! Method: several campaigns of sixty-four pairs each, from power-up through reset, with the
//! dictionary's stimulus. The first unexcused difference ends them. Else they leave, for the proof:
//! which functions of the state never differ, the history of the state bits, and a pair per
//! declassification window in which the released item shows.
//! Cost: cycles are chosen so that a campaign costs about a second whatever the design's size.

use crate::identity_leak::lanes::{LANES, Lanes, Pair, splat};
use crate::identity_leak::stimulus::{Stimulus, Words};
use crate::identity_leak::structure::Structure;
use proof::Model;

/// Gate evaluations a campaign may cost.
const GATE_BUDGET: usize = 250_000_000;
/// Words of history kept.
const HISTORY_WORDS: usize = 6_000_000;
/// Redraws for lanes that break the assumptions.
const REDRAWS: usize = 8;

/// What was seen of the state bits, after reset, in rows of sixty-four pairs.
#[derive(Default)]
pub(crate) struct History {
    /// Lanes that respect the assumptions, by row.
    pub(crate) alive: Vec<u64>,
    /// Needed state bits, left, by row.
    left: Vec<Vec<u64>>,
    /// Right.
    right: Vec<Vec<u64>>,
    /// Position in a row by state index.
    position: Vec<u32>,
}

impl History {
    /// Rows recorded.
    pub(crate) fn rows(&self) -> usize {
        self.alive.len()
    }
    /// A needed state bit in both copies in a row.
    pub(crate) fn pair(&self, row: usize, state: usize) -> (u64, u64) {
        let at = self.position[state] as usize;
        (self.left[row][at], self.right[row][at])
    }
    /// Whether the state bit is recorded.
    pub(crate) fn has(&self, state: usize) -> bool {
        self.position.get(state).is_some_and(|&p| p != u32::MAX)
    }
}

/// What the campaigns found.
pub(crate) struct Found {
    /// A pair that shows an unexcused difference.
    pub(crate) leak: Option<Pair>,
    /// Per window: a pair, cycle and observable in which the released item shows.
    pub(crate) released: Vec<Option<(Pair, usize, usize)>>,
    /// By variable: needed, reached, a function of the state, and never seen to differ.
    pub(crate) same: Vec<bool>,
    /// By variable: a digest of when it differed (of state-only reached ones).
    pub(crate) delta: Vec<u64>,
    /// State bits over time.
    pub(crate) history: History,
    /// Cycles simulated, over all campaigns.
    pub(crate) cycles: usize,
}

/// Runs the campaigns.
pub(crate) fn search(
    model: &Model,
    item: usize,
    structure: &Structure,
    words: &[Words],
    fallback: &[Words],
) -> Found {
    let mut lanes = Lanes::new(model, item, structure);
    let watched: Vec<usize> = (1..model.aig.len())
        .filter(|&v| structure.needed[v] && structure.reached[v] && structure.state_only[v])
        .collect();
    let mut found = Found {
        leak: None,
        released: vec![None; model.windows.len()],
        same: vec![false; model.aig.len()],
        delta: vec![0; model.aig.len()],
        history: History { position: vec![u32::MAX; model.state.len()], ..History::default() },
        cycles: 0,
    };
    for &v in &watched {
        found.same[v] = true;
    }
    for (position, &i) in lanes.state.iter().enumerate() {
        found.history.position[i] = position as u32;
    }
    let cycles = (GATE_BUDGET / lanes.gates().max(1)).clamp(128, 2048);
    let shares = [cycles / 2, cycles / 4, cycles / 8, cycles / 8];
    for (campaign, share) in shares.into_iter().enumerate() {
        let mut run = Campaign {
            item,
            stimulus: Stimulus::new(model, words, fallback, campaign as u64 + 1),
            power: Vec::new(),
            fuses: Vec::new(),
            inputs: Vec::new(),
            sensors: Vec::new(),
            alive: u64::MAX,
        };
        run.go(&mut lanes, share, &watched, &mut found);
        if found.leak.is_some() {
            break;
        }
    }
    found
}

struct Campaign<'m> {
    item: usize,
    stimulus: Stimulus<'m>,
    power: Vec<u64>,
    fuses: Vec<u64>,
    inputs: Vec<Vec<u64>>,
    sensors: Vec<Vec<u64>>,
    alive: u64,
}

impl Campaign<'_> {
    fn go(&mut self, lanes: &mut Lanes<'_>, cycles: usize, watched: &[usize], found: &mut Found) {
        let model = self.stimulus.model();
        let reset = model.reset_cycles as usize;
        self.power_up(lanes);
        for _ in 0..reset + cycles {
            self.cycle(lanes);
            found.cycles += 1;
            let t = self.inputs.len() - 1;
            for (o, differ, open) in lanes.leaks() {
                let fresh = differ & !open & self.alive;
                if fresh != 0 {
                    found.leak = Some(self.pair(fresh.trailing_zeros(), t + 1));
                    return;
                }
                for (w, seen) in found.released.iter_mut().enumerate() {
                    let window = &model.windows[w];
                    let fits =
                        window.releases.contains(&self.item) && window.observables.contains(&o);
                    let inside = differ & open & lanes.left(window.open) & self.alive;
                    if seen.is_none() && fits && inside != 0 {
                        *seen = Some((self.pair(inside.trailing_zeros(), t + 1), t, o));
                    }
                }
            }
            if !lanes.in_reset() {
                self.observe(lanes, watched, found);
            }
            lanes.advance();
        }
    }

    fn power_up(&mut self, lanes: &mut Lanes<'_>) {
        let model = self.stimulus.model();
        let random = self.stimulus.random();
        // a quarter of the lanes start from all zeros, a quarter from all ones
        let (zeros, ones) = (0x0f0f_0000_ffff_0000, 0xf0f0_0000_0000_ffff & !0x0f0f_0000_ffff_0000);
        self.power = (0..model.state.len()).map(|_| random.word() & !zeros | ones).collect();
        for (value, bit) in self.power.iter_mut().zip(&model.state) {
            if let Some(declared) = bit.power_up {
                *value = splat(declared);
            }
        }
        let identity = &model.identities[self.item];
        for &i in &identity.state {
            self.power[i] = random.word();
        }
        // half of the lanes differ in one bit, the others at random
        let width = identity.state.len();
        self.fuses = identity.state.iter().map(|&i| self.power[i] ^ random.word()).collect();
        if width > 0 {
            for lane in 0..LANES / 2 {
                let flipped = (lane * width / (LANES / 2) + random.below(2)) % width;
                for (b, &i) in identity.state.iter().enumerate() {
                    let left = self.power[i] >> lane & 1;
                    let right = left ^ u64::from(b == flipped);
                    self.fuses[b] = self.fuses[b] & !(1 << lane) | right << lane;
                }
            }
        }
        lanes.power_up(&self.power, &self.fuses);
    }

    fn cycle(&mut self, lanes: &mut Lanes<'_>) {
        let model = self.stimulus.model();
        let mut inputs = self.stimulus.next(lanes.cycle()).to_vec();
        let sensors: Vec<u64> = model.identities[self.item]
            .inputs
            .iter()
            .map(|_| self.stimulus.random().word())
            .collect();
        lanes.evaluate(&inputs, &sensors);
        for attempt in 0..REDRAWS {
            let bad = self.alive & !lanes.legal();
            if bad == 0 {
                break;
            }
            inputs = self.stimulus.redraw(bad, attempt).to_vec();
            lanes.evaluate(&inputs, &sensors);
        }
        self.alive &= lanes.legal();
        self.inputs.push(inputs);
        self.sensors.push(sensors);
    }

    fn observe(&self, lanes: &Lanes<'_>, watched: &[usize], found: &mut Found) {
        for &v in watched {
            let differ = lanes.differ(netlist::Lit::new(v as u32, false)) & self.alive;
            found.same[v] &= differ == 0;
            found.delta[v] =
                (found.delta[v] ^ differ).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
        }
        let history = &mut found.history;
        if history.rows() * lanes.state.len() < HISTORY_WORDS {
            let (left, right) = lanes.state.iter().map(|&i| lanes.state_pair(i)).unzip();
            history.left.push(left);
            history.right.push(right);
            history.alive.push(self.alive);
        }
    }

    /// One lane as a pair, its first `length` cycles.
    fn pair(&self, lane: u32, length: usize) -> Pair {
        let take = |words: &[u64]| words.iter().map(|w| w >> lane & 1 == 1).collect::<Vec<bool>>();
        Pair {
            power: take(&self.power),
            fuses: take(&self.fuses),
            inputs: self.inputs[..length].iter().map(|w| take(w)).collect(),
            sensors: self.sensors[..length].iter().map(|w| take(w)).collect(),
        }
    }
}
