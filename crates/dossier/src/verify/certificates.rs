//! Certificates: what a finding says is what its certificate says, and the kernel agrees.

use super::{Dossier, NOT_DERIVED, Status, VerifyOptions, VerifyReport};
use crate::statement::Artifact;
use crate::tree::{self, MAX_FILE, MAX_JSON, MAX_NETLIST, MAX_PROOF};
use evidence::{ArtifactKind, Digest, Finding, FindingDraft, canonical_json};
use proof::ProofSource;
use proof::certificate::{CERTIFICATE_SCHEMA, Certificate};
use proof::contract::Contract;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;
use std::path::Path;

const NAME: &str = "certificate";

/// What the verifier asks of the kernel. There is one, [`TrustedKernel`]; tests bring another.
pub trait Kernel {
    /// A netlist under its contract.
    type Model;
    /// Reads a netlist (uncompressed) under a contract, beside its reference if that names one.
    ///
    /// # Errors
    /// A message for people.
    fn load(
        &self,
        netlist: &[u8],
        reference: Option<&[u8]>,
        contract: &Contract,
    ) -> Result<Self::Model, String>;
    /// Checks a certificate completely; the number of its obligations.
    ///
    /// # Errors
    /// A message for people.
    fn check(
        &self,
        model: &Self::Model,
        netlist: &Digest,
        contract: &Digest,
        certificate: &Certificate,
        proofs: &mut dyn ProofSource,
    ) -> Result<usize, String>;
}

/// The kernel of crate `proof`.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrustedKernel;

impl Kernel for TrustedKernel {
    type Model = proof::Model;
    fn load(
        &self,
        netlist: &[u8],
        reference: Option<&[u8]>,
        contract: &Contract,
    ) -> Result<Self::Model, String> {
        let model = match reference {
            Some(reference) => proof::load_compared(netlist, reference, contract),
            None => proof::load_model(netlist, contract),
        };
        model.map_err(|e| e.to_string())
    }
    fn check(
        &self,
        model: &Self::Model,
        netlist: &Digest,
        contract: &Digest,
        certificate: &Certificate,
        proofs: &mut dyn ProofSource,
    ) -> Result<usize, String> {
        proof::check(model, netlist, contract, certificate, proofs)
            .map(|checked| checked.obligations)
            .map_err(|e| e.to_string())
    }
}

/// Checks every certificate, artifact by artifact, and names what is not re-checked here.
pub(super) fn check<K: Kernel>(
    dossier: &Dossier<'_>,
    options: &VerifyOptions,
    contracts: &BTreeMap<Digest, Contract>,
    found: &[Finding],
    kernel: &K,
    report: &mut VerifyReport,
) {
    folded_files(dossier, report);
    orphans(dossier, found, report);
    let mut store = None;
    for artifact in &dossier.statement.predicate.artifacts {
        let about = || found.iter().map(|f| &f.body).filter(|b| b.artifact == artifact.digest);
        if artifact.kind != ArtifactKind::Design {
            let count = about().count();
            if count > 0 {
                let text = format!(
                    "{count} {} findings: run `probity verify --replay` to derive them again",
                    artifact.kind.id()
                );
                report.push(NOT_DERIVED, Status::Unchecked, text);
                report.derived += count;
            }
            continue;
        }
        let certified: Vec<&FindingDraft> = about().filter(|b| b.certificate.is_some()).collect();
        if certified.is_empty() {
            continue;
        }
        let mut bytes = |artifact: &Artifact| {
            netlist(dossier, options, artifact, &mut store)
                .and_then(|bytes| tree::unfolded(bytes, MAX_NETLIST))
        };
        let model = bytes(artifact).and_then(|own| {
            let contract = contracts.get(&artifact.digest);
            let contract = contract.ok_or("there is no sound contract")?;
            let reference = match contract.reference {
                None => None,
                Some(digest) => {
                    let listed = dossier.artifacts.get(&digest);
                    let listed = listed.ok_or("its reference is not listed")?;
                    Some(bytes(listed).map_err(|e| format!("its reference: {e}"))?)
                }
            };
            kernel.load(&own, reference.as_deref(), contract)
        });
        let model = match model {
            Ok(model) => model,
            Err(what) => {
                let text = format!("{} certificates of {}: {what}", certified.len(), artifact.name);
                report.fail(NAME, text);
                continue;
            }
        };
        for body in certified {
            let item = body.item.as_deref().unwrap_or("-");
            let what = format!("{} {item}, {}", body.check, body.verdict);
            match one(dossier, artifact, body, &model, kernel) {
                Ok(obligations) => {
                    report.certificates += 1;
                    report.obligations += obligations;
                    report.ok(NAME, format!("{what}: {obligations} obligations re-checked"));
                }
                Err(why) => report.fail(NAME, format!("{what}: {why}")),
            }
        }
    }
}

