//! Where a case comes from: a case file, a bare netlist with a contract, or a dossier.

use crate::case::{Artifact, Case, Elaborate, MAX_CASE_BYTES, Schema, Subject, read_case};
use crate::error::InputError;
use evidence::{ArtifactKind, Provenance};
use proof::contract::Contract;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is to be audited.
#[derive(Clone, Debug)]
pub enum Source {
    /// A case file.
    Case(PathBuf),
    /// A netlist and the contract for it.
    Bare {
        /// The netlist.
        netlist: PathBuf,
        /// A TOML file with what stands below `[artifact.contract]` in a case.
        contract: PathBuf,
    },
    /// A case made elsewhere in this program.
    Given {
        /// Its name.
        name: String,
        /// The case; its paths are absolute or relative to the working directory.
        case: Box<Case>,
    },
}

impl Source {
    /// Name of the case: its file without directory and extension.
    pub fn name(&self) -> String {
        let stem = |path: &Path| {
            let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
            let name = stem.unwrap_or_default();
            name.strip_suffix(".json").map_or(name.clone(), str::to_owned)
        };
        match self {
            Self::Case(path) => stem(path),
            Self::Bare { netlist, .. } => stem(netlist),
            Self::Given { name, .. } => name.clone(),
        }
    }
    /// The file that errors about the case name.
    pub fn file(&self) -> PathBuf {
        match self {
            Self::Case(path) => path.clone(),
            Self::Bare { contract, .. } => contract.clone(),
            Self::Given { name, .. } => PathBuf::from(name),
        }
    }
    /// The directory paths are relative to.
    pub fn base(&self) -> PathBuf {
        match self {
            Self::Case(path) => path.parent().unwrap_or(Path::new("")).to_owned(),
            _ => PathBuf::new(),
        }
    }
    /// Reads the case.
    ///
    /// # Errors
    /// If the file cannot be read or says something that has no meaning.
    pub fn case(&self) -> Result<Case, InputError> {
        match self {
            Self::Case(path) => read_case(path).map_err(|e| {
                let place = e.position.map(|(line, column)| format!("{line}:{column}"));
                InputError::new(&e.path, &place.unwrap_or_default(), &e.what, &e.remedy)
            }),
            Self::Bare { netlist, contract } => bare(netlist, contract),
            Self::Given { case, .. } => Ok(case.as_ref().clone()),
        }
    }
}

fn bare(netlist: &Path, file: &Path) -> Result<Case, InputError> {
    let wrong = |what: &str, remedy: &str| InputError::new(file, "", what, remedy);
    let size = std::fs::metadata(file).map(|m| m.len());
    let size = size.map_err(|e| wrong(&e.to_string(), "give the path of a contract"))?;
    if size > MAX_CASE_BYTES as u64 {
        return Err(wrong("is too large for a contract", "give a TOML file"));
    }
    let text = std::fs::read_to_string(file)
        .map_err(|e| wrong(&e.to_string(), "give the path of a contract in TOML"))?;
    let contract: Contract = toml::from_str(&text).map_err(|e| {
        let line = e.span().map_or(0, |s| text.get(..s.start).unwrap_or("").lines().count());
        InputError::new(file, &format!("line {line}"), e.message(), "correct it")
    })?;
    contract.check().map_err(|e| wrong(&e.to_string(), ""))?;
    Ok(bare_case(netlist, contract))
}

/// A case about one netlist whose subject nobody has named.
pub(crate) fn bare_case(netlist: &Path, contract: Contract) -> Case {
    let name = netlist.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    Case {
        schema: Schema::V1,
        subject: Subject { vendor: String::new(), model: name, version: None },
        artifact: vec![Artifact {
            kind: ArtifactKind::Design,
            path: netlist.to_owned(),
            provenance: Provenance::Vendor,
            include: false,
            contract: Some(contract),
            reference: None,
            hints: None,
            elaborate: Elaborate::default(),
            performance: None,
            attestation: None,
            record: None,
            preset: None,
            sources: Vec::new(),
        }],
        expect: BTreeMap::new(),
    }
}
