//! A recording of the host: 64 runs from power-up, every node in every cycle, and the inputs of a longer
//! run, in which the host is simulated again for whoever counts.

use super::Draw;
use netlist::{Lit, Netlist, SeqSim};

/// Values of all nodes over time.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Number of cycles.
    pub cycles: usize,
    /// Cycles for which there are inputs.
    pub long: usize,
    nodes: usize,
    values: Vec<u64>,
    stimulus: Vec<Vec<u64>>,
}

/// Cycles for which inputs that look like a reset are active.
pub(super) const RESET: usize = 3;

/// Whether a port named so is a reset, and then whether it is active low.
pub(super) fn reset_polarity(port: &str) -> Option<bool> {
    let name = port.to_ascii_lowercase();
    (name.contains("rst") || name.contains("reset")).then(|| name.ends_with('n'))
}

impl Recording {
    /// Records `cycles` cycles, and inputs for `long`. Ports named like a reset are active for the first three.
    pub fn new(host: &Netlist, cycles: usize, long: usize, seed: u64) -> Self {
        let long = long.max(cycles);
        let mut draw = Draw::new(seed);
        let mut sim: SeqSim<1> = SeqSim::of(host);
        let nodes = host.aig.len();
        let mut values = vec![0; nodes * cycles];
        let mut stimulus = vec![vec![0; host.inputs.len()]; long];
        let style: Vec<usize> = host.inputs.iter().map(|_| draw.below(4)).collect();
        for cycle in 0..long {
            for (i, input) in host.inputs.iter().enumerate() {
                let word = if let Some(low) = reset_polarity(&host.ports[input.port as usize].name)
                {
                    if (cycle < RESET) ^ low { u64::MAX } else { 0 }
                } else {
                    let fresh = draw.word();
                    match style[i] {
                        // held for some cycles
                        1 if cycle > 0 => {
                            let hold = draw.word() | draw.word();
                            stimulus[cycle - 1][i] & hold | fresh & !hold
                        }
                        2 => fresh & draw.word(),
                        _ => fresh,
                    }
                };
                stimulus[cycle][i] = word;
                sim.logic.set(input.lit, &[word]);
            }
            if cycle >= cycles {
                continue;
            }
            sim.settle();
            for var in 1..nodes as u32 {
                values[cycle * nodes + var as usize] = sim.logic.value(Lit::new(var, false))[0];
            }
            sim.load();
        }
        Self { cycles, long, nodes, values, stimulus }
    }
    /// Number of nodes of the host.
    pub fn nodes(&self) -> usize {
        self.nodes
    }
    /// The 64 lanes of `lit` in a cycle; `lit` must be of the host.
    pub fn word(&self, lit: Lit, cycle: usize) -> u64 {
        let word = self.values[cycle * self.nodes + lit.index()];
        if lit.is_neg() { !word } else { word }
    }
    /// Its value in one lane.
    pub fn value(&self, lit: Lit, cycle: usize, lane: usize) -> bool {
        self.word(lit, cycle) >> lane & 1 == 1
    }
    /// The lanes of input `index` in a cycle.
    pub fn input(&self, index: usize, cycle: usize) -> u64 {
        self.stimulus[cycle].get(index).copied().unwrap_or(0)
    }
    /// Share of lane-cycles in which `lit` is 1, after reset.
    pub fn share(&self, lit: Lit) -> f64 {
        let from = RESET + 1;
        let ones: u64 =
            (from..self.cycles).map(|c| u64::from(self.word(lit, c).count_ones())).sum();
        ones as f64 / (64 * (self.cycles - from)) as f64
    }
    /// Values of some literals in one lane of the long run, for `cycles` cycles; `host` is what was recorded.
    pub(super) fn follow<const N: usize>(
        &self,
        host: &Netlist,
        lits: [Lit; N],
        lane: usize,
        cycles: usize,
    ) -> Vec<[bool; N]> {
        let mut sim: SeqSim<1> = SeqSim::of(host);
        let run = (0..cycles.min(self.long)).map(|cycle| {
            for (i, input) in host.inputs.iter().enumerate() {
                sim.logic.set(input.lit, &[self.input(i, cycle)]);
            }
            sim.settle();
            let now = lits.map(|l| sim.logic.value(l)[0] >> lane & 1 == 1);
            sim.load();
            now
        });
        run.collect()
    }
    /// The inputs of one lane for `cycles` cycles.
    pub fn inputs(&self, lane: usize, cycles: usize) -> Vec<Vec<bool>> {
        self.stimulus[..cycles.min(self.long)]
            .iter()
            .map(|words| words.iter().map(|w| w >> lane & 1 == 1).collect())
            .collect()
    }
}