fn one<K: Kernel>(
    dossier: &Dossier<'_>,
    artifact: &Artifact,
    body: &FindingDraft,
    model: &K::Model,
    kernel: &K,
) -> Result<usize, String> {
    let (Some(object), Some(contract)) = (&body.certificate, &artifact.contract) else {
        return Err("there is no certificate or no contract".into());
    };
    let bytes = dossier.read(&object.path, MAX_JSON)?;
    if object.path != format!("certificates/{}.json", Digest::of(&bytes).hex()) {
        return Err(format!("{}: is not named by its digest", object.path));
    }
    let certificate: Certificate = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    if canonical_json(&certificate).map_err(|e| e.to_string())? != bytes {
        return Err(format!("{}: is not in canonical form (RFC 8785)", object.path));
    }
    agreement(body, &certificate, contract)?;
    let mut proofs = Proofs { dossier };
    kernel.check(model, &artifact.digest, contract, &certificate, &mut proofs)
}

/// What the finding says is what the certificate is about.
fn agreement(body: &FindingDraft, c: &Certificate, contract: &Digest) -> Result<(), String> {
    for (what, agree) in [
        ("schema", c.schema == CERTIFICATE_SCHEMA),
        ("check", c.check == body.check),
        ("artifact", c.netlist == body.artifact),
        ("contract", c.contract == *contract),
        ("item", Some(&c.item) == body.item.as_ref()),
        ("verdict", c.verdict == body.verdict),
        ("kind", c.kind == body.kind),
    ] {
        if !agree {
            return Err(format!("finding and certificate differ in {what}"));
        }
    }
    Ok(())
}

/// The LRAT proofs of a dossier. Their digests were compared before ([`folded_files`]), and a proof
/// that is not the one named would still have to be a proof.
struct Proofs<'a> {
    dossier: &'a Dossier<'a>,
}

impl ProofSource for Proofs<'_> {
    fn open(&mut self, lrat: &Digest) -> Result<Box<dyn BufRead + '_>, String> {
        let path = format!("certificates/lrat/{}.lrat.zst", lrat.hex());
        if !self.dossier.listed.contains_key(path.as_str()) {
            return Err(format!("its proof {path} is not in the dossier"));
        }
        let file = tree::open(self.dossier.dir, &path).map_err(|e| e.to_string())?;
        Ok(Box::new(tree::unfold(file)?))
    }
}

/// Proofs and obligations are named by the digest of what they unfold to.
fn folded_files(dossier: &Dossier<'_>, report: &mut VerifyReport) {
    let lrat = dossier.below("certificates/lrat/").map(|(p, n)| (p, n.strip_suffix(".lrat.zst")));
    let cnf =
        dossier.below("certificates/obligations/").map(|(p, n)| (p, n.strip_suffix(".cnf.zst")));
    for (path, stem) in lrat.chain(cnf).filter_map(|(p, stem)| Some((p, stem?))) {
        let hashed = tree::open(dossier.dir, path)
            .map_err(|e| e.what)
            .and_then(tree::unfold)
            .and_then(|stream| tree::hash_stream(stream, MAX_PROOF));
        match hashed {
            Ok((digest, _)) if digest.hex() == stem => {}
            Ok((digest, _)) => report.fail(NAME, format!("{path}: unfolds to {digest}")),
            Err(what) => report.fail(NAME, format!("{path}: cannot be unfolded: {what}")),
        }
    }
}

/// A certificate that no finding refers to would be read by people and by nobody else.
fn orphans(dossier: &Dossier<'_>, found: &[Finding], report: &mut VerifyReport) {
    let used: BTreeSet<&str> =
        found.iter().filter_map(|f| Some(f.body.certificate.as_ref()?.path.as_str())).collect();
    for (path, name) in dossier.below("certificates/") {
        if !name.contains('/') && !used.contains(path) {
            report.fail(NAME, format!("{path}: belongs to no sound finding"));
        }
    }
}

/// An artifact's bytes as given: the copy in the dossier, or the file of that digest in the
/// directory the caller names (hashed once, on first use).
fn netlist(
    dossier: &Dossier<'_>,
    options: &VerifyOptions,
    artifact: &Artifact,
    store: &mut Option<BTreeMap<Digest, String>>,
) -> Result<Vec<u8>, String> {
    let bytes = if artifact.included {
        dossier.read(&artifact.path(), MAX_NETLIST)?
    } else {
        let missing = format!("{} is not included", artifact.digest);
        let dir = options
            .artifacts
            .as_deref()
            .ok_or_else(|| format!("{missing}; name its directory with --artifacts DIR"))?;
        let store = match store {
            Some(store) => store,
            None => store.insert(hash_all(dir)?),
        };
        let path = store
            .get(&artifact.digest)
            .ok_or_else(|| format!("{missing}, and no file in {} has it", dir.display()))?;
        tree::read(dir, path, MAX_NETLIST).map_err(|e| e.to_string())?
    };
    if Digest::of(&bytes) != artifact.digest {
        return Err(format!("{}: is not {}", artifact.name, artifact.digest));
    }
    Ok(bytes)
}

fn hash_all(dir: &Path) -> Result<BTreeMap<Digest, String>, String> {
    let (files, _) = tree::walk(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let mut store = BTreeMap::new();
    for path in files {
        // What cannot be read is as good as absent: the digest will be missed by name.
        if let Ok((digest, _)) = tree::open(dir, &path)
            .map_err(|e| e.to_string())
            .and_then(|file| tree::hash_stream(file, MAX_FILE))
        {
            store.insert(digest, path);
        }
    }
    Ok(store)
}
