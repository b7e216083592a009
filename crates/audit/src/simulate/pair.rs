//! The testbench of a leak: two parts, the same inputs, another identity, another output.
//!
//! Identities are forced, which is what the cut in the model means: whoever reads the signal sees
//! the value. PASS if the output named differs in the cycle named and inputs were equal throughout.

use super::bench::{Style, below, both, comment, finish, power_up, table};
use super::ports::Ports;
use super::unknown::after_reset;
use super::verilog::{flat, literal};
use crate::load::Design;
use design::Sealed;
use proof::certificate::{PairTrace, Trace};
use report::Witness;
use std::fmt::Write as _;

/// Longest trace put into a testbench, in cycles.
const MAX_TRACE: usize = 20_000;

/// The testbench; `None` if Verilog cannot express it.
pub fn bench(
    design: &Design,
    sealed: &Sealed,
    pair: &PairTrace,
    witness: &Witness,
) -> Option<String> {
    let cycles = pair.left.inputs.len();
    if cycles > MAX_TRACE || cycles == 0 {
        return None;
    }
    let model = &design.model;
    let ports = Ports::new(design)?;
    let item = model.identities.get(model.identity(&sealed.certificate.item)?)?;
    // a port that is the identity itself is not driven by words
    if design.netlist.port(&item.name).is_some() {
        return None;
    }
    let mut text = String::new();
    text.push_str(&comment(&format!("{}: {}", sealed.certificate.check, sealed.answer.title)));
    text.push_str(&comment(&format!("{}, then {}", witness.stimulus, witness.observation)));
    text.push_str(&comment(&format!("netlist {}", sealed.certificate.netlist)));
    text.push_str("// Prints PASS if it shows what the finding says, FAIL and why if not.\n");
    text.push_str("`timescale 1ns/1ps\nmodule probity_witness;\n");
    if ports.clock().is_none() {
        text.push_str("  reg probity_no_clock;\n");
    }
    ports.declare(&mut text, &["_left", "_right"]);
    ports.instance(&mut text, "@left", "_left");
    ports.instance(&mut text, "@right", "_right");
    let words: Vec<String> =
        pair.left.inputs.iter().map(|w| ports.word(w, &pair.left.power_up)).collect();
    table(&mut text, "@entry", ports.width(), &words);
    let sides = [("left", &pair.left), ("right", &pair.right)];
    let width = item.state.len() + item.inputs.len();
    for (side, trace) in sides {
        let values: Vec<String> = (0..cycles).map(|t| identity(item, trace, t)).collect();
        table(&mut text, &format!("@identity_{side}"), width, &values);
        let _ = writeln!(text, "  reg [{}:0] @value_{side};", width - 1);
        let unknown = after_reset(model, trace);
        let set = both(|style| Some(power_up(design, style, &format!("@{side}"), trace, &unknown)))?;
        let _ = write!(
            text,
            "  task @power_up_{side};\n    begin\n      #0;\n{set}    end\n  endtask\n"
        );
        text.push_str(&both(|style: Style| {
            let name = below(style, &format!("@{side}"), &item.name)?;
            Some(format!(
                "  initial begin #1; force {name} = @value_{side}; end\n"
            ))
        })?);
    }
    body(&mut text, &ports, design, pair, width)?;
    text.push_str("endmodule\n");
    Some(finish(&text))
}

/// The value of the identity in a cycle.
fn identity(item: &proof::model::IdentityModel, trace: &Trace, cycle: usize) -> String {
    let power_up = trace.power_up.as_bytes();
    let inputs = trace.inputs[cycle].as_bytes();
    let bits: Vec<bool> = item
        .state
        .iter()
        .map(|&i| power_up.get(i) == Some(&b'1'))
        .chain(item.inputs.iter().map(|&i| inputs.get(i) == Some(&b'1')))
        .collect();
    literal(&bits)
}

fn body(
    text: &mut String,
    ports: &Ports<'_>,
    design: &Design,
    pair: &PairTrace,
    width: usize,
) -> Option<()> {
    let port = design.netlist.port(&pair.port)?;
    let seen = |side: &str| {
        let name = flat(&format!("{}_{side}", pair.port))?;
        Some(if port.bits.len() == 1 { name } else { format!("{name}[{}]", pair.bit) })
    };
    let (left, right) = (seen("left")?, seen("right")?);
    let drive = if ports.has_words() {
        format!("{} = @entry[@t];", ports.target())
    } else {
        String::new()
    };
    let clock = ports.clock().unwrap_or_else(|| "probity_no_clock".to_owned());
    let active = u8::from(design.model.reset_active);
    let reset = design.model.reset_cycles;
    let reset_line = match ports.reset() {
        Some(r) => format!("{r} = (@t < {reset}) ? 1'b{active} : 1'b{};", 1 - active),
        None => String::new(),
    };
    let (cycles, at, high) = (pair.left.inputs.len(), pair.cycle, width - 1);
    let (name, bit) = (comment(&pair.port), pair.bit);
    let name = name.trim_start_matches("// ").trim_end().replace(['"', '%', '\\'], "_");
    let _ = write!(
        text,
        r#"
  integer @t;
  reg @shown = 0;
  initial begin
    {clock} = 0;
    @t = 0;
    @value_left = @identity_left[0]; @value_right = @identity_right[0];
    {drive} {reset_line}
    #2;
    @power_up_left;
    @power_up_right;
    #1;
    for (@t = 0; @t < {cycles}; @t = @t + 1) begin
      @value_left = @identity_left[@t]; @value_right = @identity_right[@t];
      {drive} {reset_line}
      #4;
      if (@t == {at}) begin
        $display("identity %h: {name}[{bit}] is %b in cycle %0d", @value_left, {left}, @t);
        $display("identity %h: {name}[{bit}] is %b in cycle %0d", @value_right, {right}, @t);
        @shown = ({left} === 1'b0 && {right} === 1'b1) || ({left} === 1'b1 && {right} === 1'b0);
      end
      #1 {clock} = 1;
      #5 {clock} = 0;
    end
    if (@shown) $display("PASS: the same inputs, another identity (of {high}:0), another output");
    else $display("FAIL: the output does not differ in cycle {at}");
    $finish;
  end
"#
    );
    Some(())
}
