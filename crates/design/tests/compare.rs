//! Comparison: a restructured twin agrees, an implant differs, an unmatched register is listed.
#![allow(clippy::unwrap_used, reason = "tests")]

use design::compare::{Comparison, compare, equivalence};
use design::{Settings, Subject, seal};
use evidence::{Digest, Reason, Verdict};
use frontend::liberty::Library;
use frontend::structural::{read_verilog, write_yosys_json};
use netlist::{Netlist, PowerUp, Unsupported};
use proof::certificate::Body;
use proof::contract::{Contract, PowerUpRule};
use proof::kernel::{COMPARE, REFERENCE_ITEM};
use proof::{Model, ProofSource, load_compared};
use solve::Budget;
use std::io::BufRead;

fn read(text: &str) -> Netlist {
    read_verilog(text.as_bytes(), None, &Library::default()).unwrap().netlist
}
fn zero() -> Contract {
    Contract { power_up: Some(PowerUpRule::Zero), ..Contract::default() }
}
fn product(reference: &Netlist, delivered: &Netlist) -> proof::Product {
    proof::Product::new(delivered, reference, &zero()).unwrap()
}
fn compared(reference: &Netlist, delivered: &Netlist) -> Comparison {
    compare(&product(reference, delivered), 10, &Budget::new(100_000))
}
const HEAD: &str = "module t(c, a, b, y); input c; input [7:0] a; input b; output [1:0] y;\n";
const REFERENCE: &str = "dff f(.CK(c),.D(n),.Q(q)); dff g(.CK(c),.D(q),.Q(r));\n\
    xor x(n,a[0],q); assign y = {r & b, q | a[1]}; endmodule\n";
const TWIN: &str = "dff u1(.CK(c),.D(m),.Q(w)); dff u2(.CK(c),.D(w),.Q(v));\n\
    nand n1(i,a[0],w), n2(j,a[0],i), n3(k,w,i), n4(m,j,k);\n\
    nor o1(p,w,a[1]); not o2(y[0],p); and o3(y[1],v,b); endmodule\n";
const IMPLANT: &str = "dff f(.CK(c),.D(n),.Q(q)); dff g(.CK(c),.D(q),.Q(r)); xor x(n,a[0],q);\n\
    and t(hit,a[0],a[1],a[2],a[3],a[4],a[5],a[6],a[7],b,q,r);\n\
    assign y = {(r & b) ^ hit, q | a[1]}; endmodule\n";

#[test]
fn a_restructured_twin_agrees() {
    let (a, b) = (read(&format!("{HEAD}{REFERENCE}")), read(&format!("{HEAD}{TWIN}")));
    let found = compared(&a, &b);
    assert!(found.difference.is_none() && found.open.is_empty(), "{found:?}");
    assert_eq!((found.equal, found.registers.matched, found.registers.by_name), (2, 2, 0));
}

#[test]
fn one_operand_value_that_corrupts_is_found() {
    let (a, b) = (read(&format!("{HEAD}{REFERENCE}")), read(&format!("{HEAD}{IMPLANT}")));
    let (difference, _) = compared(&a, &b).difference.unwrap();
    assert_eq!((difference.port.as_str(), difference.bit), ("y", 1));
}

#[test]
fn what_cannot_be_matched_is_listed_and_stays_open() {
    // s would be set by two registers that are never set at once, which equal bits cannot say
    let more = "dff f(.CK(c),.D(n),.Q(q)); dff g(.CK(c),.D(q),.Q(r)); xor x(n,a[0],q);\n\
        dff h(.CK(c),.D(a[2]),.Q(s)); not i(k,a[2]); dff j(.CK(c),.D(k),.Q(t));\n\
        assign y = {(r & b) ^ (s & t), q | a[1]}; endmodule\n";
    let (a, b) = (read(&format!("{HEAD}{REFERENCE}")), read(&format!("{HEAD}{more}")));
    let product = product(&a, &b);
    let found = compare(&product, 8, &Budget::new(100_000));
    let names: Vec<&str> = found
        .registers
        .lone_delivered
        .iter()
        .map(|&i| product.model.state[i].name.as_str())
        .collect();
    assert_eq!(names, ["s", "t"]);
    assert!(found.difference.is_none());
    assert_eq!((found.open, found.clear), (vec!["y[1]".to_owned()], 8));
}

#[test]
fn declared_start_values_are_where_both_start() {
    let text = format!("{HEAD}{REFERENCE}");
    let (a, mut b) = (read(&text), read(&text));
    for register in &mut b.registers {
        register.power_up = PowerUp::One;
    }
    assert_eq!(compared(&a, &b).difference.unwrap().1, "simulation");
    let found = compared(&b, &b);
    assert!(found.difference.is_none() && found.equal == 2, "{found:?}");
}

#[test]
fn what_is_not_modelled_exactly_is_listed() {
    let text = format!("{HEAD}{REFERENCE}");
    let (a, mut b) = (read(&text), read(&text));
    b.unsupported.push(Unsupported { what: "a latch".to_owned(), place: "t.l".to_owned() });
    assert_eq!(product(&a, &b).model.unsupported, ["a latch at t.l"]);
    assert_eq!(product(&b, &a).model.unsupported, ["in the reference: a latch at t.l"]);
}

