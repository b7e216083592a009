//! Examinations of files: attestation evidence, firmware, captures, specifications.
//!
//! Problem: they share nothing with the design examination but the case: no netlist, no solver, no
//! certificate. What makes their verdicts re-checkable is that they are pure functions of files and
//! settings.
//! Method: an `Adapter` per kind says which further files the settings name and examines. Files
//! are read here, bounded, directories in order of their paths; the files' digests and the settings
//! as they were used (a point in time filled in) become the *derivation* of the artifact in the
//! dossier, and from that `verify --replay` computes the findings again.
//! A new examination goes into `ADAPTERS` and its settings into `case::Artifact`.

use crate::case::Artifact;
use crate::elaborate::Record;
use crate::error::InputError;
use crate::load::{MAX_FILE, MAX_UNFOLDED, Raw, bounded, unfolded};
use dossier::tree;
use evidence::{ArtifactKind, Digest, Fault, FindingDraft, Provenance, Supplied};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Most further files of one artifact.
pub(crate) const MAX_SUPPORT: usize = 10_000;
/// Most bytes of the further files of one artifact, all together.
pub(crate) const MAX_SUPPORT_BYTES: u64 = 2 << 30;

/// The files that settings name: what each is for, and its path.
pub(crate) type Wanted = Vec<(String, String)>;

/// An examination: the artifact, further files, settings, provenance of the artifact.
pub(crate) type Examine =
    fn(&Supplied, &[Supplied], &Value, Provenance) -> Result<Vec<FindingDraft>, Fault>;

/// One kind of examination of files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adapter {
    /// The artifacts it reads.
    pub kind: ArtifactKind,
    /// The files that the settings name, relative to the case; a directory stands for all in it.
    pub files: fn(&Value) -> Result<Wanted, String>,
    /// Fills in what the settings leave to the moment of the audit (seconds since 1970).
    pub complete: fn(&mut Value, u64),
    /// Examines.
    pub examine: Examine,
}

fn performance_settings(settings: &Value) -> Result<performance::Settings, String> {
    serde_json::from_value(settings.clone()).map_err(|e| e.to_string())
}

/// The rules of the day, unless the case names one.
fn complete_performance(settings: &mut Value, now: u64) {
    if let Value::Object(map) = settings
        && !map.contains_key("at")
        && !map.contains_key("rule")
    {
        let days = i64::try_from(now / 86_400).unwrap_or(0);
        map.insert("at".to_owned(), json!(performance::rule::Day::from_days(days).to_string()));
    }
}
/// All examinations of files.
pub(crate) const ADAPTERS: &[Adapter] = &[ATTESTATION, PERFORMANCE];

const PERFORMANCE: Adapter = Adapter {
    kind: ArtifactKind::Performance,
    files: |settings| Ok(performance_settings(settings)?.files()),
    complete: complete_performance,
    examine: |primary, others, settings, provenance| {
        let settings = performance_settings(settings)
            .map_err(|e| Fault::new(&primary.name, "settings", &e, ""))?;
        performance::examine(primary, others, &settings, provenance).map(|e| e.findings)
    },
};

const ATTESTATION: Adapter = Adapter {
    kind: ArtifactKind::Attestation,
    files: |settings| {
        let files = attestation::Settings::from_value(settings)?.files();
        Ok(files.into_iter().map(|(role, path)| (role.to_owned(), path)).collect())
    },
    complete: |settings, now| {
        if let Some(settings) = settings.as_object_mut() {
            let now = attestation::time::Time(now).to_string();
            settings.entry("at").or_insert(Value::String(now));
        }
    },
    examine: |evidence, others, settings, provenance| {
        let settings = attestation::Settings::from_value(settings)
            .map_err(|e| Fault::new("settings", "", &e, ""))?;
        let examined = attestation::examine(evidence, others, &settings, provenance)?;
        Ok(examined.findings)
    },
};

/// What was examined with what: enough to do it again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derivation {
    /// The settings as used.
    pub settings: Value,
    /// Further files, in the order given to the examination.
    pub files: Vec<SupportFile>,
}

/// A further file by its digest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportFile {
    /// What it is for.
    pub role: String,
    /// File name, without directories.
    pub name: String,
    /// Its digest.
    pub digest: Digest,
}

/// A derivation with the places of its files: what a replay hands in instead of settings.
#[derive(Clone, PartialEq, Debug)]
pub struct Preset {
    /// What the dossier says.
    pub derivation: Derivation,
    /// Where each of its files lies now.
    pub paths: Vec<PathBuf>,
}

