//! A small dossier for the tests of this crate, and a kernel that knows what it will be asked.

use crate::dsse::Envelope;
use crate::statement::{Accelerator, Artifact, FileEntry, Statement};
use crate::verify::{Kernel, VerifyOptions};
use crate::{ClaimEntry, DossierWriter, ENVELOPE, Header, PublicKey, claims_table, keygen, sign};
use evidence::{
    ArtifactKind, Claim, Digest, Finding, FindingDraft, ObjectRef, Provenance, Verdict,
    canonical_json,
};
use proof::certificate::{
    Body, CERTIFICATE_SCHEMA, Certificate, Discharged, KERNEL_VERSION, PairTrace, Relation, Trace,
};
use proof::contract::{Contract, Identity, IdentityKind, Service};
use proof::{Circuit, ProofSource};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

pub(crate) const NETLIST: &[u8] = b"{\"modules\": {}}";

/// Accepts what the sample contains: the right netlist, and proofs that say what they prove.
pub(crate) struct FakeKernel;

impl Kernel for FakeKernel {
    type Model = ();
    fn load(&self, netlist: &[u8], _: Option<&[u8]>, contract: &Contract) -> Result<(), String> {
        assert_eq!((netlist, contract), (NETLIST, &contract_of_sample()));
        Ok(())
    }
    fn check(
        &self,
        (): &(),
        _: &Digest,
        _: &Digest,
        certificate: &Certificate,
        proofs: &mut dyn ProofSource,
    ) -> Result<usize, String> {
        for obligation in &certificate.obligations {
            let mut text = String::new();
            let mut proof = proofs.open(&obligation.lrat.ok_or("no proof")?)?;
            proof.read_to_string(&mut text).map_err(|e| e.to_string())?;
            if text != format!("proof of {}", obligation.name) {
                return Err(format!("obligation {}: refused", obligation.name));
            }
        }
        Ok(certificate.obligations.len())
    }
}

pub(crate) fn contract_of_sample() -> Contract {
    let service = Service {
        name: "job".into(),
        start: None,
        done: "done".into(),
        tag: None,
        recover_within: 100,
    };
    let identity = Identity { signal: "u_fuse.uid".into(), kind: IdentityKind::Fuse };
    Contract { service: vec![service], identity: vec![identity], ..Contract::default() }
}

pub(crate) struct Sample {
    pub(crate) root: tempfile::TempDir,
    pub(crate) dir: PathBuf,
    pub(crate) options: VerifyOptions,
    private: String,
}

pub(crate) fn header() -> Header {
    let subject = Accelerator { vendor: "Example".into(), model: "N".into(), version: "1".into() };
    Header { tool: "probity 0".into(), subject, confidentiality: "public".into() }
}

pub(crate) fn artifact() -> (Artifact, Vec<u8>) {
    let bytes = zstd::encode_all(NETLIST, 3).unwrap();
    let artifact = Artifact {
        digest: Digest::of(&bytes),
        kind: ArtifactKind::Design,
        provenance: Provenance::Synthetic,
        name: "n.json.zst".into(),
        included: true,
        contract: None,
        role: None,
        derivation: None,
    };
    (artifact, bytes)
}

fn certificate(check: &str, item: &str, verdict: Verdict, body: Body) -> Certificate {
    Certificate {
        schema: CERTIFICATE_SCHEMA.into(),
        kernel: KERNEL_VERSION,
        check: check.into(),
        netlist: artifact().0.digest,
        contract: Digest::of(&canonical_json(&contract_of_sample()).unwrap()),
        item: item.into(),
        verdict,
        kind: (verdict == Verdict::Refuted).then(|| "dead".into()),
        body,
        obligations: vec![Discharged {
            name: item.into(),
            cnf: Digest::of(b"p cnf 0 1\n0\n"),
            lrat: Some(Digest::of(format!("proof of {item}").as_bytes())),
        }],
    }
}

pub(crate) fn finding(c: &Certificate, claim: Claim, object: ObjectRef) -> Finding {
    FindingDraft {
        check: c.check.clone(),
        claim,
        artifact: c.netlist,
        verdict: c.verdict,
        reason: None,
        kind: c.kind.clone(),
        item: Some(c.item.clone()),
        title: "t".into(),
        detail: "d".into(),
        scope: "s".into(),
        assumptions: vec![],
        locators: vec![],
        grade: None,
        coverage: None,
        certificate: Some(object),
        witness: None,
        metrics: BTreeMap::new(),
    }
    .seal()
    .unwrap()
}

