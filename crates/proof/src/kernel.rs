//! The kernel's rule: from (netlist, contract, check, certificate) to "holds" or a reason why not.
//!
//! The list of obligations comes from `derive` alone. A certificate must name exactly those, in
//! order, each with the digest of the CNF derived here; every CNF is refuted by its LRAT proof (RUP
//! steps only), except where the obligation folded to the constant false while it was built, which
//! anyone who derives it sees. `unsupported` constructs in the netlist refuse every certificate.

use crate::certificate::{Body, CERTIFICATE_SCHEMA, Certificate, KERNEL_VERSION};
use crate::cnf;
use crate::lrat;
use crate::model::Model;
use crate::obligation::{KernelError, Obligation, misfit};
use crate::replay::replay_pair;
use crate::{closed, equivalence, function, histories, hunted, recovery, relation};
use evidence::{Digest, Verdict};
use netlist::Lit;
use std::io::BufRead;

/// Check id of the recoverability check.
pub const REMOTE_DISABLE: &str = "design.remote-disable";
/// Check id of the identity check.
pub const IDENTITY_LEAK: &str = "design.identity-leak";
/// Check id of the comparison with a reference.
pub const COMPARE: &str = "design.compare";
/// The item of a comparison: a contract names one reference.
pub const REFERENCE_ITEM: &str = "reference";
/// Check id of the hunt.
pub const HUNT: &str = "design.hunt";
/// The item of a hunt: there is one netlist.
pub const NETLIST_ITEM: &str = "netlist";
/// Check id of the function check.
pub const HIDDEN_TRIGGER: &str = "design.hidden-trigger";

/// Where LRAT proofs come from.
pub trait ProofSource {
    /// The proof of that digest (of the uncompressed bytes), as a stream.
    ///
    /// # Errors
    /// A message for people if it cannot be had.
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String>;
}

/// What a checked certificate established.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// Number of obligations.
    pub obligations: usize,
    /// How many of them folded to false while being built.
    pub folded: usize,
    /// The kind that the object proves, for `refuted`.
    pub kind: Option<&'static str>,
}

/// The complete list of obligations for a certificate's object, and the kind it proves.
///
/// # Errors
/// If the object does not fit model, check, item or verdict, or a replay fails.
pub fn derive(
    model: &Model,
    check: &str,
    item: &str,
    verdict: Verdict,
    body: &Body,
) -> Result<(Vec<Obligation>, Option<&'static str>), KernelError> {
    if let Some(first) = model.unsupported.first() {
        return Err(misfit(format!("the netlist has a construct that is not modelled: {first}")));
    }
    let service = || model.service(item).ok_or_else(|| misfit(format!("no service `{item}`")));
    let identity = || model.identity(item).ok_or_else(|| misfit(format!("no identity `{item}`")));
    let function = || model.function(item).ok_or_else(|| misfit(format!("no function `{item}`")));
    let reference = || match (&model.reference, item) {
        (Some(product), REFERENCE_ITEM) => Ok(product),
        _ => Err(misfit(format!("no reference `{item}`"))),
    };
    match (check, verdict, body) {
        (REMOTE_DISABLE, Verdict::Proved, Body::Recovery(c)) => {
            Ok((recovery::obligations(model, service()?, c)?, None))
        }
        (REMOTE_DISABLE, Verdict::Refuted, Body::ClosedSet(c)) => {
            let (all, kind) = closed::obligations(model, service()?, c)?;
            Ok((all, Some(kind)))
        }
        (IDENTITY_LEAK, Verdict::Proved, Body::Relation(c)) => {
            Ok((relation::obligations(model, identity()?, c)?, None))
        }
        (IDENTITY_LEAK, Verdict::Refuted, Body::Pair(pair)) => {
            let difference = replay_pair(model, identity()?, pair)?;
            if difference.released {
                return Err(misfit("the difference lies in a window that releases the item"));
            }
            Ok((Vec::new(), Some(difference.kind)))
        }
        (HIDDEN_TRIGGER, Verdict::Proved, Body::Function(c)) => {
            Ok((function::obligations(model, function()?, c)?, None))
        }
        (HIDDEN_TRIGGER, Verdict::Refuted, Body::Histories(pair)) => {
            Ok((Vec::new(), Some(histories::differ(model, function()?, pair)?)))
        }
        (HIDDEN_TRIGGER, Verdict::Refuted, Body::Unwritten(run)) => {
            histories::unwritten(model, function()?, run)?;
            Ok((Vec::new(), Some("configuration")))
        }
        (HIDDEN_TRIGGER, Verdict::Refuted, Body::ClosedSet(c)) => {
            let (all, _) = closed::obligations(&model.draining(function()?), 0, c)?;
            Ok((all, Some("busy")))
        }
        (COMPARE, Verdict::Proved, Body::Equivalence(c)) => {
            Ok((equivalence::obligations(reference()?, c)?, None))
        }
        (COMPARE, Verdict::Refuted, Body::Divergence(d)) => {
            equivalence::differs(reference()?, d)?;
            Ok((Vec::new(), Some("difference")))
        }
        (HUNT, Verdict::Suspect | Verdict::NothingFound, Body::Hunted(h))
            if item == NETLIST_ITEM =>
        {
            hunted::obligations(model, h)
        }
        _ => Err(misfit("this object cannot establish that verdict of that check")),
    }
}

/// Checks a certificate completely.
///
/// # Errors
/// If anything at all does not hold; the message names the obligation and the reason.
pub fn check(
    model: &Model,
    netlist: &Digest,
    contract: &Digest,
    certificate: &Certificate,
    proofs: &mut dyn ProofSource,
) -> Result<Checked, KernelError> {
    if certificate.schema != CERTIFICATE_SCHEMA || certificate.kernel != KERNEL_VERSION {
        return Err(misfit("another schema or kernel version"));
    }
    if certificate.netlist != *netlist {
        return Err(misfit(format!("it is about netlist {}", certificate.netlist)));
    }
    if certificate.contract != *contract {
        return Err(misfit(format!("it is about contract {}", certificate.contract)));
    }
    let c = certificate;
    let (derived, kind) = derive(model, &c.check, &c.item, c.verdict, &c.body)?;
    if c.kind.as_deref() != kind {
        return Err(misfit(format!("the kind is {}, not the one stated", kind.unwrap_or("none"))));
    }
    if derived.len() != c.obligations.len() {
        let (have, need) = (c.obligations.len(), derived.len());
        return Err(misfit(format!("{have} obligations are listed, {need} are needed")));
    }
    let mut folded = 0;
    let count = derived.len();
    for (obligation, discharged) in derived.into_iter().zip(&c.obligations) {
        let fail = |what: String| KernelError::Obligation { name: obligation.name.clone(), what };
        if obligation.name != discharged.name {
            return Err(fail(format!("`{}` stands in its place", discharged.name)));
        }
        let cnf = cnf::encode(&obligation.aig, obligation.bad);
        if cnf.digest() != discharged.cnf {
            return Err(fail("its CNF is not the one derived here".into()));
        }
        match &discharged.lrat {
            None if obligation.bad == Lit::FALSE => folded += 1,
            None => return Err(fail("there is no proof".into())),
            Some(digest) => {
                let proof = proofs.open(digest).map_err(fail)?;
                lrat::check(&cnf, proof).map_err(|e| {
                    let name = obligation.name.clone();
                    KernelError::Obligation { name, what: e.to_string() }
                })?;
            }
        }
    }
    Ok(Checked { obligations: count, folded, kind })
}
