//! Exclusive regions: everything whose only way to an observer leads through one net.
//!
//! Problem: an implant's trigger may be thousands of gates and registers, but it acts through one net
//! or few. Which logic serves nothing but that net?
//! Method: post-dominators of the sequential gate graph towards one sink that stands for all
//! observers (Cooper, Harvey, Kennedy, "A simple, fast dominance algorithm", 2001; iterated over the
//! reversed edges in reverse post-order). The subtree below a net in the dominator tree is exactly its
//! exclusive region, registers and loops included — for all nets at once. The tree is kept as one list in
//! pre-order, in which every region is a slice: membership is two comparisons and no region is copied.
//! Cost: a few linear passes; memory six words per node.
//! What it cannot see: logic shared with a second net, or with the host.

use super::circuit::{Circuit, NONE};

/// The dominator tree.
pub(super) struct Dominators {
    /// Next node every path to an observer meets; the node itself for the sink (0), [`NONE`] for nodes
    /// without a path.
    pub(super) parent: Vec<u32>,
    /// Nodes in pre-order of the tree, the sink first.
    order: Vec<u32>,
    /// Place of each node in `order`; [`NONE`] for nodes without a path.
    at: Vec<u32>,
    /// Nodes in each subtree, the root included.
    size: Vec<u32>,
    /// Instances in each subtree.
    pub(super) gates: Vec<u32>,
    /// Registers in each subtree.
    pub(super) registers: Vec<u32>,
}

impl Dominators {
    /// Node 0 stands for the sink.
    pub(super) fn new(c: &Circuit<'_>) -> Self {
        let n = c.len();
        let mut position = vec![NONE; n];
        let mut post: Vec<u32> = Vec::with_capacity(n);
        // depth-first from the sink against the flow; post-order
        let mut seen = vec![false; n];
        seen[0] = true;
        let roots: Vec<u32> = (1..n as u32).filter(|&v| c.observed[v as usize]).collect();
        for root in roots {
            if seen[root as usize] {
                continue;
            }
            seen[root as usize] = true;
            let mut stack: Vec<(u32, u8)> = vec![(root, 0)];
            while let Some((var, next)) = stack.last_mut() {
                let (v, k) = (*var, *next);
                if k < 2 {
                    *next += 1;
                    let input = c.inputs(v)[k as usize];
                    let child = input.var();
                    if child != 0 && !seen[child as usize] {
                        seen[child as usize] = true;
                        stack.push((child, 0));
                    }
                } else {
                    post.push(v);
                    stack.pop();
                }
            }
        }
        post.push(0);
        let count = post.len();
        let order: Vec<u32> = post.iter().rev().copied().collect();
        for (i, &v) in order.iter().enumerate() {
            position[v as usize] = i as u32;
        }
        let mut parent = vec![NONE; n];
        parent[0] = 0;
        loop {
            let mut changed = false;
            for &v in &order[1..] {
                let mut best = if c.observed[v as usize] { 0 } else { NONE };
                for &user in c.users(v) {
                    if parent[user as usize] == NONE {
                        continue;
                    }
                    best = if best == NONE { user } else { meet(&parent, &position, best, user) };
                    if best == 0 {
                        break;
                    }
                }
                if best != NONE && parent[v as usize] != best {
                    parent[v as usize] = best;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let mut gates = vec![0u32; n];
        let mut registers = vec![0u32; n];
        let mut size = vec![0u32; n];
        for &v in order.iter().rev() {
            gates[v as usize] += u32::from(c.primary[v as usize]);
            registers[v as usize] += u32::from(c.is_register(v));
            size[v as usize] += 1;
            let p = parent[v as usize] as usize;
            if v != 0 {
                gates[p] += gates[v as usize];
                registers[p] += registers[v as usize];
                size[p] += size[v as usize];
            }
        }
        // reverse post-order visits parents first: each node takes the next free slice of its parent's
        let mut at = vec![NONE; n];
        let mut free = vec![0u32; n];
        let mut pre = vec![0u32; count];
        (at[0], free[0]) = (0, 1);
        for &v in &order[1..] {
            let p = parent[v as usize] as usize;
            at[v as usize] = free[p];
            free[v as usize] = free[p] + 1;
            free[p] += size[v as usize];
            pre[at[v as usize] as usize] = v;
        }
        Self { parent, order: pre, at, size, gates, registers }
    }

    /// Whether an observer can be reached.
    pub(super) fn alive(&self, var: u32) -> bool {
        self.parent[var as usize] != NONE
    }
    /// The nodes of the region of `root`, which is alive; `root` first.
    pub(super) fn region(&self, root: u32) -> &[u32] {
        let (at, size) = (self.at[root as usize], self.size[root as usize]);
        self.order.get(at as usize..(at.saturating_add(size)) as usize).unwrap_or(&[])
    }
    /// Nodes of the region of `root`, 0 if it is not alive.
    pub(super) fn size(&self, root: u32) -> u32 {
        self.size[root as usize]
    }
    /// Whether `var` lies in the region of `root`.
    pub(super) fn inside(&self, root: u32, var: u32) -> bool {
        let (at, first) = (self.at[var as usize], self.at[root as usize]);
        at != NONE && first != NONE && at >= first && at - first < self.size[root as usize]
    }
}

fn meet(parent: &[u32], position: &[u32], a: u32, b: u32) -> u32 {
    let (mut a, mut b) = (a, b);
    while a != b {
        while position[a as usize] > position[b as usize] {
            a = parent[a as usize];
        }
        while position[b as usize] > position[a as usize] {
            b = parent[b as usize];
        }
    }
    a
}
