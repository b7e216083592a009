//! Contracts of any kind fit a design or are refused; what fits is written back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proof::contract::Contract;

const NETLIST: &[u8] = include_bytes!("../tiny.json");

fuzz_target!(|data: &[u8]| {
    let Ok(contract) = serde_json::from_slice::<Contract>(data) else { return };
    if proof::load_model(NETLIST, &contract).is_ok() {
        let text = serde_json::to_vec(&contract).expect("a contract is plain data");
        let again: Contract = serde_json::from_slice(&text).expect("what was written can be read");
        assert_eq!(again, contract);
    }
});