/// A further file as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Support {
    /// The file, decompressed.
    pub supplied: Supplied,
    /// Its bytes as given, where they were compressed.
    pub packed: Option<Vec<u8>>,
    /// Digest of the file as given.
    pub digest: Digest,
    /// How it came about, if it was elaborated here: then nobody else has it.
    pub record: Option<Record>,
}

impl Support {
    /// The file as given.
    pub(crate) fn given(&self) -> &[u8] {
        self.packed.as_deref().unwrap_or(&self.supplied.bytes)
    }
}

/// The settings of an artifact as the case has them.
pub(crate) fn settings(artifact: &Artifact) -> Value {
    let performance = artifact.performance.as_ref().map(serde_json::to_value);
    let attestation = artifact.attestation.as_ref().map(serde_json::to_value);
    performance.or(attestation).and_then(Result::ok).unwrap_or_else(|| json!({}))
}

/// The adapter for a kind of artifact.
pub(crate) fn adapter(kind: ArtifactKind) -> Option<&'static Adapter> {
    ADAPTERS.iter().find(|a| a.kind == kind)
}

/// Settings completed, further files read.
///
/// # Errors
/// If a file that the settings name cannot be read.
pub(crate) fn gather(
    adapter: &Adapter,
    artifact: &Artifact,
    base: &Path,
    case: &Path,
    now: u64,
) -> Result<(Value, Vec<Support>), InputError> {
    if let Some(preset) = &artifact.preset {
        let files = preset.derivation.files.iter().zip(&preset.paths);
        let support = files.map(|(file, path)| read(&file.role, &file.name, path));
        return Ok((preset.derivation.settings.clone(), support.collect::<Result<_, _>>()?));
    }
    let mut settings = settings(artifact);
    let wanted = (adapter.files)(&settings);
    let wanted = wanted.map_err(|e| InputError::new(case, adapter.kind.id(), &e, ""))?;
    let mut support = Vec::new();
    let mut total = 0u64;
    for (role, path) in wanted {
        for (name, path) in expand(&base.join(path))? {
            let file = read(&role, &name, &path)?;
            total = total.saturating_add(file.supplied.bytes.len() as u64);
            if support.len() >= MAX_SUPPORT || total > MAX_SUPPORT_BYTES {
                let what = format!(
                    "more than {MAX_SUPPORT} files or {MAX_SUPPORT_BYTES} bytes support one artifact"
                );
                return Err(InputError::new(&path, "", &what, "name only the files that matter"));
            }
            support.push(file);
        }
    }
    (adapter.complete)(&mut settings, now);
    Ok((settings, support))
}

/// A file, or every regular file below a directory in order of the paths.
fn expand(path: &Path) -> Result<Vec<(String, PathBuf)>, InputError> {
    let name =
        |p: &Path| p.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    if !path.is_dir() {
        return Ok(vec![(name(path), path.to_owned())]);
    }
    let wrong = |e: tree::TreeError| {
        InputError::new(path, "", &e.to_string(), "make the directory readable")
    };
    let (files, _) = tree::walk(path).map_err(wrong)?;
    Ok(files.iter().map(|f| path.join(f)).map(|p| (name(&p), p)).collect())
}

pub(crate) fn read(role: &str, name: &str, path: &Path) -> Result<Support, InputError> {
    let given = bounded(path, MAX_FILE)?;
    let digest = Digest::of(&given);
    let bytes = unfolded(path, given.clone(), MAX_UNFOLDED)?;
    let packed = (bytes != given).then_some(given);
    Ok(Support { supplied: Supplied::new(role, name, bytes), packed, digest, record: None })
}

/// Runs the examination of an artifact.
///
/// # Errors
/// If a file is not what it should be.
pub(crate) fn examine(
    adapter: &Adapter,
    raw: &Raw,
    settings: &Value,
    support: &[Support],
) -> Result<Vec<FindingDraft>, InputError> {
    let bytes = unfolded(&raw.path, raw.bytes.clone(), MAX_UNFOLDED)?;
    let mut primary = Supplied::new("evidence", &raw.name, bytes);
    primary.digest = raw.digest;
    let others: Vec<Supplied> = support.iter().map(|s| s.supplied.clone()).collect();
    (adapter.examine)(&primary, &others, settings, raw.artifact.provenance)
        .map_err(|f| InputError::new(Path::new(&f.file), &f.place, &f.what, &f.remedy))
}

/// What goes into the dossier beside the artifact.
pub(crate) fn derivation(settings: &Value, support: &[Support]) -> Derivation {
    let file = |s: &Support| SupportFile {
        role: s.supplied.role.clone(),
        name: s.supplied.name.clone(),
        digest: s.digest,
    };
    Derivation { settings: settings.clone(), files: support.iter().map(file).collect() }
}
