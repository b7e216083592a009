#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;

const SMALL: &str = r#"
/* a comment */
library (small) {
  time_unit : "1ns";
  capacitive_load_unit (1, pf);
  cell (AOI) { area : 1.0;
    pin(A) { direction : input; capacitance : 0.1; }
    pin(B) { direction : input; } pin("C") { direction : input }
    pin(Y) { direction : output; function : "!((A & B) | C)"; timing() { related_pin : "A"; } }
  }
  cell ("DFFR") {
    ff (IQ, IQN) { next_state : "D"; clocked_on : "CK"; clear : "RN'"; }
    pin(D) { direction : input; } pin(CK) { direction : input; clock : true; }
    pin(RN) { direction : input; } pin(Q) { direction : output; function : "IQ"; }
  }
  cell (RAM) { statetable ("A B", "Q") { table : "L - : - : N"; } pin(Q) { direction : output; } }
}
"#;

#[test]
fn cells_have_functions_and_storage() {
    let mut library = Library::default();
    library.add(SMALL.as_bytes()).unwrap();
    let aoi = &library.cells["AOI"];
    assert_eq!(aoi.pins.len(), 4);
    let function = aoi.pins[3].function.clone().unwrap();
    assert_eq!(function.names, ["A", "B", "C"]);
    assert_eq!(function.ops.last(), Some(&Op::Not));
    let flop = library.cells["DFFR"].storage.clone().unwrap();
    assert_eq!(flop.variables, ["IQ", "IQN"]);
    assert_eq!(flop.clear.unwrap().ops, [Op::Input(0), Op::Not]);
    assert!(library.cells["RAM"].opaque.is_some());
}

#[test]
fn operators_bind_as_the_format_says() {
    let ops = |t: &str| Function::parse(t).map(|f| f.ops);
    let (a, b, c) = (Op::Input(0), Op::Input(1), Op::Input(2));
    assert_eq!(ops("A B + C"), Ok(vec![a.clone(), b.clone(), Op::And, c.clone(), Op::Or]));
    assert_eq!(ops("A ^ B * C'"), Ok(vec![a, b, Op::Xor, c, Op::Not, Op::And]));
    assert!(ops("A &").is_err() && ops("(A").is_err() && ops("").is_err());
}

#[test]
fn wrong_texts_name_their_line() {
    let error = |t: &str| Library::default().add(t.as_bytes()).unwrap_err().to_string();
    assert!(error("library (x) {\n cell (A) {\n").starts_with("line 3"));
    assert!(error("{}").contains("library"));
    assert!(
        error("library (x) { cell (A) { pin (Y) { function : \"A &\"; } } }").contains("Boolean")
    );
}

#[test]
fn a_form_feed_is_white_space() {
    let text = b"library (l) { cell (A) {\x0cpin (A) { direction : input; } } }";
    assert!(Library::default().add(text).is_ok());
}
