//! The testbench of a part that stops: it serves, the stimulus comes, it serves no more.
//!
//! Part one runs a cover of the certificate and demands that the service completes. Part two runs
//! the entry from power-up. From then on, under every input the certificate speaks of — what served
//! before, its own legal words, random words that satisfy the conditions — no tracked transaction
//! may complete and the closed set may not be left. A run too long to simulate has no testbench.
//! What it cannot show: that *no* input whatsoever leads out. That is what the certificate is for.

use super::bench::{Style, both, finish, opening, power_up, state_below, table};
use super::ports::Ports;
use super::unknown::after_reset;
use super::verilog::{all, circuit, expression};
use crate::load::Design;
use design::Sealed;
use proof::Var;
use proof::certificate::{ClosedSet, Entry, OwnerScope, Trace};
use proof::contract::Service;
use proof::model::StateKind;
use report::Witness;
use std::fmt::Write as _;

/// Cycles watched after the set is entered.
const WATCH: usize = 4000;
/// Longest trace put into a testbench, in cycles.
const MAX_TRACE: usize = 20_000;

/// The testbench; `None` if Verilog cannot express it.
pub(super) fn bench(
    design: &Design,
    sealed: &Sealed,
    set: &ClosedSet,
    witness: &Witness,
) -> Option<String> {
    let Entry::Trace(entry) = &set.entry else { return None };
    let cover = set.covers.first()?;
    if entry.inputs.len().max(cover.inputs.len()) > MAX_TRACE {
        return None;
    }
    let ports = Ports::new(design)?;
    let service =
        design.model.contract.service.iter().find(|s| s.name == sealed.certificate.item)?;
    let mut text = opening(sealed, witness, &ports);
    ports.declare(&mut text, &[""]);
    ports.instance(&mut text, "@dut", "", None);
    tracker(&mut text, service)?;
    conditions(&mut text, design, set)?;
    text.push_str(&both(|style| inside(design, set, service, style))?);
    let reset = entry.inputs.len().min(design.model.reset_cycles as usize);
    let words = |trace: &Trace| -> Vec<String> {
        trace.inputs.iter().map(|w| ports.word(w, &trace.power_up)).collect()
    };
    let (entry_words, cover_words) = (words(entry), words(cover));
    let legal: Vec<String> =
        set.legal_inputs.iter().map(|w| ports.word(w, &entry.power_up)).collect();
    table(&mut text, "@entry", ports.width(), &entry_words);
    table(&mut text, "@cover", ports.width(), &cover_words);
    table(&mut text, "@legal", ports.width(), &legal);
    let pick = design.model.services.get(design.model.service(&service.name)?)?.pick;
    let picks = |trace: &Trace| -> Vec<String> {
        let one = |w: &String| w.as_bytes().get(pick) == Some(&b'1');
        trace.inputs.iter().map(|w| format!("1'b{}", u8::from(one(w)))).collect()
    };
    table(&mut text, "@entry_pick", 1, &picks(entry));
    table(&mut text, "@cover_pick", 1, &picks(cover));
    let unknown: Vec<bool> = after_reset(&design.model, entry)
        .into_iter()
        .zip(after_reset(&design.model, cover))
        .map(|(a, b)| a || b)
        .collect();
    for (task, trace) in [("@power_up_entry", entry), ("@power_up_cover", cover)] {
        let set = both(|style| Some(power_up(design, style, "@dut", trace, &unknown)))?;
        let _ = write!(text, "  task {task};\n    begin\n{set}      #1;\n    end\n  endtask\n");
    }
    let straps = straps(design, &ports, entry);
    body(
        &mut text,
        &ports,
        set,
        design,
        &straps,
        (entry.inputs.len(), cover.inputs.len(), legal.len(), reset),
    )?;
    text.push_str("endmodule\n");
    Some(finish(&text))
}

