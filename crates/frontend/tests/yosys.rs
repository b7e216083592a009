//! Elaboration with the Yosys of this machine. Without one every test says so and checks only that
//! the absence is reported.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test prints and panics")]

use frontend::{FrontendError, Options, Tool, elaborate, find, sources_of};
use std::path::{Path, PathBuf};

/// The tools of this machine; a line on standard error for each that is absent.
fn tools() -> Vec<Tool> {
    let mut found = Vec::new();
    for tool in Tool::ALL {
        let options = Options { tool: Some(tool), ..Options::default() };
        let dir = tempfile::tempdir().unwrap();
        let file = write(
            dir.path(),
            "probe.v",
            "module probe(input a, output y); assign y = a; endmodule\n",
        );
        match elaborate(&[file], Some("probe"), &options) {
            Ok(_) => found.push(tool),
            Err(error) => eprintln!("IGNORED for {}: {error}", tool.name()),
        }
    }
    if found.is_empty() {
        assert_eq!(find(), Err(FrontendError::NoYosys));
    }
    found
}

fn write(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

const RAM: &str = "
module ram #(parameter W = 8) (input clk, input we, input [3:0] a, input [W-1:0] d, output reg [W-1:0] q);
  reg [W-1:0] mem [0:15];
  reg [63:0] spare;
  always @(posedge clk) begin
    if (we) mem[a] <= d;
    q <= mem[a];
    spare <= {spare[62:0], we};
  end
endmodule
module unused(input a, output y); assign y = !a; endmodule
";

#[test]
fn registers_and_memories_survive() {
    for tool in tools() {
        let dir = tempfile::tempdir().unwrap();
        let file = write(dir.path(), "a ram; !x.v", RAM);
        let mut options = Options { tool: Some(tool), ..Options::default() };
        options.parameters.insert("W".into(), "4".into());
        let done = elaborate(&[file], Some("ram"), &options).unwrap();
        let read = netlist::ReadOptions { top: Some("ram"), cuts: &[] };
        let netlist = netlist::read_yosys_json(&done.netlist_json, &read).unwrap();
        // 16 words of 4 bits, the output register and a register nobody reads.
        assert_eq!(netlist.registers.len(), 64 + 4 + 64);
        assert_eq!(netlist.registers.iter().filter(|r| r.name == "spare").count(), 64);
        assert_eq!(done.memories.iter().map(|m| m.1).sum::<u64>(), 64);
        assert!(done.memories[0].0.starts_with("mem ("), "{:?}", done.memories);
        assert_eq!(done.uninstantiated_modules, ["unused"]);
        assert!(done.tool.contains("Yosys 0."), "{}", done.tool);
        // Yosys' own address, data and enable of the memory write.
        let removed: Vec<_> = done.passes.iter().filter(|p| p.registers_removed > 0).collect();
        assert!(matches!(removed[..], [p] if p.pass == "opt_clean" && p.registers_removed == 12));
        assert_eq!(done.passes.last().unwrap().registers_after, 132);
        assert_eq!(done.digest, evidence::Digest::of(&done.netlist_json));
        assert!(done.notes().iter().any(|n| n.contains("unused")), "{:?}", done.notes());
        let again = elaborate(&[done.sources[0].path.clone()], Some("ram"), &options).unwrap();
        assert_eq!(again.digest, done.digest);
    }
}

#[test]
fn a_memory_beyond_the_limit_is_named() {
    for tool in tools() {
        let dir = tempfile::tempdir().unwrap();
        let file = write(dir.path(), "ram.v", RAM);
        let options = Options { tool: Some(tool), memory_bits: 100, ..Options::default() };
        let error = elaborate(&[file], Some("ram"), &options).unwrap_err();
        let FrontendError::Memory { name, bits: 128, limit: 100 } = &error else {
            panic!("{error}")
        };
        assert!(name.starts_with("mem ("), "{name}");
        assert_eq!(error.reason(), evidence::Reason::Unsupported);
    }
}

#[test]
fn bad_sources_are_named() {
    for tool in tools() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { tool: Some(tool), ..Options::default() };
        let top =
            "module top(input a, output y, z);\n  gone u0(a, y);\n  lost u1(a, z);\nendmodule\n";
        let top = write(dir.path(), "top.v", top);
        let error = elaborate(std::slice::from_ref(&top), Some("top"), &options).unwrap_err();
        let wanted = |m: &str| (m.to_owned(), "top".to_owned());
        let modules = vec![wanted("gone"), wanted("lost")];
        assert_eq!(error, FrontendError::MissingModules { modules });

        let error = elaborate(std::slice::from_ref(&top), Some("tip"), &options).unwrap_err();
        assert_eq!(error, FrontendError::NoTop { top: "tip".into(), known: vec!["top".into()] });

        let more = "module gone(input a, output y);\n  assign y = a;\nendmodule\n";
        let (one, two) = (write(dir.path(), "one.v", more), write(dir.path(), "two.v", more));
        let error = elaborate(&[top, one, two.clone()], Some("top"), &options).unwrap_err();
        let FrontendError::DuplicateModule { module, .. } = &error else { panic!("{error}") };
        assert_eq!(module, "gone");

        let bad = write(dir.path(), "bad.v", "module bad(input a);\n  assign = ;\nendmodule\n");
        let error = elaborate(std::slice::from_ref(&bad), Some("bad"), &options).unwrap_err();
        let FrontendError::Rejected { file, line: Some(2), .. } = &error else { panic!("{error}") };
        assert_eq!(*file, bad);
    }
}

