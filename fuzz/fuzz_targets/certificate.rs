//! Objects of certificates of any kind: the kernel derives obligations or refuses, and never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::Model;
use proof::certificate::Certificate;
use proof::contract::Contract;
use std::sync::OnceLock;

/// A part that may be disabled and has an identity, and one that computes; each is its own reference.
const PARTS: [(&[u8], &[u8]); 2] = [
    (include_bytes!("../tiny.json"), include_bytes!("../tiny.contract.json")),
    (include_bytes!("../job.json"), include_bytes!("../job.contract.json")),
];
static MODELS: OnceLock<Vec<Model>> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let models = MODELS.get_or_init(|| {
        let load = |(netlist, contract): &(&[u8], &[u8])| {
            let contract: Contract =
                serde_json::from_slice(contract).expect("the contract is sound");
            proof::load_compared(netlist, netlist, &contract).expect("it fits the design")
        };
        PARTS.iter().map(load).collect()
    });
    if let Ok(c) = serde_json::from_slice::<Certificate>(data) {
        for model in models {
            drop(proof::derive(model, &c.check, &c.item, c.verdict, &c.body));
        }
    }
});
