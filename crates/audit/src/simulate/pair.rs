//! The testbench of a leak: two parts, the same inputs, another identity, another output.
//!
//! Identities are forced, which is what the cut in the model means: whoever reads the signal sees
//! the value. PASS if the output named differs in the cycle named and inputs were equal throughout.

use super::bench::{Style, below, both, comment, finish, opening, power_up, table};
use super::ports::Ports;
use super::unknown::after_reset;
use super::verilog::{flat, literal};
use crate::load::Design;
use design::Sealed;
use netlist::Lit;
use proof::certificate::{PairTrace, Trace};
use proof::model::IdentityModel;
use report::Witness;
use std::fmt::Write as _;

/// Longest trace put into a testbench, in cycles.
const MAX_TRACE: usize = 20_000;

/// The testbench; `None` if Verilog cannot express it.
pub(super) fn bench(
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
    let identity_port = design.netlist.port(&item.name).map(|p| p.name.as_str());
    let mut text = opening(sealed, witness, &ports);
    ports.declare(&mut text, &["_left", "_right"]);
    let width = item.state.len() + item.inputs.len();
    for side in ["left", "right"] {
        let _ = writeln!(text, "  reg [{}:0] @value_{side};", width - 1);
        let value = format!("@value_{side}");
        let instead = identity_port.map(|port| (port, value.as_str()));
        ports.instance(&mut text, &format!("@{side}"), &format!("_{side}"), instead);
    }
    let words: Vec<String> =
        pair.left.inputs.iter().map(|w| ports.word(w, &pair.left.power_up)).collect();
    table(&mut text, "@entry", ports.width(), &words);
    let sides = [("left", &pair.left), ("right", &pair.right)];
    for (side, trace) in sides {
        let values: Vec<String> = (0..cycles).map(|t| identity(item, trace, t)).collect();
        table(&mut text, &format!("@identity_{side}"), width, &values);
        let unknown = after_reset(model, trace);
        let set =
            both(|style| Some(power_up(design, style, &format!("@{side}"), trace, &unknown)))?;
        let _ = write!(
            text,
            "  task @power_up_{side};\n    begin\n      #0;\n{set}    end\n  endtask\n"
        );
        if identity_port.is_some() {
            let _ = writeln!(text, "  task @force_{side}; begin end endtask");
        } else {
            text.push_str(&both(|style| force(design, item, style, side, side))?);
        }
    }
    body(&mut text, &ports, design, pair, width)?;
    text.push_str("endmodule\n");
    Some(finish(&text))
}

/// A task that forces every name of the identity's bits: in a flattened netlist its readers may see another.
/// `@force_NAME` puts `@value_NAME` into the instance.
pub(super) fn force(
    design: &Design,
    item: &IdentityModel,
    style: Style,
    instance: &str,
    side: &str,
) -> Option<String> {
    let model = &design.model;
    let lits: Vec<Lit> = item
        .state
        .iter()
        .map(|&i| model.state[i].lit)
        .chain(item.inputs.iter().map(|&i| model.inputs[i].lit))
        .collect();
    let mut text = format!("  task @force_{side};\n    begin\n");
    let mut count = 0;
    for net in &design.netlist.nets {
        let bits: Option<Vec<usize>> =
            net.bits.iter().map(|l| lits.iter().position(|own| own == l)).collect();
        let (Some(bits), Some(name)) = (bits, below(style, &format!("@{instance}"), &net.name))
        else {
            continue;
        };
        let value: Vec<String> = bits.iter().rev().map(|b| format!("@value_{side}[{b}]")).collect();
        let straight = bits.len() == lits.len() && bits.iter().enumerate().all(|(i, b)| i == *b);
        let value =
            if straight { format!("@value_{side}") } else { format!("{{{}}}", value.join(", ")) };
        let _ = writeln!(text, "      force {name} = {value};");
        count += 1;
    }
    text.push_str("    end\n  endtask\n");
    (count > 0).then_some(text)
}

/// The value of the identity in a cycle.
pub(super) fn identity(item: &IdentityModel, trace: &Trace, cycle: usize) -> String {
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
    let drive =
        if ports.has_words() { format!("{} = @entry[@t];", ports.target()) } else { String::new() };
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
    #1;
    @force_left; @force_right;
    #1;
    @power_up_left;
    @power_up_right;
    #1;
    for (@t = 0; @t < {cycles}; @t = @t + 1) begin
      @value_left = @identity_left[@t]; @value_right = @identity_right[@t];
      @force_left; @force_right;
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