/// The service's tracker, as the kernel defines it.
fn tracker(text: &mut String, service: &Service) -> Option<()> {
    let start = match &service.start {
        Some(start) => expression(start)?,
        None => "1'b1".to_owned(),
    };
    let done = expression(&service.done)?;
    text.push_str("  // the service: a start that is picked, and its completion\n");
    text.push_str("  reg @pick = 0, @pending = 0;\n");
    let _ = writeln!(text, "  wire @started = (({start}) != 0) && @pick;");
    let _ = writeln!(text, "  wire @done = ({done}) != 0;");
    match &service.tag {
        Some([sent, got]) => {
            let (sent, got) = (expression(sent)?, expression(got)?);
            let _ = writeln!(text, "  reg [63:0] @tag = 0;");
            let _ = writeln!(text, "  wire [63:0] @sent_tag = {sent};");
            let _ = writeln!(text, "  wire [63:0] @got_tag = {got};");
            text.push_str("  wire @completes = @pending && @done && @tag == @got_tag;\n");
        }
        None => {
            text.push_str("  reg [63:0] @tag = 0;\n  wire [63:0] @sent_tag = 0;\n");
            text.push_str("  wire @completes = @pending && @done;\n");
        }
    }
    Some(())
}

/// Which inputs the certificate speaks of.
fn conditions(text: &mut String, design: &Design, set: &ClosedSet) -> Option<()> {
    let contract = &design.model.contract;
    let mut wanted: Vec<&String> = contract.assume.iter().collect();
    if set.owner == OwnerScope::Documented {
        wanted.extend(&contract.documented);
    }
    if set.adversary.is_some() {
        wanted.extend(&contract.recovery_assume);
    }
    let mut lawful = all(wanted)?;
    if let Some(off) = &contract.off {
        lawful = format!("{lawful} && !(({}) != 0)", expression(&off.when)?);
    }
    let _ = writeln!(text, "  wire @lawful = {lawful};");
    Some(())
}

/// The closed set over registers of the design, and the leash's word.
fn inside(design: &Design, set: &ClosedSet, service: &Service, style: Style) -> Option<String> {
    let model = &design.model;
    let number = model.service(&service.name)?;
    let place = |var: Var| match var {
        Var::State(i) => {
            let s = model.state.get(i as usize)?;
            match s.kind {
                StateKind::Constant => port_bit(design, &s.name, s.bit),
                StateKind::Tracker(n) if n as usize == number => {
                    Some(if model.services[number].pending == i as usize {
                        "@pending".to_owned()
                    } else {
                        format!("@tag[{}]", s.bit)
                    })
                }
                _ => state_below(design, style, "@dut", i as usize),
            }
        }
        Var::Input(i) => {
            let input = model.inputs.get(i as usize)?;
            if model.services[number].pick == i as usize {
                return Some("@pick".to_owned());
            }
            port_bit(design, &input.name, input.bit)
        }
        _ => None,
    };
    let mut text = String::new();
    let holds = circuit(&mut text, "@in_set_", &set.set, place)?;
    let _ = writeln!(text, "  wire @in_set = {};", holds.first()?);
    if let Some(adversary) = &set.adversary {
        let outputs = circuit(&mut text, "@leash_", adversary, place)?;
        let _ = writeln!(text, "  wire [{}:0] @leash;", outputs.len().max(1) - 1);
        for (i, o) in outputs.iter().enumerate() {
            let _ = writeln!(text, "  assign @leash[{i}] = {o};");
        }
    }
    Some(text)
}

fn port_bit(design: &Design, name: &str, bit: u32) -> Option<String> {
    let port = design.netlist.port(name)?;
    let name = super::verilog::flat(name)?;
    Some(if port.bits.len() == 1 { name } else { format!("{name}[{bit}]") })
}

/// An input word in which the straps have the entry's values and all else is 0.
fn straps(design: &Design, ports: &Ports<'_>, entry: &Trace) -> String {
    ports.word(&"0".repeat(design.model.inputs.len()), &entry.power_up)
}

