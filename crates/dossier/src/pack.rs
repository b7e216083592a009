//! Writing a dossier.
//!
//! The writer works in a directory of its own beside the target, `.NAME.partial-PID`, and renames it
//! when everything is there: a reader never sees half a dossier, and an interrupted run leaves none.
//! It replaces an earlier dossier, and nothing that is not one.

use crate::claims::claims_table;
use crate::dsse::Envelope;
use crate::statement::{Accelerator, Artifact, DOSSIER_SCHEMA, FileEntry, Predicate, Statement};
use crate::{ENVELOPE, tree};
use evidence::{Digest, Finding, ObjectRef, canonical_json};
use proof::certificate::{Certificate, KERNEL_VERSION};
use proof::contract::Contract;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Compression level of proofs and obligations.
const LEVEL: i32 = 3;

/// Why a dossier could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file system refuses.
    #[error("{path}: {source}")]
    Io {
        /// What was touched.
        path: String,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Something is already there.
    #[error("{0} exists and is not a dossier; choose another name or move it away")]
    Occupied(String),
    /// A path that may not be used, or used twice for different contents.
    #[error("{0}: {1}")]
    Path(String, &'static str),
    /// A value without canonical JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

fn io(path: &Path) -> impl Fn(std::io::Error) -> PackError {
    let path = path.display().to_string();
    move |source| PackError::Io { path: path.clone(), source }
}

/// What stands at the head of a dossier.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// Program and version.
    pub tool: String,
    /// The accelerator under audit.
    pub subject: Accelerator,
    /// Who may see it.
    pub confidentiality: String,
}

/// A dossier being written.
#[derive(Debug)]
pub struct DossierWriter {
    target: PathBuf,
    partial: PathBuf,
    /// Where an earlier dossier waits until the new one is in its place.
    earlier: PathBuf,
    header: Header,
    artifacts: Vec<Artifact>,
    findings: Vec<Finding>,
    files: BTreeMap<String, FileEntry>,
}

impl DossierWriter {
    /// Begins a dossier that will stand at `target`.
    ///
    /// # Errors
    /// If something that is not a dossier stands there, or its parent cannot be written.
    pub fn create(target: &Path, header: Header) -> Result<Self, PackError> {
        refuse_other(target)?;
        let name = target.file_name().map(|n| n.to_string_lossy().into_owned());
        let name =
            name.ok_or_else(|| PackError::Path(target.display().to_string(), "has no name"))?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&parent).map_err(io(&parent))?;
        let partial = parent.join(format!(".{name}.partial-{}", std::process::id()));
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(io(&partial))?;
        }
        fs::create_dir(&partial).map_err(io(&partial))?;
        let earlier = parent.join(format!(".{name}.earlier-{}", std::process::id()));
        let target = parent.join(name);
        let (artifacts, findings, files) = (Vec::new(), Vec::new(), BTreeMap::new());
        Ok(Self { target, partial, earlier, header, artifacts, findings, files })
    }

    /// Adds an artifact: `bytes` as given if a copy is to be included. Name, digest, kind,
    /// provenance and role are the caller's; the rest is filled in here.
    ///
    /// # Errors
    /// If its name is no file name, or it cannot be written.
    pub fn artifact(
        &mut self,
        mut artifact: Artifact,
        contract: Option<&Contract>,
        derivation: Option<&serde_json::Value>,
        bytes: Option<&[u8]>,
    ) -> Result<(), PackError> {
        if !tree::is_file_name(&artifact.name) {
            return Err(PackError::Path(artifact.name, "is not a file name"));
        }
        artifact.contract = None;
        if let Some(contract) = contract {
            let text = canonical_json(contract)?;
            artifact.contract = Some(self.file(&artifact.contract_path(), &text)?.digest);
        }
        artifact.derivation = None;
        if let Some(derivation) = derivation {
            let text = canonical_json(derivation)?;
            artifact.derivation = Some(self.file(&artifact.derivation_path(), &text)?.digest);
        }
        artifact.included = bytes.is_some();
        if let Some(bytes) = bytes {
            self.file(&artifact.path(), bytes)?;
        }
        self.artifacts.push(artifact);
        Ok(())
    }

    /// Adds a finding.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finding(&mut self, finding: Finding) -> Result<(), PackError> {
        let text = canonical_json(&finding)?;
        self.file(&format!("findings/{}.json", finding.id.hex()), &text)?;
        self.findings.push(finding);
        Ok(())
    }

    /// Adds a certificate; the answer goes into its finding.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn certificate(&mut self, certificate: &Certificate) -> Result<ObjectRef, PackError> {
        let text = canonical_json(certificate)?;
        self.file(&format!("certificates/{}.json", Digest::of(&text).hex()), &text)
    }

    /// Adds an LRAT proof, uncompressed.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn proof(&mut self, lrat: &[u8]) -> Result<Digest, PackError> {
        let digest = Digest::of(lrat);
        self.folded(&format!("certificates/lrat/{}.lrat.zst", digest.hex()), lrat)?;
        Ok(digest)
    }

    /// Adds an obligation for strangers' tools: its AIGER and its DIMACS text.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn obligation(&mut self, aag: &[u8], cnf: &[u8]) -> Result<(), PackError> {
        let stem = format!("certificates/obligations/{}", Digest::of(cnf).hex());
        // Two graphs that differ only in names the encoding drops may share a CNF: the first stays.
        if !self.files.contains_key(&format!("{stem}.cnf.zst")) {
            self.folded(&format!("{stem}.aag.zst"), aag)?;
            self.folded(&format!("{stem}.cnf.zst"), cnf)?;
        }
        Ok(())
    }

    /// Adds a file below `witnesses/`; the answer goes into its finding.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn witness(&mut self, name: &str, bytes: &[u8]) -> Result<ObjectRef, PackError> {
        self.file(&format!("witnesses/{name}"), bytes)
    }

    fn folded(&mut self, path: &str, bytes: &[u8]) -> Result<ObjectRef, PackError> {
        let bytes = zstd::encode_all(bytes, LEVEL).map_err(io(Path::new(path)))?;
        self.file(path, &bytes)
    }

    /// Adds any other file (`report.html`, `VERIFY.md`).
    ///
    /// # Errors
    /// If the path leads out, is taken by something else, or cannot be written.
    pub fn file(&mut self, path: &str, bytes: &[u8]) -> Result<ObjectRef, PackError> {
        if !tree::is_inner_path(path) || path == ENVELOPE {
            return Err(PackError::Path(path.to_owned(), "is not a path a dossier may use"));
        }
        let sha256 = Digest::of(bytes);
        let entry = FileEntry { path: path.to_owned(), sha256, bytes: bytes.len() as u64 };
        match self.files.get(path) {
            Some(there) if *there == entry => {}
            Some(_) => return Err(PackError::Path(path.to_owned(), "is written twice")),
            None => {
                let full = self.partial.join(path);
                if let Some(parent) = full.parent() {
                    fs::create_dir_all(parent).map_err(io(parent))?;
                }
                fs::write(&full, bytes).map_err(io(&full))?;
                self.files.insert(path.to_owned(), entry);
            }
        }
        Ok(ObjectRef { path: path.to_owned(), digest: sha256 })
    }

    /// The findings so far.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The statement over everything added so far.
    pub fn statement(&self) -> Statement {
        Statement::new(Predicate {
            schema: DOSSIER_SCHEMA.to_owned(),
            tool: self.header.tool.clone(),
            kernel: KERNEL_VERSION,
            subject: self.header.subject.clone(),
            artifacts: self.artifacts.clone(),
            claims: claims_table(&self.artifacts, &self.findings),
            confidentiality: self.header.confidentiality.clone(),
            files: self.files.values().cloned().collect(),
            seal: None,
        })
    }

    /// Writes the statement and puts the dossier in its place; returns where that is.
    ///
    /// # Errors
    /// If it cannot be written, or something else has come to stand there.
    pub fn finish(self) -> Result<PathBuf, PackError> {
        let mut statement = self.statement();
        statement.predicate.seal = Some(statement.seal()?);
        let payload = canonical_json(&statement)?;
        let envelope = self.partial.join(ENVELOPE);
        let text = Envelope::new(&payload).to_json()?;
        fs::write(&envelope, text).map_err(io(&envelope))?;
        refuse_other(&self.target)?;
        let replaces = self.target.exists();
        if replaces {
            fs::rename(&self.target, &self.earlier).map_err(io(&self.target))?;
        }
        fs::rename(&self.partial, &self.target).map_err(io(&self.target)).inspect_err(|_| {
            if replaces {
                let _ = fs::rename(&self.earlier, &self.target);
            }
        })?;
        if replaces {
            fs::remove_dir_all(&self.earlier).map_err(io(&self.earlier))?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for DossierWriter {
    fn drop(&mut self) {
        // After `finish` the directory is gone; otherwise half a dossier helps nobody.
        if self.partial.exists() {
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

fn refuse_other(target: &Path) -> Result<(), PackError> {
    let there = fs::symlink_metadata(target).is_ok();
    if there && tree::open(target, ENVELOPE).is_err() {
        return Err(PackError::Occupied(target.display().to_string()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::header;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let mut all: Vec<String> =
            entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn a_dossier_replaces_a_dossier_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let target = root.path().join("d");
        for text in [&b"one"[..], b"two"] {
            let mut writer = DossierWriter::create(&target, header()).unwrap();
            writer.file("report.html", text).unwrap();
            assert_eq!(writer.finish().unwrap(), target);
            assert_eq!(fs::read(target.join("report.html")).unwrap(), text);
        }
        assert_eq!(names(root.path()), ["d"]);
        let home = root.path().join("home");
        fs::create_dir(&home).unwrap();
        fs::write(home.join("letter"), "x").unwrap();
        let refused = DossierWriter::create(&home, header()).unwrap_err();
        assert!(refused.to_string().contains("exists and is not a dossier"), "{refused}");
        assert_eq!(names(root.path()), ["d", "home"]);
    }

    #[test]
    fn an_interrupted_run_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let mut writer = DossierWriter::create(&root.path().join("d"), header()).unwrap();
        writer.file("report.html", b"x").unwrap();
        assert_eq!(names(root.path()).len(), 1);
        drop(writer);
        assert!(names(root.path()).is_empty());
    }

    #[test]
    fn paths_that_lead_out_or_clash_are_refused() {
        let root = tempfile::tempdir().unwrap();
        let mut writer = DossierWriter::create(&root.path().join("d"), header()).unwrap();
        for path in ["../x", "/x", "", ENVELOPE, "a//b"] {
            assert!(matches!(writer.file(path, b"x"), Err(PackError::Path(..))), "{path}");
        }
        writer.file("a", b"x").unwrap();
        writer.file("a", b"x").unwrap();
        assert!(matches!(writer.file("a", b"y"), Err(PackError::Path(..))));
    }

    #[test]
    fn the_same_contents_give_the_same_dossier() {
        let root = tempfile::tempdir().unwrap();
        let bytes = ["a", "b"].map(|name| {
            let mut writer = DossierWriter::create(&root.path().join(name), header()).unwrap();
            writer.proof(b"1 0 1 0\n").unwrap();
            fs::read(writer.finish().unwrap().join(ENVELOPE)).unwrap()
        });
        assert_eq!(bytes[0], bytes[1]);
    }
}
