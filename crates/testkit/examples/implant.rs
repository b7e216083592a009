//! Puts hidden functions, and honest look-alikes, into a netlist.
//!
//! `cargo run --release -p probity-testkit --example implant -- HOST OUT_DIR CLOCK SEED...`
//!
//! HOST is structural Verilog, or word-level Yosys JSON (`.json`), which is turned into ANDs as it stands.
//! For each seed, trigger kind and payload in turn: `OUT_DIR/SEED.v` (structural Verilog, trigger net
//! `implant_trigger`), `OUT_DIR/SEED.json` (trigger, payload, registers, witness and
//! the registers' values in its last cycles), and the same with
//! `-placebo`. `OUT_DIR/clean.v` is the host in the same form.
#![allow(clippy::print_stdout, reason = "a tool: it prints what it wrote")]

use frontend::liberty::Library;
use frontend::structural::read_verilog;
use serde_json::json;
use std::error::Error;
use testkit::implant::{Order, Payload, Recording, Trigger, frames, implant, verilog};

/// Cycles of the recording.
const CYCLES: usize = 600;
/// Most cycles of the run in which counters count.
const LONG: usize = 20_000;

/// Last cycles of the witness that are written with the registers' values.
const FRAMES: usize = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [host, out, clock, seeds @ ..] = args.as_slice() else {
        return Err("usage: implant HOST.v OUT_DIR CLOCK SEED...".into());
    };
    let bytes = std::fs::read(host)?;
    let netlist = if host.ends_with(".json") {
        netlist::read_yosys_json(&bytes, &netlist::ReadOptions::default())?
    } else {
        read_verilog(&bytes, None, &Library::default())?.netlist
    };
    std::fs::create_dir_all(out)?;
    std::fs::write(format!("{out}/clean.v"), verilog(&netlist, None, clock))?;
    let cycles = (120_000_000 / (8 * netlist.aig.len())).clamp(120, CYCLES);
    let long = (30_000_000 / netlist.aig.len()).clamp(cycles, LONG);
    let recording = Recording::new(&netlist, cycles, long, 7);
    for seed in seeds {
        let seed: u64 = seed.parse()?;
        let trigger = Trigger::ALL[(seed % 5) as usize];
        let payload = Payload::ALL[(seed / 5 % 5) as usize];
        for honest in [false, true] {
            let order = Order { trigger, payload: (!honest).then_some(payload), seed };
            let stem = format!("{out}/{seed}{}", if honest { "-placebo" } else { "" });
            let Some(made) = implant(&netlist, &recording, order) else {
                println!("{stem}: {} {} cannot be built here", trigger.id(), payload.id());
                continue;
            };
            std::fs::write(format!("{stem}.v"), verilog(&made.netlist, Some(&made), clock))?;
            let bits = |word: &Vec<bool>| -> String {
                word.iter().map(|&b| if b { '1' } else { '0' }).collect()
            };
            let witness: Vec<String> = made.witness.iter().map(bits).collect();
            let names: Vec<String> = made
                .netlist
                .inputs
                .iter()
                .map(|i| format!("{}[{}]", made.netlist.ports[i.port as usize].name, i.bit))
                .collect();
            let record = json!({
                "trigger": trigger.id(),
                "payload": if honest { "placebo" } else { payload.id() },
                "rate": made.rate,
                "registers": made.registers,
                "inputs": names,
                "witness": witness,
                "frames": frames(&made, FRAMES).iter().map(|f| json!({
                    "registers": bits(&f.registers), "inputs": bits(&f.inputs),
                })).collect::<Vec<_>>(),
            });
            std::fs::write(format!("{stem}.json"), record.to_string())?;
            println!("{stem}: {} {} rate {:.5}", trigger.id(), record["payload"], made.rate);
        }
    }
    Ok(())
}
