//! Shrinking a witness until a person can read it.
//!
//! Method: delta debugging (Zeller, Hildebrandt: TSE 2002) on words: ranges of each history and of what
//! follows are replaced by the resting word, halves where the whole does not do, then single ports.
//! After the difference a resting tail is kept in which a late result can still arrive, so that the
//! kernel can tell a difference in timing from one in value. Last, every bit of the words that are left
//! is flipped on its own: those without which the same result no longer differs in the same cycle are
//! marked essential.
//! Cost: bounded by [`EFFORT`].

use super::runs::{Candidate, Setting, Shown};
use crate::identity_leak::stimulus::ports;
use proof::certificate::{Histories, Unwritten};
use proof::replay::{parse_bits, print_bits};

/// Gate evaluations that shrinking may cost.
const EFFORT: usize = 5_000_000_000;
/// Length of the resting tail.
const TAIL: usize = 48;

/// Which words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Left,
    Right,
    Tail,
}

struct Shrinker<'s, 'm> {
    s: &'s Setting<'m>,
    rest: Vec<bool>,
    best: Candidate,
    shown: Shown,
    /// Cycles left.
    effort: usize,
}

/// A shrunk pair, as the kernel's object.
pub(crate) fn shrink(s: &Setting<'_>, candidate: Candidate, shown: Shown) -> Histories {
    let rest = resting(s);
    let effort = EFFORT / s.slice.size().max(1);
    let mut this = Shrinker { s, rest, best: candidate, shown, effort };
    this.best.tail.truncate(shown.0 + 1);
    for part in [Part::Tail, Part::Left, Part::Right] {
        let length = this.length(part);
        let from = if part == Part::Tail { 0 } else { s.model.reset_cycles as usize };
        this.range(part, from, length);
        this.single_ports(part, from);
    }
    let marks = this.essential();
    let (shown, mut best) = (this.shown, this.best.clone());
    let short = best.clone();
    best.tail.extend((0..TAIL).map(|_| (this.rest.clone(), this.rest.clone())));
    let (best, marks) = match s.judge(&best) {
        Some(again) if again == shown => {
            let marks = marks.map(|mut m| {
                for side in &mut m {
                    side.extend((0..TAIL).map(|_| vec![false; this.rest.len()]));
                }
                m
            });
            (best, marks)
        }
        _ => (short, marks),
    };
    s.histories(&best, shown, marks.as_ref())
}

fn resting(s: &Setting<'_>) -> Vec<bool> {
    s.rest.words().first().cloned().unwrap_or_else(|| vec![false; s.model.inputs.len()])
}

impl Shrinker<'_, '_> {
    fn length(&self, part: Part) -> usize {
        match part {
            Part::Left => self.best.left.len(),
            Part::Right => self.best.right.len(),
            Part::Tail => self.best.tail.len(),
        }
    }
    fn put(c: &mut Candidate, part: Part, t: usize, edit: &dyn Fn(&mut Vec<bool>)) {
        match part {
            Part::Left => edit(&mut c.left[t]),
            Part::Right => edit(&mut c.right[t]),
            Part::Tail => {
                edit(&mut c.tail[t].0);
                edit(&mut c.tail[t].1);
            }
        }
    }
    fn rests(&self, part: Part, t: usize) -> bool {
        match part {
            Part::Left => self.best.left[t] == self.rest,
            Part::Right => self.best.right[t] == self.rest,
            Part::Tail => self.best.tail[t].0 == self.rest && self.best.tail[t].1 == self.rest,
        }
    }
    /// Takes `trial` if it still shows a difference at its end.
    fn accept(&mut self, mut trial: Candidate) -> bool {
        let cycles = trial.left.len() + trial.right.len() + 2 * trial.tail.len();
        if self.effort < cycles {
            return false;
        }
        self.effort -= cycles;
        let Some(shown) = self.s.judge(&trial) else { return false };
        trial.tail.truncate(shown.0 + 1);
        (self.best, self.shown) = (trial, shown);
        true
    }
    fn range(&mut self, part: Part, from: usize, to: usize) {
        let to = to.min(self.length(part));
        if from >= to || (from..to).all(|t| self.rests(part, t)) {
            return;
        }
        let mut trial = self.best.clone();
        let rest = self.rest.clone();
        for t in from..to {
            Self::put(&mut trial, part, t, &|w| w.clone_from(&rest));
        }
        if !self.accept(trial) && to - from > 1 {
            let half = from + (to - from) / 2;
            self.range(part, from, half);
            self.range(part, half, to);
        }
    }
    fn single_ports(&mut self, part: Part, from: usize) {
        for t in from..self.length(part) {
            if t >= self.length(part) || self.rests(part, t) {
                continue;
            }
            for port in ports(self.s.model) {
                if t >= self.length(part) {
                    break;
                }
                let mut trial = self.best.clone();
                Self::put(&mut trial, part, t, &|w| {
                    w[port.first..port.first + port.width].fill(false);
                });
                self.accept(trial);
            }
        }
    }

