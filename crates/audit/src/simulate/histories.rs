//! The testbench of two histories: one part, run twice from power-up, and another result.
//!
//! The part is run through the left run and then, from power-up again, through the right one. PASS if
//! both reach their quiet cycles with the same configuration, and the result named differs as many
//! cycles later as stated. Of an undeclared change there is one run, and PASS if the bit named changes.
//! Of a difference from the reference there is one run as well, and PASS if the output has the value
//! stated, which is not the reference's.
//! That operands are equal is plain in the tables.

use super::bench::{Style, below, bit_below, both, comment, finish, power_up, table};
use super::pair::{force, identity};
use super::ports::Ports;
use super::unknown::after_reset;
use super::verilog::flat;
use crate::load::Design;
use design::Sealed;
use proof::certificate::{Divergence, Histories, Trace, Unwritten};
use proof::contract::Expr;
use proof::model::{IdentityModel, StateKind};
use report::Witness;
use std::fmt::Write as _;

/// Longest trace put into a testbench, in cycles.
const MAX_TRACE: usize = 20_000;
/// Most words of the configuration that are compared.
const MAX_WORDS: usize = 4000;

/// Whether the contract's `quiet` speaks of ports alone, so that a bench can look at it.
pub(super) fn quiet_is_seen(design: &Design, sealed: &Sealed) -> bool {
    let contract = &design.model.contract;
    let function = contract.function.iter().find(|f| f.name == sealed.certificate.item);
    let quiet = function.and_then(|f| f.quiet.as_ref()).and_then(|q| Expr::parse(q).ok());
    quiet.is_some_and(|q| q.names().iter().all(|n| design.netlist.port(n).is_some()))
}

/// One run of a bench.
pub(super) struct Run<'a> {
    pub(super) name: &'static str,
    pub(super) trace: &'a Trace,
    /// Cycle in which the configuration is taken.
    pub(super) taken: u32,
    /// Cycle in which the result is looked at.
    pub(super) seen: u32,
    /// Statements before its first cycle.
    pub(super) first: &'static str,
}

