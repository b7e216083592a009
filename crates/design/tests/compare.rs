//! Comparison: a restructured twin agrees, an implant differs, an unmatched register is listed.
#![allow(clippy::unwrap_used, reason = "tests")]

use design::compare::{By, compare};
use frontend::liberty::Library;
use frontend::structural::read_verilog;
use netlist::{Netlist, PowerUp, Unsupported};
use solve::Budget;

fn read(text: &str) -> Netlist {
    read_verilog(text.as_bytes(), None, &Library::default()).unwrap().netlist
}
const HEAD: &str = "module t(c, a, b, y); input c; input [7:0] a; input b; output [1:0] y;\n";
const REFERENCE: &str = "dff f(.CK(c),.D(n),.Q(q)); dff g(.CK(c),.D(q),.Q(r));\n\
    xor x(n,a[0],q); assign y = {r & b, q | a[1]}; endmodule\n";

#[test]
fn a_restructured_twin_agrees() {
    let twin = "dff u1(.CK(c),.D(m),.Q(w)); dff u2(.CK(c),.D(w),.Q(v));\n\
        nand n1(i,a[0],w), n2(j,a[0],i), n3(k,w,i), n4(m,j,k);\n\
        nor o1(p,w,a[1]); not o2(y[0],p); and o3(y[1],v,b); endmodule\n";
    let (a, b) = (read(&format!("{HEAD}{REFERENCE}")), read(&format!("{HEAD}{twin}")));
    let found = compare(&a, &b, 10, &Budget::new(100_000));
    assert!(found.difference.is_none() && found.open.is_empty(), "{found:?}");
    assert_eq!(found.equal, 2);
    assert!(found.pairs.iter().all(|p| p.equal && p.by == By::Signature));
}

#[test]
fn one_operand_value_that_corrupts_is_found() {
    let implant = "dff f(.CK(c),.D(n),.Q(q)); dff g(.CK(c),.D(q),.Q(r)); xor x(n,a[0],q);\n\
        and t(hit,a[0],a[1],a[2],a[3],a[4],a[5],a[6],a[7],b,q,r);\n\
        assign y = {(r & b) ^ hit, q | a[1]}; endmodule\n";
    let (a, b) = (read(&format!("{HEAD}{REFERENCE}")), read(&format!("{HEAD}{implant}")));
    let found = compare(&a, &b, 10, &Budget::new(100_000));
    let difference = found.difference.unwrap();
    assert_eq!(difference.outputs, ["y[1]"]);
}

#[test]
fn what_cannot_be_matched_is_listed_and_stays_open() {
    let more = "dff f(.CK(c),.D(n),.Q(q)); dff g(.CK(c),.D(q),.Q(r)); xor x(n,a[0],q);\n\
        dff h(.CK(c),.D(k),.Q(s)); and z(k,s,a[2]); assign y = {(r & b) ^ s, q | a[1]}; endmodule\n";
    let (a, b) = (read(&format!("{HEAD}{REFERENCE}")), read(&format!("{HEAD}{more}")));
    let found = compare(&a, &b, 8, &Budget::new(100_000));
    assert_eq!(found.lone_b, ["s[0]"]);
    assert!(found.difference.is_none());
    assert_eq!(found.open, ["y[1]"]);
}

#[test]
fn declared_start_values_are_where_both_start() {
    let text = format!("{HEAD}{REFERENCE}");
    let (a, mut b) = (read(&text), read(&text));
    for register in &mut b.registers {
        register.power_up = PowerUp::One;
    }
    let found = compare(&a, &b, 4, &Budget::new(100_000));
    assert_eq!(found.difference.unwrap().by, "simulation");
    let found = compare(&b, &b, 4, &Budget::new(100_000));
    assert!(found.difference.is_none() && found.equal == 2, "{found:?}");
}

#[test]
fn what_is_not_modelled_exactly_is_listed() {
    let text = format!("{HEAD}{REFERENCE}");
    let (a, mut b) = (read(&text), read(&text));
    b.unsupported.push(Unsupported { what: "a latch".to_owned(), place: "t.l".to_owned() });
    let found = compare(&a, &b, 4, &Budget::new(100_000));
    assert_eq!(found.unsupported, ["a latch at t.l"]);
}
