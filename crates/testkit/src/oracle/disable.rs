//! `no-remote-disable` by enumeration.
//!
//! Method: reachable states of the bare design; then the product with the tracker of the service
//! (idle, or waiting for a tag), in which the owner chooses words and the moment that counts, and
//! the adversary answers. Backward induction gives the number of cycles within which completion can
//! be forced; greatest fixpoints give the sets that are never left.

use super::machine::{Machine, Source};
use super::{Expected, TooLarge};
use crate::micro::{Micro, Role};
use std::collections::BTreeSet;

/// Most pairs of state and input word.
const MOST_EDGES: usize = 1 << 22;

const ASSUME: u16 = 1;
const GRANTED: u16 = 2;
const DOCUMENTED: u16 = 4;
const START: u16 = 8;
const DONE: u16 = 16;
const SENT: u32 = 5;
const GOT: u32 = 8;
const UNRANKED: u32 = u32::MAX;

/// The bare design: its reachable states and their edges.
struct Bare {
    words: usize,
    /// (registers, held) by number.
    states: Vec<(u32, u32)>,
    /// Next state by state and word; `u32::MAX` where the word breaks an assumption.
    next: Vec<u32>,
    flags: Vec<u16>,
    before: Vec<Vec<u32>>,
}

/// What the check may answer for service number `service`.
///
/// # Errors
/// [`TooLarge`].
pub fn disable(m: &Micro, service: usize) -> Result<Expected, TooLarge> {
    let mut machine = Machine::new(m);
    let bare = Bare::explore(&mut machine, service)?;
    let tags = m.services[service].tag.as_ref().map_or(0, |t| t[0].wires.len());
    let owner = owner_bits(&machine);
    let game = Game { bare: &bare, modes: 1 + (1 << tags), tag_mask: (1 << tags) - 1, owner };
    let dead_end = (0..bare.states.len())
        .any(|s| (0..bare.words).all(|w| bare.flags[s * bare.words + w] & ASSUME == 0));
    if !game.ever_served() {
        return Ok(Expected::neither("the service never completes at all"));
    }
    let rank = game.ranks();
    let within = m.services[service].within;
    let worst = (0..bare.states.len()).map(|s| rank[s * game.modes]).max().unwrap_or(0);
    if worst != UNRANKED && u64::from(worst) <= within {
        let proved = !dead_end;
        let why = format!("completion can be forced within {worst} of {within} cycles");
        return Ok(Expected { proved, why, ..Expected::neither("") });
    }
    let mut kinds = BTreeSet::new();
    let mut strongest = None;
    for rule in [Rule::Dead, Rule::Lock, Rule::LeashAny, Rule::LeashDocumented] {
        let set = game.closed(rule);
        if (0..bare.states.len()).any(|s| set[s * game.modes]) {
            let kind = match rule {
                Rule::Dead => "dead",
                Rule::Lock => "lock",
                Rule::LeashAny | Rule::LeashDocumented => "leash",
            };
            strongest.get_or_insert(kind);
            kinds.insert(kind);
            // a set that speaks of straps is told as a leash; a very long run into it as a timer;
            // and what lasts for ever lasts too long
            kinds.extend(["timer", "overdue"]);
            if machine.inputs.iter().any(|s| matches!(s, Source::Held(_))) {
                kinds.insert("leash");
            }
        }
    }
    if kinds.is_empty() && worst != UNRANKED {
        strongest = Some("overdue");
        kinds.extend(["overdue", "timer"]);
    }
    let why = match worst {
        UNRANKED => "completion cannot be forced".to_owned(),
        n => format!("completion takes {n} of {within} cycles"),
    };
    Ok(Expected { proved: false, refuted: kinds, strongest, why })
}

/// Bits of an input word that the owner sets.
fn owner_bits(machine: &Machine<'_>) -> u32 {
    machine.m.roles().iter().zip(&machine.inputs).fold(0, |mask, (role, source)| match source {
        Source::Word(b) if *role == Role::Owner => mask | 1 << b,
        _ => mask,
    })
}

