#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;

fn read(text: &str) -> Delivered {
    read_verilog(text.as_bytes(), None, &Library::default()).unwrap()
}
fn refuse(text: &str) -> String {
    read_verilog(text.as_bytes(), None, &Library::default()).unwrap_err().to_string()
}

#[test]
fn a_contest_netlist_reads() {
    let d = read(
        "module top(n0, n1, n2, n3, n4);\n input n0, n1; input [1:0] n2; output n3, n4;\n wire n5;\n\
         and g0(n5, n2[0], n2[1], n1);\n not (n4, n5), g3(n6, n4);\n\
         dff g4(.RN(n1), .SN(1'b1), .CK(n0), .D(n5), .Q(n3));\nendmodule\n",
    );
    assert_eq!(d.netlist.registers.len(), 1);
    assert_eq!(d.netlist.clocks, [("n0".to_owned(), 1)]);
    assert_eq!(d.netlist.unsupported, []);
    let names: Vec<String> =
        (0..d.graph.instances.len() as u32).map(|i| d.graph.instance_name(i)).collect();
    assert_eq!(names, ["g0", "not@5", "g3", "g4"]);
    assert_eq!(d.netlist.registers[0].name, "n3");
}

#[test]
fn flip_flops_by_position_are_told_apart_by_use() {
    let d = read(
        "module s(CK,a,z); input CK,a; output z; wire q,d;\n dff D0(CK,q,d); dff D1(CK,z,q);\n\
         nand N(d,a,q); endmodule\n\
         module dff (CK,Q,D); input CK,D; output Q; trireg M; nmos N7 (M,D,CK); endmodule\n",
    );
    assert_eq!(d.netlist.registers.len(), 2);
    let d2 = read(
        "module s(CK,a,z); input CK,a; output z; wire q,d;\n dff D0(CK,q,d); dff D1(CK,z,q);\n\
         nand N(d,a,q); endmodule\n",
    );
    assert_eq!(d2.netlist.clocks, [("CK".to_owned(), 2)]);
    assert!(d2.netlist.notes.iter().any(|n| n.contains("told apart")));
}

#[test]
fn hierarchy_vectors_and_assigns_flatten() {
    let d = read(
        "module half(input [1:0] a, output [1:0] y); assign y = {a[0], ~a[1]}; endmodule\n\
         module t(x, y, w); input [3:0] x; output [3:0] y; output w; supply1 one;\n\
         half h0(x[1:0], y[1:0]); half \\h[1] (.a(x[3:2]), .y(y[3:2]));\n\
         assign w = (x[0] ^ x[1]) & one | 1'b0; endmodule\n",
    );
    let y = d.netlist.port("y").unwrap().bits.clone();
    let x = d.netlist.port("x").unwrap().bits.clone();
    assert_eq!(y, [!x[1], x[0], !x[3], x[2]]);
    let names: Vec<&str> = d.graph.instances.iter().map(|i| i.name.as_str()).collect();
    assert!(names.contains(&"y[1]"), "{names:?}");
    assert!(names.contains(&"w"));
}

#[test]
fn library_cells_and_black_boxes() {
    let mut library = Library::default();
    library
        .add(
            br#"library (l) { cell (AOI) { pin(A){direction:input;} pin(B){direction:input;}
            pin(Y){direction:output; function:"!(A B)";} }
            cell (DF) { ff (IQ,IQN) { next_state:"D"; clocked_on:"CLK"; clear:"!R"; }
            pin(D){direction:input;} pin(CLK){direction:input;} pin(R){direction:input;}
            pin(Q){direction:output; function:"IQ";} } }"#,
        )
        .unwrap();
    let text = "module t(c,r,a,z,m); input c,r,a; output z,m; wire q,n;\n\
        DF f(.D(n),.CLK(c),.R(r),.Q(q)); AOI g(.A(q),.B(a),.Y(n)); assign z = q;\n\
        RAMX u(.addr(n), .out(m)); endmodule\n";
    let d = read_verilog(text.as_bytes(), None, &library).unwrap();
    assert_eq!(d.netlist.registers.len(), 1);
    assert_eq!(d.netlist.undriven.len(), 1);
    assert_eq!(d.netlist.unsupported[0].what, "cell without a function");
    assert!(d.graph.observed.iter().any(|o| o.0.starts_with('u')));
}

#[test]
fn what_is_not_structure_is_refused_with_its_place() {
    let e = refuse("module t(a); input a; reg q;\nalways @(posedge a) q <= 1; endmodule");
    assert!(e.starts_with("line 2, column 1") && e.contains("always"), "{e}");
    assert!(refuse("module t(a); inout a; endmodule").contains("inout"));
    assert!(
        refuse("module t(a, y); input a; output y; buf b(y,a); buf c(y,a); endmodule")
            .contains("as does b at line 1")
    );
    assert!(refuse("module t(a, y); input a; output y; foo b(y,a); endmodule").contains("foo"));
    assert!(refuse("module t(a").contains("end of the file"));
    assert!(
        refuse("module t(a, y); input a; output y; assign y = a + 1; endmodule").contains("`+`")
    );
    let deep = format!("module t(y); output y; assign y = {}1'b0; endmodule", "~".repeat(100));
    assert!(refuse(&deep).contains("nested"));
}

