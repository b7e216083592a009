//! Sixty-four runs at once, and pairs of them side by side.
//!
//! Problem: both the search for a witness and the guesses for a proof need very many runs with
//! histories of their own, which then see the same operands.
//! Method: bit-parallel simulation ([`crate::slice`]) of what results, configuration, quiet and the
//! assumptions depend on. A [`Station`] is a quiet state that one lane of a campaign has reached,
//! with what leads there; two stations with equal configuration make a pair. Input words come from
//! the contract's own conditions and from the constants that the netlist compares words with.
//! Cost: about a nanosecond per gate and cycle of sixty-four runs.

use crate::identity_leak::stimulus::{Stimulus, Words};
use crate::remote_disable::stimulus::Pool;
use crate::slice::{Random, Slice};
use netlist::Lit;
use proof::Model;
use proof::certificate::{Histories, Trace};
use proof::model::FunctionModel;
use proof::replay::print_bits;
use solve::Budget;
use std::sync::Arc;

/// Other words that a lane is given in one cycle before it is given up.
const ATTEMPTS: usize = 6;

/// Everything the engines of this check share.
pub(crate) struct Setting<'m> {
    pub(crate) model: &'m Model,
    pub(crate) function: usize,
    pub(crate) f: &'m FunctionModel,
    pub(crate) slice: Slice,
    /// Partial words from conditions and comparisons.
    pub(crate) words: Vec<Words>,
    /// Words that satisfy `assume`, for lanes that broke it.
    pub(crate) fallback: Vec<Words>,
    /// Words that start nothing and stall nothing.
    pub(crate) rest: Pool,
    /// State bits of the configuration, and state that never changes.
    pub(crate) shared: Vec<bool>,
    /// Input bits that are no operands.
    pub(crate) others: Vec<usize>,
    /// Asked whether somebody wants an end.
    pub(crate) budget: Budget,
}

/// Inputs of a campaign by cycle, one bit of each word per lane.
pub(crate) type Log = Arc<Vec<Vec<u64>>>;

/// A quiet cycle of a lane.
#[derive(Clone)]
pub(crate) struct Station {
    /// State in that cycle.
    pub(crate) state: Vec<bool>,
    /// Cycle, counted from power-up.
    pub(crate) cycle: usize,
    pub(crate) lane: u32,
    /// Power-up state of the campaign.
    pub(crate) power: Arc<Vec<bool>>,
}

/// A station and the inputs that lead there.
#[derive(Clone)]
pub(crate) struct Reached {
    pub(crate) station: Station,
    pub(crate) log: Log,
}

impl Reached {
    /// The input words before the station.
    pub(crate) fn history(&self) -> Vec<Vec<bool>> {
        let lane = self.station.lane;
        let words = &self.log[..self.station.cycle];
        words.iter().map(|w| w.iter().map(|b| b >> lane & 1 == 1).collect()).collect()
    }
}

/// Two histories and what follows, as words.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) power: Vec<bool>,
    pub(crate) left: Vec<Vec<bool>>,
    pub(crate) right: Vec<Vec<bool>>,
    /// Words after the quiet cycles.
    pub(crate) tail: Tail,
}

/// Words of both sides, left and right.
pub(crate) type Tail = Vec<(Vec<bool>, Vec<bool>)>;

/// A difference: cycle after quiet, and result.
pub(crate) type Shown = (usize, usize);

impl<'m> Setting<'m> {
    /// 64 lanes in the same or in different states.
    pub(crate) fn splat(state: &[bool]) -> Vec<u64> {
        state.iter().map(|&b| if b { u64::MAX } else { 0 }).collect()
    }

    /// Lanes in which a literal holds in the cycle last evaluated.
    pub(crate) fn value(slice: &Slice, lit: Lit) -> u64 {
        if lit.is_const() { u64::from(lit == Lit::TRUE).wrapping_neg() } else { slice.value(lit) }
    }

    /// Result bits that differ, with the lanes in which they do.
    pub(crate) fn differing(&self, left: &Slice, right: &Slice) -> Vec<(usize, u64)> {
        let at = |s: &Slice, l: Lit| Self::value(s, l);
        self.f
            .results
            .iter()
            .enumerate()
            .map(|(k, r)| {
                let means = at(left, r.when) | at(right, r.when);
                (k, (at(left, r.lit) ^ at(right, r.lit)) & means)
            })
            .filter(|d| d.1 != 0)
            .collect()
    }