#[test]
fn slang_takes_over_where_it_is_there() {
    for tool in tools() {
        let dir = tempfile::tempdir().unwrap();
        let text = "typedef struct { logic [3:0] a; logic b; } pair_t;\n\
                    module top(input logic clk, input logic [4:0] d, output logic [4:0] q);\n\
                    pair_t p;\n\
                    always_ff @(posedge clk) begin p = '{a: d[4:1], b: d[0]}; end\n\
                    assign q = {p.a, p.b};\nendmodule\n";
        let file = write(dir.path(), "top.sv", text);
        let options = Options { tool: Some(tool), ..Options::default() };
        match elaborate(&[file], Some("top"), &options) {
            Ok(done) => {
                assert!(done.script.contains("read_slang"), "{}", done.script);
                assert_eq!(done.passes.last().unwrap().registers_after, 5);
            }
            Err(error) => assert!(error.to_string().contains("pip install pyosys"), "{error}"),
        }
    }
}

#[test]
fn time_runs_out() {
    for tool in tools() {
        let dir = tempfile::tempdir().unwrap();
        let file = write(dir.path(), "ram.v", RAM);
        let time = std::time::Duration::from_millis(1);
        let options = Options { tool: Some(tool), time, ..Options::default() };
        let error = elaborate(&[file], Some("ram"), &options).unwrap_err();
        assert!(matches!(error, FrontendError::TimeLimit { .. }), "{error}");
    }
}

#[test]
fn source_lists() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "b.sv", "");
    write(dir.path(), "a.v", "");
    write(dir.path(), "note.txt", "");
    let found = sources_of(dir.path()).unwrap();
    assert_eq!(found.files, [dir.path().join("a.v"), dir.path().join("b.sv")]);
    let list = write(dir.path(), "x.f", "// list\n+incdir+inc\n+define+A=1+B\nb.sv\n");
    let found = sources_of(&list).unwrap();
    assert_eq!(found.files, [dir.path().join("b.sv")]);
    assert_eq!(found.include, [dir.path().join("inc")]);
    assert_eq!(found.defines.len(), 2);
    let odd = write(dir.path(), "y.f", "-y lib\n");
    assert!(sources_of(&odd).unwrap_err().to_string().contains("line 1"));
}