    /// Marks of both sides' words, tail included; `None` where that would cost too much.
    fn essential(&self) -> Option<[Vec<Vec<bool>>; 2]> {
        let width = self.s.model.inputs.len();
        let mut places: Vec<(Part, usize, usize)> = Vec::new();
        for part in [Part::Left, Part::Right, Part::Tail] {
            for t in 0..self.length(part) {
                if !self.rests(part, t) {
                    places.extend((0..width).map(|i| (part, t, i)));
                }
            }
        }
        let c = &self.best;
        let cycles = c.left.len() + c.right.len() + 2 * c.tail.len();
        if places.len().div_ceil(64) * cycles > self.effort {
            return None;
        }
        let blank = |n: usize| vec![vec![false; width]; n];
        let mut marks = [blank(c.left.len()), blank(c.right.len())];
        let mut tail = blank(c.tail.len());
        for batch in places.chunks(64) {
            let trials: Vec<Candidate> = batch
                .iter()
                .map(|&(part, t, i)| {
                    let mut trial = c.clone();
                    Self::put(&mut trial, part, t, &|w| w[i] = !w[i]);
                    trial
                })
                .collect();
            for (&(part, t, i), shown) in batch.iter().zip(self.s.judge_all(&trials)) {
                let matters = shown != Some(self.shown);
                match part {
                    Part::Left => marks[0][t][i] = matters,
                    Part::Right => marks[1][t][i] = matters,
                    Part::Tail => tail[t][i] = matters,
                }
            }
        }
        for side in &mut marks {
            side.extend(tail.iter().cloned());
        }
        Some(marks)
    }
}

/// Silences what an undeclared change does not need.
pub(crate) fn shrink_change(s: &Setting<'_>, mut change: Unwritten) -> Unwritten {
    let rest = resting(s);
    let width = s.model.inputs.len();
    change.run.inputs.truncate(change.cycle as usize + 2);
    let read = |w: &String| parse_bits(w, width, "a word").unwrap_or_else(|_| rest.clone());
    let power = parse_bits(&change.run.power_up, s.model.state.len(), "a state");
    let Ok(power) = power else { return change };
    let mut words: Vec<Vec<bool>> = change.run.inputs.iter().map(read).collect();
    let shows = |words: &[Vec<bool>]| changes(s, &power, words, &change);
    let reset = s.model.reset_cycles as usize;
    // the whole, then halves, then single words
    let mut open = vec![(reset, words.len())];
    while let Some((from, to)) = open.pop() {
        let mut trial = words.clone();
        trial[from..to].iter_mut().for_each(|w| w.clone_from(&rest));
        if trial == words {
            continue;
        }
        if shows(&trial) {
            words = trial;
        } else if to - from > 1 {
            let half = from + (to - from) / 2;
            open.extend([(half, to), (from, half)]);
        }
    }
    let mut marks = vec![vec![false; width]; words.len()];
    for t in reset..words.len() {
        if words[t] == rest {
            continue;
        }
        for port in ports(s.model) {
            let mut trial = words.clone();
            trial[t][port.first..port.first + port.width].fill(false);
            if shows(&trial) {
                words = trial;
            }
        }
        for i in 0..width {
            let mut trial = words.clone();
            trial[t][i] = !trial[t][i];
            marks[t][i] = !shows(&trial);
        }
    }
    change.run.inputs = words.iter().map(|w| print_bits(w)).collect();
    change.run.essential = marks.iter().map(|w| print_bits(w)).collect();
    change
}

fn changes(s: &Setting<'_>, power: &[bool], words: &[Vec<bool>], change: &Unwritten) -> bool {
    let entry = s.f.configuration.iter().find_map(|c| {
        let bit = c.bits.iter().find(|b| b.0 == change.name && b.1 == change.bit)?;
        Some((c.writes, bit.2))
    });
    let Some((writes, lit)) = entry else { return false };
    let mut slice = s.slice.clone();
    let mut state = Setting::splat(power);
    let mut before = None;
    for (t, word) in words.iter().enumerate() {
        let reset = t < s.model.reset_cycles as usize;
        if s.feed(&mut slice, &state, &Setting::splat(word), reset) & 1 == 0 {
            return false;
        }
        let now = Setting::value(&slice, lit) & 1;
        if t == change.cycle as usize && Setting::value(&slice, writes) & 1 == 0 {
            before = Some(now);
        } else if t == change.cycle as usize + 1 {
            return before.is_some_and(|b| b != now);
        }
        slice.advance(&mut state);
    }
    false
}
