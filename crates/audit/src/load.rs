//! Reading artifacts: bounded, digested as given, decompressed, and told apart by their first bytes.
//!
//! Problem: a path in a case may lead to anything: a device, four sparse gigabytes, a compressed
//! bomb, a file that is still being written.
//! Method: only regular files; the size is looked at before the first byte, the first bytes before
//! the rest; zstd streams through a limit. A netlist is then read by the kernel's own loader with
//! the contract's identity signals as cuts, and the contract is tried for contradictions. Sources are
//! elaborated first; other kinds of artifact are examined at once.
//! Cost: one pass for the digest, one for the reader.

use crate::case::{Artifact, Case};
use crate::elaborate::{self, Record};
use crate::error::InputError;
use crate::examination::{self, Support, derivation};
use crate::options::Options;
use crate::reference;
use design::Undecided;
use design::hints::{self, Hints};
use dossier::tree;
use evidence::{ArtifactKind, Digest, FindingDraft, Provenance, Supplied};
use netlist::Netlist;
use proof::contract::Contract;
use proof::{LoadError, Model};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Largest artifact file, in bytes.
pub(crate) const MAX_FILE: u64 = 2 << 30;
/// Largest artifact after decompression, in bytes.
pub(crate) const MAX_UNFOLDED: u64 = 2 << 30;
/// Largest hints file, in bytes.
pub(crate) const MAX_HINTS: u64 = 1 << 20;

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// An artifact, digested and not yet read.
#[derive(Debug)]
pub(crate) struct Raw {
    /// As the case describes it.
    pub artifact: Artifact,
    /// The file.
    pub path: PathBuf,
    /// Its name, for the dossier.
    pub name: String,
    /// Digest of the file as given.
    pub digest: Digest,
    /// The file as given.
    pub bytes: Vec<u8>,
    /// The hints file and what it says.
    pub hints: Option<(PathBuf, String)>,
    /// How it came about, if it was elaborated.
    pub record: Option<Record>,
    /// Settings of its examination, as used.
    pub settings: Option<serde_json::Value>,
    /// Further files: sources, or what the settings name.
    pub support: Vec<Support>,
}

impl Raw {
    /// How the dossier says it came about, or what it was examined with.
    pub(crate) fn derivation(&self) -> Option<serde_json::Value> {
        let settings = self.settings.as_ref();
        let examined = settings.map(|s| serde_json::to_value(derivation(s, &self.support)));
        let made = self.record.as_ref().map(serde_json::to_value);
        made.or(examined).and_then(Result::ok)
    }
}

/// A design under its contract.
#[derive(Debug)]
pub(crate) struct Design {
    /// The netlist, for names and notes.
    pub netlist: Netlist,
    /// The model the checks run on.
    pub model: Model,
    /// Digest of the contract.
    pub contract: Digest,
    /// Read as structural Verilog, and written as Yosys JSON here.
    pub gate_level: bool,
    /// Untrusted hints.
    pub hints: Hints,
}

/// An artifact as far as it could be read.
#[derive(Debug)]
pub(crate) enum Content {
    /// A design, ready for checks.
    Design(Box<Design>),
    /// A design without contract, or of a form that needs a tool that is not there.
    Undecided(Undecided),
    /// Examined while it was read: no search, so no budget.
    Examined(Vec<FindingDraft>),
    /// No examination for it yet.
    Unexamined,
}

/// Opens and digests every artifact of a case that is asked for.
///
/// # Errors
/// If a file cannot be read, is too large, or is given twice.
pub(crate) fn raw(
    case: &Case,
    base: &Path,
    file: &Path,
    options: &Options,
) -> Result<Vec<Raw>, InputError> {
    let mut all: Vec<Raw> = Vec::new();
    for (i, artifact) in case.artifact.iter().enumerate() {
        if options.only.is_some_and(|only| only != artifact.kind) {
            continue;
        }
        let path = base.join(&artifact.path);
        if artifact.kind == ArtifactKind::Design && !elaborate::is_source(&path) {
            sniff(&path)?;
        }
        let sources = artifact.kind == ArtifactKind::Design && elaborate::is_source(&path);
        let bytes = if sources { elaborate::manifest(&path)? } else { bounded(&path, MAX_FILE)? };
        let digest = Digest::of(&bytes);
        if let Some(other) = all.iter().position(|r| r.digest == digest) {
            let what = format!("artifact {} is the same file as artifact {}", i + 1, other + 1);
            return Err(InputError::new(file, "", &what, "list each file once"));
        }
        let hints = artifact.hints.as_ref().map(|path| text(base.join(path))).transpose()?;
        let name = plain_name(&path);
        let (settings, support) = match examination::adapter(artifact.kind) {
            Some(adapter) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
                let (settings, support) = examination::gather(adapter, artifact, base, file, now)?;
                (Some(settings), support)
            }
            None => (None, Vec::new()),
        };
        let artifact = artifact.clone();
        let record = artifact.record.clone();
        let mut raw = Raw { artifact, path, name, digest, bytes, hints, record, settings, support };
        reference::gather(&mut raw, base, file)?;
        for (role, path) in raw.artifact.files(base) {
            raw.support.push(examination::read(role, &plain_name(&path), &path)?);
        }
        all.push(raw);
    }
    Ok(all)
}

