//! Two copies, unrolled in one graph, with everything shared that is known to be equal.
//!
//! Problem: a relation between two runs speaks about two copies of the design; building both in full
//! makes every multiplier a riddle for the solver.
//! Method: speculative merging (Mony, Baumgartner, Paruthi, Kanzelman: ICCAD 2005). A variable of the
//! right copy that depends on tied state alone *is* the left one; so is one that is assumed equal
//! (an *alias*), whose own right value is built beside it and equated by a premise. What remains of
//! the right copy is the part that may differ. Frames are filled lazily, as the kernel does it.
//! Cost: linear in the logic that is asked for; the right map is as long as the influenced part.

use netlist::{Aig, Lit, Node};
use proof::Model;
use proof::model::Place;

const UNSET: u32 = u32::MAX;

/// Which variables of the right copy are the left one's.
pub(crate) struct Merge {
    /// Dense number of each variable that may differ; `UNSET` for the others.
    number: Vec<u32>,
    count: usize,
    /// Assumed equal although a fan-in may differ.
    frontier: Vec<bool>,
    /// State bits that are one leaf.
    pub(crate) tied: Vec<bool>,
}

impl Merge {
    /// Tied state bits and variables assumed equal, for one item.
    pub(crate) fn new(model: &Model, item: usize, tied: &[bool], alias: &[bool]) -> Self {
        let aig = &model.aig;
        let mut number = vec![UNSET; aig.len()];
        let mut frontier = vec![false; aig.len()];
        let mut count = 0;
        for var in 1..aig.len() as u32 {
            let v = var as usize;
            let may_differ = match aig.node(var) {
                Node::False => false,
                Node::And(a, b) => number[a.index()] != UNSET || number[b.index()] != UNSET,
                Node::Leaf(_) => match model.place(var) {
                    Some(Place::State(i)) => !tied[i as usize],
                    Some(Place::Input(i)) => model.identities[item].inputs.contains(&(i as usize)),
                    _ => false,
                },
            };
            if may_differ && alias.get(v).copied().unwrap_or(false) {
                frontier[v] = true;
            } else if may_differ {
                number[v] = count as u32;
                count += 1;
            }
        }
        Self { number, count, frontier, tied: tied.to_vec() }
    }
    /// Whether the variable is assumed equal although a fan-in may differ.
    pub(crate) fn is_frontier(&self, var: u32) -> bool {
        self.frontier[var as usize]
    }
}

enum Start {
    Given(Vec<Lit>, Vec<Lit>),
    After(usize),
}

struct Frame {
    left: Vec<u32>,
    right: Vec<u32>,
    start: Start,
    inputs: (Vec<Lit>, Vec<Lit>),
    reset: Lit,
    merge: usize,
}

/// Time frames of both copies.
pub(crate) struct Copies<'m> {
    model: &'m Model,
    item: usize,
    merges: Vec<Merge>,
    /// The graph.
    pub(crate) aig: Aig,
    frames: Vec<Frame>,
}

type Key = (bool, usize, u32);

impl<'m> Copies<'m> {
    /// No frames yet.
    pub(crate) fn new(model: &'m Model, item: usize) -> Self {
        Self { model, item, merges: Vec::new(), aig: Aig::new(), frames: Vec::new() }
    }
    /// Registers a merge for later frames.
    pub(crate) fn add_merge(&mut self, merge: Merge) -> usize {
        self.merges.push(merge);
        self.merges.len() - 1
    }
    /// The merge of a frame.
    pub(crate) fn merge(&self, frame: usize) -> &Merge {
        &self.merges[self.frames[frame].merge]
    }
    /// Number of frames.
    pub(crate) fn len(&self) -> usize {
        self.frames.len()
    }
    /// Input literals of a frame, left and right.
    pub(crate) fn inputs(&self, frame: usize) -> (&[Lit], &[Lit]) {
        (&self.frames[frame].inputs.0, &self.frames[frame].inputs.1)
    }

    /// Fresh input leaves, left and right.
    pub(crate) fn fresh_inputs(&mut self) -> (Vec<Lit>, Vec<Lit>) {
        let left: Vec<Lit> = self.model.inputs.iter().map(|_| self.aig.leaf()).collect();
        let mut right = left.clone();
        for &i in &self.model.identities[self.item].inputs {
            right[i] = self.aig.leaf();
        }
        (left, right)
    }
    /// A frame from given states and inputs.
    pub(crate) fn given(
        &mut self,
        left: Vec<Lit>,
        right: Vec<Lit>,
        inputs: (Vec<Lit>, Vec<Lit>),
        in_reset: bool,
        merge: usize,
    ) -> usize {
        let frame = self.push(Start::Given(left, right), in_reset, merge);
        self.frames[frame].inputs = inputs;
        frame
    }
    fn push(&mut self, start: Start, in_reset: bool, merge: usize) -> usize {
        let inputs = self.fresh_inputs();
        let left = vec![UNSET; self.model.aig.len()];
        let right = vec![UNSET; self.merges[merge].count];
        let reset = Lit::constant(in_reset == self.model.reset_active);
        self.frames.push(Frame { left, right, start, inputs, reset, merge });
        self.frames.len() - 1
    }
    /// A frame in any state in which tied bits are one leaf.
    pub(crate) fn any_state(&mut self, merge: usize) -> usize {
        let left: Vec<Lit> = self.model.state.iter().map(|_| self.aig.leaf()).collect();
        let right = left
            .iter()
            .enumerate()
            .map(|(i, &l)| if self.merges[merge].tied[i] { l } else { self.aig.leaf() })
            .collect();
        self.push(Start::Given(left, right), false, merge)
    }
    /// The first frame after power-up: equal but for the item.
    pub(crate) fn power_up(&mut self, merge: usize) -> usize {
        let aig = &mut self.aig;
        let left: Vec<Lit> = self
            .model
            .state
            .iter()
            .map(|s| s.power_up.map_or_else(|| aig.leaf(), Lit::constant))
            .collect();
        let mut right = left.clone();
        for &i in &self.model.identities[self.item].state {
            right[i] = self.aig.leaf();
        }
        self.push(Start::Given(left, right), self.model.reset_cycles > 0, merge)
    }
    /// The frame one cycle later.
    pub(crate) fn after(&mut self, previous: usize, in_reset: bool, merge: usize) -> usize {
        self.push(Start::After(previous), in_reset, merge)
    }
    /// The state literals a given frame starts from, left and right.
    pub(crate) fn start(&self, frame: usize) -> Option<(&[Lit], &[Lit])> {
        match &self.frames[frame].start {
            Start::Given(l, r) => Some((l, r)),
            Start::After(_) => None,
        }
    }

