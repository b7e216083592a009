//! RTL sources: from Verilog to the netlist that is examined.
//!
//! Problem: a verdict on RTL is a verdict on what an elaborator made of it. The netlist must be
//! there to be read again, and the way to it must be known.
//! Method: crate `frontend` has an installed Yosys elaborate the sources. The netlist, compressed,
//! *is* the artifact from then on: findings and certificates name its digest and the dossier always
//! holds a copy, so that the verifier needs neither sources nor Yosys. Its derivation lists the
//! program with its version, the exact script, what each pass removed, and the sources, each with
//! its digest; the sources are artifacts of their own, with the role `source`.
//! Where no Yosys is installed, a memory is too large, or the language is beyond it, the answer is
//! `undetermined` with the reason; what a user can mend in the case (a module that is not there, a
//! parameter that is none) is an input error.

use crate::case::Elaborate;
use crate::error::InputError;
use crate::examination::Support;
use design::Undecided;
use evidence::{Digest, Provenance};
use frontend::liberty::Library;
use frontend::{Elaboration, FrontendError, Options};
use proof::contract::Contract;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

pub(crate) use frontend::is_source;

/// Role of Liberty files in a dossier.
pub(crate) const LIBERTY: &str = "liberty";
/// Role of sources in a dossier.
pub(crate) const SOURCE: &str = "source";
/// What a record says of a netlist that was read without Yosys.
const STRUCTURAL: &str = "structural Verilog";
/// Compression level of an elaborated netlist.
const LEVEL: i32 = 9;

/// How a netlist came about, as the dossier keeps it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Program and version.
    pub tool: String,
    /// The exact passes, one a line.
    pub script: Vec<String>,
    /// What each pass changed.
    pub passes: Vec<Pass>,
    /// The sources, in order.
    pub sources: Vec<Source>,
    /// Digest of the netlist before compression.
    pub netlist: Digest,
    /// What a reader of a verdict should know.
    pub notes: Vec<String>,
}

/// Counts around one pass.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// Its name.
    pub pass: String,
    /// Cells before and after.
    pub cells: [u64; 2],
    /// Register bits before and after.
    pub registers: [u64; 2],
    /// Register bits removed.
    pub removed: u64,
}

/// One source by its digest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name in the netlist's source attributes.
    pub name: String,
    /// Its digest.
    pub digest: Digest,
}

/// An elaborated netlist.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// Name of the derived artifact.
    pub name: String,
    /// Yosys JSON, compressed.
    pub packed: Vec<u8>,
    /// How it came about.
    pub record: Record,
    /// The sources: name and contents.
    pub sources: Vec<(String, Vec<u8>)>,
}

/// What stands for sources until they are elaborated: one line per file, digest and path. It takes
/// in the files beside them, which they may include.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn manifest(path: &Path) -> Result<Vec<u8>, InputError> {
    let list = frontend::sources_of(path).map_err(|e| fault(path, &e))?;
    let mut files: BTreeSet<PathBuf> = list.files.iter().cloned().collect();
    let directories: BTreeSet<PathBuf> = list
        .files
        .iter()
        .filter_map(|f| f.parent().map(Path::to_owned))
        .chain(list.include)
        .collect();
    for directory in directories {
        let entries = std::fs::read_dir(&directory).into_iter().flatten().flatten();
        let headers = entries.map(|e| e.path()).filter(|p| {
            p.extension().is_some_and(|e| e == "vh" || e == "svh" || e == "hex" || e == "mem")
        });
        files.extend(headers.take(frontend::MAX_SOURCES));
    }
    let root = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let mut text = String::new();
    for file in files {
        let shown = file.strip_prefix(root).unwrap_or(&file).display();
        let bytes = crate::load::bounded(&file, frontend::MAX_SOURCE_BYTES)?;
        let _ = writeln!(text, "{}  {}", Digest::of(&bytes).hex(), shown);
    }
    Ok(text.into_bytes())
}

/// Elaborates sources into a netlist; `liberty` are the files with that role.
///
/// # Errors
/// An input error where the case or the sources have to be mended; [`Undecided`] inside where the
/// sources cannot be examined here.
pub(crate) fn elaborate(
    path: &Path,
    contract: &Contract,
    how: &Elaborate,
    base: &Path,
    liberty: &[Support],
) -> Result<Result<Made, Undecided>, InputError> {
    if let Some(made) = structural(path, contract, liberty)? {
        return Ok(Ok(made));
    }
    let options = Options {
        parameters: how.parameters.iter().map(|(k, v)| (k.clone(), v.to_string())).collect(),
        defines: how.defines.iter().map(|(k, v)| (k.clone(), v.define())).collect(),
        include: how.include.iter().map(|p| base.join(p)).collect(),
        ..Options::default()
    };
    match frontend::elaborate_path(path, contract.top.as_deref(), &options) {
        Ok(elaboration) => made(path, elaboration, contract).map(Ok),
        Err(error) => match &error {
            FrontendError::NoYosys
            | FrontendError::Memory { .. }
            | FrontendError::TimeLimit { .. }
            | FrontendError::RegistersLost { .. }
            | FrontendError::Failed { .. }
            | FrontendError::Machine { .. } => {
                Ok(Err(Undecided::new(error.reason(), error.to_string())))
            }
            _ => Err(fault(path, &error)),
        },
    }
}

