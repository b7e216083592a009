//! Whatever is guessed, the answer is that of one thread. The same text with a tab in the line that
//! ends a cell has the same length and meaning, and nothing in it is taken for the end of a cell.

use std::fmt::Write as _;

use super::SMALL;
use crate::{ReadOptions, read_yosys_json};

const END: &str = "\n        },\n";
const UNGUESSED: &str = "\n       \t},\n";

/// A chain of inverters of more than [`SMALL`] bytes; `pad` lengthens its net names.
fn chain(pad: usize) -> String {
    const CELLS: usize = 4000;
    let pad = "p".repeat(pad);
    let mut text = String::from(
        "{ \"modules\": { \"t\": {\n      \"ports\": {\n        \"a\": {\n          \"direction\": \
         \"input\", \"bits\": [ 2 ]\n        },\n        \"y\": {\n          \"direction\": \
         \"output\", \"bits\": [ 4002 ]\n        }\n      },\n      \"cells\": {",
    );
    for k in 0..CELLS {
        let comma = if k == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}\n        \"$not${k}\": {{\n          \"hide_name\": 1,\n          \"type\": \
             \"$_NOT_\",\n          \"attributes\": {{\n            \"src\": \"rtl/core.v:{k}.1-{k}.9|\
             techmap.v:1\"\n          }},\n          \"connections\": {{\n            \"A\": [ {} ],\n\
             \x20           \"Y\": [ {} ]\n          }}\n        }}",
            k + 2,
            k + 3,
        );
    }
    text.push_str("\n      },\n      \"netnames\": {");
    for k in 0..CELLS {
        let comma = if k == 0 { "" } else { "," };
        let _ = write!(
            text,
            "{comma}\n        \"n{pad}{k}\": {{\n          \"bits\": [ {}, {} ]\n        }}",
            k + 3,
            if k % 7 == 0 { "\"x\"" } else { "\"1\"" },
        );
    }
    text.push_str("\n      }\n    }\n  }\n}\n");
    assert!(text.len() > SMALL);
    text
}

/// What comes of a text, and whether all is well.
fn read(text: &str) -> (String, bool) {
    let result = read_yosys_json(text.as_bytes(), &ReadOptions::default());
    (format!("{result:?}"), result.is_ok())
}

fn same(text: &str, sound: bool) {
    let ahead = read(text);
    assert_eq!(ahead.1, sound, "{}", ahead.0.chars().take(300).collect::<String>());
    assert!(ahead == read(&text.replace(END, UNGUESSED)), "differs from one thread");
}

#[test]
fn half_the_cells_are_read_ahead() {
    same(&chain(0), true);
}

#[test]
fn a_guess_among_the_net_names_is_dropped() {
    same(&chain(400), true);
}

#[test]
fn a_guess_within_a_cell_is_dropped() {
    // an attribute that nobody reads looks like the end of a cell
    let text = chain(0);
    let nested = "\"attributes\": {\n \"x\": {\n        },\n";
    same(&text.replace("\"attributes\": {\n", nested), true);
}

#[test]
fn faults_are_those_of_one_thread() {
    let text = chain(0);
    let cells = text.find("\"netnames\"").unwrap_or_default();
    for (at, insert) in [
        (text.len() / 8, "\""),
        (cells - 2000, "\""),
        (cells - 2000, "}"),
        (cells, "7"),
        (cells, "\"netnames\": { }, "),
        (cells, "\"cells\": { }, "),
        (text.len() - 2000, "\\"),
        (text.len() - 5, "}"),
    ] {
        let mut text = text.clone();
        text.insert_str(at, insert);
        same(&text, false);
    }
    // two faults: the first is told
    let mut text = text;
    text.insert(cells - 2000, '\u{1}');
    text.insert(text.len() / 8, '\u{2}');
    same(&text, false);
    // names that come twice, in both halves
    let twice = chain(0).replace("\"$not$3990\"", "\"$not$3\"");
    same(&twice, false);
    same(&twice.replace("$_NOT_", "$_NOPE_"), false);
}
