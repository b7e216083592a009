//! The reference of a delivered netlist: found, elaborated if it is RTL, pinned in the contract, and put
//! beside the delivered part.
//!
//! A case names a file; the contract in the dossier names its digest, so a certificate speaks of these
//! two netlists and no others. The file is listed in the dossier with the role `reference`; one that was
//! elaborated here is included, for nobody else has it.

use crate::elaborate;
use crate::error::InputError;
use crate::examination::{self, Support};
use crate::load::Raw;
use design::Undecided;
use evidence::{Digest, Supplied};
use netlist::Netlist;
use proof::Product;
use proof::contract::Contract;
use std::path::Path;

/// Role of the file in a dossier.
pub(crate) const ROLE: &str = "reference";

/// Reads the file, or what stands for sources until they are elaborated.
///
/// # Errors
/// If it cannot be read, or the contract names a reference and the case does not.
pub(crate) fn gather(raw: &mut Raw, base: &Path, case: &Path) -> Result<(), InputError> {
    let pinned = raw.artifact.contract.as_ref().is_some_and(|c| c.reference.is_some());
    let Some(path) = &raw.artifact.reference else {
        if pinned {
            let what = "the contract names a reference, the artifact gives no file";
            let remedy = "add `reference = PATH` to the artifact";
            return Err(InputError::new(case, "contract.reference", what, remedy));
        }
        return Ok(());
    };
    if raw.artifact.contract.is_none() {
        return Ok(());
    }
    let path = base.join(path);
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    if elaborate::is_source(&path) {
        let supplied = Supplied::new(ROLE, &name, elaborate::manifest(&path)?);
        let digest = supplied.digest;
        raw.support.push(Support { supplied, packed: None, digest, record: None });
    } else {
        raw.support.push(examination::read(ROLE, &name, &path)?);
    }
    Ok(())
}

/// Elaborates the reference where it is RTL, and pins it in the contract.
///
/// # Errors
/// If sources or case have to be mended; [`Undecided`] inside where a tool is missing.
pub(crate) fn become_netlist(
    raw: &mut Raw,
    base: &Path,
    case: &Path,
) -> Result<Result<(), Undecided>, InputError> {
    let (Some(path), Some(contract)) = (&raw.artifact.reference, &raw.artifact.contract) else {
        return Ok(Ok(()));
    };
    let path = base.join(path);
    let Some(at) = raw.support.iter().position(|s| s.supplied.role == ROLE) else {
        return Ok(Ok(()));
    };
    if elaborate::is_source(&path) {
        let how = &raw.artifact.elaborate;
        let made = match elaborate::elaborate(&path, contract, how, base, &raw.support)? {
            Ok(made) => made,
            Err(undecided) => return Ok(Err(undecided)),
        };
        let digest = Digest::of(&made.packed);
        let bytes = crate::load::unfolded(&path, made.packed.clone(), crate::load::MAX_UNFOLDED)?;
        raw.support[at] = Support {
            supplied: Supplied::new(ROLE, &made.name, bytes),
            packed: Some(made.packed),
            digest,
            record: Some(made.record),
        };
        let source = |(name, bytes): (String, Vec<u8>)| {
            let supplied = Supplied::new(elaborate::SOURCE, &name, bytes);
            Support { digest: supplied.digest, supplied, packed: None, record: None }
        };
        raw.support.extend(made.sources.into_iter().map(source));
    }
    let digest = raw.support[at].digest;
    if contract.reference.is_some_and(|pinned| pinned != digest) {
        let what = format!("the file given is {digest}");
        let remedy = "correct the digest, or leave it out";
        return Err(InputError::new(case, "contract.reference", &what, remedy));
    }
    if let Some(contract) = &mut raw.artifact.contract {
        contract.reference = Some(digest);
    }
    Ok(Ok(()))
}

/// The delivered part and its reference side by side, if there is one.
///
/// # Errors
/// If the reference cannot be read or the contract does not fit it.
pub(crate) fn product(
    raw: &Raw,
    delivered: &Netlist,
    contract: &Contract,
    case: &Path,
) -> Result<Option<Box<Product>>, InputError> {
    let Some(file) = raw.support.iter().find(|s| s.supplied.role == ROLE) else {
        return Ok(None);
    };
    let path = Path::new(&file.supplied.name);
    let reference = proof::read_netlist(&file.supplied.bytes, contract)
        .map_err(|e| InputError::new(path, &e.place, &e.what, &e.remedy))?;
    let product = Product::new(delivered, &reference, contract)
        .map_err(|e| InputError::new(case, &format!("contract.{}", e.place), &e.what, ""))?;
    Ok(Some(Box::new(product)))
}
