//! Shrinking a witness until a person can read it.
//!
//! Problem: a leak found by chance comes with hundreds of cycles of noise and an identity that
//! differs everywhere.
//! Method: delta debugging (Zeller, Hildebrandt: TSE 2002) with sixty-four trials per simulation:
//! one differing identity bit, zero identity elsewhere, cycles dropped, ports and words silenced.
//! What is kept after the difference is a quiet tail in which a delayed output can still arrive, so
//! that the kernel can tell a difference in timing from one in value. Last, every input bit is
//! flipped on its own: those without which the same output no longer differs in the same cycle are
//! marked essential.
//! Cost: some hundred simulations of the witness's length, bounded by [`EFFORT`].

use crate::identity_leak::lanes::{LANES, Lanes, Pair};
use crate::ports::{Port, ports};
use proof::Model;
use proof::model::Role;

/// Gate evaluations that shrinking may cost.
const EFFORT: usize = 6_000_000_000;
/// Lengths of the quiet tail; the last decides whether a late output arrives at all.
const TAILS: [usize; 3] = [24, 120, 600];

/// A shrunk witness.
pub(crate) struct Witness {
    /// The pair, tail included.
    pub(crate) pair: Pair,
    /// Cycle of the difference.
    pub(crate) cycle: usize,
    /// The observable.
    pub(crate) observable: usize,
    /// Marks of the input bits that matter.
    pub(crate) essential: Vec<Vec<bool>>,
}

/// Shrinks a pair that leaks in its last cycle.
pub(crate) fn shrink(
    model: &Model,
    item: usize,
    lanes: &mut Lanes<'_>,
    pair: Pair,
) -> Option<Witness> {
    let mut s = Shrinker {
        model,
        item,
        ports: ports(model),
        effort: EFFORT / lanes.gates().max(1),
        lanes,
        best: pair,
        cycle: 0,
        observable: 0,
    };
    if !s.accept(s.best.clone()) {
        return None;
    }
    s.identity();
    for _ in 0..2 {
        s.drop_cycles();
        s.silence_ports();
        s.silence_words();
    }
    s.drop_cycles();
    s.rest();
    let essential = s.essential();
    let (cycle, observable) = (s.cycle, s.observable);
    let pair = s.tail();
    let mut essential = essential;
    essential.resize(pair.inputs.len(), vec![false; model.inputs.len()]);
    Some(Witness { pair, cycle, observable, essential })
}

struct Shrinker<'a, 'm> {
    model: &'a Model,
    item: usize,
    ports: Vec<Port>,
    /// Simulated cycles left.
    effort: usize,
    lanes: &'a mut Lanes<'m>,
    best: Pair,
    cycle: usize,
    observable: usize,
}

impl Shrinker<'_, '_> {
    /// Takes `pair` if it leaks legally, truncated after the difference.
    fn accept(&mut self, mut pair: Pair) -> bool {
        let shown = self.lanes.run(std::slice::from_ref(&pair));
        let Some((cycle, observable)) = shown[0].leak.filter(|_| shown[0].legal) else {
            return false;
        };
        let keep = (cycle + 1).max(self.model.reset_cycles as usize);
        pair.inputs.truncate(keep);
        pair.sensors.truncate(keep);
        // a leak in the middle of reset: the sequence is completed, as every run does
        while let Some(last) = pair.inputs.last().filter(|_| pair.inputs.len() < keep) {
            pair.inputs.push(last.clone());
        }
        while let Some(last) = pair.sensors.last().filter(|_| pair.sensors.len() < keep) {
            pair.sensors.push(last.clone());
        }
        (self.best, self.cycle, self.observable) = (pair, cycle, observable);
        true
    }
    /// Which trials still leak.
    fn survivors(&mut self, trials: &[Pair]) -> Vec<bool> {
        let mut all = Vec::with_capacity(trials.len());
        for batch in trials.chunks(LANES) {
            let cycles = batch.iter().map(|p| p.inputs.len()).max().unwrap_or(0);
            if self.effort < cycles {
                all.extend(batch.iter().map(|_| false));
                continue;
            }
            self.effort -= cycles;
            all.extend(self.lanes.run(batch).iter().map(|s| s.leak.is_some() && s.legal));
        }
        all
    }
    /// Applies as many of `edits` as survive together.
    fn apply(&mut self, edits: usize, edit: &dyn Fn(&mut Pair, usize)) {
        let single = |base: &Pair, k: usize| {
            let mut trial = base.clone();
            edit(&mut trial, k);
            trial
        };
        let mut wanted: Vec<usize> = Vec::new();
        for first in (0..edits).step_by(LANES) {
            let range: Vec<usize> = (first..edits.min(first + LANES)).collect();
            let trials: Vec<Pair> = range.iter().map(|&k| single(&self.best, k)).collect();
            let alive = self.survivors(&trials);
            wanted.extend(range.into_iter().zip(alive).filter(|x| x.1).map(|x| x.0));
        }
        // the longest prefix that survives together, again and again
        let mut rounds = 0;
        while !wanted.is_empty() && rounds < 12 {
            rounds += 1;
            let step = wanted.len().div_ceil(LANES);
            let sizes: Vec<usize> =
                (1..=wanted.len().div_ceil(step)).map(|n| (n * step).min(wanted.len())).collect();
            let build = |base: &Pair, n: usize| {
                let mut trial = base.clone();
                // later edits first, so that dropping a cycle does not move the others
                for &k in wanted[..n].iter().rev() {
                    edit(&mut trial, k);
                }
                trial
            };
            let trials: Vec<Pair> = sizes.iter().map(|&n| build(&self.best, n)).collect();
            let alive = self.survivors(&trials);
            let Some(last) = (0..sizes.len()).rev().find(|&k| alive[k]) else {
                wanted.remove(0);
                continue;
            };
            let chosen = trials[last].clone();
            let taken = sizes[last];
            let length = self.best.inputs.len();
            if !self.accept(chosen) {
                break;
            }
            if self.best.inputs.len() != length {
                break;
            }
            wanted.drain(..(taken + 1).min(wanted.len()));
        }
    }