/// The testbench of two histories; `None` if Verilog cannot express it.
pub(super) fn bench(
    design: &Design,
    sealed: &Sealed,
    pair: &Histories,
    witness: &Witness,
) -> Option<String> {
    let run = |name, trace, quiet: u32| Run {
        name,
        trace,
        taken: quiet,
        seen: quiet + pair.cycle,
        first: "",
    };
    let runs =
        [run("left", &pair.left, pair.left_quiet), run("right", &pair.right, pair.right_quiet)];
    let shown = output(design, &pair.port, pair.bit)?;
    let judge = "\
    if (@config_left !== @config_right) $display(\"FAIL: the runs differ in configuration\");
    else if ((@shown_left === 1'b0 && @shown_right === 1'b1) || (@shown_left === 1'b1 && @shown_right === 1'b0))
      $display(\"PASS: the same configuration and operands, another result\");
    else $display(\"FAIL: the result does not differ\");\n";
    let sampled = both(|style| sample(design, sealed, style, &shown))?;
    text(design, sealed, witness, &runs, &sampled, judge)
}

/// The testbench of an undeclared change.
pub(super) fn change(
    design: &Design,
    sealed: &Sealed,
    change: &Unwritten,
    witness: &Witness,
) -> Option<String> {
    let run = |name, cycle| Run { name, trace: &change.run, taken: cycle, seen: cycle, first: "" };
    let runs = [run("left", change.cycle), run("right", change.cycle + 1)];
    let judge = "\
    if ((@shown_left === 1'b0 && @shown_right === 1'b1) || (@shown_left === 1'b1 && @shown_right === 1'b0))
      $display(\"PASS: configuration changes in a cycle of none of its writers\");
    else $display(\"FAIL: it does not change\");\n";
    let sampled = both(|style| {
        let shown = match design.netlist.port(&change.name) {
            Some(_) => output(design, &change.name, change.bit)?,
            None => bit_below(design, style, "@dut", &change.name, change.bit)?,
        };
        Some(format!("  wire @shown = {shown};\n  wire @config = 1'b0;\n"))
    })?;
    text(design, sealed, witness, &runs, &sampled, judge)
}

/// The testbench of a difference from the reference: the delivered part alone, and its value.
pub(super) fn difference(
    design: &Design,
    sealed: &Sealed,
    d: &Divergence,
    witness: &Witness,
) -> Option<String> {
    let value = u8::from(proof::equivalence::differs(design.model.reference.as_ref()?, d).ok()?);
    let trace = crate::witness::delivered(design, d)?;
    let runs = [Run { name: "left", trace: &trace, taken: d.cycle, seen: d.cycle, first: "" }];
    let judge = format!(
        "\
    if (@shown_left === 1'b{value})
      $display(\"PASS: the output is {value}, the reference's is {}\");
    else $display(\"FAIL: the output is not {value}\");\n",
        1 - value
    );
    let shown = output(design, &d.port, d.bit)?;
    let sampled = format!("  wire @shown = {shown};\n  wire @config = 1'b0;\n");
    text(design, sealed, witness, &runs, &sampled, &judge)
}

/// An output bit of the instance.
pub(super) fn output(design: &Design, port: &str, bit: u32) -> Option<String> {
    let name = flat(&format!("{port}_dut"))?;
    let single = design.netlist.port(port)?.bits.len() == 1;
    Some(if single { name } else { format!("{name}[{bit}]") })
}

/// Wires of the result and of the configuration's registers.
fn sample(design: &Design, sealed: &Sealed, style: Style, shown: &str) -> Option<String> {
    let model = &design.model;
    let f = &model.functions[model.function(&sealed.certificate.item)?];
    let mut names: Vec<&str> = Vec::new();
    for c in &f.configuration {
        for (name, _, _) in &c.bits {
            if names.last() != Some(&name.as_str()) {
                names.push(name);
            }
        }
    }
    names.retain(|n| {
        model.state.iter().any(|s| s.name == *n && matches!(s.kind, StateKind::Register(_)))
    });
    names.truncate(MAX_WORDS);
    let words: Option<Vec<String>> = names.iter().map(|n| below(style, "@dut", n)).collect();
    let mut words = words?;
    words.push("1'b0".to_owned());
    let width = f.configuration.iter().map(|c| c.bits.len()).sum::<usize>() + 1;
    Some(format!(
        "  wire @shown = {shown};\n  wire [{}:0] @config = {{{}}};\n",
        width - 1,
        words.join(", ")
    ))
}

/// A testbench of runs of one part: `sampled` declares the wires `@shown` and `@config`, `judge` decides.
pub(super) fn text(
    design: &Design,
    sealed: &Sealed,
    witness: &Witness,
    runs: &[Run<'_>],
    sampled: &str,
    judge: &str,
) -> Option<String> {
    if runs.iter().any(|r| r.trace.inputs.len() > MAX_TRACE || r.trace.inputs.is_empty()) {
        return None;
    }
    let model = &design.model;
    let ports = Ports::new(design)?;
    let mut text = String::new();
    text.push_str(&comment(&format!("{}: {}", sealed.certificate.check, sealed.answer.title)));
    text.push_str(&comment(&format!("{}, then {}", witness.stimulus, witness.observation)));
    text.push_str(&comment(&format!("netlist {}", sealed.certificate.netlist)));
    text.push_str("// Prints PASS if it shows what the finding says, FAIL and why if not.\n");
    text.push_str("`timescale 1ns/1ps\nmodule probity_witness;\n");
    if ports.clock().is_none() {
        text.push_str("  reg probity_no_clock;\n");
    }
    ports.declare(&mut text, &["_dut"]);
    ports.instance(&mut text, "@dut", "_dut", None);
    text.push_str(sampled);
    // fuses have the same value in both runs; nothing in the part writes them
    let fuse = |i: &&IdentityModel| i.inputs.is_empty() && design.netlist.port(&i.name).is_none();
    let fuses: Vec<&IdentityModel> = model.identities.iter().filter(fuse).collect();
    for (k, &item) in fuses.iter().enumerate() {
        let name = format!("fuse{k}");
        let _ = writeln!(text, "  reg [{}:0] @value_{name};", item.state.len().max(1) - 1);
        text.push_str(&both(|style| force(design, item, style, "dut", &name))?);
    }
    let wide = model.functions.iter().flat_map(|f| &f.configuration);
    let high = wide.map(|c| c.bits.len()).sum::<usize>();
    for run in runs {
        let name = run.name;
        let _ = writeln!(text, "  reg @shown_{name};\n  reg [{high}:0] @config_{name};");
        let words: Vec<String> =
            run.trace.inputs.iter().map(|w| ports.word(w, &run.trace.power_up)).collect();
        table(&mut text, &format!("@word_{name}"), ports.width(), &words);
        let unknown = after_reset(model, run.trace);
        let set = both(|style| Some(power_up(design, style, "@dut", run.trace, &unknown)))?;
        let _ = write!(
            text,
            "  task @power_up_{name};\n    begin\n      #0;\n{set}    end\n  endtask\n"
        );
    }
    let clock = ports.clock().unwrap_or_else(|| "probity_no_clock".to_owned());
    let active = u8::from(model.reset_active);
    text.push_str("  integer @t;\n  initial begin\n");
    for run in runs {
        let (name, cycles) = (run.name, run.trace.inputs.len());
        let drive = match ports.has_words() {
            true => format!("{} = @word_{name}[@t];", ports.target()),
            false => String::new(),
        };
        let reset = match ports.reset() {
            Some(r) => {
                format!("{r} = (@t < {}) ? 1'b{active} : 1'b{};", model.reset_cycles, 1 - active)
            }
            None => String::new(),
        };
        let fused = fuses.iter().enumerate().fold(String::new(), |mut all, (k, &item)| {
            let value = identity(item, run.trace, 0);
            let _ = writeln!(all, "    @value_fuse{k} = {value}; @force_fuse{k};");
            all
        });
        let _ = write!(
            text,
            "    {clock} = 0;
    @t = 0;
    {drive} {reset}
    #1;
{fused}    @power_up_{name};
    {first}
    #1;
    for (@t = 0; @t < {cycles}; @t = @t + 1) begin
      {drive} {reset}
      #4;
      if (@t == {taken}) @config_{name} = @config;
      if (@t == {seen}) @shown_{name} = @shown;
      #1 {clock} = 1;
      #5 {clock} = 0;
    end
    $display(\"{name}: %b in cycle {seen}\", @shown_{name});\n",
            first = run.first,
            taken = run.taken,
            seen = run.seen,
        );
    }
    text.push_str(judge);
    text.push_str("    $finish;\n  end\nendmodule\n");
    Some(finish(&text))
}
