//! The gate graph: the same logic as the netlist, gate by gate, nothing merged.
//!
//! Problem: a hashed graph is right for proofs, but a report has to point at the *instances* of the
//! file, and two equal gates are two instances.
//! Method: AND nodes with complemented edges as in [`netlist::Aig`], without hashing; each node knows
//! its instance. A gate of n inputs is a chain of n-1 nodes, an exclusive or three nodes. Gates with
//! constant inputs fold; buffers and inverters are nodes with one input constant true. Literals use the coding of the netlist's:
//! `2 * node + complement`, node 0 constant false.
//! Cost: 16 bytes per node.

use netlist::{Lit, Netlist, Node, PowerUp};

/// No instance: a leaf, or logic that the reader made itself.
pub const NO_INSTANCE: u32 = u32::MAX;

const LEAF: u32 = u32::MAX;

/// An instance of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Instance {
    /// Hierarchical name; empty if the file gives none.
    pub name: String,
    /// Index into [`GateGraph::kinds`].
    pub kind: u32,
    /// Line, 0 if there are no lines.
    pub line: u32,
}

/// A register of the graph, in the order of [`Netlist::registers`].
#[derive(Clone, Debug)]
pub struct GraphRegister {
    /// Its instance.
    pub instance: u32,
    /// Its leaf.
    pub out: Lit,
    /// What it loads.
    pub next: Lit,
    /// Value at power-up.
    pub power_up: PowerUp,
}

/// Logic with the instance of every node.
#[derive(Clone, Debug, Default)]
pub struct GateGraph {
    nodes: Vec<[u32; 2]>,
    /// Instance of each node.
    pub owner: Vec<u32>,
    /// Literal of the netlist's graph that computes the same, by node.
    pub lits: Vec<Lit>,
    /// Instances in file order.
    pub instances: Vec<Instance>,
    /// Names of the kinds of instances.
    pub kinds: Vec<String>,
    /// Outputs of each instance as literals of this graph: `(instance, literal)`, sorted.
    pub outputs_of: Vec<(u32, Lit)>,
    /// Registers.
    pub registers: Vec<GraphRegister>,
    /// Leaves that are not registers: inputs, undriven nets, outputs of black boxes.
    pub free: Vec<Lit>,
    /// What is observed: output ports and inputs of black boxes, with names.
    pub observed: Vec<(String, Lit)>,
    /// Name of the net at a node, where one has a name; empty otherwise.
    pub names: Vec<String>,
}

impl GateGraph {
    /// A graph with the constant only.
    pub fn new() -> Self {
        let mut graph = Self::default();
        graph.push([0, 0], NO_INSTANCE, Lit::FALSE);
        graph
    }
    fn push(&mut self, node: [u32; 2], owner: u32, lit: Lit) -> Lit {
        let var = self.nodes.len() as u32;
        self.nodes.push(node);
        self.owner.push(owner);
        self.lits.push(lit);
        Lit::new(var, false)
    }
    /// Number of nodes, constant and leaves included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
    /// Whether there is nothing but the constant.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }
    /// A leaf.
    pub fn leaf(&mut self, owner: u32, lit: Lit) -> Lit {
        self.push([LEAF, 0], owner, lit)
    }
    /// Whether node `var` is a leaf.
    #[inline]
    pub fn is_leaf(&self, var: u32) -> bool {
        self.nodes[var as usize][0] == LEAF
    }
    /// The fan-ins of an AND node; none for leaves and the constant.
    #[inline]
    pub fn fanin(&self, var: u32) -> Option<(Lit, Lit)> {
        let [a, b] = self.nodes[var as usize];
        (a != LEAF && var != 0).then(|| (Lit::from_code(a), Lit::from_code(b)))
    }
    /// A conjunction that belongs to `owner`, computing `lit` of the netlist. Constants fold.
    pub fn and(&mut self, a: Lit, b: Lit, owner: u32, lit: Lit) -> Lit {
        match (a, b) {
            (Lit::FALSE, _) | (_, Lit::FALSE) => Lit::FALSE,
            (Lit::TRUE, other) | (other, Lit::TRUE) => other,
            _ => self.push([a.code(), b.code()], owner, lit),
        }
    }
    /// A node of `owner` that repeats `a`, so that a buffer or inverter has a node of its own.
    pub fn buffer(&mut self, a: Lit, owner: u32, lit: Lit) -> Lit {
        self.push([a.code(), Lit::TRUE.code()], owner, lit)
    }
    /// The literal of the netlist's graph that computes `lit` of this one.
    pub fn netlist_lit(&self, lit: Lit) -> Lit {
        self.lits[lit.index()].xor_sign(lit.is_neg())
    }
    /// Name of an instance as a reader would write it: its own, or its kind and line.
    pub fn instance_name(&self, instance: u32) -> String {
        let Some(i) = self.instances.get(instance as usize) else { return "?".to_owned() };
        if !i.name.is_empty() {
            return i.name.clone();
        }
        let kind = self.kinds.get(i.kind as usize).map_or("gate", String::as_str);
        format!("{kind}@{}", i.line)
    }
    /// Name of the net at `lit`, or the instance that drives it.
    pub fn net_name(&self, lit: Lit) -> String {
        let var = lit.index();
        if let Some(name) = self.names.get(var).filter(|n| !n.is_empty()) {
            return name.clone();
        }
        match self.owner.get(var) {
            Some(&owner) if owner != NO_INSTANCE => {
                format!("inside {}", self.instance_name(owner))
            }
            _ => format!("node {var}"),
        }
    }