    /// A stream of words.
    pub(crate) fn stimulus(&self, seed: u64) -> Stimulus<'m> {
        Stimulus::new(self.model, &self.words, &self.fallback, seed)
    }

    /// Gives one word to a slice and says in which lanes it is legal.
    pub(crate) fn feed(
        &self,
        slice: &mut Slice,
        state: &[u64],
        inputs: &[u64],
        reset: bool,
    ) -> u64 {
        slice.evaluate(state, inputs, reset);
        if reset { u64::MAX } else { Self::value(slice, self.model.assume) }
    }

    /// Gives two copies, each a slice and its state, the words of cycle `t`: the same operands, and where
    /// they run `apart`, different other inputs. Lanes of `alive` whose words are illegal get others,
    /// equal in both copies; those that stay illegal are alive no longer.
    pub(crate) fn feed_both(
        &self,
        [(ls, left), (rs, right)]: [(&mut Slice, &[u64]); 2],
        stimulus: &mut Stimulus<'_>,
        (t, apart): (usize, bool),
        alive: &mut u64,
    ) -> (Vec<u64>, Vec<u64>) {
        let mut li = stimulus.next(t).to_vec();
        let mut ri = li.clone();
        if apart {
            for &i in &self.others {
                ri[i] = stimulus.random().word();
            }
        }
        let mut attempt = 0;
        loop {
            let legal = self.feed(ls, left, &li, false) & self.feed(rs, right, &ri, false);
            let bad = *alive & !legal;
            if bad == 0 || attempt == ATTEMPTS {
                *alive &= legal;
                return (li, ri);
            }
            let other = stimulus.redraw(bad, attempt);
            for ((l, r), &new) in li.iter_mut().zip(&mut ri).zip(other) {
                *l = *l & !bad | new & bad;
                *r = *r & !bad | new & bad;
            }
            attempt += 1;
        }
    }

    /// Runs a candidate in one lane: the first difference, if it is one the kernel accepts.
    pub(crate) fn judge(&self, c: &Candidate) -> Option<Shown> {
        self.judge_all(std::slice::from_ref(c))[0]
    }

    /// Runs up to 64 candidates.
    pub(crate) fn judge_all(&self, all: &[Candidate]) -> Vec<Option<Shown>> {
        let lanes = all.len().min(64);
        let bits = self.model.state.len();
        let power = column(bits, lanes, |k| &all[k].power);
        let left: Vec<&[Vec<bool>]> = all.iter().map(|c| c.left.as_slice()).collect();
        let right: Vec<&[Vec<bool>]> = all.iter().map(|c| c.right.as_slice()).collect();
        let (ls, l) = self.walk(&power, &left[..lanes]);
        let (rs, r) = self.walk(&power, &right[..lanes]);
        let tails: Vec<&Tail> = all.iter().map(|c| &c.tail).collect();
        self.follow((ls, rs), l & r, &tails[..lanes])
    }

    /// States after histories, and the lanes in which they were legal and past reset.
    pub(crate) fn walk<W: AsRef<[bool]>>(&self, power: &[u64], words: &[&[W]]) -> (Vec<u64>, u64) {
        let reset = self.model.reset_cycles as usize;
        let lanes = words.len();
        let mut slice = self.slice.clone();
        let mut state = power.to_vec();
        let mut legal = mask(lanes, |k| words[k].len() >= reset);
        let (longest, shortest) = (
            words.iter().map(|w| w.len()).max().unwrap_or(0),
            words.iter().map(|w| w.len()).min().unwrap_or(0),
        );
        for t in 0..longest {
            let inputs = word(self.model.inputs.len(), lanes, |k| words[k].get(t).map(W::as_ref));
            let running = mask(lanes, |k| t < words[k].len());
            legal &= self.feed(&mut slice, &state, &inputs, t < reset) | !running;
            let before = (t >= shortest).then(|| state.clone());
            slice.advance(&mut state);
            for (new, old) in state.iter_mut().zip(before.into_iter().flatten()) {
                *new = *new & running | old & !running;
            }
        }
        (state, legal)
    }

    /// Runs quiet states side by side: the first difference in each lane.
    pub(crate) fn follow(
        &self,
        (mut left, mut right): (Vec<u64>, Vec<u64>),
        mut legal: u64,
        tails: &[&Tail],
    ) -> Vec<Option<Shown>> {
        let lanes = tails.len();
        let (mut ls, mut rs) = (self.slice.clone(), self.slice.clone());
        let mut shown: Vec<Option<Shown>> = vec![None; lanes];
        let longest = tails.iter().map(|t| t.len()).max().unwrap_or(0);
        for t in 0..longest {
            let bits = self.model.inputs.len();
            let li = word(bits, lanes, |k| tails[k].get(t).map(|w| w.0.as_slice()));
            let ri = word(bits, lanes, |k| tails[k].get(t).map(|w| w.1.as_slice()));
            let running = mask(lanes, |k| t < tails[k].len());
            let both =
                self.feed(&mut ls, &left, &li, false) & self.feed(&mut rs, &right, &ri, false);
            legal &= both | !running;
            if t == 0 {
                legal &= Self::value(&ls, self.f.quiet) & Self::value(&rs, self.f.quiet);
                for (_, _, lit) in self.f.configuration.iter().flat_map(|c| &c.bits) {
                    legal &= !(Self::value(&ls, *lit) ^ Self::value(&rs, *lit));
                }
            }
            for (k, mut lanes) in self.differing(&ls, &rs) {
                lanes &= legal & running;
                while lanes != 0 {
                    let lane = lanes.trailing_zeros() as usize;
                    lanes &= lanes - 1;
                    if let Some(slot) = shown.get_mut(lane) {
                        slot.get_or_insert((t, k));
                    }
                }
            }
            ls.advance(&mut left);
            rs.advance(&mut right);
        }
        // what breaks the rules after the difference is cut there by whoever asks, or refused
        for (k, s) in shown.iter_mut().enumerate() {
            if s.is_some_and(|s| s.0 + 1 < tails[k].len()) && legal >> k & 1 == 0 {
                *s = None;
            }
        }
        shown
    }

    /// The kernel's object.
    pub(crate) fn histories(
        &self,
        c: &Candidate,
        (cycle, result): Shown,
        marks: Option<&[Vec<Vec<bool>>; 2]>,
    ) -> Histories {
        let side = |history: &[Vec<bool>], right: bool| {
            let tail = c.tail.iter().map(|w| if right { &w.1 } else { &w.0 });
            Trace {
                power_up: print_bits(&c.power),
                inputs: history.iter().chain(tail).map(|w| print_bits(w)).collect(),
                essential: marks
                    .map(|m| m[usize::from(right)].iter().map(|w| print_bits(w)).collect())
                    .unwrap_or_default(),
            }
        };
        let r = &self.f.results[result];
        Histories {
            left: side(&c.left, false),
            right: side(&c.right, true),
            left_quiet: c.left.len() as u32,
            right_quiet: c.right.len() as u32,
            cycle: cycle as u32,
            port: r.port.clone(),
            bit: r.bit,
        }
    }
}