impl Bare {
    fn explore(machine: &mut Machine<'_>, service: usize) -> Result<Self, TooLarge> {
        let words = 1usize << machine.word_bits;
        let registers = machine.m.registers.len() as u32;
        let bits = registers + machine.held_bits;
        if bits > 24 {
            return Err(TooLarge);
        }
        let mut number = vec![u32::MAX; 1 << bits];
        let mut bare = Self {
            words,
            states: Vec::new(),
            next: Vec::new(),
            flags: Vec::new(),
            before: Vec::new(),
        };
        for held in 0..1u32 << machine.held_bits {
            if !machine.straps_allowed(held) {
                continue;
            }
            for state in after_reset(machine, held) {
                bare.number(&mut number, registers, state, held);
            }
        }
        let mut at = 0;
        while at < bare.states.len() {
            if (at + 1) * words > MOST_EDGES {
                return Err(TooLarge);
            }
            let (state, held) = bare.states[at];
            for base in (0..words as u32).step_by(64) {
                machine.evaluate(state, held, base, false);
                let lanes = machine.lanes(base);
                let next = machine.next(lanes);
                for lane in 0..lanes {
                    let flags = flags(machine, service, lane);
                    let to = if flags & ASSUME == 0 {
                        u32::MAX
                    } else {
                        bare.number(&mut number, registers, next[lane as usize], held)
                    };
                    bare.flags.push(flags);
                    bare.next.push(to);
                }
            }
            at += 1;
        }
        bare.before = vec![Vec::new(); bare.states.len()];
        for (edge, &to) in bare.next.iter().enumerate() {
            let from = (edge / words) as u32;
            if to != u32::MAX && bare.before[to as usize].last() != Some(&from) {
                bare.before[to as usize].push(from);
            }
        }
        Ok(bare)
    }
    fn number(&mut self, number: &mut [u32], registers: u32, state: u32, held: u32) -> u32 {
        let slot = &mut number[(state | held << registers) as usize];
        if *slot == u32::MAX {
            *slot = self.states.len() as u32;
            self.states.push((state, held));
        }
        *slot
    }
}

/// Registers at the end of the reset sequence.
fn after_reset(machine: &mut Machine<'_>, held: u32) -> Vec<u32> {
    let mut layer = machine.power_up();
    for _ in 0..machine.reset_cycles() {
        let mut seen = vec![false; 1 << machine.m.registers.len()];
        for &state in &layer {
            for base in (0..1u32 << machine.word_bits).step_by(64) {
                machine.evaluate(state, held, base, true);
                let lanes = machine.lanes(base);
                for &next in &machine.next(lanes)[..lanes as usize] {
                    seen[next as usize] = true;
                }
            }
        }
        layer = (0..seen.len() as u32).filter(|&s| seen[s as usize]).collect();
    }
    layer
}

fn flags(machine: &Machine<'_>, service: usize, lane: u32) -> u16 {
    let bit = |v: u64| (v >> lane & 1) as u16;
    let s = &machine.m.services[service];
    let start = s.start.as_ref().map_or(u64::MAX, |c| machine.value(c.wire));
    let mut flags = (bit(machine.assumed()) * ASSUME)
        | (bit(machine.all_of(&machine.m.recovery_assume)) * GRANTED)
        | (bit(machine.documented()) * DOCUMENTED)
        | (bit(start) * START)
        | (bit(machine.value(s.done.wire)) * DONE);
    if let Some([sent, got]) = &s.tag {
        for (b, (&x, &y)) in sent.wires.iter().zip(&got.wires).enumerate() {
            flags |= bit(machine.value(x)) << (SENT + b as u32);
            flags |= bit(machine.value(y)) << (GOT + b as u32);
        }
    }
    flags
}

/// Whose words a closed set is closed under.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Dead,
    Lock,
    LeashAny,
    LeashDocumented,
}

/// The product with the tracker. Mode 0 is idle, mode 1 + t waits for tag t.
struct Game<'b> {
    bare: &'b Bare,
    modes: usize,
    tag_mask: usize,
    owner: u32,
}

/// One move of both sides.
#[derive(Clone, Copy)]
struct Move {
    flags: u16,
    completes: bool,
    next: usize,
}

