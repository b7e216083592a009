//! The gate graph with its uses: what every view of the hunt walks on.
//!
//! A node's *users* are the ANDs that read it and the registers that load it (a register stands for
//! itself by its leaf). Outputs and inputs of black boxes are *observed*. Cost: linear, once.

use frontend::structural::{GateGraph, NO_INSTANCE};
use netlist::Lit;

/// No number.
pub(super) const NONE: u32 = u32::MAX;

/// A gate graph with users.
pub(super) struct Circuit<'g> {
    /// The graph.
    pub(super) graph: &'g GateGraph,
    first_user: Vec<u32>,
    users: Vec<u32>,
    /// Register number of each leaf that is one.
    pub(super) register: Vec<u32>,
    /// Whether somebody outside sees the node.
    pub(super) observed: Vec<bool>,
    /// One output node of each instance, by node: whether the node is it.
    pub(super) primary: Vec<bool>,
    /// Output nodes of each instance, sorted by instance.
    pub(super) outputs: Vec<(u32, u32)>,
    /// The same the other way round, sorted by node.
    driven: Vec<(u32, u32)>,
}

impl<'g> Circuit<'g> {
    pub(super) fn new(graph: &'g GateGraph) -> Self {
        let n = graph.len();
        let mut register = vec![NONE; n];
        for (i, r) in graph.registers.iter().enumerate() {
            register[r.out.index()] = i as u32;
        }
        let mut count = vec![0u32; n + 1];
        let edges = |f: &mut dyn FnMut(u32, u32)| {
            for var in 1..n as u32 {
                if let Some((a, b)) = graph.fanin(var) {
                    for l in [a, b] {
                        if !l.is_const() {
                            f(l.var(), var);
                        }
                    }
                }
            }
            for r in &graph.registers {
                if !r.next.is_const() {
                    f(r.next.var(), r.out.var());
                }
            }
        };
        edges(&mut |from, _| count[from as usize + 1] += 1);
        for i in 0..n {
            count[i + 1] += count[i];
        }
        let mut fill = count.clone();
        let mut users = vec![0u32; count[n] as usize];
        edges(&mut |from, to| {
            users[fill[from as usize] as usize] = to;
            fill[from as usize] += 1;
        });
        let mut observed = vec![false; n];
        for (_, lit) in &graph.observed {
            observed[lit.index()] = true;
        }
        observed[0] = false;
        let mut primary = vec![false; n];
        let mut outputs = Vec::with_capacity(graph.outputs_of.len());
        let mut last = NO_INSTANCE;
        for &(instance, lit) in &graph.outputs_of {
            if lit.is_const() {
                continue;
            }
            if instance != last {
                primary[lit.index()] = true;
                last = instance;
            }
            outputs.push((instance, lit.var()));
        }
        outputs.sort_unstable();
        outputs.dedup();
        let mut driven: Vec<(u32, u32)> = outputs.iter().map(|&(i, v)| (v, i)).collect();
        driven.sort_unstable();
        Self { graph, first_user: count, users, register, observed, primary, outputs, driven }
    }

    pub(super) fn len(&self) -> usize {
        self.graph.len()
    }
    /// Who reads node `var`.
    pub(super) fn users(&self, var: u32) -> &[u32] {
        let (a, b) = (self.first_user[var as usize], self.first_user[var as usize + 1]);
        &self.users[a as usize..b as usize]
    }
    /// What node `var` reads: fan-ins of an AND, the next state of a register.
    pub(super) fn inputs(&self, var: u32) -> [Lit; 2] {
        if let Some((a, b)) = self.graph.fanin(var) {
            return [a, b];
        }
        match self.register[var as usize] {
            NONE => [Lit::FALSE; 2],
            r => [self.graph.registers[r as usize].next, Lit::FALSE],
        }
    }
    /// Whether the node is a register's leaf.
    pub(super) fn is_register(&self, var: u32) -> bool {
        self.register[var as usize] != NONE
    }
    /// Instances one of whose outputs satisfies `test`, sorted.
    pub(super) fn instances(&self, test: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut found: Vec<u32> =
            self.outputs.iter().filter(|(_, var)| test(*var)).map(|o| o.0).collect();
        found.dedup();
        found
    }
    /// Instances one of whose outputs is among `nodes`, sorted.
    pub(super) fn instances_of(&self, nodes: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut found: Vec<u32> = Vec::new();
        for var in nodes {
            let first = self.driven.partition_point(|d| d.0 < var);
            let here = self.driven[first..].iter().take_while(|d| d.0 == var);
            found.extend(here.map(|d| d.1));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
