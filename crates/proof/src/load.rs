//! From the bytes of a netlist file and a contract to a model: the one way in.
//!
//! The format is told by the first bytes, never by the file's name: `{` Yosys JSON, `aag ` or
//! `aig ` AIGER.

use crate::contract::Contract;
use crate::model::{Model, ModelError};
use crate::product::Product;
use evidence::{Digest, canonical_json};
use netlist::{Netlist, ReadError};

/// Why there is no model.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoadError {
    /// The netlist cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The reference cannot be read.
    #[error("reference: {0}")]
    Reference(ReadError),
    /// The contract does not fit it.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The contract itself is wrong.
    #[error("contract.{0}")]
    Contract(String),
}

/// Reads a netlist with the contract's identity signals cut free.
///
/// # Errors
/// If the bytes are no netlist, or a signal does not exist.
pub fn read_netlist(bytes: &[u8], contract: &Contract) -> Result<Netlist, ReadError> {
    let cuts: Vec<String> = contract.identity.iter().map(|i| i.signal.clone()).collect();
    let first = bytes.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
    match &bytes[first..] {
        [b'{', ..] => {
            let options = netlist::ReadOptions { top: contract.top.as_deref(), cuts: &cuts };
            netlist::read_yosys_json(bytes, &options)
        }
        [b'a', b'a' | b'i', b'g', b' ', ..] => {
            let mut netlist = netlist::read_aiger(bytes)?;
            netlist.cut_leaves(&cuts)?;
            Ok(netlist)
        }
        _ => Err(ReadError::new(
            "byte 0",
            "neither Yosys JSON nor AIGER",
            "write the netlist with `write_json` or `write_aiger`",
        )),
    }
}

/// Reads a netlist and puts it under the contract.
///
/// # Errors
/// If either is wrong or they do not fit.
pub fn load_model(bytes: &[u8], contract: &Contract) -> Result<Model, LoadError> {
    contract.check().map_err(|e| LoadError::Contract(e.to_string()))?;
    Ok(Model::new(&read_netlist(bytes, contract)?, contract)?)
}

/// As [`load_model`], beside the reference that the contract names. The caller has compared its digest.
///
/// # Errors
/// If any of the three is wrong or they do not fit.
pub fn load_compared(
    bytes: &[u8],
    reference: &[u8],
    contract: &Contract,
) -> Result<Model, LoadError> {
    contract.check().map_err(|e| LoadError::Contract(e.to_string()))?;
    let netlist = read_netlist(bytes, contract)?;
    let other = read_netlist(reference, contract).map_err(LoadError::Reference)?;
    let mut model = Model::new(&netlist, contract)?;
    model.reference = Some(Box::new(Product::new(&netlist, &other, contract)?));
    Ok(model)
}

/// The digest a certificate names a contract by: that of its canonical JSON.
///
/// # Errors
/// If a number of the contract has no canonical form.
pub fn contract_digest(contract: &Contract) -> Result<Digest, serde_json::Error> {
    Ok(Digest::of(&canonical_json(contract)?))
}
