//! Structure: what the identity can reach at all, and what anybody can see of it.
//!
//! Problem: of a large design only the part matters that lies behind the identity item and in front
//! of an observable output.
//! Method: one forward closure from the item's bits (wires and registers), one backward closure from
//! the reached observables, the window conditions and the assumptions. If no observable is reached
//! there is no path in the cone of influence and nothing further to search.
//! Cost: linear in the graph. What it cannot see: anything functional; a masked value is reached.

use netlist::{Lit, Node};
use proof::Model;
use proof::model::{Place, StateKind};

/// Reachability facts about one identity item.
pub(crate) struct Structure {
    /// By variable: some path leads from the item to it.
    pub(crate) reached: Vec<bool>,
    /// By state bit: likewise.
    pub(crate) reached_state: Vec<bool>,
    /// By variable: in the cone of influence of what must agree.
    pub(crate) needed: Vec<bool>,
    /// By state bit: likewise.
    pub(crate) needed_state: Vec<bool>,
    /// By variable: a function of the state alone.
    pub(crate) state_only: Vec<bool>,
    /// Observables some path leads to.
    pub(crate) shown: Vec<usize>,
}

impl Structure {
    /// Both closures.
    pub(crate) fn of(model: &Model, item: usize) -> Self {
        let (reached, reached_state) = forward(model, item);
        let at = |lit: Lit| reached[lit.index()];
        let shown: Vec<usize> =
            (0..model.observables.len()).filter(|&o| at(model.observables[o].lit)).collect();
        let mut roots: Vec<Lit> = shown.iter().map(|&o| model.observables[o].lit).collect();
        for w in &model.windows {
            roots.extend([w.when, w.open]);
        }
        roots.extend([model.assume, model.assume_constants]);
        let (needed, needed_state) = backward(model, &roots);
        let state_only = state_only(model);
        Self { reached, reached_state, needed, needed_state, state_only, shown }
    }

    /// Whether no path leads from the item to anything observable, or to a window's condition.
    pub(crate) fn no_path(&self, model: &Model) -> bool {
        self.shown.is_empty() && model.windows.iter().all(|w| !self.reached[w.when.index()])
    }
}

/// Everything the item's bits reach, registers crossed.
fn forward(model: &Model, item: usize) -> (Vec<bool>, Vec<bool>) {
    let aig = &model.aig;
    let fanout = Fanout::of(model);
    let mut state = vec![false; model.state.len()];
    let mut seen = vec![false; aig.len()];
    let mut stack = Vec::new();
    let identity = &model.identities[item];
    for &i in &identity.state {
        state[i] = true;
        stack.push(model.state[i].lit.var());
    }
    stack.extend(identity.inputs.iter().map(|&i| model.inputs[i].lit.var()));
    while let Some(var) = stack.pop() {
        if std::mem::replace(&mut seen[var as usize], true) {
            continue;
        }
        stack.extend(fanout.ands(var));
        for &i in fanout.registers(var) {
            // the same part but for its identity: what both copies share stays shared
            let fixed = matches!(model.state[i as usize].kind, StateKind::Constant);
            if !fixed && !std::mem::replace(&mut state[i as usize], true) {
                stack.push(model.state[i as usize].lit.var());
            }
        }
    }
    (seen, state)
}

/// Readers of every variable, in compressed rows.
struct Fanout {
    and_start: Vec<u32>,
    ands: Vec<u32>,
    register_start: Vec<u32>,
    registers: Vec<u32>,
}

impl Fanout {
    fn of(model: &Model) -> Self {
        let aig = &model.aig;
        let gates = (1..aig.len() as u32).filter_map(|v| match aig.node(v) {
            Node::And(a, b) => Some((v, a, b)),
            _ => None,
        });
        let edges = gates.flat_map(|(v, a, b)| [(a.var(), v), (b.var(), v)]);
        let (and_start, ands) = rows(aig.len(), edges);
        let loads = model.state.iter().enumerate().map(|(i, s)| (s.next.var(), i as u32));
        let (register_start, registers) = rows(aig.len(), loads);
        Self { and_start, ands, register_start, registers }
    }
    fn ands(&self, var: u32) -> &[u32] {
        row(&self.and_start, &self.ands, var)
    }
    fn registers(&self, var: u32) -> &[u32] {
        row(&self.register_start, &self.registers, var)
    }
}

fn row<'a>(start: &[u32], all: &'a [u32], var: u32) -> &'a [u32] {
    &all[start[var as usize] as usize..start[var as usize + 1] as usize]
}

fn rows(len: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> (Vec<u32>, Vec<u32>) {
    let mut start = vec![0u32; len + 1];
    for (from, _) in edges.clone() {
        start[from as usize + 1] += 1;
    }
    for i in 0..len {
        start[i + 1] += start[i];
    }
    let mut fill = start.clone();
    let mut all = vec![0; start[len] as usize];
    for (from, to) in edges {
        let slot = &mut fill[from as usize];
        all[*slot as usize] = to;
        *slot += 1;
    }
    (start, all)
}

/// Everything the roots depend on, registers crossed.
pub(crate) fn backward(model: &Model, roots: &[Lit]) -> (Vec<bool>, Vec<bool>) {
    let mut seen = vec![false; model.aig.len()];
    let mut state = vec![false; model.state.len()];
    let mut stack: Vec<u32> = roots.iter().map(|l| l.var()).collect();
    while let Some(var) = stack.pop() {
        if std::mem::replace(&mut seen[var as usize], true) {
            continue;
        }
        match model.aig.node(var) {
            Node::False => {}
            Node::And(a, b) => stack.extend([a.var(), b.var()]),
            Node::Leaf(_) => {
                if let Some(Place::State(i)) = model.place(var) {
                    state[i as usize] = true;
                    stack.push(model.state[i as usize].next.var());
                }
            }
        }
    }
    (seen, state)
}

/// Variables that no input reaches combinationally (reset is the constant "inactive").
fn state_only(model: &Model) -> Vec<bool> {
    let mut only = vec![true; model.aig.len()];
    for var in 1..model.aig.len() as u32 {
        only[var as usize] = match model.aig.node(var) {
            Node::False => true,
            Node::And(a, b) => only[a.index()] && only[b.index()],
            Node::Leaf(_) => matches!(model.place(var), Some(Place::State(_) | Place::Reset)),
        };
    }
    only
}
