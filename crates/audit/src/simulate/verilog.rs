//! Contract expressions, circuits and names as Verilog text.
//!
//! `inside` becomes comparisons, since Icarus Verilog does not read it; everything else of the
//! expression language is Verilog already. Names that Verilog cannot refer to across a hierarchy
//! give `None`: the caller leaves out what depends on them.

use proof::contract::Expr;
use proof::contract::expr::{Kind, Member, Node};
use proof::{Circuit, Var};
use std::fmt::Write as _;

/// An expression; `None` if it does not parse.
pub(super) fn expression(text: &str) -> Option<String> {
    Some(node(Expr::parse(text).ok()?.root()))
}

/// The conjunction of expressions.
pub(super) fn all<'a>(texts: impl IntoIterator<Item = &'a String>) -> Option<String> {
    let mut parts = Vec::new();
    for text in texts {
        parts.push(format!("(({}) != 0)", expression(text)?));
    }
    Some(if parts.is_empty() { "1'b1".to_owned() } else { parts.join(" && ") })
}

fn node(n: &Node) -> String {
    match &n.kind {
        Kind::Signal(_) | Kind::Constant(_) => n.to_string(),
        Kind::Not(x) => format!("!({})", node(x)),
        Kind::Invert(x) => format!("~({})", node(x)),
        Kind::Compare(relation, a, b) => {
            format!("({}) {} ({})", node(a), relation.symbol(), node(b))
        }
        Kind::Inside(x, members) => {
            let x = node(x);
            let one = |m: &Member| match m {
                Member::One(_, v) => format!("({x}) == {v}"),
                Member::Range(_, low, high) => format!("(({x}) >= {low} && ({x}) <= {high})"),
            };
            let parts: Vec<String> = members.iter().map(one).collect();
            format!("({})", parts.join(" || "))
        }
        Kind::Join(join, operands) => {
            let parts: Vec<String> = operands.iter().map(|x| format!("({})", node(x))).collect();
            parts.join(&format!(" {} ", join.symbol()))
        }
    }
}

/// Declares the gates of a circuit as wires `PREFIXn`; returns its outputs. `place` names what it
/// reads.
pub(super) fn circuit(
    text: &mut String,
    prefix: &str,
    circuit: &Circuit,
    place: impl Fn(Var) -> Option<String>,
) -> Option<Vec<String>> {
    let mut names = vec!["1'b0".to_owned()];
    for &var in &circuit.inputs {
        names.push(place(var)?);
    }
    let get = |names: &[String], code: u32| {
        let name = names.get((code >> 1) as usize)?;
        Some(if code & 1 == 1 { format!("~{name}") } else { name.clone() })
    };
    for (i, &[a, b]) in circuit.ands.iter().enumerate() {
        let name = format!("{prefix}{i}");
        let (a, b) = (get(&names, a)?, get(&names, b)?);
        let _ = writeln!(text, "  wire {name} = {a} & {b};");
        names.push(name);
    }
    circuit.outputs.iter().map(|&code| get(&names, code)).collect()
}

/// A hierarchical name below `dut` as RTL has it.
pub(super) fn rtl(name: &str) -> Option<String> {
    let simple = |part: &str| {
        let (head, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
        let head_ok = head.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && head.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
        while let Some(inner) = rest.strip_prefix('[') {
            let Some((digits, more)) = inner.split_once(']') else { return false };
            if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
                return false;
            }
            rest = more;
        }
        head_ok && rest.is_empty()
    };
    name.split('.').all(simple).then(|| name.to_owned())
}

/// The same name as a flattened netlist has it: one identifier, escaped where it must be.
pub(super) fn flat(name: &str) -> Option<String> {
    let usable = |c: char| c.is_ascii_graphic() && c != '@';
    if !name.chars().all(usable) || name.is_empty() || name.starts_with("probity_") {
        return None;
    }
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    Some(if plain { name.to_owned() } else { format!("\\{name} ") })
}

/// A sized literal from bits, least significant first.
pub(super) fn literal(bits: &[bool]) -> String {
    format!("{}'h{}", bits.len().max(1), report::witness::hex(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_becomes_comparisons() {
        assert_eq!(
            expression("op inside {8'h01, [8'h10:8'h12]} && !x").unwrap(),
            "(((op) == 8'h1 || ((op) >= 8'h10 && (op) <= 8'h12))) && (!(x))"
        );
    }
    #[test]
    fn names_that_a_hierarchy_cannot_have_are_refused() {
        assert_eq!(rtl("u_a.row[3].q").as_deref(), Some("u_a.row[3].q"));
        assert_eq!(rtl("u_a.$x"), None);
        assert_eq!(rtl("a[b]"), None);
        assert_eq!(flat("u_a.q").as_deref(), Some("\\u_a.q "));
        assert_eq!(flat("a b"), None);
    }
}
