//! What the tests of the examination share.
#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, reason = "test code")]

use evidence::{Provenance, Supplied};
use performance::{Examined, Settings, examine};

/// A specification of one part with 16-bit and 8-bit throughput.
pub(crate) fn spec(fp16: f64, int8: f64, die: Option<f64>, memory: f64, link: f64) -> String {
    let mut text = format!(
        "schema = \"probity/spec/1\"\npart = \"test\"\ndata_centre = true\n\
         [[throughput]]\nformat = \"fp16\"\nsparsity = \"none\"\n\
         peak = {{ value = {fp16}, unit = \"TFLOPS\", plus_minus = 0.5, source = \"table\" }}\n\
         [[throughput]]\nformat = \"int8\"\nsparsity = \"none\"\n\
         peak = {{ value = {int8}, unit = \"TOPS\", plus_minus = 0.5, source = \"table\" }}\n\
         [memory]\nbandwidth = {{ value = {memory}, unit = \"GB/s\", plus_minus = 150, source = \"table\" }}\n\
         [link]\ndirection = \"both\"\nbandwidth = {{ value = {link}, unit = \"GB/s\", plus_minus = 0, source = \"table\" }}\n"
    );
    if let Some(area) = die {
        text.push_str(&format!(
            "[[die]]\nname = \"die\"\ntransistor = \"finfet\"\n\
             area = {{ value = {area}, unit = \"mm2\", plus_minus = 0.5, source = \"table\" }}\n"
        ));
    }
    text
}

/// Examines a specification.
pub(crate) fn run(text: &str, others: &[Supplied], settings: &Settings) -> Examined {
    let primary = Supplied::new("spec", "spec.toml", text.as_bytes().to_vec());
    examine(&primary, others, settings, Provenance::Synthetic).unwrap()
}

/// The class under a rule; `None` if it is open.
pub(crate) fn class(examined: &Examined, rule: &str) -> Option<String> {
    let rule = examined.rules.iter().find(|r| r.id == rule).unwrap();
    let found = performance::class::classes(rule, &examined.sheet.subject);
    found.decided().map(str::to_owned)
}