#[test]
fn a_loop_is_cut_and_named() {
    let d = read("module t(a,y); input a; output y; nand g(y,a,z); nand h(z,y,a); endmodule");
    assert_eq!(d.netlist.unsupported[0].what, "combinational loop");
}

#[test]
fn clocks_made_by_logic_are_followed_and_named() {
    let d = read(
        "module t(c,d,y); input c,d; output y; wire q;\n dff a(.CK(c),.D(d),.Q(q));\n\
         dff b(.CK(q),.D(n),.Q(y)); not n1(n,y); endmodule",
    );
    assert_eq!(d.netlist.registers.len(), 3, "one remembers the clock");
    assert_eq!(d.netlist.unsupported[0].what, "register clocked by logic");
}

#[test]
fn what_was_read_can_be_written_for_the_kernel() {
    let d = read(
        "module t(c,r,a,y); input c,r; input [2:1] a; output [1:0] y; wire n;\n\
         dff f(.CK(c),.RN(r),.D(n),.Q(y[0])); xor x(n,a[1],a[2]); nor z(y[1],n,y[0]); endmodule",
    );
    let json = write_yosys_json(&d.netlist).unwrap();
    let again = netlist::read_yosys_json(&json, &netlist::ReadOptions::default()).unwrap();
    assert_eq!((again.inputs.len(), again.registers.len()), (4, 1));
    assert_eq!(again.aig.and_count(), d.netlist.aig.and_count());
    assert_eq!(again.clocks, d.netlist.clocks);
    assert_eq!(again.unsupported, []);
}

#[test]
fn yosys_cells_keep_their_names() {
    let json = br#"{"modules":{"t":{"attributes":{"top":1},
        "ports":{"c":{"direction":"input","bits":[2]},"a":{"direction":"input","bits":[3]},
                 "y":{"direction":"output","bits":[5]}},
        "cells":{"g1":{"type":"$_XOR_","connections":{"A":[3],"B":[5],"Y":[4]}},
                 "f1":{"type":"$_SDFF_PP0_","connections":{"C":[2],"D":[4],"R":[3],"Q":[5]}}},
        "netnames":{"u.q":{"bits":[5]},"c":{"bits":[2]},"a":{"bits":[3]},"y":{"bits":[5]}}}}}"#;
    let d = read_gates_json(json, None, &Library::default()).unwrap();
    let names: Vec<&str> = d.graph.instances.iter().map(|i| i.name.as_str()).collect();
    assert!(names.contains(&"g1") && names.contains(&"f1"), "{names:?}");
    assert_eq!(d.netlist.clocks, [("c".to_owned(), 1)]);
}

#[test]
fn both_edges_of_a_clock_are_named() {
    let d = read(
        "module t(c,a,y); input c,a; output [1:0] y; not n(m,c);\n\
         dff f(.CK(c),.D(a),.Q(y[0])); dff g(.CK(m),.D(a),.Q(y[1])); endmodule",
    );
    assert_eq!(d.netlist.unsupported[0].what, "both edges of a clock");
}

/// Random edits of good texts: whatever they become, the reader answers.
#[test]
fn broken_texts_are_refused_without_panic() {
    const TEXTS: [&str; 2] = [
        "module half(input [1:0] a, output [1:0] y); assign y = {2{a[0]}} ^ ~a; endmodule\n\
         module t(x, y, c); input [3:0] x; input c; output [3:0] y; supply0 z; wire [1:0] q;\n\
         half h(.a(x[1:0]), .y(y[1:0])); dff f(.RN(x[0]), .CK(c), .D(x[3]), .Q(q[0]));\n\
         dff g(c, q[1], x[2]); nand #1 (y[2], q[0], q[1]), n2(y[3], x[2], 1'b1); endmodule\n",
        "library (l) { cell (A) { pin (Y) { direction : output; function : \"!(A B) + C'\"; }\n\
         ff (IQ, IQN) { next_state : \"D\"; clocked_on : \"!C\"; } pin (D) { direction : input; } } }",
    ];
    let mut state = 1u64;
    let mut draw = |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % n
    };
    for round in 0..4000 {
        let mut bytes = TEXTS[round % 2].as_bytes().to_vec();
        for _ in 0..=draw(4) {
            let at = draw(bytes.len());
            match draw(4) {
                0 => drop(bytes.remove(at)),
                1 => bytes[at] = b" ()[]{}.,;:~&|'0aZ\\\"`#"[draw(22)],
                2 => bytes.truncate(at.max(1)),
                _ => {
                    let end = (at + draw(20)).min(bytes.len());
                    let part = bytes[at..end].to_vec();
                    bytes.splice(at..at, part);
                }
            }
            if bytes.is_empty() {
                bytes.push(b' ');
            }
        }
        let _ = read_verilog(&bytes, None, &Library::default());
        let _ = Library::default().add(&bytes);
    }
}
