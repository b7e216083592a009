//! From the answers of one case to its dossier.
//!
//! Order: certificates, proofs and obligations of each decided check; witness files; the finding
//! that refers to them; artifacts; the report and `VERIFY.md` last. The directory appears whole or
//! not at all (see `dossier::pack`).

use crate::checks::DesignCheck;
use crate::examination::Support;
use crate::finding;
use crate::load::{Content, Design, Raw};
use crate::witness::witness;
use crate::{guide, simulate};
use design::{Sealed, Undecided};
use dossier::{Accelerator, Artifact, DossierWriter, Header, PackError, Predicate};
use evidence::{Digest, Finding, FindingDraft, ObjectRef};
use proof::certificate::KERNEL_VERSION;
use report::{Document, Witness};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Name and version of this program, for the statement.
pub(crate) const TOOL: &str = concat!("probity ", env!("CARGO_PKG_VERSION"));

/// The answer to one item of one check.
#[derive(Debug)]
pub(crate) struct Answered {
    /// Index of the artifact within the case.
    pub artifact: usize,
    /// The check.
    pub check: &'static DesignCheck,
    /// Service or identity.
    pub item: String,
    /// What came of it.
    pub result: Result<Sealed, Undecided>,
    /// Of a check that searches: its finding, with or without a certificate.
    pub searched: Option<FindingDraft>,
}

/// Everything known about a case when its last check has ended.
#[derive(Debug)]
pub(crate) struct Examined<'a> {
    /// Name of the case.
    pub name: &'a str,
    /// The accelerator.
    pub subject: Accelerator,
    /// Artifacts as given.
    pub raw: &'a [Raw],
    /// Artifacts as read.
    pub content: &'a [Content],
    /// Answers in the order planned.
    pub answers: Vec<Answered>,
}

/// Where the files of a dossier go; without a directory only the document is made.
enum Sink {
    Dossier(Box<DossierWriter>),
    Nowhere,
}

impl Sink {
    fn file(&mut self, path: &str, bytes: &[u8]) -> Result<ObjectRef, PackError> {
        match self {
            Self::Dossier(w) => w.file(path, bytes),
            Self::Nowhere => Ok(ObjectRef { path: path.to_owned(), digest: Digest::of(bytes) }),
        }
    }
}

/// Builds the document, and writes the dossier at `target` if there is one.
///
/// # Errors
/// If the dossier cannot be written.
pub(crate) fn pack(
    examined: Examined<'_>,
    target: Option<&Path>,
) -> Result<(Document, Option<PathBuf>), PackError> {
    let header = Header {
        tool: TOOL.to_owned(),
        subject: examined.subject.clone(),
        confidentiality: confidentiality(examined.raw),
    };
    let mut sink = match target {
        Some(target) => Sink::Dossier(Box::new(DossierWriter::create(target, header)?)),
        None => Sink::Nowhere,
    };
    match fill(&examined, &mut sink) {
        Ok(document) => match sink {
            Sink::Dossier(writer) => Ok((document, Some(writer.finish()?))),
            Sink::Nowhere => Ok((document, None)),
        },
        Err(error) => Err(error),
    }
}

fn fill(examined: &Examined<'_>, sink: &mut Sink) -> Result<Document, PackError> {
    let mut findings = Vec::new();
    let mut witnesses = BTreeMap::new();
    let mut obligations = BTreeMap::new();
    for answered in &examined.answers {
        let raw = &examined.raw[answered.artifact];
        let design = match &examined.content[answered.artifact] {
            Content::Design(design) => Some(design.as_ref()),
            _ => None,
        };
        let (check, item) = (answered.check, answered.item.as_str());
        let (draft, witness) = match (&answered.result, design) {
            (Ok(sealed), Some(design)) => {
                let certificate = certify(sealed, sink)?;
                let shown = witness(design, sealed);
                let object = match &shown {
                    Some(shown) => Some(witness_files(shown, design, sealed, raw, sink)?),
                    None => None,
                };
                let objects = (Some(certificate), object);
                let draft = match &answered.searched {
                    Some(draft) => finding::searched(draft, design, sealed, objects),
                    None => {
                        finding::decided(check, item, raw, design, sealed, objects, shown.as_ref())
                    }
                };
                (draft, shown)
            }
            (Err(why), design) => {
                let open = || finding::undecided(check, item, raw, design, why);
                (answered.searched.clone().unwrap_or_else(open), None)
            }
            (Ok(_), None) => continue,
        };
        let finding = draft.seal()?;
        if let Ok(sealed) = &answered.result {
            obligations.insert(finding.id, sealed.certificate.obligations.clone());
        }
        if let Some(witness) = witness {
            witnesses.insert(finding.id, witness);
        }
        findings.push(finding);
    }
    for content in examined.content {
        if let Content::Examined(drafts) = content {
            for draft in drafts {
                findings.push(draft.clone().seal()?);
            }
        }
    }
    report::document::sort(&mut findings);
    artifacts(examined, &findings, sink)?;
    let predicate = match sink {
        Sink::Dossier(writer) => writer.statement().predicate,
        Sink::Nowhere => bare(examined, &findings),
    };
    let name = examined.name.to_owned();
    let mut document =
        Document { name, predicate, signers: Vec::new(), findings, witnesses, obligations };
    sink.file("report.html", report::html::page(&document).as_bytes())?;
    sink.file("VERIFY.md", guide::guide(&document).as_bytes())?;
    if let Sink::Dossier(writer) = sink {
        document.predicate = writer.statement().predicate;
    }
    Ok(document)
}

