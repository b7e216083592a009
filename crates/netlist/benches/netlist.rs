//! Throughput of the reader (bytes) and of simulation (AND-node-words of 64 patterns).
//! `cargo bench -p probity-netlist`

use std::fmt::Write;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use netlist::{Aig, Lit, ReadOptions, Simulator, read_yosys_json};

fn main() {
    divan::main();
}

/// Xorshift: enough to scatter fan-ins.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// A netlist of `cells` gates and, every eighth cell, a flip-flop, spelled as yosys does.
fn yosys_json(cells: usize) -> String {
    let mut random = Random(1);
    let mut text = String::with_capacity(cells * 800);
    text.push_str(
        "{\n  \"modules\": {\n    \"t\": {\n      \"ports\": {\n        \
         \"clk\": { \"direction\": \"input\", \"bits\": [ 2 ] },\n        \
         \"a\": { \"direction\": \"input\", \"bits\": [ 3, 4, 5, 6, 7, 8, 9, 10 ] }\n      },\n      \
         \"cells\": {",
    );
    let src = "\"src\": \"/home/user/project/rtl/core/npu_mac.sv:120.5-130.60|/usr/share/yosys/\
               techmap.v:42.3-58.6\"";
    for k in 0..cells {
        let out = 11 + k;
        let comma = if k == 0 { "" } else { "," };
        let (kind, pins) = if k % 8 == 0 {
            ("$_DFF_P_", [("C", 2), ("D", 3 + random.below(cells)), ("Q", out)])
        } else {
            let mut near = || out - 1 - random.below((out - 3).min(5000));
            let kind = ["$_AND_", "$_OR_", "$_XOR_", "$_NAND_"][k / 8 % 4];
            (kind, [("A", near()), ("B", near()), ("Y", out)])
        };
        let _ = write!(
            text,
            "{comma}\n        \"$auto$simplemap.cc:38:simplemap_not${k}\": {{\n          \
             \"hide_name\": 1,\n          \"type\": \"{kind}\",\n          \
             \"parameters\": {{\n          }},\n          \
             \"attributes\": {{\n            {src}\n          }},\n          \
             \"port_directions\": {{\n            \"{}\": \"input\",\n            \
             \"{}\": \"input\",\n            \"{}\": \"output\"\n          }},\n          \
             \"connections\": {{\n            \"{}\": [ {} ],\n            \"{}\": [ {} ],\n            \
             \"{}\": [ {} ]\n          }}\n        }}",
            pins[0].0,
            pins[1].0,
            pins[2].0,
            pins[0].0,
            pins[0].1,
            pins[1].0,
            pins[1].1,
            pins[2].0,
            pins[2].1,
        );
    }
    text.push_str("\n      },\n      \"netnames\": {");
    for k in 0..cells {
        let comma = if k == 0 { "" } else { "," };
        let (hide, name) = if k % 8 == 0 { (0, "u_core.u_mac.acc_") } else { (1, "$abc$9$n") };
        let _ = write!(
            text,
            "{comma}\n        \"{name}{k}\": {{\n          \"hide_name\": {hide},\n          \
             \"bits\": [ {} ],\n          \"attributes\": {{\n            {src}\n          }}\n        }}",
            11 + k
        );
    }
    text.push_str("\n      }\n    }\n  }\n}\n");
    text
}

#[divan::bench(args = [20_000, 1_000_000], sample_count = 5, sample_size = 1)]
fn read_yosys(bencher: Bencher<'_, '_>, cells: usize) {
    let text = yosys_json(cells);
    bencher.counter(BytesCount::new(text.len())).bench_local(|| {
        read_yosys_json(text.as_bytes(), &ReadOptions::default())
            .map(|netlist| netlist.registers.len())
    });
}

/// A graph of `ands` nodes over 256 leaves with fan-ins among the last `reach` nodes.
fn graph(ands: usize, reach: usize) -> Aig {
    let mut random = Random(7);
    let mut aig = Aig::new();
    let mut lits: Vec<Lit> = (0..256).map(|_| aig.leaf()).collect();
    while aig.and_count() < ands {
        let mut pick = || {
            let back = random.below(lits.len().min(reach));
            lits[lits.len() - 1 - back].xor_sign(random.below(2) == 1)
        };
        let (a, b) = (pick(), pick());
        let before = aig.and_count();
        let lit = aig.and(a, b);
        if aig.and_count() > before {
            lits.push(lit);
        }
    }
    aig
}

fn simulate<const W: usize>(bencher: Bencher<'_, '_>, ands: usize) {
    let aig = graph(ands, 2000);
    let mut sim: Simulator<W> = Simulator::new(&aig);
    for leaf in 0..aig.leaf_count() {
        sim.set_leaf(leaf, &[0x1234_5678_9abc_def0 ^ leaf as u64; W]);
    }
    bencher.counter(ItemsCount::new(ands * W)).bench_local(move || sim.run());
}

#[divan::bench(args = [10_000, 100_000, 1_000_000])]
fn simulate_1_word(bencher: Bencher<'_, '_>, ands: usize) {
    simulate::<1>(bencher, ands);
}

#[divan::bench(args = [10_000, 100_000, 1_000_000])]
fn simulate_4_words(bencher: Bencher<'_, '_>, ands: usize) {
    simulate::<4>(bencher, ands);
}

#[divan::bench(args = [10_000, 100_000, 1_000_000])]
fn simulate_8_words(bencher: Bencher<'_, '_>, ands: usize) {
    simulate::<8>(bencher, ands);
}
