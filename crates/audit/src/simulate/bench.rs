//! What both testbenches share: names of state bits, power-up values, tables, the beginning, comments.

use super::ports::Ports;
use super::verilog::{flat, rtl};
use crate::load::Design;
use design::Sealed;
use netlist::Lit;
use proof::certificate::Trace;
use proof::model::StateKind;
use report::Witness;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

/// Most registers set at power-up.
const MAX_SET: usize = 20_000;

/// How hierarchical names are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    /// `u_power.enable`
    Rtl,
    /// `\u_power.enable `
    Flat,
}

/// A name below instance `dut`.
pub(super) fn below(style: Style, dut: &str, name: &str) -> Option<String> {
    let inner = match style {
        Style::Rtl => rtl(name)?,
        Style::Flat => flat(name)?,
    };
    Some(format!("{dut}.{inner}"))
}

/// One bit of a named word below instance `dut`.
pub(super) fn bit_below(
    design: &Design,
    style: Style,
    dut: &str,
    name: &str,
    bit: u32,
) -> Option<String> {
    let word = below(style, dut, name)?;
    let width = match design.netlist.net(name) {
        Some(net) => net.bits.len(),
        None => design.model.state.iter().filter(|s| s.name == name).count(),
    };
    Some(if width == 1 { word } else { format!("{word}[{bit}]") })
}

/// A register or identity bit of the model below instance `dut`.
pub(super) fn state_below(
    design: &Design,
    style: Style,
    dut: &str,
    index: usize,
) -> Option<String> {
    let s = design.model.state.get(index)?;
    match s.kind {
        StateKind::Register(_) => bit_below(design, style, dut, &s.name, s.bit),
        StateKind::Identity(_) => {
            let offset = design.netlist.net(&s.name).map_or(0, |n| n.offset);
            bit_below(design, style, dut, &s.name, s.bit + offset)
        }
        _ => None,
    }
}

/// Text for both styles, the flat one behind `PROBITY_FLAT`; `None` if one of them cannot be had.
pub(super) fn both(make: impl Fn(Style) -> Option<String>) -> Option<String> {
    let (flat, rtl) = (make(Style::Flat)?, make(Style::Rtl)?);
    Some(if flat == rtl { rtl } else { format!("`ifdef PROBITY_FLAT\n{flat}`else\n{rtl}`endif\n") })
}

/// Statements that put registers which reset leaves unknown at their power-up values. A register
/// may go by several names of which only one can be assigned, so all of them get the value.
pub(super) fn power_up(
    design: &Design,
    style: Style,
    dut: &str,
    trace: &Trace,
    unknown: &[bool],
) -> String {
    let model = &design.model;
    let mut at: HashMap<Lit, usize> = HashMap::new();
    for (i, s) in model.state.iter().enumerate() {
        if matches!(s.kind, StateKind::Register(_)) {
            at.insert(s.lit, i);
        }
    }
    let power_up = trace.power_up.as_bytes();
    let mut text = String::new();
    let mut mixed: BTreeSet<usize> = BTreeSet::new();
    let mut count = 0;
    for net in &design.netlist.nets {
        let bits: Vec<Option<usize>> = net.bits.iter().map(|l| at.get(l).copied()).collect();
        if !bits.iter().flatten().any(|&i| unknown.get(i) == Some(&true)) {
            continue;
        }
        let Some(name) = below(style, dut, &net.name) else { continue };
        let value = |i: usize| power_up.get(i) == Some(&b'1');
        let Some(values) = bits.iter().map(|b| b.map(value)).collect::<Option<Vec<bool>>>() else {
            mixed.extend(bits.iter().flatten().copied());
            continue;
        };
        count += 1;
        if count > MAX_SET {
            break;
        }
        let _ = writeln!(text, "      $deposit({name}, {});", super::verilog::literal(&values));
    }
    if design.gate_level && style == Style::Flat {
        // words of which only some bits are registers: Yosys names those after their cells
        for (lit, cell) in frontend::structural::cell_names(&design.netlist) {
            let Some(&i) = at.get(&lit).filter(|&i| mixed.contains(i)) else { continue };
            if let Some(name) = below(style, dut, &cell) {
                let bit = u8::from(power_up.get(i) == Some(&b'1'));
                let _ = writeln!(text, "      $deposit({name}, 1'b{bit});");
            }
        }
    }
    text
}

/// A table of words with an initial block that fills it. Verilog wants at least one entry.
pub(super) fn table(text: &mut String, name: &str, width: usize, words: &[String]) {
    let last = words.len().max(1) - 1;
    let _ = writeln!(text, "  reg [{}:0] {name} [0:{last}];", width - 1);
    text.push_str("  initial begin\n");
    for (i, word) in words.iter().enumerate() {
        let _ = writeln!(text, "    {name}[{i}] = {word};");
    }
    if words.is_empty() {
        let _ = writeln!(text, "    {name}[0] = 0;");
    }
    text.push_str("  end\n");
}

/// Gives the testbench's own names, written `@name` until here, a prefix that no port has.
pub(super) fn finish(text: &str) -> String {
    text.replace('@', "probity_")
}

/// The beginning of a testbench: what it shows and of which netlist, up to the first declaration.
pub(super) fn opening(sealed: &Sealed, witness: &Witness, ports: &Ports<'_>) -> String {
    let mut text = String::new();
    text.push_str(&comment(&format!("{}: {}", sealed.certificate.check, sealed.answer.title)));
    text.push_str(&comment(&format!("{}, then {}", witness.stimulus, witness.observation)));
    text.push_str(&comment(&format!("netlist {}", sealed.certificate.netlist)));
    text.push_str("// Prints PASS if it shows what the finding says, FAIL and why if not.\n");
    text.push_str("`timescale 1ns/1ps\nmodule probity_witness;\n");
    if ports.clock().is_none() {
        text.push_str("  reg probity_no_clock;\n");
    }
    text
}

/// A line of text as a comment: nothing in it can end the comment or drive a terminal.
pub(super) fn comment(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| c.is_ascii() && *c != '@')
        .collect();
    format!("// {}\n", line.trim_end().trim_end_matches('\\'))
}