impl Sample {
    pub(crate) fn new(included: bool) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut writer = DossierWriter::create(&root.path().join("d"), header()).unwrap();
        let (artifact, bytes) = artifact();
        let copy = included.then_some(&bytes[..]);
        writer.artifact(artifact, Some(&contract_of_sample()), None, copy).unwrap();
        let (trace, circuit) = (Trace::default(), Circuit::constant(true));
        let pair =
            PairTrace { left: trace.clone(), right: trace, cycle: 0, port: "o".into(), bit: 0 };
        let relation = Relation {
            untied: vec![],
            equal: vec![],
            extra: circuit,
            legal_inputs: vec![],
            declassified: vec![],
        };
        for (check, claim, item, verdict, body) in [
            (
                "design.remote-disable",
                Claim::NoRemoteDisable,
                "job",
                Verdict::Refuted,
                Body::Pair(pair),
            ),
            (
                "design.identity-leak",
                Claim::NoTracking,
                "u_fuse.uid",
                Verdict::Proved,
                Body::Relation(relation),
            ),
        ] {
            let certificate = certificate(check, item, verdict, body);
            let object = writer.certificate(&certificate).unwrap();
            writer.proof(format!("proof of {item}").as_bytes()).unwrap();
            writer.finding(finding(&certificate, claim, object)).unwrap();
        }
        writer.obligation(b"aag 0 0 0 1 0\n0\n", b"p cnf 0 1\n0\n").unwrap();
        writer.witness("job/run.vcd", b"$end").unwrap();
        writer.file("report.html", b"<html>").unwrap();
        let dir = writer.finish().unwrap();
        let (private, public) = keygen().unwrap();
        sign(&dir, &private).unwrap();
        let trust = vec![PublicKey::from_pem(&public).unwrap()];
        let options = VerifyOptions { trust, artifacts: None };
        Self { root, dir, options, private }
    }

    /// Every file of the dossier but the envelope.
    pub(crate) fn paths(&self) -> Vec<String> {
        let files = crate::tree::walk(&self.dir).unwrap().0;
        files.into_iter().filter(|f| f != ENVELOPE).collect()
    }

    pub(crate) fn statement(&self) -> Statement {
        let (_, payload) = Envelope::parse(&fs::read(self.dir.join(ENVELOPE)).unwrap()).unwrap();
        serde_json::from_slice(&payload).unwrap()
    }

    /// What a dishonest author does: edit, bring list and claims in line, sign again.
    pub(crate) fn sign_again(&self, edit: impl FnOnce(&Path, &mut Statement)) {
        self.sign_as_is(|dir, statement| {
            edit(dir, statement);
            let p = &mut statement.predicate;
            p.files = list(dir);
            p.claims = claims_of(dir, &p.artifacts);
        });
    }

    /// The same without bringing anything in line.
    pub(crate) fn sign_as_is(&self, edit: impl FnOnce(&Path, &mut Statement)) {
        let mut statement = self.statement();
        edit(&self.dir, &mut statement);
        statement.predicate.seal = Some(statement.seal().unwrap());
        let text = Envelope::new(&canonical_json(&statement).unwrap()).to_json().unwrap();
        fs::write(self.dir.join(ENVELOPE), text).unwrap();
        sign(&self.dir, &self.private).unwrap();
    }
}

fn list(dir: &Path) -> Vec<FileEntry> {
    let files = crate::tree::walk(dir).unwrap().0;
    files
        .into_iter()
        .filter(|f| f != ENVELOPE)
        .map(|path| {
            let (sha256, bytes) = crate::tree::hash(dir, &path).unwrap();
            FileEntry { path, sha256, bytes }
        })
        .collect()
}

pub(crate) fn findings_in(dir: &Path) -> Vec<(PathBuf, Finding)> {
    let mut all: Vec<_> = fs::read_dir(dir.join("findings"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| (p.clone(), serde_json::from_slice(&fs::read(p).unwrap()).unwrap()))
        .collect();
    all.sort_by_key(|(path, _)| path.clone());
    all
}

fn claims_of(dir: &Path, artifacts: &[Artifact]) -> BTreeMap<Claim, ClaimEntry> {
    let found: Vec<Finding> = findings_in(dir).into_iter().map(|(_, f)| f).collect();
    claims_table(artifacts, &found)
}