/// A single file that is structure already needs no Yosys. Nothing if it is not, or has cells that
/// only another source explains.
fn structural(
    path: &Path,
    contract: &Contract,
    liberty: &[Support],
) -> Result<Option<Made>, InputError> {
    if !path.is_file() || path.extension().is_none_or(|e| e != "v") {
        return Ok(None);
    }
    let bytes = crate::load::bounded(path, frontend::MAX_SOURCE_BYTES)?;
    let library = library(liberty)?;
    let top = contract.top.as_deref();
    let Ok(delivered) = frontend::structural::read_verilog(&bytes, top, &library) else {
        return Ok(None);
    };
    let Ok(json) = frontend::structural::write_yosys_json(&delivered.netlist) else {
        return Ok(None);
    };
    let cannot = |e: std::io::Error| {
        InputError::new(path, "", &format!("the netlist cannot be compressed: {e}"), "")
    };
    let name = file_name(path);
    let mut notes = delivered.netlist.notes;
    notes.push(format!("{} gates read as structural Verilog", delivered.graph.instances.len()));
    let record = Record {
        tool: format!("probity {}, {STRUCTURAL}", env!("CARGO_PKG_VERSION")),
        script: Vec::new(),
        passes: Vec::new(),
        sources: std::iter::once((&name, Digest::of(&bytes)))
            .chain(liberty.iter().map(|file| (&file.supplied.name, file.supplied.digest)))
            .map(|(name, digest)| Source { name: name.clone(), digest })
            .collect(),
        netlist: Digest::of(&json),
        notes,
    };
    Ok(Some(Made {
        name: format!("{}.elaborated.json.zst", plain_stem(contract, path)),
        packed: zstd::encode_all(&json[..], LEVEL).map_err(cannot)?,
        record,
        sources: vec![(name, bytes)],
    }))
}

/// The cells that Liberty files explain.
///
/// # Errors
/// If one cannot be read; file and place are named.
pub(crate) fn library(files: &[Support]) -> Result<Library, InputError> {
    let mut library = Library::default();
    for file in files.iter().filter(|f| f.supplied.role == LIBERTY) {
        let wrong = |e: netlist::ReadError| {
            InputError::new(Path::new(&file.supplied.name), &e.place, &e.what, &e.remedy)
        };
        library.add(&file.supplied.bytes).map_err(wrong)?;
    }
    Ok(library)
}

impl Record {
    /// Whether the netlist was read as structural Verilog, without Yosys.
    pub(crate) fn is_structural(&self) -> bool {
        self.tool.ends_with(STRUCTURAL)
    }
}

fn plain_stem(contract: &Contract, path: &Path) -> String {
    let stem = contract.top.clone().unwrap_or_else(|| file_name(path));
    stem.chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' })
        .collect()
}

fn fault(path: &Path, error: &FrontendError) -> InputError {
    match error {
        FrontendError::Source { path, what, remedy } => InputError::new(path, "", what, remedy),
        FrontendError::Rejected { file, line, what, remedy } => {
            let place = line.map_or_else(String::new, |l| format!("line {l}"));
            InputError::new(file, &place, what, remedy)
        }
        other => InputError::new(path, "", &other.to_string(), ""),
    }
}

fn made(path: &Path, e: Elaboration, contract: &Contract) -> Result<Made, InputError> {
    let cannot = |what: &str| InputError::new(path, "", what, "");
    let packed = zstd::encode_all(&e.netlist_json[..], LEVEL)
        .map_err(|e| cannot(&format!("the netlist cannot be compressed: {e}")))?;
    let mut sources = Vec::new();
    for source in &e.sources {
        let bytes = crate::load::bounded(&source.path, frontend::MAX_SOURCE_BYTES)?;
        if Digest::of(&bytes) != source.digest {
            return Err(InputError::new(
                &source.path,
                "",
                "changed while it was read",
                "audit a copy",
            ));
        }
        sources.push((file_name(&source.path), bytes));
    }
    let record = Record {
        script: e.script.lines().map(str::to_owned).collect(),
        passes: e
            .passes
            .iter()
            .map(|p| Pass {
                pass: p.pass.clone(),
                cells: [p.cells_before, p.cells_after],
                registers: [p.registers_before, p.registers_after],
                removed: p.registers_removed,
            })
            .collect(),
        sources: e
            .sources
            .iter()
            .map(|s| Source { name: s.shown.clone(), digest: s.digest })
            .collect(),
        netlist: e.digest,
        notes: e.notes(),
        tool: e.tool,
    };
    let stem = plain_stem(contract, path);
    Ok(Made { name: format!("{stem}.elaborated.json.zst"), packed, record, sources })
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

/// What the scope says of a netlist that was elaborated.
pub(crate) fn described(record: &Record, name: &str, provenance: Provenance) -> String {
    let sources: BTreeMap<Digest, &str> =
        record.sources.iter().map(|s| (s.digest, s.name.as_str())).collect();
    let shown = crate::error::plain(name);
    format!(
        "{shown} ({}; elaborated from {} sources by {})",
        provenance.id(),
        sources.len(),
        record.tool
    )
}
