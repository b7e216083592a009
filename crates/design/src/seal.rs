//! Certifying: from an engine's answer to a certificate with proofs.
//!
//! Method: the kernel derives the obligations; each is decided by a fresh solver run that writes an
//! LRAT proof of exactly the CNF the kernel encoded. A satisfiable obligation means engine and
//! kernel disagree: the answer is withdrawn.
//! Cost: one solver run per obligation; obligations that fold to false cost nothing.

use crate::{Answer, Undecided};
use evidence::{Digest, Reason};
use netlist::Lit;
use proof::certificate::{CERTIFICATE_SCHEMA, Certificate, Discharged, KERNEL_VERSION};
use proof::{Model, cnf, derive};
use solve::Budget;
use solve::certify::{Answer as Decision, Proof, decide};

/// A decided check with everything that must go into the dossier.
#[derive(Clone, PartialEq, Debug)]
pub struct Sealed {
    /// The answer.
    pub answer: Answer,
    /// The kind the kernel derived, for `refuted`.
    pub kind: Option<String>,
    /// The certificate.
    pub certificate: Certificate,
    /// LRAT proofs by digest of the uncompressed bytes.
    pub proofs: Vec<(Digest, Vec<u8>)>,
    /// Obligations for strangers' tools.
    pub emitted: Vec<Emitted>,
}

/// One obligation as files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Emitted {
    /// Name of the obligation.
    pub name: String,
    /// Digest of the DIMACS text.
    pub digest: Digest,
    /// Combinational AIGER, ASCII.
    pub aag: Vec<u8>,
    /// DIMACS CNF.
    pub cnf: Vec<u8>,
}

/// Which artifact and which item an answer is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Digest of the netlist file.
    pub netlist: Digest,
    /// Digest of the contract.
    pub contract: Digest,
    /// Check id.
    pub check: &'a str,
    /// Service or identity.
    pub item: &'a str,
}

/// Certifies `answer`.
///
/// # Errors
/// `contradiction` if an obligation is satisfiable or the kernel refuses the object, `budget` if one
/// could not be decided.
pub fn seal(
    model: &Model,
    subject: Subject<'_>,
    answer: Answer,
    budget: &Budget,
) -> Result<Sealed, Undecided> {
    let (derived, kind) = derive(model, subject.check, subject.item, answer.verdict, &answer.body)
        .map_err(|e| Undecided::new(Reason::Contradiction, format!("the kernel says: {e}")))?;
    let mut obligations = Vec::with_capacity(derived.len());
    let mut proofs = Vec::new();
    let mut emitted = Vec::new();
    for o in derived {
        let formula = cnf::encode(&o.aig, o.bad);
        let digest = formula.digest();
        let mut lrat = None;
        if o.bad != Lit::FALSE {
            match decide(&o.aig, o.bad, budget) {
                Decision::Unsat(Proof::Lrat(bytes)) => {
                    let id = Digest::of(&bytes);
                    proofs.push((id, bytes));
                    lrat = Some(id);
                }
                Decision::Unsat(Proof::Folded) => {}
                Decision::Sat(_) => {
                    let what = format!("obligation `{}` does not hold", o.name);
                    return Err(Undecided::new(Reason::Contradiction, what));
                }
                Decision::Unknown => {
                    let what = format!("obligation `{}` was not decided", o.name);
                    return Err(Undecided::new(Reason::Budget, what));
                }
            }
        }
        emitted.push(Emitted {
            name: o.name.clone(),
            digest,
            aag: cnf::aag(&o.aig, o.bad),
            cnf: formula.dimacs(),
        });
        obligations.push(Discharged { name: o.name, cnf: digest, lrat });
    }
    let certificate = Certificate {
        schema: CERTIFICATE_SCHEMA.into(),
        kernel: KERNEL_VERSION,
        check: subject.check.into(),
        netlist: subject.netlist,
        contract: subject.contract,
        item: subject.item.into(),
        verdict: answer.verdict,
        kind: kind.map(str::to_owned),
        body: answer.body.clone(),
        obligations,
    };
    Ok(Sealed { answer, kind: kind.map(str::to_owned), certificate, proofs, emitted })
}
