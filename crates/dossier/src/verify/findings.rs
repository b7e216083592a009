//! Findings, the completeness of their list, and the claims that follow from them.

use super::{Dossier, Status, VerifyReport};
use crate::claims::claims_table;
use crate::tree::MAX_JSON;
use evidence::{ArtifactKind, Claim, Digest, Finding, Verdict, canonical_json, check_page};
use proof::contract::Contract;
use proof::kernel::{
    COMPARE, HIDDEN_TRIGGER, HUNT, IDENTITY_LEAK, NETLIST_ITEM, REFERENCE_ITEM, REMOTE_DISABLE,
};
use std::collections::BTreeMap;

/// The contracts by artifact, each read and in canonical form.
pub(super) fn contracts(
    dossier: &Dossier<'_>,
    report: &mut VerifyReport,
) -> BTreeMap<Digest, Contract> {
    let mut contracts = BTreeMap::new();
    for artifact in &dossier.statement.predicate.artifacts {
        let Some(digest) = artifact.contract else { continue };
        let path = artifact.contract_path();
        match contract(dossier, &path, digest) {
            Ok(contract) => {
                contracts.insert(artifact.digest, contract);
            }
            Err(what) => report.fail("contract", format!("{path}: {what}")),
        }
    }
    contracts
}

fn contract(dossier: &Dossier<'_>, path: &str, digest: Digest) -> Result<Contract, String> {
    let bytes = dossier.read(path, MAX_JSON)?;
    if Digest::of(&bytes) != digest {
        return Err("is not the contract that the artifact names".into());
    }
    let contract: Contract = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    if canonical_json(&contract).map_err(|e| e.to_string())? != bytes {
        return Err("is not in canonical form (RFC 8785)".into());
    }
    contract.check().map_err(|e| e.to_string())?;
    Ok(contract)
}

/// Reads and checks every finding.
pub(super) fn check(dossier: &Dossier<'_>, report: &mut VerifyReport) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut wrong = 0;
    for (path, _) in dossier.below("findings/") {
        match finding(dossier, path) {
            Ok(finding) => found.push(finding),
            Err(what) => {
                wrong += 1;
                report.fail("finding", format!("{path}: {what}"));
            }
        }
    }
    if wrong == 0 {
        report
            .ok("finding", format!("{} findings, each canonical and named by its id", found.len()));
    }
    found
}

fn finding(dossier: &Dossier<'_>, path: &str) -> Result<Finding, String> {
    let bytes = dossier.read(path, MAX_JSON)?;
    let finding: Finding = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    if canonical_json(&finding).map_err(|e| e.to_string())? != bytes {
        return Err(
            "is not in canonical form (RFC 8785), or has fields that findings have not".into()
        );
    }
    if !finding.id_is_right() || path != format!("findings/{}.json", finding.id.hex()) {
        return Err("its id is not the digest of its contents".into());
    }
    let body = &finding.body;
    let page = check_page(&body.check)
        .ok_or_else(|| format!("check `{}` is unknown to this verifier", body.check))?;
    if page.claim != body.claim {
        return Err(format!("check {} bears on {}, not on {}", page.id, page.claim, body.claim));
    }
    let artifact = dossier
        .artifacts
        .get(&body.artifact)
        .ok_or_else(|| format!("is about {}, which the dossier does not list", body.artifact))?;
    if body.check.split('.').next() != Some(artifact.kind.id()) {
        return Err(format!(
            "check {} does not apply to a {} artifact",
            page.id,
            artifact.kind.id()
        ));
    }
    if (body.verdict == Verdict::Undetermined) != body.reason.is_some() {
        return Err("a reason belongs to `undetermined`, and to nothing else".into());
    }
    if body.verdict == Verdict::Proved && !page.decisive {
        return Err(format!("check {} only searches; it cannot prove", page.id));
    }
    let decided = matches!(body.verdict, Verdict::Proved | Verdict::Refuted);
    if decided && artifact.kind == ArtifactKind::Design && body.certificate.is_none() {
        return Err(format!("says `{}` without a certificate", body.verdict));
    }
    for object in body.certificate.iter().chain(&body.witness) {
        if dossier.listed.get(object.path.as_str()).map(|e| e.sha256) != Some(object.digest) {
            return Err(format!("refers to {}, which is not listed with that digest", object.path));
        }
    }
    Ok(finding)
}

