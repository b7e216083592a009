//! Witnesses for foreign tools: waveform, self-checking testbench, how to run it.
//!
//! Problem: whoever doubts a refutation should see it happen in a simulator that knows nothing of
//! this program, on the vendor's own sources or on the netlist as it was delivered.
//! Method: [`vcd`] writes the recorded signals; [`bench`] writes a Verilog testbench that drives the
//! ports cycle by cycle and judges by itself; a shell script turns the netlist into Verilog by Yosys
//! and runs the bench on it in Icarus Verilog. The bench refers to registers by hierarchical name:
//! as RTL has them, or with `PROBITY_FLAT` as a flattened netlist has them.

mod aiger;
mod bench;
mod closed;
mod histories;
mod hunted;
mod pair;
mod ports;
mod unknown;
mod vcd;
mod verilog;

use crate::load::{Design, Raw};
use design::Sealed;
use proof::certificate::Body;
use report::Witness;

/// The files of one witness, by extension.
pub(crate) fn files(
    witness: &Witness,
    design: &Design,
    sealed: &Sealed,
    raw: &Raw,
    stem: &str,
) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("vcd", vcd::dump(witness).into_bytes())];
    let drained = crate::witness::draining(design, sealed);
    let design = drained.as_ref().unwrap_or(design);
    let bench = match &sealed.certificate.body {
        Body::ClosedSet(set) if drained.is_none() || histories::quiet_is_seen(design, sealed) => {
            closed::bench(design, sealed, set, witness)
        }
        Body::Histories(pair) => histories::bench(design, sealed, pair, witness),
        Body::Unwritten(change) => histories::change(design, sealed, change, witness),
        Body::Divergence(d) => histories::difference(design, sealed, d, witness),
        Body::Hunted(h) => h.fired.first().and_then(|f| hunted::bench(design, sealed, f, witness)),
        Body::Pair(pair) => pair::bench(design, sealed, pair, witness),
        _ => None,
    };
    if let Some(bench) = bench {
        all.push(("v", bench.into_bytes()));
        if !raw.bytes.starts_with(b"aig ") && !raw.bytes.starts_with(b"aag ") {
            all.push(("sh", script(design, raw, stem).into_bytes()));
        }
    }
    let packed = aiger::files(design, sealed)
        .and_then(|(model, stimulus)| Some((zstd::encode_all(&model[..], 3).ok()?, stimulus)));
    if let Some((model, stimulus)) = packed {
        all.push(("aag.zst", model));
        all.push(("aiw", stimulus.into_bytes()));
    }
    all
}

/// Runs the bench on the netlist: Yosys writes Verilog, Icarus Verilog simulates it.
fn script(design: &Design, raw: &Raw, stem: &str) -> String {
    let compressed = raw.bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    let unfold = if compressed { "zstd -dcq" } else { "cat" };
    // names come from hostile files: what a shell or Yosys could misread is left out
    let harmless = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let copy = match raw.name.chars().all(harmless) {
        true => format!("$here/../artifacts/{}/{}", raw.digest.hex(), raw.name),
        false => String::new(),
    };
    let top = match &design.model.name {
        name if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => name.as_str(),
        _ => "",
    };
    let top = if top.is_empty() { String::new() } else { format!("hierarchy -top {top}; ") };
    format!(
        r#"#!/bin/sh
# Replays witness {stem} in Icarus Verilog, without any program of probity.
# Usage: sh {stem}.sh [NETLIST]    on the netlist {digest}
#        sh {stem}.sh --rtl ARG…   on RTL: sources and options for iverilog (-I DIR, -D NAME)
# Needs iverilog; for a netlist also yosys{zstd}.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
if [ "${{1-}}" = --rtl ]; then
    shift
    iverilog -g2012 -o "$tmp/run" -s probity_witness "$here/{stem}.v" "$@"
else
    netlist=${{1-{copy}}}
    [ -r "$netlist" ] || {{ echo "give the path of the netlist {digest}" >&2; exit 2; }}
    [ "$(sha256sum "$netlist" | cut -c1-64)" = {digest} ] || {{ echo "$netlist is another file" >&2; exit 2; }}
    {unfold} "$netlist" > "$tmp/netlist.json"
    yosys -q -p "read_json $tmp/netlist.json; {top}write_verilog -noattr $tmp/netlist.v"
    iverilog -g2012 -DPROBITY_FLAT -o "$tmp/run" -s probity_witness "$here/{stem}.v" "$tmp/netlist.v"
fi
vvp -n "$tmp/run" | tee "$tmp/log"
grep -q '^PASS' "$tmp/log"
"#,
        digest = raw.digest.hex(),
        zstd = if compressed { " and zstd" } else { "" },
    )
}
