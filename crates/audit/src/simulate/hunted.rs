//! The testbench of an activation: the part is run once as it is, and once more with the net held quiet.
//!
//! PASS if the net is active in the cycle named and, where an effect was found, the output named differs
//! between a run with the net free and one with the net forced to its quiet value. A net that Verilog
//! cannot name from outside has no testbench.

use super::bench::{below, both};
use super::histories::{Run, output, text};
use crate::load::Design;
use crate::view::declared_bit;
use design::Sealed;
use netlist::Lit;
use proof::certificate::{Fired, NetRef};
use report::Witness;
use std::fmt::Write as _;

/// Most nets held at once.
const MAX_FORCED: usize = 256;

/// The testbench; `None` if Verilog cannot express it.
pub(super) fn bench(
    design: &Design,
    sealed: &Sealed,
    fired: &Fired,
    witness: &Witness,
) -> Option<String> {
    let NetRef::Named(name, bit) = &fired.bit.net else { return None };
    let effect = fired.effect.as_ref();
    let (quiet, trace) = (u8::from(fired.bit.quiet), &fired.run);
    let run = |name, seen, first| Run { name, trace, taken: 0, seen, first };
    let mut runs = vec![run("fires", fired.cycle, "@port = 0;")];
    if let Some(e) = effect {
        runs.push(run("free", e.cycle, "@port = 1;"));
        runs.push(run("held", e.cycle, "@hold;"));
    }
    let shown = match effect {
        Some(e) => output(design, &e.port, e.bit)?,
        None => "1'b0".to_owned(),
    };
    let at = |style, name: &str, bit: u32| {
        let word = below(style, "@dut", name)?;
        Some(match declared_bit(design, name, bit) {
            Some(bit) => format!("{word}[{bit}]"),
            None => word,
        })
    };
    let lit = *design.netlist.net(name)?.bits.get(*bit as usize)?;
    let sampled = both(|style| {
        let net = at(style, name, *bit)?;
        let mut hold = String::new();
        // the netlist's graph has one variable for all of them
        for (other, i, own) in same_variable(design, lit).into_iter().take(MAX_FORCED) {
            if let Some(other) = at(style, other, i) {
                let value = quiet ^ u8::from(own.is_neg() != lit.is_neg());
                let _ = writeln!(hold, "      force {other} = 1'b{value};");
            }
        }
        Some(format!(
            "  reg @port;\n  wire @shown = @port ? {shown} : {net};\n  wire @config = 1'b0;\n  \
             task @hold;\n    begin\n{hold}    end\n  endtask\n"
        ))
    })?;
    let effect = match effect {
        None => "",
        Some(_) => "\
    else if (!((@shown_free === 1'b0 && @shown_held === 1'b1) || (@shown_free === 1'b1 && @shown_held === 1'b0)))
      $display(\"FAIL: with the net held quiet the output does not differ\");\n",
    };
    let words = if effect.is_empty() { "" } else { ", and the output differs if it is held quiet" };
    let judge = format!(
        "    if (@shown_fires !== 1'b{}) $display(\"FAIL: the net is not active\");\n{effect}    \
         else $display(\"PASS: the net is active{words}\");\n",
        1 - quiet
    );
    text(design, sealed, witness, &runs, &sampled, &judge)
}

/// Bits of named nets that are `lit` or its complement.
fn same_variable(design: &Design, lit: Lit) -> Vec<(&str, u32, Lit)> {
    let mut found = Vec::new();
    for net in &design.netlist.nets {
        let own = net.bits.iter().enumerate().filter(|(_, l)| l.var() == lit.var());
        found.extend(own.map(|(i, &l)| (net.name.as_str(), i as u32, l)));
    }
    found
}
