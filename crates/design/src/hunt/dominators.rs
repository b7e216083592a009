//! Exclusive regions: everything whose only way to an observer leads through one net.
//!
//! Problem: an implant's trigger may be thousands of gates and registers, but it acts through one net
//! or few. Which logic serves nothing but that net?
//! Method: post-dominators of the sequential gate graph towards one sink that stands for all
//! observers (Cooper, Harvey, Kennedy, "A simple, fast dominance algorithm", 2001; iterated over the
//! reversed edges in reverse post-order). The subtree below a net in the dominator tree is exactly its
//! exclusive region, registers and loops included — for all nets at once.
//! Cost: a few linear passes; memory four words per node.
//! What it cannot see: logic shared with a second net, or with the host.

use super::circuit::{Circuit, NONE};

/// The dominator tree.
pub(super) struct Dominators {
    /// Next node every path to an observer meets; the node itself for the sink (0), [`NONE`] for nodes
    /// without a path.
    pub(super) parent: Vec<u32>,
    first_child: Vec<u32>,
    children: Vec<u32>,
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
        let mut first_child = vec![0u32; n + 1];
        for &v in order[1..].iter().rev() {
            gates[v as usize] += u32::from(c.primary[v as usize]);
            registers[v as usize] += u32::from(c.is_register(v));
            let p = parent[v as usize] as usize;
            gates[p] += gates[v as usize];
            registers[p] += registers[v as usize];
            first_child[p + 1] += 1;
        }
        for i in 0..n {
            first_child[i + 1] += first_child[i];
        }
        let mut fill = first_child.clone();
        let mut children = vec![0u32; count.saturating_sub(1)];
        for &v in &order[1..] {
            let p = parent[v as usize] as usize;
            children[fill[p] as usize] = v;
            fill[p] += 1;
        }
        Self { parent, first_child, children, gates, registers }
    }

    /// Whether an observer can be reached.
    pub(super) fn alive(&self, var: u32) -> bool {
        self.parent[var as usize] != NONE
    }
    /// Calls `f` with each node of the region of `root`, `root` included.
    pub(super) fn region(&self, root: u32, f: &mut dyn FnMut(u32)) {
        let mut stack = vec![root];
        while let Some(v) = stack.pop() {
            f(v);
            let (a, b) = (self.first_child[v as usize], self.first_child[v as usize + 1]);
            stack.extend_from_slice(&self.children[a as usize..b as usize]);
        }
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