fn model(reference: &str, delivered: &str, contract: &Contract) -> Model {
    let json = |text: &str| write_yosys_json(&read(&format!("{HEAD}{text}"))).unwrap();
    load_compared(&json(delivered), &json(reference), contract).unwrap()
}

struct Proofs(Vec<(Digest, Vec<u8>)>);
impl ProofSource for Proofs {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        let found = self.0.iter().find(|p| p.0 == *lrat).ok_or("no such proof")?;
        Ok(Box::new(&found.1[..]))
    }
}

#[test]
fn assumptions_that_leave_no_input_are_not_a_matter_of_effort() {
    let settings =
        Settings { budget: Budget::new(100_000), hints: Default::default(), exact: true };
    let assuming = |text: &str| Contract { assume: vec![text.into()], ..zero() };
    // y[0] is q or a[1]: where q is 1 nothing can be done about it
    let refused = equivalence(&model(REFERENCE, TWIN, &assuming("!y[0]")), 0, &settings);
    assert_eq!(refused.unwrap_err().reason, Reason::Unsupported);
    let proved = equivalence(&model(REFERENCE, TWIN, &assuming("!a[1]")), 0, &settings).unwrap();
    assert_eq!(proved.verdict, Verdict::Proved);
    let none = Settings { budget: Budget::new(0), ..settings };
    let refused = equivalence(&model(REFERENCE, TWIN, &assuming("!a[1]")), 0, &none);
    assert_eq!(refused.unwrap_err().reason, Reason::Budget);
}

#[test]
fn certificates_are_checked_and_altered_ones_refused() {
    let id = Digest::of(b"netlist");
    let settings =
        Settings { budget: Budget::new(100_000), hints: Default::default(), exact: true };
    let (twin, implant) = (model(REFERENCE, TWIN, &zero()), model(REFERENCE, IMPLANT, &zero()));
    for (model, verdict) in [(&twin, Verdict::Proved), (&implant, Verdict::Refuted)] {
        let answer = equivalence(model, 0, &settings).unwrap();
        assert_eq!(answer.verdict, verdict);
        let subject = Subject { netlist: id, contract: id, check: COMPARE, item: REFERENCE_ITEM };
        let sealed = seal(model, subject, answer, &settings.budget).unwrap();
        let mut proofs = Proofs(sealed.proofs.clone());
        let c = &sealed.certificate;
        proof::check(model, &id, &id, c, &mut proofs).unwrap();
        let other = if verdict == Verdict::Proved { &implant } else { &twin };
        proof::check(other, &id, &id, c, &mut proofs).unwrap_err();
        let mut altered = Vec::new();
        match &c.body {
            Body::Equivalence(e) => {
                for k in 0..e.ties.len() {
                    let mut less = e.clone();
                    less.ties.remove(k);
                    let mut flipped = e.clone();
                    flipped.ties[k][1] ^= 1;
                    let mut itself = e.clone();
                    itself.ties[k][1] = (itself.ties[k][0] + 1) << 1;
                    altered.extend([less, flipped, itself].map(Body::Equivalence));
                }
                let mut merged = e.clone();
                merged
                    .merges
                    .push([model.reference.as_ref().unwrap().model.aig.len() as u32 - 1, 0]);
                altered.push(Body::Equivalence(merged));
            }
            Body::Divergence(d) => {
                let mut port = d.clone();
                port.bit = 0;
                let mut early = d.clone();
                early.cycle -= 1;
                let mut quiet = d.clone();
                quiet.run.inputs.iter_mut().for_each(|w| *w = "0".repeat(w.len()));
                altered.extend([port, early, quiet].map(Body::Divergence));
            }
            other => panic!("{other:?}"),
        }
        for body in altered {
            let mut c = c.clone();
            c.body = body;
            proof::check(model, &id, &id, &c, &mut proofs).unwrap_err();
        }
    }
}

#[test]
fn a_difference_that_rests_on_what_the_reference_leaves_open_is_none() {
    let contract = Contract { power_up: Some(PowerUpRule::Arbitrary), ..Contract::default() };
    let settings =
        Settings { budget: Budget::new(100_000), hints: Default::default(), exact: true };
    let hold = "dff f(.CK(c),.D(q),.Q(q)); assign y = {q, a[1]}; endmodule\n";
    let tied = "assign y = {1'b0, a[1]}; endmodule\n";
    // the reference may power up at 0 or 1 and stay there; the delivered part is at 0
    let refined = equivalence(&model(hold, tied, &contract), 0, &settings);
    assert!(refined.as_ref().map_or(true, |a| a.verdict == Verdict::Proved), "{refined:?}");
    // the other way round the delivered part shows what the reference never does
    let wider = equivalence(&model(tied, hold, &contract), 0, &settings).unwrap();
    assert_eq!(wider.verdict, Verdict::Refuted);
    // a register of another name powers up as it suits the comparison
    let renamed = "dff g(.CK(c),.D(z),.Q(z)); assign y = {z, a[1]}; endmodule\n";
    let same = equivalence(&model(hold, renamed, &contract), 0, &settings).unwrap();
    assert_eq!(same.verdict, Verdict::Proved);
}