/// Tasks and the run itself.
fn body(
    text: &mut String,
    ports: &Ports<'_>,
    set: &ClosedSet,
    design: &Design,
    straps: &str,
    (entries, covers, legals, reset): (usize, usize, usize, usize),
) -> Option<()> {
    let high = ports.width() - 1;
    let (owner, other) = (ports.mask(true), ports.mask(false));
    let drive = if ports.has_words() { format!("{} = @w;", ports.target()) } else { String::new() };
    let clock = ports.clock().unwrap_or_else(|| "probity_no_clock".to_owned());
    let active = u8::from(design.model.reset_active);
    let (assert, release) = match ports.reset() {
        Some(r) => (format!("{r} = 1'b{active};"), format!("{r} = 1'b{};", 1 - active)),
        None => (String::new(), String::new()),
    };
    let mut leash = String::new();
    if set.adversary.is_some() {
        let others =
            (0..design.model.inputs.len()).filter(|&i| !design.model.inputs[i].role.is_owner());
        for (output, input) in others.enumerate() {
            if let Some(bit) = ports.bit_of(input) {
                let _ = writeln!(leash, "      @w[{bit}] = @leash[{output}];");
            }
        }
        let _ = writeln!(leash, "      {drive} #1;");
    }
    let _ = write!(
        text,
        r#"
  localparam [{high}:0] @OWNER = {owner}, @OTHERS = {other}, @STRAPS = {straps};
  reg [{high}:0] @w, @r;
  integer @t, @i, @served = 0, @outside = 0, @watched = 0, @seed = 1;
  reg @watching = 0, @in_reset = 1;

  // one clock cycle with the inputs as they stand
  task @tick;
    reg @next, @begins;
    begin
      #3;
      if (!@in_reset && @completes === 1'b1) @served = @served + 1;
      if (@watching) begin
        @watched = @watched + 1;
        if (@in_set !== 1'b1) @outside = @outside + 1;
      end
      @begins = @started;
      @next = (@begins || (@pending && !@completes)) && !@in_reset;
      if (@in_reset) @tag = 0; else if (@begins) @tag = @sent_tag;
      #1 {clock} = 1;
      @pending = @next;
      #5 {clock} = 0;
      #1;
    end
  endtask

  // applies word w, or a legal one where w is not
  task @settle;
    begin
      {drive} #1;
{leash}      for (@i = 0; @i < {legals} && @lawful !== 1'b1; @i = @i + 1) begin
        @w = (@legal[@i] & (@OWNER | @OTHERS)) | @STRAPS;
        {drive} #1;
{leash}      end
    end
  endtask

  initial begin
    {clock} = 0;
    // it serves
    @w = @cover[0]; {drive} {assert}
    @power_up_cover;
    for (@t = 0; @t < {covers}; @t = @t + 1) begin
      @in_reset = @t < {reset};
      if (@in_reset) begin {assert} end else begin {release} end
      @w = @cover[@t]; @pick = @cover_pick[@t]; {drive}
      @tick;
    end
    if (@served == 0) begin $display("FAIL: the service never completes, even before"); $finish; end
    $display("before: the service completes %0d times in %0d cycles", @served, {covers} - {reset});
    // the stimulus
    @served = 0; @pending = 0; @tag = 0; @in_reset = 1;
    @w = @entry[0]; {drive} {assert}
    @power_up_entry;
    for (@t = 0; @t < {entries}; @t = @t + 1) begin
      @in_reset = @t < {reset};
      if (@in_reset) begin {assert} end else begin {release} end
      @w = @entry[@t]; @pick = @entry_pick[@t]; {drive}
      @tick;
    end
    @in_reset = 0; {release}
    @served = 0; @pending = 0; @tag = 0; @watching = 1;
    #1;
    if (@in_set !== 1'b1) begin $display("FAIL: the stimulus does not lead into the closed set"); $finish; end
    // afterwards: what served before, legal words, random words
    @pick = 1;
    for (@t = 0; @t < {WATCH}; @t = @t + 1) begin
      for (@i = 0; @i <= {high}; @i = @i + 1) @r[@i] = $random(@seed);
      case ((@t / 64) % 3)
        0: @w = @cover[{reset} + (@t % ({covers} - {reset}))];
        1: @w = ({legals} > 0) ? @legal[@t % ({legals} > 0 ? {legals} : 1)] : @r;
        default: @w = @r;
      endcase
      @w = (@w & (@OWNER | @OTHERS)) | @STRAPS;
      if (@t % 5 == 0) @w = (@w & ~@OTHERS) | (@r & @OTHERS);
      @settle;
      if (@lawful !== 1'b1) begin $display("FAIL: no lawful input was found"); $finish; end
      @tick;
    end
    if (@served != 0) $display("FAIL: the service completes %0d times afterwards", @served);
    else if (@outside != 0) $display("FAIL: the closed set is left in %0d cycles", @outside);
    else $display("PASS: no service in %0d cycles afterwards, and the closed set is never left", @watched);
    $finish;
  end
"#
    );
    Some(())
}
