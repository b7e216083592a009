//! Co-simulation: the netlist as we read it against Icarus Verilog on the same RTL.
//!
//! Problem: every verdict assumes that Yosys, our pass sequence and our reader understood the RTL.
//! Method: the RTL is elaborated by `frontend` and read by `netlist`; both it and the RTL in Icarus
//! start with all registers 0 and get the same random stimulus, with resets strewn in; every output
//! bit is compared in every cycle. A bit that is X in Icarus does not count, and how many did not
//! is printed and limited. Registers are set in Icarus by name; names it cannot assign (wires) are
//! dropped from the test bench until it compiles.
//! What it cannot see: behaviour between clock edges, and what random stimulus never reaches.
//!
//! `PROBITY_REAL=DIR cargo test --release -p probity-frontend --test cosim -- --nocapture` with a
//! DIR filled by `examples/real/fetch.py`; without it only npu4 runs, and the others say so.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test prints and panics"
)]

use frontend::{Options, elaborate};
use netlist::{Direction, Netlist, Port, ReadOptions, SeqSim};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

const CYCLES: usize = 20_000;

/// Major opcodes of RV32, so that random words are mostly instructions.
const OPCODES: [u32; 9] = [0x37, 0x17, 0x6f, 0x67, 0x63, 0x03, 0x23, 0x13, 0x33];

