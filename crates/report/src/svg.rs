//! The stimulus of a witness as an inline SVG waveform.
//!
//! Method: signals that change or matter come first: inputs with marked bits, outputs that differ
//! between two runs, registers of the closed set. Where a run is long only the cycles around marked
//! ones are drawn, with a gap shown as a gap. Marked cycles carry a tinted cell. Colours come from
//! the page's style sheet, so the picture follows light and dark.

use crate::html::escape;
use crate::witness::{RunView, Signal, SignalRole, Witness, at, bits};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const ROW: usize = 26;
const LABEL: usize = 250;
const MAX_SIGNALS: usize = 24;
const MAX_COLUMNS: usize = 40;
/// Cycles drawn around one that matters.
const AROUND: u64 = 2;

/// The waveform of a witness.
pub(crate) fn waveform(witness: &Witness) -> String {
    let mut rows: Vec<(String, &Signal)> = Vec::new();
    for run in &witness.runs {
        let prefix = if witness.runs.len() > 1 { format!("{}: ", run.name) } else { String::new() };
        for signal in interesting(witness, run) {
            rows.push((format!("{prefix}{}", signal.name), signal));
        }
    }
    rows.truncate(MAX_SIGNALS);
    let cycles = columns(witness);
    let wide = rows.iter().flat_map(|(_, s)| s.values.iter()).map(|v| v.1.len()).max().unwrap_or(1);
    let cell = (wide.min(16) * 7 + 14).max(30);
    let (width, height) = (LABEL + cycles.len() * cell + 10, (rows.len() + 1) * ROW + 8);
    let mut svg = format!(
        "<svg class=\"wave\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"waveform of the witness\">\n"
    );
    for (column, cycle) in cycles.iter().enumerate() {
        let x = LABEL + column * cell + cell / 2;
        let text = cycle.map_or("…".to_owned(), |c| c.to_string());
        let _ = writeln!(svg, "<text class=\"tick\" x=\"{x}\" y=\"16\">{text}</text>");
    }
    for (row, (name, signal)) in rows.iter().enumerate() {
        let y = (row + 1) * ROW;
        let label = escape(&short(name, 34));
        let _ = writeln!(
            svg,
            "<text class=\"name {}\" x=\"{}\" y=\"{}\">{label}</text>",
            signal.role.word(),
            LABEL - 8,
            y + 16
        );
        for (column, cycle) in cycles.iter().enumerate() {
            if let Some(cycle) = cycle {
                let before = column.checked_sub(1).and_then(|c| cycles[c]);
                one(&mut svg, signal, *cycle, before, (LABEL + column * cell, y, cell));
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// One cell: a level for a bit, a box with a value for a word.
fn one(
    svg: &mut String,
    signal: &Signal,
    cycle: u64,
    before: Option<u64>,
    (x, y, cell): (usize, usize, usize),
) {
    let Some(value) = at(&signal.values, cycle) else { return };
    let marked = marks(signal, cycle);
    if marked {
        let _ = writeln!(
            svg,
            "<rect class=\"mark\" x=\"{x}\" y=\"{}\" width=\"{cell}\" height=\"{}\"/>",
            y + 1,
            ROW - 2
        );
    }
    let (top, bottom, end) = (y + 5, y + 21, x + cell);
    if signal.width == 1 {
        let level = if value == "1" { top } else { bottom };
        let old = before.and_then(|c| at(&signal.values, c));
        let from = match old {
            Some(old) if old != value => {
                if level == top {
                    bottom
                } else {
                    top
                }
            }
            _ => level,
        };
        let _ = writeln!(svg, "<path class=\"line\" d=\"M{x} {from}L{x} {level}L{end} {level}\"/>");
        return;
    }
    let old = before.and_then(|c| at(&signal.values, c));
    let class = if value.bytes().all(|b| b == b'0') { "box zero" } else { "box" };
    let _ = writeln!(
        svg,
        "<path class=\"{class}\" d=\"M{x} {mid}L{a} {top}L{b} {top}L{end} {mid}L{b} {bottom}L{a} {bottom}Z\"/>",
        mid = y + 13,
        a = x + 3,
        b = end - 3
    );
    if old != Some(value) || marked {
        let text = escape(&middle(value, 16));
        let center = x + cell / 2;
        let _ =
            writeln!(svg, "<text class=\"value\" x=\"{center}\" y=\"{}\">{text}</text>", y + 17);
    }
}

fn marks(signal: &Signal, cycle: u64) -> bool {
    at(&signal.essential, cycle)
        .and_then(|m| bits(m, signal.width))
        .is_some_and(|b| b.contains(&true))
}

/// Signals worth a row, in the order of presentation.
fn interesting<'a>(witness: &Witness, run: &'a RunView) -> Vec<&'a Signal> {
    let mut shown: Vec<&Signal> = run
        .signals
        .iter()
        .filter(|s| match s.role {
            SignalRole::Reset | SignalRole::Register | SignalRole::Identity => true,
            SignalRole::Output | SignalRole::Monitor => s.values.len() > 1 || differs(witness, s),
            SignalRole::Constant => true,
            _ => s.essential.iter().any(|m| m.1 != "0"),
        })
        .collect();
    shown.sort_by_key(|s| {
        let marked = s.essential.iter().any(|m| m.1 != "0");
        (!marked, !differs(witness, s), s.role)
    });
    shown.truncate(MAX_SIGNALS / witness.runs.len().max(1));
    shown
}

fn differs(witness: &Witness, signal: &Signal) -> bool {
    witness
        .runs
        .iter()
        .filter_map(|r| r.signals.iter().find(|s| s.name == signal.name))
        .any(|s| s.values != signal.values)
}

/// The cycles drawn; `None` is a gap.
fn columns(witness: &Witness) -> Vec<Option<u64>> {
    let last = witness.runs.iter().map(|r| r.cycles).max().unwrap_or(0);
    let mut wanted: BTreeSet<u64> = BTreeSet::new();
    let mut around = |cycle: u64| {
        wanted.extend((cycle.saturating_sub(AROUND)..=cycle + AROUND).filter(|&c| c < last));
    };
    around(0);
    around(last.saturating_sub(1));
    around(witness.cycle);
    for signal in witness.runs.iter().flat_map(|r| &r.signals) {
        for &(cycle, ref mask) in &signal.essential {
            if mask != "0" {
                around(cycle);
            }
        }
    }
    if last as usize <= MAX_COLUMNS {
        wanted = (0..last).collect();
    }
    let mut columns = Vec::new();
    for cycle in wanted {
        let gap = columns.last().is_some_and(|c: &Option<u64>| c.is_none_or(|c| c + 1 < cycle));
        if gap {
            columns.push(None);
        }
        columns.push(Some(cycle));
    }
    columns.truncate(2 * MAX_COLUMNS);
    columns
}

/// A name shortened from the left: its end says most.
fn short(name: &str, most: usize) -> String {
    let count = name.chars().count();
    if count <= most {
        return name.to_owned();
    }
    format!("…{}", name.chars().skip(count - most + 1).collect::<String>())
}

/// A value shortened in the middle.
fn middle(value: &str, most: usize) -> String {
    match (value.get(..7), value.len().checked_sub(7).and_then(|i| value.get(i..))) {
        (Some(head), Some(tail)) if value.len() > most => format!("{head}…{tail}"),
        _ => value.to_owned(),
    }
}