    /// One differing bit, and the quietest identity around it.
    fn identity(&mut self) {
        let fuses = &self.model.identities[self.item].state;
        let left = |p: &Pair, b: usize| p.power[fuses[b]];
        let base = self.best.clone();
        let one = |b: usize| {
            let mut trial = base.clone();
            for (k, fuse) in trial.fuses.iter_mut().enumerate() {
                *fuse = left(&base, k) ^ (k == b);
            }
            trial
        };
        let differing: Vec<usize> =
            (0..fuses.len()).filter(|&b| base.fuses[b] != left(&base, b)).collect();
        let order: Vec<usize> = differing
            .iter()
            .copied()
            .chain((0..fuses.len()).filter(|b| !differing.contains(b)))
            .collect();
        let trials: Vec<Pair> = order.iter().map(|&b| one(b)).collect();
        let alive = self.survivors(&trials);
        if let Some(k) = alive.iter().position(|&a| a) {
            self.accept(trials[k].clone());
        } else {
            // no single bit suffices: make equal whatever may be equal
            let power: Vec<usize> = differing;
            self.apply(power.len(), &|p, k| p.fuses[power[k]] = p.power[fuses[power[k]]]);
        }
        let base = self.best.clone();
        let fill = |value: bool| {
            let mut trial = base.clone();
            for (b, &i) in fuses.iter().enumerate() {
                let differs = base.fuses[b] != base.power[i];
                trial.power[i] = value && !differs;
                trial.fuses[b] = trial.power[i] ^ differs;
            }
            trial
        };
        if !self.accept(fill(false)) {
            self.accept(fill(true));
        }
    }

    /// Drops cycles after reset, in blocks of falling length.
    fn drop_cycles(&mut self) {
        let reset = self.model.reset_cycles as usize;
        let mut block = (self.best.inputs.len().saturating_sub(reset) / 2).max(1);
        loop {
            let length = self.best.inputs.len();
            let count = length.saturating_sub(reset) / block;
            self.apply(count, &|p, k| {
                let from = reset + k * block;
                let to = (from + block).min(p.inputs.len());
                if from < to {
                    p.inputs.drain(from..to);
                    p.sensors.drain(from..to);
                }
            });
            if block == 1 {
                break;
            }
            block = block.div_ceil(2);
        }
    }

    /// Whole ports that need not move.
    fn silence_ports(&mut self) {
        let ports = self.ports.clone();
        self.apply(ports.len(), &|p, k| {
            for word in &mut p.inputs {
                word[ports[k].first..ports[k].first + ports[k].width].fill(false);
            }
        });
    }
    /// Words, then words of single ports, that may be zero.
    fn silence_words(&mut self) {
        self.apply(self.best.inputs.len(), &|p, t| p.inputs[t].fill(false));
        let ports = self.ports.clone();
        let loud: Vec<(usize, usize)> = self
            .best
            .inputs
            .iter()
            .enumerate()
            .flat_map(|(t, w)| {
                let busy = move |p: &Port| w[p.bits()].contains(&true);
                ports.iter().enumerate().filter(move |(_, p)| busy(p)).map(move |(k, _)| (t, k))
            })
            .collect();
        self.apply(loud.len(), &|p, k| {
            let (t, port) = (loud[k].0, &ports[loud[k].1]);
            p.inputs[t][port.bits()].fill(false);
        });
    }
    /// Power-up state, straps and other sensors' noise.
    fn rest(&mut self) {
        let identity = &self.model.identities[self.item];
        let mut trial = self.best.clone();
        for (i, bit) in self.model.state.iter().enumerate() {
            if bit.power_up.is_none() && !identity.state.contains(&i) {
                trial.power[i] = false;
            }
        }
        self.accept(trial);
        let sensors = identity.inputs.clone();
        self.apply(self.best.sensors.len(), &|p, t| {
            for (b, &i) in sensors.iter().enumerate() {
                p.sensors[t][b] = p.inputs[t][i];
            }
        });
    }