/// The last part of a path.
fn plain_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

/// Reads one artifact.
///
/// # Errors
/// If a netlist cannot be read or the contract does not fit it.
pub(crate) fn content(raw: &mut Raw, base: &Path, case: &Path) -> Result<Content, InputError> {
    if let Err(undecided) = reference::become_netlist(raw, base, case)? {
        return Ok(Content::Undecided(undecided));
    }
    match (raw.artifact.kind, raw.artifact.contract.clone()) {
        (ArtifactKind::Design, Some(contract)) => {
            if elaborate::is_source(&raw.path)
                && let Err(undecided) = become_netlist(raw, &contract, base)?
            {
                return Ok(Content::Undecided(undecided));
            }
            design(raw, &contract, case)
        }
        (ArtifactKind::Design, None) => {
            let remedy = "add `[artifact.contract]`; `probity init` writes a commented one";
            Err(InputError::new(case, &raw.name, "a design needs a contract", remedy))
        }
        (kind, _) => match (examination::adapter(kind), &raw.settings) {
            (Some(adapter), Some(settings)) => {
                examination::examine(adapter, raw, settings, &raw.support).map(Content::Examined)
            }
            _ => Ok(Content::Unexamined),
        },
    }
}

/// Puts the elaborated netlist in the place of the sources, and these beside it.
fn become_netlist(
    raw: &mut Raw,
    contract: &Contract,
    base: &Path,
) -> Result<Result<(), Undecided>, InputError> {
    let how = &raw.artifact.elaborate;
    let made = match elaborate::elaborate(&raw.path, contract, how, base, &raw.support)? {
        Ok(made) => made,
        Err(undecided) => return Ok(Err(undecided)),
    };
    raw.name = made.name;
    raw.digest = Digest::of(&made.packed);
    raw.bytes = made.packed;
    raw.record = Some(made.record);
    let source = |(name, bytes): (String, Vec<u8>)| {
        let supplied = Supplied::new(elaborate::SOURCE, &name, bytes);
        Support { digest: supplied.digest, supplied, packed: None, record: None }
    };
    raw.support.extend(made.sources.into_iter().map(source));
    Ok(Ok(()))
}

fn design(raw: &Raw, contract: &Contract, case: &Path) -> Result<Content, InputError> {
    let bytes = unfolded(&raw.path, raw.bytes.clone(), MAX_UNFOLDED)?;
    let read = proof::read_netlist(&bytes, contract)
        .map_err(LoadError::Read)
        .and_then(|netlist| Ok((Model::new(&netlist, contract)?, netlist)));
    let (mut model, netlist) = read.map_err(|error| match error {
        LoadError::Read(e) | LoadError::Reference(e) => {
            InputError::new(&raw.path, &e.place, &e.what, &e.remedy)
        }
        LoadError::Model(e) => InputError::new(case, &format!("contract.{}", e.place), &e.what, ""),
        LoadError::Contract(e) => InputError::new(case, "contract", &e, ""),
    })?;
    let digest = proof::contract_digest(contract)
        .map_err(|e| InputError::new(case, "contract", &e.to_string(), "correct the number"))?;
    model.reference = reference::product(raw, &netlist, contract, case)?;
    consistent(&model, case)?;
    let hints = match &raw.hints {
        None => Hints::default(),
        Some((path, text)) => hints::read(&netlist, &model, text)
            .map_err(|e| InputError::new(path, &format!("line {}", e.line), &e.what, &e.remedy))?,
    };
    let gate_level = raw.record.as_ref().is_some_and(Record::is_structural);
    Ok(Content::Design(Box::new(Design { netlist, model, contract: digest, gate_level, hints })))
}