/// One word per state bit from a state per lane.
pub(crate) fn column<'a>(bits: usize, lanes: usize, of: impl Fn(usize) -> &'a [bool]) -> Vec<u64> {
    word(bits, lanes, |k| Some(of(k)))
}

/// One word per input bit from a word per lane; 0 where a lane has none.
fn word<'a>(bits: usize, lanes: usize, of: impl Fn(usize) -> Option<&'a [bool]>) -> Vec<u64> {
    let mut out = vec![0u64; bits];
    for lane in 0..lanes {
        if let Some(word) = of(lane) {
            for (slot, &bit) in out.iter_mut().zip(word) {
                *slot |= u64::from(bit) << lane;
            }
        }
    }
    out
}

fn mask(lanes: usize, which: impl Fn(usize) -> bool) -> u64 {
    (0..lanes).fold(0, |m, k| m | u64::from(which(k)) << k)
}

/// A seeded power-up state: declared values, else zeros, ones or random.
pub(crate) fn power_up(model: &Model, kind: usize) -> Vec<bool> {
    let mut random = Random::new(kind as u64 + 77);
    model
        .state
        .iter()
        .map(|s| {
            let drawn = random.word() & 1 == 1;
            s.power_up.unwrap_or(match kind {
                0 => false,
                1 => true,
                _ => drawn,
            })
        })
        .collect()
}