/// Each service, identity, function, reference and hunt of each design contract has exactly one finding, and these checks
/// speak of nothing else: whoever drops or doubles an unwelcome finding is caught here.
pub(super) fn completeness(
    dossier: &Dossier<'_>,
    contracts: &BTreeMap<Digest, Contract>,
    found: &[Finding],
    report: &mut VerifyReport,
) {
    const NAME: &str = "completeness";
    let mut wanted: BTreeMap<(Digest, &str, &str), usize> = BTreeMap::new();
    for artifact in &dossier.statement.predicate.artifacts {
        if artifact.kind != ArtifactKind::Design || artifact.role.is_some() {
            continue;
        }
        if artifact.contract.is_none() {
            let text = format!("artifact {} has no contract: no claim is due", artifact.name);
            report.push(NAME, Status::Unchecked, text);
        }
        if let Some(contract) = contracts.get(&artifact.digest) {
            for service in &contract.service {
                wanted.insert((artifact.digest, REMOTE_DISABLE, &service.name), 0);
            }
            for identity in &contract.identity {
                wanted.insert((artifact.digest, IDENTITY_LEAK, &identity.signal), 0);
            }
            if contract.reference.is_some() {
                wanted.insert((artifact.digest, COMPARE, REFERENCE_ITEM), 0);
            }
            if contract.hunt {
                wanted.insert((artifact.digest, HUNT, NETLIST_ITEM), 0);
            }
            for function in &contract.function {
                wanted.insert((artifact.digest, HIDDEN_TRIGGER, &function.name), 0);
            }
        }
    }
    let before = report.failures();
    for body in found.iter().map(|f| &f.body) {
        const DUE: [&str; 5] = [COMPARE, REMOTE_DISABLE, IDENTITY_LEAK, HIDDEN_TRIGGER, HUNT];
        if !DUE.contains(&body.check.as_str()) {
            continue;
        }
        let item = body.item.as_deref().unwrap_or_default();
        match wanted.get_mut(&(body.artifact, body.check.as_str(), item)) {
            Some(count) => *count += 1,
            None => {
                let text =
                    format!("{} speaks of `{item}`, which the contract does not name", body.check);
                report.fail(NAME, text);
            }
        }
    }
    for ((artifact, check, item), count) in &wanted {
        if *count != 1 {
            let text = format!("{check} of `{item}` in {artifact} has {count} findings, not one");
            report.fail(NAME, text);
        }
    }
    if report.failures() == before && !wanted.is_empty() {
        let text = format!(
            "each of {} services, identities, functions, references and hunts has one finding",
            wanted.len()
        );
        report.ok(NAME, text);
    }
}

/// The claims table follows from the findings.
pub(super) fn claims(dossier: &Dossier<'_>, found: &[Finding], report: &mut VerifyReport) {
    let stated = &dossier.statement.predicate.claims;
    let computed = claims_table(&dossier.statement.predicate.artifacts, found);
    if *stated == computed {
        report.ok("claims", "the table follows from the findings");
        return;
    }
    for claim in Claim::ALL {
        if stated.get(&claim) != computed.get(&claim) {
            let says = stated.get(&claim).map_or("nothing".to_owned(), |c| c.verdict.to_string());
            let follows =
                computed.get(&claim).map_or("nothing".to_owned(), |c| c.verdict.to_string());
            let text = format!("{claim}: the statement says {says}, the findings give {follows}");
            report.fail("claims", text);
        }
    }
}