    /// The left copy's literal.
    pub(crate) fn left(&mut self, frame: usize, lit: Lit) -> Lit {
        self.build((false, frame, lit.var()));
        self.known((false, frame, lit.var())).unwrap_or(Lit::FALSE).xor_sign(lit.is_neg())
    }
    /// The right copy's literal, merged.
    pub(crate) fn right(&mut self, frame: usize, lit: Lit) -> Lit {
        self.build((true, frame, lit.var()));
        self.known((true, frame, lit.var())).unwrap_or(Lit::FALSE).xor_sign(lit.is_neg())
    }
    /// The right copy's own value of a variable, also where it is merged with the left one.
    pub(crate) fn right_own(&mut self, frame: usize, lit: Lit) -> Lit {
        let own = match self.model.aig.node(lit.var()) {
            Node::And(a, b) => {
                let (a, b) = (self.right(frame, a), self.right(frame, b));
                self.aig.and(a, b)
            }
            Node::Leaf(_) => match (self.model.place(lit.var()), &self.frames[frame].start) {
                (Some(Place::State(i)), &Start::After(previous)) => {
                    self.right(previous, self.model.state[i as usize].next)
                }
                _ => self.right(frame, Lit::new(lit.var(), false)),
            },
            Node::False => Lit::FALSE,
        };
        own.xor_sign(lit.is_neg())
    }
    /// Both copies' literals differ.
    pub(crate) fn differ(&mut self, frame: usize, lit: Lit) -> Lit {
        let (l, r) = (self.left(frame, lit), self.right(frame, lit));
        if l == r { Lit::FALSE } else { self.aig.xor(l, r) }
    }

    /// Where a value is kept: a merged variable's is the left one's.
    fn home(&self, (right, frame, var): Key) -> Key {
        let merged = right && self.merges[self.frames[frame].merge].number[var as usize] == UNSET;
        (right && !merged, frame, var)
    }
    fn known(&self, key: Key) -> Option<Lit> {
        let (right, frame, var) = self.home(key);
        let f = &self.frames[frame];
        let code = if right {
            f.right[self.merges[f.merge].number[var as usize] as usize]
        } else {
            f.left[var as usize]
        };
        (code != UNSET).then(|| Lit::from_code(code))
    }
    fn store(&mut self, (right, frame, var): Key, lit: Lit) {
        let f = &mut self.frames[frame];
        if right {
            f.right[self.merges[f.merge].number[var as usize] as usize] = lit.code();
        } else {
            f.left[var as usize] = lit.code();
        }
    }
    fn fanin(&self, (right, frame, _): Key, lit: Lit) -> Result<Lit, Key> {
        let key = (right, frame, lit.var());
        self.known(key).map(|l| l.xor_sign(lit.is_neg())).ok_or_else(|| self.home(key))
    }

    fn build(&mut self, root: Key) {
        let mut stack = vec![self.home(root)];
        while let Some(&key) = stack.last() {
            if self.known(key).is_some() {
                stack.pop();
                continue;
            }
            let value = match self.model.aig.node(key.2) {
                Node::False => Ok(Lit::FALSE),
                Node::And(a, b) => match (self.fanin(key, a), self.fanin(key, b)) {
                    (Ok(x), Ok(y)) => Ok(self.aig.and(x, y)),
                    (Ok(Lit::FALSE), _) | (_, Ok(Lit::FALSE)) => Ok(Lit::FALSE),
                    (Err(first), _) | (_, Err(first)) => Err(first),
                },
                Node::Leaf(_) => self.leaf(key),
            };
            match value {
                Ok(lit) => self.store(key, lit),
                Err(needed) => stack.push(needed),
            }
        }
    }
    fn leaf(&self, (right, frame, var): Key) -> Result<Lit, Key> {
        let f = &self.frames[frame];
        let side = |pair: &(Vec<Lit>, Vec<Lit>), i: u32| {
            if right { pair.1[i as usize] } else { pair.0[i as usize] }
        };
        match self.model.place(var) {
            Some(Place::Input(i)) => Ok(side(&f.inputs, i)),
            Some(Place::Reset) => Ok(f.reset),
            Some(Place::State(i)) => match &f.start {
                Start::Given(l, r) => Ok(if right { r[i as usize] } else { l[i as usize] }),
                Start::After(previous) => {
                    self.fanin((right, *previous, 0), self.model.state[i as usize].next)
                }
            },
            _ => Ok(Lit::FALSE),
        }
    }
}