struct Design<'a> {
    sources: Vec<PathBuf>,
    top: &'a str,
    parameters: &'a [(&'a str, &'a str)],
    clock: &'a str,
    reset: &'a str,
    active: bool,
    /// Mean number of cycles between two resets.
    between: u64,
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    /// Bits of a port, least significant first.
    fn bits(&mut self, width: usize) -> Vec<bool> {
        let mut bits: Vec<bool> = (0..width).map(|_| self.next() >> 40 & 1 == 1).collect();
        if width == 32 && !self.next().is_multiple_of(8) {
            let opcode = OPCODES[(self.next() % OPCODES.len() as u64) as usize];
            for (i, bit) in bits.iter_mut().take(7).enumerate() {
                *bit = opcode >> i & 1 == 1;
            }
            // Without function bits every one of these is legal; with them some are not.
            if !self.next().is_multiple_of(16) {
                bits[12..15].fill(false);
                bits[25..].fill(false);
            }
        }
        bits
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn has(program: &str) -> bool {
    Command::new(program).arg("-V").output().is_ok()
}

/// `0101`, most significant first.
fn text(bits: &[bool]) -> String {
    bits.iter().rev().map(|&b| if b { '1' } else { '0' }).collect()
}

fn ports(netlist: &Netlist, direction: Direction) -> Vec<&Port> {
    netlist.ports.iter().filter(|p| p.direction == direction).collect()
}

/// The test bench; `start` are its lines that set registers.
fn bench(design: &Design<'_>, netlist: &Netlist, start: &[String]) -> String {
    let inputs = ports(netlist, Direction::Input);
    let outputs = ports(netlist, Direction::Output);
    let width: usize = inputs.iter().map(|p| p.bits.len()).sum();
    let mut t = String::from("`timescale 1ns/1ns\nmodule probity_tb;\n");
    let _ = writeln!(t, "reg [{}:0] stimulus [0:{}];\nreg clock = 0;", width - 1, CYCLES - 1);
    for port in &inputs {
        let _ = writeln!(t, "reg [{}:0] i_{};", port.bits.len() - 1, port.name);
    }
    for port in &outputs {
        let _ = writeln!(t, "wire [{}:0] o_{};", port.bits.len() - 1, port.name);
    }
    let given: Vec<String> = design.parameters.iter().map(|(n, v)| format!(".{n}({v})")).collect();
    let pins = inputs.iter().map(|p| {
        let value = if p.name == design.clock { "clock".into() } else { format!("i_{}", p.name) };
        format!(".{}({value})", p.name)
    });
    let pins: Vec<_> = pins.chain(outputs.iter().map(|p| format!(".{0}(o_{0})", p.name))).collect();
    let _ = writeln!(t, "{} #({}) dut ({});", design.top, given.join(", "), pins.join(", "));
    let all = |prefix: &str, ports: &[&Port]| {
        let names: Vec<_> = ports.iter().map(|p| format!("{prefix}_{}", p.name)).collect();
        names.join(", ")
    };
    let _ = writeln!(t, "integer n;\ninitial begin\n$readmemb(\"stimulus.txt\", stimulus);\n#1;");
    for line in start {
        let _ = writeln!(t, "{line}");
    }
    let _ = writeln!(
        t,
        "for (n = 0; n < {CYCLES}; n = n + 1) begin\n\
         {{{}}} = stimulus[n]; #4; $display(\"%b\", {{{}}}); #1; clock = 1; #5; clock = 0;\nend\n\
         $finish;\nend\nendmodule",
        all("i", &inputs),
        all("o", &outputs)
    );
    t
}

/// Runs Icarus; its output lines, one a cycle.
fn icarus(design: &Design<'_>, netlist: &Netlist, dir: &Path) -> Vec<String> {
    let registers: HashSet<_> = netlist.registers.iter().map(|r| r.out).collect();
    let whole = netlist.nets.iter().filter(|net| net.bits.iter().all(|b| registers.contains(b)));
    let mut start: Vec<String> = whole.map(|net| format!("dut.{} = 0;", net.name)).collect();
    for _ in 0..20 {
        let text = bench(design, netlist, &start);
        std::fs::write(dir.join("tb.v"), &text).unwrap();
        let mut command = Command::new("iverilog");
        command.current_dir(dir).args(["-g2012", "-s", "probity_tb", "-o", "sim", "tb.v"]);
        for source in &design.sources {
            command.arg("-I").arg(source.parent().unwrap()).arg(source);
        }
        let done = command.output().unwrap();
        if done.status.success() {
            let run = Command::new("vvp").current_dir(dir).args(["-n", "sim"]).output().unwrap();
            let lines = String::from_utf8_lossy(&run.stdout).into_owned();
            let fits = |l: &&str| l.bytes().all(|b| b"01xz".contains(&b)) && !l.is_empty();
            return lines.lines().filter(fits).map(str::to_owned).collect();
        }
        let errors = String::from_utf8_lossy(&done.stderr).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        let bad = errors.lines().filter_map(|l| {
            let number: usize = l.strip_prefix("tb.v:")?.split(':').next()?.parse().ok()?;
            lines.get(number - 1).copied()
        });
        let bad: HashSet<&str> = bad.collect();
        let before = start.len();
        start.retain(|line| !bad.contains(line.as_str()));
        assert!(start.len() < before, "{errors}");
    }
    panic!("Icarus does not compile the test bench");
}

fn compare(name: &str, design: &Design<'_>) {
    let mut options = Options::default();
    for (key, value) in design.parameters {
        options.parameters.insert((*key).into(), (*value).into());
    }
    let done = elaborate(&design.sources, Some(design.top), &options).unwrap();
    let read = ReadOptions { top: Some(design.top), cuts: &[] };
    let netlist = netlist::read_yosys_json(&done.netlist_json, &read).unwrap();
    assert_eq!(netlist.unsupported, []);

    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut sim: SeqSim<1> = SeqSim::of(&netlist);
    let (mut stimulus, mut expected) = (String::new(), Vec::with_capacity(CYCLES));
    let (mut left, mut hold) = (4u64, BTreeMap::new());
    for cycle in 0..CYCLES {
        left = match left {
            0 if cycle > 0 && random.next().is_multiple_of(design.between) => 4,
            left => left.saturating_sub(1),
        };
        for port in ports(&netlist, Direction::Input) {
            let bits = match port.name.as_str() {
                name if name == design.clock => vec![false],
                name if name == design.reset => vec![(left > 0) == design.active],
                // Single wires stay for a while, so that handshakes of several cycles occur.
                name if port.bits.len() == 1 && random.next().is_multiple_of(3) => {
                    hold.get(name).cloned().unwrap_or_else(|| vec![false])
                }
                _ => random.bits(port.bits.len()),
            };
            for (lit, &bit) in port.bits.iter().zip(&bits) {
                sim.logic.set(*lit, &[if bit { u64::MAX } else { 0 }]);
            }
            stimulus += &text(&bits);
            hold.insert(port.name.clone(), bits);
        }
        stimulus.push('\n');
        sim.settle();
        let mut line = String::new();
        for port in ports(&netlist, Direction::Output) {
            let bits: Vec<bool> =
                port.bits.iter().map(|&b| sim.logic.value(b)[0] & 1 == 1).collect();
            line += &text(&bits);
        }
        expected.push(line);
        sim.load();
    }

    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("stimulus.txt"), stimulus).unwrap();
    let seen = icarus(design, &netlist, dir.path());
    assert_eq!(seen.len(), CYCLES, "{name}: Icarus stopped early");
    let names: Vec<String> = ports(&netlist, Direction::Output)
        .iter()
        .flat_map(|p| (0..p.bits.len()).rev().map(|b| format!("{}[{b}]", p.name)))
        .collect();
    let (mut compared, mut unknown) = (0usize, 0usize);
    for (cycle, (ours, theirs)) in expected.iter().zip(&seen).enumerate() {
        assert_eq!(ours.len(), theirs.len());
        for ((a, b), bit) in ours.bytes().zip(theirs.bytes()).zip(&names) {
            match b {
                b'x' | b'z' => unknown += 1,
                _ => {
                    assert_eq!(a as char, b as char, "{name}: cycle {cycle}, {bit}: ours, theirs");
                    compared += 1;
                }
            }
        }
    }
    let changes = seen.windows(2).filter(|pair| pair[0] != pair[1]).count();
    eprintln!(
        "{name}: {CYCLES} cycles, {} registers, {} ANDs, {compared} output bits equal, {unknown} X; \
         outputs changed in {changes} cycles; {}",
        netlist.registers.len(),
        netlist.aig.and_count(),
        done.tool
    );
    // picorv32 writes `'bx` to data it does not need, which is most of what it shows.
    assert!(unknown < 2 * compared, "{name}: too many X");
    assert!(changes * 20 > CYCLES, "{name}: the outputs hardly move");
}

