//! What is forged: designs with the certificates that the engines found, and dossiers around them.

use design::identity_leak::identity_leak;
use design::remote_disable::remote_disable;
use design::{Settings, Subject, seal};
use dossier::{
    Accelerator, Artifact, DossierWriter, Header, PublicKey, Status, VerifyOptions, keygen, sign,
    verify,
};
use evidence::{
    ArtifactKind, Claim, Digest, Finding, FindingDraft, Provenance, Reason, Verdict, canonical_json,
};
use proof::certificate::Certificate;
use proof::contract::Contract;
use proof::{Model, kernel, load_model};
use solve::Budget;
use std::collections::BTreeMap;
use std::path::Path;
use testkit::micro::{Micro, Planted, grow};
use testkit::oracle::object::World;

/// Solver steps per check and for its certificate.
const EFFORT: u64 = 100_000;

/// One question of a contract: check and item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Question {
    pub(crate) check: &'static str,
    /// Index among the services, or among the identities.
    pub(crate) index: usize,
    pub(crate) item: String,
}

/// A certificate with its proofs.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) question: Question,
    pub(crate) certificate: Certificate,
    pub(crate) proofs: Vec<(Digest, Vec<u8>)>,
}

/// A design, its contract, and what the engines certified of it.
pub(crate) struct Base {
    pub(crate) micro: Micro,
    pub(crate) netlist: Vec<u8>,
    pub(crate) answers: Vec<Answered>,
}

pub(crate) fn questions(micro: &Micro) -> Vec<Question> {
    let services = micro.services.iter().enumerate().map(|(index, s)| Question {
        check: kernel::REMOTE_DISABLE,
        index,
        item: s.name.clone(),
    });
    let items = micro.identities.iter().enumerate().map(|(index, i)| Question {
        check: kernel::IDENTITY_LEAK,
        index,
        item: i.name.clone(),
    });
    services.chain(items).collect()
}

/// The base of a number; `None` if nothing is certified or it is too large for enumeration.
pub(crate) fn base(number: u64) -> Option<Base> {
    let planted = match number % 4 {
        1 => Planted::Disable,
        3 => Planted::Leak,
        _ => Planted::Nothing,
    };
    let micro = grow(number.wrapping_mul(0x1_0000), planted);
    let netlist = micro.yosys_json();
    let contract = micro.contract();
    let model = load_model(&netlist, &contract).unwrap_or_else(|e| panic!("{number}: {e}"));
    World::new(&micro, &model)?;
    let digests = digests(&netlist, &contract);
    let mut answers = Vec::new();
    for question in questions(&micro) {
        let exact = !number.is_multiple_of(3);
        let settings = Settings { budget: Budget::new(EFFORT), hints: Default::default(), exact };
        let answer = match question.check {
            kernel::REMOTE_DISABLE => remote_disable(&model, question.index, &settings),
            _ => identity_leak(&model, question.index, &settings),
        };
        let Ok(answer) = answer else { continue };
        let item = question.item.as_str();
        let (netlist, contract) = digests;
        let subject = Subject { netlist, contract, check: question.check, item };
        let Ok(sealed) = seal(&model, subject, answer, &settings.budget) else { continue };
        let (certificate, proofs) = (sealed.certificate, sealed.proofs);
        answers.push(Answered { question, certificate, proofs });
    }
    (!answers.is_empty()).then_some(Base { micro, netlist, answers })
}

pub(crate) fn digests(netlist: &[u8], contract: &Contract) -> (Digest, Digest) {
    (Digest::of(netlist), Digest::of(&canonical_json(contract).unwrap()))
}

/// Writes, signs with a fresh key, and verifies a dossier; what failed, and what it accepted.
pub(crate) fn submit(
    dir: &Path,
    micro: &Micro,
    netlist: &[u8],
    answers: &[&Answered],
) -> Result<usize, String> {
    let subject = Accelerator { vendor: "-".into(), model: "micro".into(), version: "-".into() };
    let header = Header { tool: "probity 0".into(), subject, confidentiality: "public".into() };
    let mut writer = DossierWriter::create(&dir.join("d"), header).unwrap();
    let contract = micro.contract();
    let artifact = Artifact {
        digest: Digest::of(netlist),
        kind: ArtifactKind::Design,
        provenance: Provenance::Synthetic,
        name: "micro.json".into(),
        included: true,
        contract: None,
        role: None,
        derivation: None,
    };
    writer.artifact(artifact, Some(&contract), None, Some(netlist)).unwrap();
    for question in questions(micro) {
        let claim = match question.check {
            kernel::REMOTE_DISABLE => Claim::NoRemoteDisable,
            _ => Claim::NoTracking,
        };
        let answer = answers.iter().find(|a| a.question == question);
        let mut draft = FindingDraft {
            check: question.check.into(),
            claim,
            artifact: Digest::of(netlist),
            verdict: Verdict::Undetermined,
            reason: Some(Reason::Budget),
            kind: None,
            item: Some(question.item.clone()),
            title: "t".into(),
            detail: "d".into(),
            scope: "s".into(),
            assumptions: vec![],
            locators: vec![],
            grade: None,
            coverage: None,
            certificate: None,
            witness: None,
            metrics: BTreeMap::new(),
        };
        if let Some(answer) = answer {
            let c = &answer.certificate;
            for (_, bytes) in &answer.proofs {
                writer.proof(bytes).unwrap();
            }
            (draft.verdict, draft.kind, draft.reason) = (c.verdict, c.kind.clone(), None);
            draft.certificate = Some(writer.certificate(c).unwrap());
        }
        let finding: Finding = draft.seal().unwrap();
        writer.finding(finding).unwrap();
    }
    let dossier = writer.finish().unwrap();
    let (private, public) = keygen().unwrap();
    sign(&dossier, &private).unwrap();
    let trust = vec![PublicKey::from_pem(&public).unwrap()];
    let report = verify(&dossier, &VerifyOptions { trust, artifacts: None }).unwrap();
    let failed: Vec<String> = report
        .steps
        .iter()
        .filter(|s| s.status == Status::Failed)
        .map(|s| s.message.clone())
        .collect();
    if failed.is_empty() { Ok(report.certificates) } else { Err(failed.join("; ")) }
}

/// The model of a design under its contract, if there is one.
pub(crate) fn model_of(micro: &Micro, netlist: &[u8]) -> Option<Model> {
    load_model(netlist, &micro.contract()).ok()
}