    /// Input bits without which the difference is gone.
    fn essential(&mut self) -> Vec<Vec<bool>> {
        let width = self.model.inputs.len();
        let cycles = self.best.inputs.len();
        let mut marks = vec![vec![false; width]; cycles];
        let places: Vec<(usize, usize)> =
            (0..cycles).flat_map(|t| (0..width).map(move |i| (t, i))).collect();
        if places.len().div_ceil(LANES) * cycles > self.effort {
            return Vec::new();
        }
        let sensors = self.model.identities[self.item].inputs.clone();
        for batch in places.chunks(LANES) {
            let trials: Vec<Pair> = batch
                .iter()
                .map(|&(t, i)| {
                    let mut trial = self.best.clone();
                    trial.inputs[t][i] ^= true;
                    if let Some(b) = sensors.iter().position(|&s| s == i) {
                        trial.sensors[t][b] ^= true;
                    }
                    trial
                })
                .collect();
            let shown = self.lanes.run(&trials);
            for (&(t, i), s) in batch.iter().zip(shown) {
                marks[t][i] = !s.legal || s.leak != Some((self.cycle, self.observable));
            }
        }
        marks
    }

    /// Appends quiet cycles: if after a long rest every port has shown the same values in both runs,
    /// as few as show that; else enough for a value that never comes.
    fn tail(&mut self) -> Pair {
        let model = self.model;
        let longest = TAILS[TAILS.len() - 1];
        let single = |name: &str| {
            let mut all = self.ports.iter().filter(|p| p.width == 1);
            all.any(|p| model.inputs[p.first].name == name)
        };
        let ready = model.inputs.iter().map(|i| i.role == Role::Environment && single(&i.name));
        let rests = [vec![false; model.inputs.len()], ready.collect()];
        let sensors = model.identities[self.item].inputs.clone();
        let extend = |pair: &Pair, word: &[bool], length: usize| {
            let mut pair = pair.clone();
            for _ in 0..length {
                pair.inputs.push(word.to_vec());
                pair.sensors.push(sensors.iter().map(|&i| word[i]).collect());
            }
            pair
        };
        let shown = self.best.inputs.len();
        let long: Vec<Pair> = rests.iter().map(|w| extend(&self.best, w, longest)).collect();
        let kinds = self.kinds(&long);
        // how the difference looks in the end
        let timing = kinds.iter().any(|k| k.last().is_some_and(|(_, same)| *same));
        for length in TAILS {
            for (word, kind) in rests.iter().zip(&kinds) {
                let at = kind.iter().find(|(cycles, _)| *cycles == shown + length);
                if at.is_some_and(|(_, same)| *same == timing) {
                    return extend(&self.best, word, length);
                }
            }
        }
        self.best.clone()
    }
    /// After each legal number of cycles: whether every port has shown the same values in both runs.
    fn kinds(&mut self, pairs: &[Pair]) -> Vec<Vec<(usize, bool)>> {
        let mut runs: Vec<Vec<[Squeezed; 2]>> = Vec::new();
        let observables = &self.model.observables;
        for (o, seen) in observables.iter().enumerate() {
            match runs.last_mut() {
                Some(r) if seen.port == observables[o - 1].port => {
                    r.iter_mut().flatten().for_each(|s| s.bits.push(o));
                }
                _ => {
                    let one = || Squeezed { bits: vec![o], ..Squeezed::default() };
                    runs.push(pairs.iter().map(|_| [one(), one()]).collect());
                }
            }
        }
        let mut kinds = vec![Vec::new(); pairs.len()];
        let mut legal = u64::MAX;
        self.lanes.start(pairs);
        for t in 0..pairs[0].inputs.len() {
            self.lanes.feed(pairs, t);
            legal &= self.lanes.legal();
            for port in &mut runs {
                for (k, [l, r]) in port.iter_mut().enumerate() {
                    l.push(|o| self.lanes.left(observables[o].lit) >> k & 1 == 1);
                    r.push(|o| self.lanes.right(observables[o].lit) >> k & 1 == 1);
                }
            }
            for (k, kind) in kinds.iter_mut().enumerate().filter(|(k, _)| legal >> k & 1 == 1) {
                let same = |port: &Vec<[Squeezed; 2]>| port[k][0].words == port[k][1].words;
                kind.push((t + 1, runs.iter().all(same)));
            }
            self.lanes.advance();
        }
        kinds
    }
}

/// The distinct consecutive values of a port.
#[derive(Clone, Default)]
struct Squeezed {
    bits: Vec<usize>,
    words: Vec<Vec<bool>>,
}

impl Squeezed {
    fn push(&mut self, value: impl Fn(usize) -> bool) {
        let word: Vec<bool> = self.bits.iter().map(|&o| value(o)).collect();
        if self.words.last() != Some(&word) {
            self.words.push(word);
        }
    }
}
