//! `VERIFY.md`: how to re-check a dossier without trusting whoever wrote it.
//!
//! The text names foreign tools for everything they can decide, and what no tool here decides.

use report::Document;
use std::fmt::Write as _;

const HEAD: &str = "\
Nobody has to believe this dossier. Check it, with our programs or without.

## With the verifier

    probity-verify DIR            # no search engine inside; the part to read first
    probity verify DIR --replay   # runs the examinations again and compares the findings

The verifier reads netlist and contract again, derives the complete list of obligations itself,
compares each CNF with the digest in the certificate, checks every LRAT proof by unit propagation,
replays every trace, and recomputes the claims from the findings. An artifact that is not included
is looked up by digest: `--artifacts DIR`.

## Without any program of ours

* **Signatures.** The envelope is DSSE with Ed25519. To check one with OpenSSL, write the
  pre-authentication encoding `DSSEv1 SP len(type) SP type SP len(payload) SP payload` to `pae`, the
  decoded signature to `sig`, and run

      openssl pkeyutl -verify -pubin -inkey KEY.pub.pem -rawin -in pae -sigfile sig

* **Digests.** The payload is an in-toto Statement that lists the SHA-256 of every other file of this
  directory: `sha256sum`.
* **Obligations.** Each is here as combinational AIGER and as DIMACS CNF under
  `certificates/obligations/`, named by the digest of the CNF. All are unsatisfiable:

      zstd -dc certificates/obligations/DIGEST.cnf.zst | cadical -q

  `scripts/recheck.py DIR` (Python, no package needed) rebuilds every CNF from its AIGER, compares,
  and has `cadical` or `minisat` decide each one again.
* **Proofs.** `certificates/lrat/DIGEST.lrat.zst` are LRAT proofs for any LRAT checker.
* **Witnesses.** `witnesses/NAME.vcd` is a waveform for any viewer. `witnesses/NAME.v` is a
  self-checking testbench; `sh witnesses/NAME.sh` has Yosys write the netlist as Verilog and runs it in
  Icarus Verilog, `sh witnesses/NAME.sh --rtl SOURCES…` runs it on RTL. `NAME.aag.zst` and
  `NAME.aiw` are the model and the stimulus for AIGER tools.

## What remains to be believed

* **The encoding gap.** That the obligations mean what the claim says is the work of the kernel (crates
  `netlist` and `proof`): reading the netlist, compiling the contract, composing the obligations. A
  stranger's solver decides the obligations, not their meaning. Read those crates, or write them again.
* **The contract.** It says what service, identity and hostile mean. Every finding lists what it rests on.
* **The netlist against the silicon.** Not examined.
* **Elaboration.** A netlist is what an elaborator made of sources; what it removed is gone from here.
";

/// The guide for one dossier.
pub(crate) fn guide(document: &Document) -> String {
    let mut text = String::from("# How to re-check this dossier\n\n");
    text.push_str(HEAD);
    text.push_str("\n## What it says\n\n");
    for finding in &document.findings {
        let body = &finding.body;
        let kind = body.kind.as_deref().map_or_else(String::new, |k| format!(" ({k})"));
        let item: String = body
            .item
            .iter()
            .flat_map(|i| i.chars())
            .map(|c| if c.is_alphanumeric() || "._[]".contains(c) { c } else { '_' })
            .collect();
        let _ = writeln!(text, "* `{}` of `{item}`: **{}{kind}**", body.check, body.verdict);
        for object in body.certificate.iter().chain(&body.witness) {
            let _ = writeln!(text, "  - {}", object.path);
        }
    }
    let _ = writeln!(
        text,
        "\nWritten by {}, kernel {}.",
        document.predicate.tool, document.predicate.kernel
    );
    text
}
