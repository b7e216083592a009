//! Replaying a dossier: the deterministic examinations run again on its artifacts, and every finding
//! is compared with the one in the dossier, by id, which is a digest of all it says.

use crate::case::{Artifact, Case, Elaborate, Schema, Subject};
use crate::elaborate::{self, Record};
use crate::error::InputError;
use crate::examination::{Derivation, Preset};
use crate::options::{Options, Progress};
use crate::run::{AuditError, audit};
use crate::source::Source;
use dossier::tree::{self, MAX_FILE, MAX_JSON};
use evidence::{ArtifactKind, Digest, Finding};
use proof::contract::Contract;
use report::Document;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What a replay showed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Replay {
    /// Findings that came out the same.
    pub same: usize,
    /// What differs, in words.
    pub differences: Vec<String>,
}

/// Runs the examinations of the dossier in `dir` again. Artifacts that it does not include are
/// looked up by digest in `artifacts`.
///
/// # Errors
/// If the dossier or an artifact cannot be read, or the run is stopped.
pub fn replay(
    dir: &Path,
    artifacts: Option<&Path>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Replay, AuditError> {
    let wrong =
        |what: &str, remedy: &str| AuditError::Input(vec![InputError::new(dir, "", what, remedy)]);
    let document = Document::read(dir).map_err(|e| wrong(&e.to_string(), ""))?;
    let predicate = &document.predicate;
    let mut places = Places { dir, outside: artifacts, all: &predicate.artifacts, store: None };
    let mut listed = Vec::new();
    for artifact in predicate.artifacts.iter().filter(|a| a.role.is_none()) {
        let missing =
            |what: String| wrong(&what, "name the directory of the artifacts with --artifacts DIR");
        let path = places.of(&artifact.digest).map_err(missing)?;
        let contract = match artifact.contract {
            Some(_) => Some(json(dir, &artifact.contract_path()).map_err(|e| wrong(&e, ""))?),
            None => None,
        };
        let (mut record, mut preset, mut sources) = (None, None, Vec::new());
        if artifact.derivation.is_some() {
            let at = artifact.derivation_path();
            if artifact.kind == ArtifactKind::Design {
                let made: Record = json(dir, &at).map_err(|e| wrong(&e, ""))?;
                if made.is_structural() {
                    sources = sources_of(&made, &mut places);
                }
                record = Some(made);
            } else {
                let derivation: Derivation = json(dir, &at).map_err(|e| wrong(&e, ""))?;
                let paths = derivation.files.iter().map(|f| places.of(&f.digest));
                let paths = paths.collect::<Result<Vec<_>, _>>().map_err(missing)?;
                preset = Some(Preset { derivation, paths });
            }
        }
        let contract: Option<Contract> = contract;
        let reference = contract.as_ref().and_then(|c| c.reference);
        let reference = reference.map(|digest| places.of(&digest)).transpose().map_err(missing)?;
        listed.push(Artifact {
            kind: artifact.kind,
            path,
            provenance: artifact.provenance,
            include: artifact.included,
            contract,
            reference,
            hints: None,
            elaborate: Elaborate::default(),
            performance: None,
            attestation: None,
            record,
            preset,
            sources,
        });
    }
    let subject = &document.predicate.subject;
    let case = Case {
        schema: Schema::V1,
        subject: Subject {
            vendor: subject.vendor.clone(),
            model: subject.model.clone(),
            version: Some(subject.version.clone()),
        },
        artifact: listed,
        expect: BTreeMap::new(),
    };
    let source = Source::Given { name: document.name.clone(), case: Box::new(case) };
    let options = Options { out: None, ..options.clone() };
    let outcomes = audit(&[source], &options, progress)?;
    let again: Vec<&Finding> = outcomes.iter().flat_map(|o| &o.document.findings).collect();
    Ok(compare(&document.findings, &again))
}

/// Where the sources of a gate-level netlist lie, as far as they are to be had: a hunt looks at them.
fn sources_of(record: &Record, places: &mut Places<'_>) -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    for source in &record.sources {
        let listed = places.all.iter().find(|a| a.digest == source.digest);
        let role = match listed.and_then(|a| a.role.as_deref()) {
            Some(elaborate::LIBERTY) => elaborate::LIBERTY,
            _ => elaborate::SOURCE,
        };
        found.extend(places.of(&source.digest).ok().map(|path| (role, path)));
    }
    found
}

fn compare(stated: &[Finding], again: &[&Finding]) -> Replay {
    let ids: BTreeSet<Digest> = again.iter().map(|f| f.id).collect();
    let mut replay = Replay::default();
    for finding in stated {
        if ids.contains(&finding.id) {
            replay.same += 1;
            continue;
        }
        let item = |f: &Finding| (f.body.check.clone(), f.body.item.clone());
        let found = again.iter().find(|f| item(f) == item(finding));
        let found = found.map_or("nothing".to_owned(), |f| {
            format!("{} {}", f.body.verdict, f.body.kind.as_deref().unwrap_or(""))
        });
        replay.differences.push(format!(
            "{} {}: the dossier says {} {}, this run {found} in other words or with another object",
            finding.body.check,
            finding.body.item.as_deref().unwrap_or("-"),
            finding.body.verdict,
            finding.body.kind.as_deref().unwrap_or(""),
        ));
    }
    if again.len() > stated.len() {
        replay.differences.push(format!("{} findings are new", again.len() - stated.len()));
    }
    replay
}

/// Where the artifacts of a dossier lie.
struct Places<'a> {
    dir: &'a Path,
    outside: Option<&'a Path>,
    all: &'a [dossier::Artifact],
    store: Option<BTreeMap<Digest, PathBuf>>,
}

impl Places<'_> {
    fn of(&mut self, digest: &Digest) -> Result<PathBuf, String> {
        let inside = self.all.iter().find(|a| a.digest == *digest && a.included);
        let path = match (inside, self.outside) {
            (Some(artifact), _) => self.dir.join(artifact.path()),
            (None, None) => return Err(format!("artifact {digest} is not included")),
            (None, Some(root)) => {
                let store = self.store.get_or_insert_with(|| hashes(root));
                let found = store.get(digest).cloned();
                found.ok_or_else(|| format!("artifact {digest} is not in {}", root.display()))?
            }
        };
        Ok(std::path::absolute(&path).unwrap_or(path))
    }
}

fn json<T: serde::de::DeserializeOwned>(dir: &Path, path: &str) -> Result<T, String> {
    let bytes = tree::read(dir, path, MAX_JSON).map_err(|e| e.to_string())?;
    serde_json::from_slice(&bytes).map_err(|e| format!("{path}: {e}"))
}

/// Files below a directory by digest; what cannot be read is missed by name later.
fn hashes(root: &Path) -> BTreeMap<Digest, PathBuf> {
    let mut found = BTreeMap::new();
    for path in tree::walk(root).map(|w| w.0).unwrap_or_default() {
        let hashed = tree::open(root, &path).ok().and_then(|f| tree::hash_stream(f, MAX_FILE).ok());
        if let Some((digest, _)) = hashed {
            found.insert(digest, root.join(path));
        }
    }
    found
}