/// Refuses assumptions that no input satisfies in any state: everything would hold under them.
fn consistent(model: &Model, case: &Path) -> Result<(), InputError> {
    for (place, condition, with) in [
        ("contract.assume", model.assume, netlist::Lit::TRUE),
        ("contract.recovery_assume", model.recovery_assume, model.assume),
        ("contract.documented", model.documented, model.assume),
    ] {
        let mut aig = model.aig.clone();
        let both = aig.and(condition, with);
        let budget = solve::Budget::new(100_000);
        if let solve::Answer::Unsat(_) = solve::decide(&aig, both, &budget) {
            let what = "the conditions contradict each other: no input satisfies them in any state";
            let remedy = "weaken or remove one of them";
            return Err(InputError::new(case, place, what, remedy));
        }
    }
    Ok(())
}

/// Reads a regular file of at most `most` bytes whole; looks at the first bytes before the rest.
pub(crate) fn bounded(path: &Path, most: u64) -> Result<Vec<u8>, InputError> {
    let wrong = |what: &str, remedy: &str| InputError::new(path, "", what, remedy);
    let cannot = |e: std::io::Error| wrong(&format!("cannot be read: {e}"), "check the path");
    let meta = std::fs::metadata(path).map_err(cannot)?;
    if !meta.is_file() {
        return Err(wrong("is not a regular file", "give the path of a file"));
    }
    if meta.len() > most {
        let what = format!("has {} bytes, the limit is {most}", meta.len());
        return Err(wrong(&what, "compress it with zstd, or split it"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
    let file = File::open(path).map_err(cannot)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > most {
        return Err(wrong("grows while it is read", "audit a copy"));
    }
    Ok(bytes)
}

/// Refuses what cannot be a netlist by its first bytes, however large it is.
fn sniff(path: &Path) -> Result<(), InputError> {
    let cannot = |e: std::io::Error| {
        InputError::new(path, "", &format!("cannot be read: {e}"), "check the path")
    };
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Ok(());
    }
    let mut first = Vec::new();
    File::open(path).map_err(cannot)?.take(64).read_to_end(&mut first).map_err(cannot)?;
    let text = first.trim_ascii_start();
    let known = first.starts_with(&ZSTD)
        || text.first().is_none_or(|&b| b == b'{')
        || text.starts_with(b"aag ")
        || text.starts_with(b"aig ");
    if known {
        return Ok(());
    }
    let shown: Vec<String> = first.iter().take(8).map(|b| format!("{b:02x}")).collect();
    let what = format!("is no netlist: it begins with the bytes {}", shown.join(" "));
    let remedy =
        "give Yosys JSON (`write_json`) or AIGER (`write_aiger`), plain or zstd-compressed";
    Err(InputError::new(path, "byte 0", &what, remedy))
}

/// A file as an examination gets it: bounded, decompressed if it is a zstd stream.
///
/// # Errors
/// If it cannot be read, or is too large.
pub fn read_file(path: &Path) -> Result<Vec<u8>, InputError> {
    read_within(path, MAX_FILE)
}

/// As [`read_file`]; `most` bytes as given, and as many unfolded.
pub(crate) fn read_within(path: &Path, most: u64) -> Result<Vec<u8>, InputError> {
    unfolded(path, bounded(path, most)?, most)
}

/// The bytes of an artifact, decompressed if they are a zstd stream: by the reader that the verifier
/// has, so that both see the same.
pub(crate) fn unfolded(path: &Path, bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, InputError> {
    tree::unfolded(bytes, most).map_err(|what| {
        let what = format!("cannot be unfolded from zstd: {what}");
        InputError::new(path, "", &what, "copy or compress it again; if it is too long, split it")
    })
}

/// A file of hints with its path.
fn text(path: PathBuf) -> Result<(PathBuf, String), InputError> {
    let text = String::from_utf8(bounded(&path, MAX_HINTS)?)
        .map_err(|_| InputError::new(&path, "", "is not UTF-8", "save it as UTF-8"))?;
    Ok((path, text))
}

/// Scope words of an artifact: name and provenance.
pub(crate) fn described(name: &str, provenance: Provenance) -> String {
    format!("{} ({})", crate::error::plain(name), provenance.id())
}
