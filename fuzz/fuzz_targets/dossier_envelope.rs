//! Envelopes and statements of any kind are read or refused; what is read is written back the same.
#![no_main]

use dossier::{Envelope, Statement};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok((envelope, payload)) = Envelope::parse(data) {
        let text = envelope.to_json().expect("an envelope holds strings only");
        let again = Envelope::parse(&text).expect("what was written can be read");
        assert_eq!(again, (envelope, payload));
    }
    let _ = serde_json::from_slice::<Statement>(data);
});
