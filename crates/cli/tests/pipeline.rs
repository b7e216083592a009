//! A pipeline with three jobs in flight, from RTL to a verified dossier: its multiplier stands between stages
//! that mean something only while they are valid. Clean, with histories that corrupt it, and with look-alikes.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::print_stdout, reason = "says that the test is ignored, and why")]

mod common;

use common::{code, err, out, probity};
use std::fs;
use std::path::Path;

/// Three stages, each may be stalled: operands, product, sum.
const RTL: &str = r"
module mac(input clk, rst, in_valid, out_ready, input [9:0] a, b, c, output in_ready, out_valid, noted, output reg [20:0] y);
  reg v1, v2, v3, seen, armed;
  reg [9:0] a1, b1, c1, c2;
  reg [19:0] p2;
  wire r3 = out_ready || !v3, r2 = r3 || !v2, r1 = r2 || !v1;
  assign in_ready = r1, out_valid = v3, noted = NOTED;
  always @(posedge clk) begin
    if (r1) v1 <= in_valid;
    if (r2) v2 <= v1;
    if (r3) v3 <= v2;
    if (r1 && in_valid) begin a1 <= a; b1 <= b; c1 <= c; seen <= a == 10'h2a5; if (seen && b == 10'h15a) armed <= 1; end
    if (r2 && v1) begin p2 <= a1 * b1; c2 <= c1; end
    if (r3 LOADED) y <= (p2 + c2) ^ PAYLOAD;
    if (rst) {v1, v2, v3, seen, armed} <= 0;
  end
endmodule
";

const CASE: &str = r#"schema = "probity/case/1"
[subject]
vendor = "Test"
model = "mac"
[[artifact]]
kind = "design"
path = "mac.v"
provenance = "synthetic"
include = true
[artifact.contract]
top = "mac"
clock = { port = "clk", mhz = 100 }
reset = { port = "rst", active = "high", cycles = 2 }
inputs.owner = ["in_valid", "a", "b", "c"]
inputs.environment = ["out_ready"]
[[artifact.contract.function]]
name = "mac"
operands = ["in_valid", "out_ready", "a", "b", "c"]
start = "in_valid && in_ready"
done = "out_valid && out_ready"
quiet = "!(v1 || v2 || v3)"
stall = "!out_ready"
latency = 8
[[artifact.contract.function.results]]
ports = ["in_ready", "out_valid"]
[[artifact.contract.function.results]]
ports = ["y"]
when = "out_valid"
[expect]
"#;

/// Name, the payload's bit, what loads the last stage beside its being free, what `noted` shows, verdict.
const VARIANTS: [(&str, &str, &str, &str, &str); 6] = [
    ("clean", "0", "&& v2", "0", r#""proved""#),
    // two operands in consecutive jobs invert a bit of later results
    ("sequence", "armed", "&& v2", "0", r#""refuted", kind = "value""#),
    // so they do where no job is: the stage is not loaded, or what is loaded is not valid
    ("idle", "(armed && !v2)", "&& v2", "0", r#""proved""#),
    ("bubble", "(armed && !v2)", "", "0", r#""proved""#),
    // the sequence is noted on an output that is no result
    ("noted", "0", "&& v2", "armed", r#""proved""#),
    // what the result before was: nobody planted it, and it is history all the same
    ("parity", "(^y && c2 == 10'h3ff)", "&& v2", "0", r#""refuted", kind = "value""#),
];

#[test]
fn jobs_in_flight_do_not_hide_what_came_before_them() {
    if frontend::find().is_err() {
        println!("ignored: no Yosys is installed");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut cases = Vec::new();
    for (name, payload, loaded, noted, verdict) in VARIANTS {
        let at = dir.path().join(name);
        fs::create_dir(&at).unwrap();
        let rtl = RTL.replace("PAYLOAD", payload).replace("LOADED", loaded).replace("NOTED", noted);
        fs::write(at.join("mac.v"), rtl).unwrap();
        let case = format!("{CASE}no-hidden-function = {{ verdict = {verdict} }}\n");
        fs::write(at.join(format!("{name}.toml")), case).unwrap();
        cases.push(format!("{name}/{name}.toml"));
    }
    let mut arguments = vec!["audit"];
    arguments.extend(cases.iter().map(String::as_str));
    arguments.extend(["--out", "out", "--expect"]);
    let audit = probity(dir.path(), &arguments);
    assert_eq!(code(&audit), 0, "{}\n{}", out(&audit), err(&audit));
    for (name, ..) in VARIANTS {
        let verified = probity(&dir.path().join("out").join(name), &["verify", "."]);
        assert_eq!(code(&verified), 0, "{name}: {}", out(&verified));
    }
    let witness = witness(&dir.path().join("out/sequence"));
    // the two operands, and a history of few cycles
    assert!(witness.contains("2a5") && witness.contains("15a"), "{witness}");
    assert!(witness.len() < 8_000, "{} bytes", witness.len());
}

fn witness(dossier: &Path) -> String {
    let all = common::files(&dossier.join("witnesses"));
    let json = all.iter().find(|f| f.0.extension().is_some_and(|e| e == "json")).unwrap();
    String::from_utf8(json.1.clone()).unwrap()
}
