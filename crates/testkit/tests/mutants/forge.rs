//! What a dishonest author with a solver does after an edit: derive, encode and prove again.

use crate::base::Answered;
use evidence::Digest;
use netlist::Lit;
use proof::certificate::Discharged;
use proof::{Model, cnf, derive};
use solve::Budget;
use solve::certify::{Answer, Proof, decide};

/// Brings a certificate in line with its object as far as that is possible. True if every obligation
/// has a proof; false if some are satisfiable and carry something else instead.
pub(crate) fn complete(model: &Model, answer: &mut Answered, junk: u32) -> bool {
    let c = &mut answer.certificate;
    let Ok((derived, kind)) = derive(model, &c.check, &c.item, c.verdict, &c.body) else {
        return false;
    };
    c.kind = kind.map(Into::into);
    let old = std::mem::take(&mut c.obligations);
    let budget = Budget::new(50_000);
    let mut all = true;
    for o in derived {
        let formula = cnf::encode(&o.aig, o.bad);
        let mut lrat = None;
        if o.bad != Lit::FALSE {
            let bytes = match decide(&o.aig, o.bad, &budget) {
                Answer::Unsat(Proof::Lrat(bytes)) => Some(bytes),
                Answer::Unsat(Proof::Folded) => None,
                Answer::Sat(_) | Answer::Unknown => {
                    all = false;
                    let before = old.iter().find(|d| d.name == o.name).and_then(|d| d.lrat);
                    match (junk % 4, before) {
                        (0, Some(id)) => {
                            answer.proofs.iter().find(|p| p.0 == id).map(|p| p.1.clone())
                        }
                        (1, _) => Some(format!("{} 0 1 0\n", formula.len() + 1).into_bytes()),
                        (2, _) => Some(Vec::new()),
                        _ => answer.proofs.last().map(|p| p.1.clone()),
                    }
                }
            };
            if let Some(bytes) = bytes {
                let id = Digest::of(&bytes);
                answer.proofs.push((id, bytes));
                lrat = Some(id);
            }
        }
        c.obligations.push(Discharged { name: o.name, cnf: formula.digest(), lrat });
    }
    all
}
