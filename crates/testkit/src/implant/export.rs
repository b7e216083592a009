//! A netlist as structural Verilog of two-input ANDs, inverters and flip-flops, for resynthesis.

use super::Implanted;
use netlist::{Direction, Lit, Netlist, Node};
use std::fmt::Write as _;

/// Model of the flip-flop that [`verilog`] uses.
const MODEL: &str =
    "module hostdff(input C, input D, output reg Q); always @(posedge C) Q <= D; endmodule\n";

/// Writes the netlist with its flip-flop model. The trigger's net is called `implant_trigger` and
/// marked `keep`, as are registers that nothing reads, so that synthesis cannot remove them.
pub fn verilog(n: &Netlist, implant: Option<&Implanted>, clock: &str) -> String {
    let mut text = String::from(MODEL);
    let ports: Vec<&str> = n.ports.iter().map(|p| p.name.as_str()).collect();
    let has_clock = ports.contains(&clock);
    let mut list: Vec<String> = ports.iter().map(|p| format!("\\{p} ")).collect();
    if !has_clock {
        list.push(format!("\\{clock} "));
    }
    let _ = writeln!(text, "module host({});", list.join(", "));
    if !has_clock {
        let _ = writeln!(text, "input \\{clock} ;");
    }
    for p in &n.ports {
        let word = if p.direction == Direction::Input { "input" } else { "output" };
        let _ = writeln!(text, "{word} [{}:0] \\{} ;", p.bits.len() - 1, p.name);
    }
    let name = |l: Lit| -> String {
        if l.is_const() {
            return format!("1'b{}", u8::from(l == Lit::TRUE));
        }
        format!("{}n{}", if l.is_neg() { "~" } else { "" }, l.var())
    };
    for var in 1..n.aig.len() as u32 {
        if let Node::And(a, b) = n.aig.node(var) {
            let _ = writeln!(text, "wire n{var} = {} & {};", name(a), name(b));
        } else {
            let _ = writeln!(text, "wire n{var};");
        }
    }
    for input in &n.inputs {
        let port = &n.ports[input.port as usize];
        let _ = writeln!(text, "assign {} = \\{} [{}];", name(input.lit), port.name, input.bit);
    }
    for (_, _, lit) in &n.undriven {
        let _ = writeln!(text, "assign {} = 1'b0;", name(*lit));
    }
    if let Some(made) = implant {
        let _ = writeln!(text, "(* keep *) wire implant_trigger = {};", name(made.trigger));
    }
    for (i, r) in n.registers.iter().enumerate() {
        let kept = implant.is_some_and(|m| m.kept.contains(&i));
        let keep = if kept { "(* keep *) " } else { "" };
        let _ = writeln!(
            text,
            "{keep}hostdff r{i}(.C(\\{clock} ), .D({}), .Q({}));",
            name(r.next),
            name(r.out)
        );
        if kept {
            let _ = writeln!(text, "(* keep *) wire implant_kept_{i} = {};", name(r.out));
        }
    }
    for p in n.ports.iter().filter(|p| p.direction == Direction::Output) {
        for (i, &bit) in p.bits.iter().enumerate() {
            let _ = writeln!(text, "assign \\{} [{i}] = {};", p.name, name(bit));
        }
    }
    text.push_str("endmodule\n");
    // readers of the trigger read the kept wire
    if let Some(made) = implant
        && !made.trigger.is_const()
    {
        let var = made.trigger.var();
        text = rename_readers(&text, var, made.trigger.is_neg());
    }
    text
}

/// Lets everything but the definition of the trigger read `implant_trigger`.
fn rename_readers(text: &str, var: u32, neg: bool) -> String {
    let plain = format!("n{var}");
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let definition = line.starts_with(&format!("wire {plain} "))
            || line.starts_with(&format!("wire {plain};"))
            || line.contains("implant_trigger")
            || line.contains(&format!(".Q({plain})"))
            || line.starts_with(&format!("assign {plain} "));
        if definition && !(line.contains(".Q(") && line.contains(&format!(".D({plain})"))) {
            out.push_str(line);
        } else {
            let mut rest = line;
            while let Some(at) = rest.find(&plain) {
                let (head, tail) = rest.split_at(at);
                let after = tail[plain.len()..].bytes().next();
                let before = head.bytes().last();
                let word =
                    |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
                out.push_str(head);
                if word(before) || word(after) {
                    out.push_str(&plain);
                } else {
                    out.push_str(if neg { "(~implant_trigger)" } else { "implant_trigger" });
                }
                rest = &tail[plain.len()..];
            }
            out.push_str(rest);
        }
        out.push('\n');
    }
    out
}
