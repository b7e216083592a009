//! Certifying an answer, and checking the certificate.

use super::EFFORT;
use design::{Answer, Subject, seal};
use evidence::Digest;
use proof::kernel::{COMPARE, REFERENCE_ITEM};
use proof::{Model, ProofSource, kernel};
use solve::Budget;
use std::collections::HashMap;
use std::io::BufRead;

struct Proofs(HashMap<Digest, Vec<u8>>);

impl ProofSource for Proofs {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        self.0.get(lrat).map_or(Err("no such proof".into()), |b| Ok(Box::new(&b[..])))
    }
}

/// Certifies an answer; why not, if not.
pub(super) fn sealed(model: &Model, answer: Answer) -> Result<(), String> {
    let (netlist, contract) = (Digest::of(b"netlist"), Digest::of(b"contract"));
    let subject = Subject { netlist, contract, check: COMPARE, item: REFERENCE_ITEM };
    let sealed = seal(model, subject, answer, &Budget::new(EFFORT)).map_err(|why| why.detail)?;
    let mut proofs = Proofs(sealed.proofs.into_iter().collect());
    kernel::check(model, &netlist, &contract, &sealed.certificate, &mut proofs).unwrap();
    Ok(())
}
