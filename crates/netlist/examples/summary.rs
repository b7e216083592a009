//! Prints what the reader makes of a Yosys JSON file: `summary FILE [CUT…]`.

use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: summary FILE [CUT…]")?;
    let cuts: Vec<String> = arguments.collect();
    let bytes = std::fs::read(&path)?;
    let start = std::time::Instant::now();
    let options = netlist::ReadOptions { cuts: &cuts, ..Default::default() };
    let n = netlist::read_yosys_json(&bytes, &options)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}: {} bytes in {seconds:.2} s", n.name, bytes.len())?;
    writeln!(
        out,
        "{} ports, {} registers, {} nets, {} undriven, {} nodes, {} leaves",
        n.ports.len(),
        n.registers.len(),
        n.nets.len(),
        n.undriven.len(),
        n.aig.and_count(),
        n.aig.leaf_count()
    )?;
    for port in &n.ports {
        writeln!(out, "port {:?} {}[{}]", port.direction, port.name, port.bits.len())?;
    }
    for (clock, registers) in &n.clocks {
        writeln!(out, "clock {clock}: {registers} registers")?;
    }
    for r in n.registers.iter().take(3) {
        writeln!(out, "register {}[{}] {:?} {:?}", r.name, r.bit, r.src, r.power_up)?;
    }
    for u in n.undriven.iter().take(5) {
        writeln!(out, "undriven {}[{}]", u.0, u.1)?;
    }
    for u in &n.unsupported {
        writeln!(out, "unsupported {}: {}", u.place, u.what)?;
    }
    for note in &n.notes {
        writeln!(out, "note {note}")?;
    }
    Ok(())
}