fn ready() -> bool {
    let ready = has("iverilog") && frontend::find().is_ok();
    if !ready {
        eprintln!("IGNORED: needs iverilog and a Yosys");
    }
    ready
}

fn real(files: &[&str]) -> Option<Vec<PathBuf>> {
    let Some(dir) = std::env::var_os("PROBITY_REAL") else {
        eprintln!("IGNORED: set PROBITY_REAL to a directory filled by examples/real/fetch.py");
        return None;
    };
    ready().then(|| files.iter().map(|f| Path::new(&dir).join("sources").join(f)).collect())
}

#[test]
fn npu4_clean() {
    if !ready() {
        return;
    }
    let list = frontend::sources_of(&repository().join("examples/npu4/rtl")).unwrap();
    let (clock, reset) = ("clk", "rst_n");
    let parameters: &[(&str, &str)] = &[("N", "4")];
    let (sources, top) = (list.files, "npu4");
    let design = Design { sources, top, parameters, clock, reset, active: false, between: 2000 };
    compare("npu4 clean", &design);
}

#[test]
fn picorv32() {
    let file = "pythondata_cpu_picorv32/verilog/picorv32.v";
    let Some(sources) = real(&[file]) else { return };
    let (top, clock, reset) = ("picorv32", "clk", "resetn");
    let parameters: &[(&str, &str)] = &[("CATCH_MISALIGN", "0"), ("ENABLE_IRQ", "1")];
    let design = Design { sources, top, parameters, clock, reset, active: false, between: 200 };
    compare("picorv32", &design);
}

#[test]
fn serv() {
    let parts = [
        "rf_top",
        "rf_ram",
        "rf_ram_if",
        "top",
        "state",
        "decode",
        "immdec",
        "bufreg",
        "bufreg2",
        "ctrl",
        "alu",
        "rf_if",
        "mem_if",
        "csr",
        "aligner",
        "compdec",
    ];
    let files = parts.map(|p| format!("pythondata_cpu_serv/verilog/rtl/serv_{p}.v"));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let Some(sources) = real(&files) else { return };
    let (top, clock, reset) = ("serv_rf_top", "clk", "i_rst");
    let design =
        Design { sources, top, parameters: &[], clock, reset, active: true, between: 2000 };
    compare("serv", &design);
}