impl Game<'_> {
    fn len(&self) -> usize {
        self.bare.states.len() * self.modes
    }
    fn play(&self, at: usize, word: u32, pick: bool) -> Move {
        let (state, mode) = (at / self.modes, at % self.modes);
        let edge = state * self.bare.words + word as usize;
        let flags = self.bare.flags[edge];
        let got = (flags >> GOT) as usize & self.tag_mask;
        let completes = mode > 0 && flags & DONE != 0 && got == mode - 1;
        let sent = (flags >> SENT) as usize & self.tag_mask;
        let after = if pick && flags & START != 0 {
            1 + sent
        } else if completes {
            0
        } else {
            mode
        };
        let next = match self.bare.next[edge] {
            u32::MAX => usize::MAX,
            n => n as usize * self.modes + after,
        };
        Move { flags, completes, next }
    }
    /// All (owner word, pick).
    fn owner_moves(&self) -> Vec<(u32, bool)> {
        subsets(self.owner).into_iter().flat_map(|o| [(o, false), (o, true)]).collect()
    }
    fn answers(&self) -> Vec<u32> {
        subsets(!self.owner & (self.bare.words as u32 - 1))
    }
    fn before(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let modes = self.modes;
        self.bare.before[at / modes]
            .iter()
            .flat_map(move |&s| (0..modes).map(move |m| s as usize * modes + m))
    }

    /// Some run from reset completes the service.
    fn ever_served(&self) -> bool {
        let mut seen = vec![false; self.len()];
        let mut stack: Vec<usize> = (0..self.bare.states.len()).map(|s| s * self.modes).collect();
        while let Some(at) = stack.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            for word in 0..self.bare.words as u32 {
                for pick in [false, true] {
                    let m = self.play(at, word, pick);
                    if m.flags & ASSUME != 0 {
                        if m.completes {
                            return true;
                        }
                        stack.push(m.next);
                    }
                }
            }
        }
        false
    }

    /// Number of cycles within which the owner can force completion.
    fn ranks(&self) -> Vec<u32> {
        let (moves, answers) = (self.owner_moves(), self.answers());
        let mut rank = vec![UNRANKED; self.len()];
        let mut look: Vec<usize> = (0..self.len()).collect();
        for level in 1.. {
            let won: Vec<usize> = look
                .iter()
                .copied()
                .filter(|&at| rank[at] == UNRANKED)
                .filter(|&at| {
                    moves.iter().any(|&(o, pick)| self.forces(at, o, pick, &answers, &rank))
                })
                .collect();
            if won.is_empty() {
                break;
            }
            let mut again: Vec<usize> = won.iter().flat_map(|&at| self.before(at)).collect();
            again.sort_unstable();
            again.dedup();
            look = again;
            for at in won {
                rank[at] = level;
            }
        }
        rank
    }
    /// Every granted answer completes or lowers the rank; the owner's word is documented and can be
    /// answered.
    fn forces(&self, at: usize, o: u32, pick: bool, answers: &[u32], rank: &[u32]) -> bool {
        let mut answered = false;
        for &a in answers {
            let m = self.play(at, o | a, pick);
            if m.flags & ASSUME == 0 {
                continue;
            }
            if m.flags & DOCUMENTED == 0 {
                return false;
            }
            if m.flags & GRANTED != 0 {
                answered = true;
                if !m.completes && rank[m.next] == UNRANKED {
                    return false;
                }
            }
        }
        answered
    }

    /// The largest set without completion that is not left.
    fn closed(&self, rule: Rule) -> Vec<bool> {
        let (moves, answers) = (self.owner_moves(), self.answers());
        let mut set = vec![true; self.len()];
        let mut look: Vec<usize> = (0..self.len()).collect();
        while !look.is_empty() {
            let mut again = Vec::new();
            for at in look {
                if set[at] && !self.stays(at, rule, &moves, &answers, &set) {
                    set[at] = false;
                    again.extend(self.before(at));
                }
            }
            again.sort_unstable();
            again.dedup();
            look = again;
        }
        set
    }
    fn stays(
        &self,
        at: usize,
        rule: Rule,
        moves: &[(u32, bool)],
        answers: &[u32],
        set: &[bool],
    ) -> bool {
        let needed = match rule {
            Rule::Dead | Rule::LeashAny => ASSUME,
            Rule::Lock | Rule::LeashDocumented => ASSUME | DOCUMENTED,
        };
        let answering = matches!(rule, Rule::LeashAny | Rule::LeashDocumented);
        let mut possible = false;
        for &(o, pick) in moves {
            let (mut playable, mut undocumented, mut kept) = (false, false, false);
            for &a in answers {
                let m = self.play(at, o | a, pick);
                if m.flags & needed != needed {
                    undocumented |= m.flags & ASSUME != 0;
                    continue;
                }
                let inside = !m.completes && set[m.next];
                playable |= m.flags & GRANTED != 0;
                possible |= m.flags & GRANTED != 0 && (inside || !answering);
                kept |= m.flags & GRANTED != 0 && inside;
                if !answering && !inside {
                    return false;
                }
            }
            // a word that cannot be answered within the rules, or that an answer makes undocumented,
            // is of no use to the owner; any other has to be answered
            if answering && playable && !undocumented && !kept {
                return false;
            }
        }
        possible
    }
}

/// All subsets of the bits of a mask.
fn subsets(mask: u32) -> Vec<u32> {
    (0..=mask).filter(|s| s & !mask == 0).collect()
}
