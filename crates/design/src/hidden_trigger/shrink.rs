//! Shrinking a witness until a person can read it.
//!
//! Method: [`super::shorten`] cuts words out. Then delta debugging (Zeller, Hildebrandt: TSE 2002) on those that
//! are left: ranges of each history and of what follows are replaced by the resting word, halves where the
//! whole does not do, then single ports.
//! After the difference a resting tail is kept in which a late result can still arrive, so that the
//! kernel can tell a difference in timing from one in value. Last, every bit of the words that are left
//! is flipped on its own: those without which the same result no longer differs in the same cycle are
//! marked essential.
//! Cost: bounded by [`EFFORT`].

use super::runs::{Candidate, Setting, Shown, column};
use super::shorten::shorten;
use crate::ports::ports;
use proof::certificate::{Histories, Unwritten};
use proof::replay::{parse_bits, print_bits};

/// Gate evaluations that shrinking may cost.
const EFFORT: usize = 1_500_000_000;
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
    /// States at the end of the two histories.
    ends: [Vec<u64>; 2],
    /// Cycles left.
    effort: usize,
}

/// A shrunk pair, as the kernel's object.
pub(crate) fn shrink(s: &Setting<'_>, mut candidate: Candidate, mut shown: Shown) -> Histories {
    let rest = resting(s);
    let mut effort = EFFORT / s.slice.size().max(1);
    candidate.tail.truncate(shown.0 + 1);
    shorten(s, &mut candidate, &mut shown, &mut effort);
    let power = Setting::splat(&candidate.power);
    let ends = [&candidate.left, &candidate.right].map(|words| spread(s.walk(&power, &[words]).0));
    let mut this = Shrinker { s, rest, best: candidate, shown, ends, effort };
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
            let mut marks = marks;
            for side in &mut marks {
                side.extend((0..TAIL).map(|_| vec![false; this.rest.len()]));
            }
            (best, marks)
        }
        _ => (short, marks),
    };
    s.histories(&best, shown, Some(&marks))
}

fn resting(s: &Setting<'_>) -> Vec<bool> {
    s.rest.words().first().cloned().unwrap_or_else(|| vec![false; s.model.inputs.len()])
}

