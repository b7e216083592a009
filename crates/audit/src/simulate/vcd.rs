//! Value change dump (IEEE 1364-2005, 18) of a witness: one scope per run, ten time units per cycle.

use report::Witness;
use report::witness::{Signal, bits};
use std::fmt::Write as _;

/// Time units per cycle.
const CYCLE: u64 = 10;

/// The dump.
pub(super) fn dump(witness: &Witness) -> String {
    let mut text = String::from("$version probity $end\n$timescale 1ns $end\n");
    let clock = witness.clock.as_deref().unwrap_or("clock");
    let mut next = 0;
    let mut changes: Vec<(u64, String)> = Vec::new();
    for run in &witness.runs {
        let scope = if witness.runs.len() > 1 { run.name.as_str() } else { &witness.top };
        let _ = writeln!(text, "$scope module {} $end", word(scope));
        let id = identifier(&mut next);
        let _ = writeln!(text, "$var wire 1 {id} {} $end", word(clock));
        for cycle in 0..run.cycles {
            changes.push((cycle * CYCLE, format!("0{id}")));
            changes.push((cycle * CYCLE + CYCLE / 2, format!("1{id}")));
        }
        for signal in &run.signals {
            let id = identifier(&mut next);
            let range =
                if signal.width > 1 { format!(" [{}:0]", signal.width - 1) } else { String::new() };
            let _ = writeln!(
                text,
                "$var wire {} {id} {}{range} $end",
                signal.width,
                word(&signal.name)
            );
            changes.extend(values(signal, &id));
        }
        text.push_str("$upscope $end\n");
    }
    text.push_str("$enddefinitions $end\n");
    changes.sort_by_key(|c| c.0);
    let mut now = None;
    for (time, change) in changes {
        if now != Some(time) {
            let _ = writeln!(text, "#{time}");
            now = Some(time);
        }
        text.push_str(&change);
        text.push('\n');
    }
    let end = witness.runs.iter().map(|r| r.cycles).max().unwrap_or(0) * CYCLE;
    let _ = writeln!(text, "#{end}");
    text
}

fn values(signal: &Signal, id: &str) -> Vec<(u64, String)> {
    let shown = |value: &str| {
        let bits = bits(value, signal.width).unwrap_or_default();
        let digits: String = bits.iter().rev().map(|&b| if b { '1' } else { '0' }).collect();
        if signal.width == 1 { format!("{digits}{id}") } else { format!("b{digits} {id}") }
    };
    signal.values.iter().map(|(cycle, value)| (cycle * CYCLE, shown(value))).collect()
}

/// A short identifier of printable characters.
fn identifier(next: &mut u32) -> String {
    let mut value = *next;
    *next += 1;
    let mut text = String::new();
    loop {
        text.push(char::from(b'!' + (value % 94) as u8));
        value /= 94;
        if value == 0 {
            return text;
        }
        value -= 1;
    }
}

/// A name as one word.
fn word(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect()
}
