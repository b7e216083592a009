//! Objects of certificates of any kind: the kernel derives obligations or refuses, and never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::Model;
use proof::certificate::Certificate;
use proof::contract::Contract;
use std::sync::OnceLock;

const NETLIST: &[u8] = include_bytes!("../tiny.json");
const CONTRACT: &[u8] = include_bytes!("../tiny.contract.json");
static MODEL: OnceLock<Model> = OnceLock::new();

fuzz_target!(|data: &[u8]| {
    let model = MODEL.get_or_init(|| {
        let contract: Contract = serde_json::from_slice(CONTRACT).expect("the contract is sound");
        proof::load_model(NETLIST, &contract).expect("it fits the design")
    });
    if let Ok(c) = serde_json::from_slice::<Certificate>(data) {
        drop(proof::derive(model, &c.check, &c.item, c.verdict, &c.body));
    }
});