/// The first lane's state in every lane.
fn spread(state: Vec<u64>) -> Vec<u64> {
    state.into_iter().map(|w| (w & 1).wrapping_neg()).collect()
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
    /// Takes `trial`, which differs from the best in one part, if it still shows a difference.
    fn accept(&mut self, part: Part, mut trial: Candidate) -> bool {
        let (side, words) = match part {
            Part::Left => (Some(0), trial.left.as_slice()),
            Part::Right => (Some(1), trial.right.as_slice()),
            Part::Tail => (None, [].as_slice()),
        };
        let cycles = words.len() + 2 * trial.tail.len();
        if self.effort < cycles || self.s.budget.interrupted() {
            return false;
        }
        self.effort -= cycles;
        let mut ends = self.ends.clone();
        if let Some(side) = side {
            let (end, legal) = self.s.walk(&Setting::splat(&trial.power), &[words]);
            if legal & 1 == 0 {
                return false;
            }
            ends[side] = spread(end);
        }
        let [left, right] = ends.clone();
        let Some(shown) = self.s.follow((left, right), 1, &[&trial.tail])[0] else { return false };
        trial.tail.truncate(shown.0 + 1);
        (self.best, self.shown, self.ends) = (trial, shown, ends);
        true
    }
    /// Whether one more trial is within the effort.
    fn affords(&self, part: Part) -> bool {
        let own = if part == Part::Tail { 0 } else { self.length(part) };
        self.effort >= own + 2 * self.best.tail.len()
    }
    fn range(&mut self, part: Part, from: usize, to: usize) {
        let to = to.min(self.length(part));
        if from >= to || !self.affords(part) || (from..to).all(|t| self.rests(part, t)) {
            return;
        }
        let mut trial = self.best.clone();
        let rest = self.rest.clone();
        for t in from..to {
            Self::put(&mut trial, part, t, &|w| w.clone_from(&rest));
        }
        if !self.accept(part, trial) && to - from > 1 {
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
                if t >= self.length(part) || !self.affords(part) {
                    break;
                }
                let mut trial = self.best.clone();
                Self::put(&mut trial, part, t, &|w| {
                    w[port.first..port.first + port.width].fill(false);
                });
                self.accept(part, trial);
            }
        }
    }

    /// Marks of both sides' words, those of the histories only where that does not cost too much.
    fn essential(&self) -> [Vec<Vec<bool>>; 2] {
        let width = self.s.model.inputs.len();
        let c = &self.best;
        let blank = |n: usize| vec![vec![false; width]; n];
        let mut marks = [blank(c.left.len()), blank(c.right.len())];
        let mut tail = blank(c.tail.len());
        let places = |part: Part| -> Vec<(usize, usize)> {
            let loud = (0..self.length(part)).filter(|&t| !self.rests(part, t));
            loud.flat_map(|t| (0..width).map(move |i| (t, i))).collect()
        };
        for part in [Part::Tail, Part::Left, Part::Right] {
            let all = places(part);
            let length = if part == Part::Tail { 0 } else { self.length(part) };
            if all.len().div_ceil(64) * (length + 2 * c.tail.len()) > EFFORT / self.s.slice.size() {
                continue;
            }
            for batch in all.chunks(64) {
                let trials: Vec<Candidate> = batch
                    .iter()
                    .map(|&(t, i)| {
                        let mut trial = c.clone();
                        Self::put(&mut trial, part, t, &|w| w[i] = !w[i]);
                        trial
                    })
                    .collect();
                for (&(t, i), shown) in batch.iter().zip(self.shown(part, &trials)) {
                    let matters = shown != Some(self.shown);
                    match part {
                        Part::Left => marks[0][t][i] = matters,
                        Part::Right => marks[1][t][i] = matters,
                        Part::Tail => tail[t][i] = matters,
                    }
                }
            }
        }
        for side in &mut marks {
            side.extend(tail.iter().cloned());
        }
        marks
    }

    /// Differences of trials that differ from the best in one part.
    fn shown(&self, part: Part, trials: &[Candidate]) -> Vec<Option<Shown>> {
        let s = self.s;
        let mut legal = u64::MAX;
        let mut ends = self.ends.clone();
        let power = column(s.model.state.len(), trials.len(), |k| &trials[k].power);
        for (side, own) in [Part::Left, Part::Right].into_iter().enumerate() {
            if part == own {
                let words =
                    |c: &'_ Candidate| if side == 0 { c.left.clone() } else { c.right.clone() };
                let words: Vec<Vec<Vec<bool>>> = trials.iter().map(words).collect();
                let words: Vec<&[Vec<bool>]> = words.iter().map(Vec::as_slice).collect();
                let (end, lawful) = s.walk(&power, &words);
                (ends[side], legal) = (end, legal & lawful);
            }
        }
        let tails: Vec<_> = trials.iter().map(|c| &c.tail).collect();
        let [left, right] = ends;
        s.follow((left, right), legal, &tails)
    }
}

/// Leaves out, then silences what an undeclared change does not need.
pub(crate) fn shrink_change(s: &Setting<'_>, mut change: Unwritten) -> Unwritten {
    let rest = resting(s);
    let width = s.model.inputs.len();
    change.run.inputs.truncate(change.cycle as usize + 2);
    let read = |w: &String| parse_bits(w, width, "a word").unwrap_or_else(|_| rest.clone());
    let power = parse_bits(&change.run.power_up, s.model.state.len(), "a state");
    let Ok(power) = power else { return change };
    let mut words: Vec<Vec<bool>> = change.run.inputs.iter().map(read).collect();
    let reset = s.model.reset_cycles as usize;
    // words that can be left out, the last ones first; the cycles of the change stay
    let mut open = vec![(reset, words.len().saturating_sub(2))];
    while let Some((from, to)) = open.pop() {
        if from >= to || s.budget.interrupted() {
            continue;
        }
        let mut trial = words.clone();
        trial.drain(from..to);
        let mut earlier = change.clone();
        earlier.cycle -= (to - from) as u32;
        if changes(s, &power, &trial, &earlier) {
            (words, change) = (trial, earlier);
        } else if to - from > 1 {
            let half = from + (to - from) / 2;
            open.extend([(from, half), (half, to)]);
        }
    }
    let shows = |words: &[Vec<bool>]| changes(s, &power, words, &change);
    // the whole, then halves, then single words
    let mut open = vec![(reset, words.len())];
    while let Some((from, to)) = open.pop() {
        let mut trial = words.clone();
        trial[from..to].iter_mut().for_each(|w| w.clone_from(&rest));
        if trial == words || s.budget.interrupted() {
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