fn certify(sealed: &Sealed, sink: &mut Sink) -> Result<ObjectRef, PackError> {
    let Sink::Dossier(writer) = sink else {
        let bytes = evidence::canonical_json(&sealed.certificate)?;
        let digest = Digest::of(&bytes);
        return Ok(ObjectRef { path: format!("certificates/{}.json", digest.hex()), digest });
    };
    for (_, lrat) in &sealed.proofs {
        writer.proof(lrat)?;
    }
    for emitted in &sealed.emitted {
        writer.obligation(&emitted.aag, &emitted.cnf)?;
    }
    writer.certificate(&sealed.certificate)
}

/// Witness files share a stem: the first digits of the digest of the JSON.
fn witness_files(
    witness: &Witness,
    design: &Design,
    sealed: &Sealed,
    raw: &Raw,
    sink: &mut Sink,
) -> Result<ObjectRef, PackError> {
    let json = evidence::canonical_json(witness)?;
    let stem = Digest::of(&json).hex()[..16].to_owned();
    for (extension, bytes) in simulate::files(witness, design, sealed, raw, &stem) {
        sink.file(&format!("witnesses/{stem}.{extension}"), &bytes)?;
    }
    sink.file(&format!("witnesses/{stem}.json"), &json)
}

fn artifacts(
    examined: &Examined<'_>,
    findings: &[Finding],
    sink: &mut Sink,
) -> Result<(), PackError> {
    let Sink::Dossier(writer) = sink else { return Ok(()) };
    for raw in examined.raw {
        // nobody else has a netlist that was elaborated here
        let include = raw.artifact.include || raw.record.is_some();
        let bytes = include.then_some(raw.bytes.as_slice());
        let derivation = raw.derivation();
        writer.artifact(entry(raw), raw.artifact.contract.as_ref(), derivation.as_ref(), bytes)?;
    }
    for (raw, file) in supporting(examined.raw) {
        let bytes = (raw.artifact.include || file.record.is_some()).then_some(file.given());
        let derivation = file.record.as_ref().and_then(|r| serde_json::to_value(r).ok());
        writer.artifact(support_entry(raw, file), None, derivation.as_ref(), bytes)?;
    }
    for finding in findings {
        writer.finding(finding.clone())?;
    }
    Ok(())
}

fn entry(raw: &Raw) -> Artifact {
    Artifact {
        digest: raw.digest,
        kind: raw.artifact.kind,
        provenance: raw.artifact.provenance,
        name: raw.name.clone(),
        included: raw.artifact.include,
        contract: None,
        role: None,
        derivation: None,
    }
}

/// Further files of all artifacts, each once, and not those that are artifacts themselves.
fn supporting(raw: &[Raw]) -> Vec<(&Raw, &Support)> {
    let mut seen: BTreeSet<Digest> = raw.iter().map(|r| r.digest).collect();
    let each = raw.iter().flat_map(|r| r.support.iter().map(move |file| (r, file)));
    each.filter(|(_, file)| seen.insert(file.digest)).collect()
}

fn support_entry(raw: &Raw, file: &Support) -> Artifact {
    Artifact {
        digest: file.digest,
        kind: raw.artifact.kind,
        provenance: raw.artifact.provenance,
        name: file.supplied.name.clone(),
        included: raw.artifact.include,
        contract: None,
        role: Some(file.supplied.role.clone()),
        derivation: None,
    }
}

/// The predicate of a run that writes nothing.
fn bare(examined: &Examined<'_>, findings: &[Finding]) -> Predicate {
    let further = supporting(examined.raw);
    let further = further.iter().map(|(raw, file)| support_entry(raw, file));
    let artifacts: Vec<Artifact> = examined.raw.iter().map(entry).chain(further).collect();
    Predicate {
        schema: dossier::statement::DOSSIER_SCHEMA.to_owned(),
        tool: TOOL.to_owned(),
        kernel: KERNEL_VERSION,
        subject: examined.subject.clone(),
        claims: dossier::claims_table(&artifacts, findings),
        artifacts,
        confidentiality: confidentiality(examined.raw),
        files: Vec::new(),
        seal: None,
    }
}

/// Certificates and waveforms reveal netlist names; who may see them follows from the artifacts.
fn confidentiality(raw: &[Raw]) -> String {
    use evidence::Provenance::{Public, Synthetic};
    let open = raw.iter().all(|r| matches!(r.artifact.provenance, Public | Synthetic));
    if open {
        "public: all artifacts are published or synthetic".to_owned()
    } else {
        "restricted: certificates and witnesses reveal names of the artifacts examined".to_owned()
    }
}