    /// The graph of a netlist that has no instances of its own (Yosys JSON, AIGER): each AND and each
    /// register is an instance, named after its net where it has one.
    pub fn of_netlist(netlist: &Netlist) -> Self {
        let mut graph = Self::new();
        graph.kinds = vec!["and".to_owned(), "register".to_owned(), "logic".to_owned()];
        let mut names = vec![String::new(); netlist.aig.len()];
        for net in &netlist.nets {
            for (i, &lit) in net.bits.iter().enumerate() {
                let slot = &mut names[lit.index()];
                if slot.is_empty() || (slot.starts_with('$') && !net.name.starts_with('$')) {
                    let width = net.bits.len() as u32;
                    let bit = if net.upto { width - 1 - i as u32 } else { i as u32 };
                    *slot = match width {
                        1 => net.name.clone(),
                        _ => format!("{}[{}]", net.name, bit + net.offset),
                    };
                }
            }
        }
        for register in &netlist.registers {
            names[register.out.index()] = format!("{}[{}]", register.name, register.bit);
        }
        let mut register_of = vec![u32::MAX; netlist.aig.len()];
        for (i, register) in netlist.registers.iter().enumerate() {
            register_of[register.out.index()] = i as u32;
        }
        let mut registers = vec![Lit::FALSE; netlist.registers.len()];
        let mut instance_of = vec![NO_INSTANCE; netlist.registers.len()];
        for var in 1..netlist.aig.len() as u32 {
            let lit = Lit::new(var, false);
            let name = &names[var as usize];
            match netlist.aig.node(var) {
                Node::And(a, b) => {
                    let owner = graph.instances.len() as u32;
                    let name = if name.is_empty() { format!("and{var}") } else { name.clone() };
                    graph.instances.push(Instance { name, kind: 0, line: 0 });
                    graph.push([a.code(), b.code()], owner, lit);
                    graph.outputs_of.push((owner, lit));
                }
                _ if register_of[var as usize] != u32::MAX => {
                    let register = register_of[var as usize] as usize;
                    let owner = graph.instances.len() as u32;
                    graph.instances.push(Instance { name: name.clone(), kind: 1, line: 0 });
                    registers[register] = graph.leaf(owner, lit);
                    instance_of[register] = owner;
                    graph.outputs_of.push((owner, lit));
                }
                _ => {
                    let leaf = graph.leaf(NO_INSTANCE, lit);
                    graph.free.push(leaf);
                }
            }
        }
        for (i, register) in netlist.registers.iter().enumerate() {
            graph.registers.push(GraphRegister {
                instance: instance_of[i],
                out: registers[i],
                next: register.next,
                power_up: register.power_up,
            });
        }
        for port in &netlist.ports {
            if port.direction == netlist::Direction::Output {
                for (i, &lit) in port.bits.iter().enumerate() {
                    graph.observed.push((format!("{}[{i}]", port.name), lit));
                }
            }
        }
        graph.names = names;
        graph
    }
}
