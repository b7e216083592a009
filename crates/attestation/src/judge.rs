//! One device: its evidence through every check.
//!
//! Problem: a shortfall must neither pass in silence nor be blown up. Each condition has one verdict; the table stands in
//! docs/attestation.md and a test walks it.
//! Method: the checks run in a fixed order and independently: a chain that fails does not hide that the report's
//! signature is right, nor the reverse. Conditions that only limit what was shown (no nonce, no revocation
//! data, no FWID) become limits of the lines they concern, unless the policy requires them.
//! Cost: three signatures of the device's own; certificates of the vendor and manifests are shared.

use crate::certificate::{Certificate, Fwid};
use crate::chain::{Links, Path, Problem, check_path};
use crate::collection::Device;
use crate::examine::Context;
use crate::line::{Line, check};
use crate::opaque::{Layout, Opaque, read_opaque};
use crate::references;
use crate::roots::Purpose;
use crate::settings::{Requirement, nonce};
use crate::spdm::{Report, ReportError, read_report};
use crate::{ledger, product};
use evidence::Reason;

/// A device as it was judged.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Place in the file.
    pub place: String,
    /// Architecture as the file names it; not signed.
    pub arch: Option<String>,
    /// Whether it is a switch.
    pub switch: bool,
    /// Chip, from the leaf certificate.
    pub chip: Option<String>,
    /// Device id, from the leaf certificate.
    pub device_id: Option<String>,
    /// Driver version.
    pub driver: Option<String>,
    /// VBIOS version.
    pub vbios: Option<String>,
    /// Opaque fields: name and value.
    pub fields: Vec<(String, String)>,
    /// What each check says.
    pub lines: Vec<Line>,
    /// Indices and SHA-384 digests measured: (manifest index, hexadecimal).
    pub measurements: Vec<(u8, String)>,
}

/// A device's evidence as it was read.
pub(crate) struct Subject<'a> {
    pub(crate) report: &'a Report,
    pub(crate) opaque: &'a Opaque,
    pub(crate) chain: &'a [Certificate],
    pub(crate) switch: bool,
    pub(crate) chip: Option<String>,
}

/// Judges one device.
///
/// # Errors
/// If its report or chain cannot be read at all.
pub(crate) fn judge(
    device: &Device,
    context: &Context<'_>,
    links: &mut Links,
) -> Result<Judged, (bool, String)> {
    if let Some(why) = &device.unreadable {
        return Err((false, why.clone()));
    }
    let report =
        read_report(&device.report).map_err(|e: ReportError| (e.unsupported(), e.to_string()))?;
    let opaque = read_opaque(&report.opaque);
    let chain = device.chain.as_deref().or(context.chain);
    let chain = chain.map(|bytes| {
        links.read_chain(bytes).map_err(|e| (false, format!("certificate chain: {e}")))
    });
    let chain = chain.transpose()?.unwrap_or_default();
    let chip = product::chip(chain.first());
    let switch = product::is_switch(chip.as_deref(), &opaque, device.arch.as_deref());
    let path = check_path(&chain, context.anchors.of(Purpose::Device), links);
    let subject =
        Subject { report: &report, opaque: &opaque, chain: &chain, switch, chip: chip.clone() };

    let mut lines = vec![chain_line(&subject, &path, context)];
    lines.push(signature_line(device, &subject, context));
    lines.extend(nonce_lines(device, &report, context));
    lines.extend(binding_line(&subject, context));
    lines.extend(layout_lines(&report, &opaque));
    let references = references::check(&subject, context, &mut lines);
    ledger::validity(&subject, &references, context, &mut lines);
    ledger::debug(&subject, &references, context, &mut lines);
    ledger::revocation(&subject, &references, context, &mut lines);
    ledger::versions(&subject, context, &mut lines);
    ledger::identifiers(&subject, &mut lines);
    ledger::audits(&subject, context, &mut lines);
    let digest = |b: &crate::spdm::Block| {
        Some((b.manifest_index()?, hex::encode(&b.value))).filter(|_| !b.is_zero())
    };
    Ok(Judged {
        place: device.place.clone(),
        arch: device.arch.clone(),
        switch,
        chip,
        device_id: chain.first().and_then(|c| c.device_id.clone()),
        driver: opaque.driver(),
        vbios: opaque.vbios(),
        fields: opaque.fields.iter().map(|f| (f.name(), f.shown())).collect(),
        lines,
        measurements: report.blocks.iter().filter_map(digest).collect(),
    })
}

fn chain_line(subject: &Subject<'_>, path: &Path, context: &Context<'_>) -> Line {
    let chain = subject.chain;
    if chain.is_empty() {
        let title = "no certificate chain: who signed the report is unknown";
        let remedy =
            "The device hands it out with the report; give it as PEM, leaf first (`--chain FILE`).";
        return Line::undetermined(check::CHAIN, Reason::MissingArtifact, title).detail(remedy);
    }
    let pinned: Vec<String> =
        context.anchors.of(Purpose::Device).iter().map(crate::roots::Anchor::shown).collect();
    let place = chain.first().map_or_else(String::new, |leaf| leaf.subject.clone());
    if path.is_good() {
        let title = format!("certificate chain leads to the pinned root `{}`", path.root_name);
        return Line::proved(check::CHAIN, title)
            .detail(format!(
                "{} certificates: names chain, every signature verifies, issuers are certificate authorities, the \
                 leaf may sign. Root: {}.",
                chain.len(),
                path.root.map_or_else(String::new, |d| d.to_string())
            ))
            .place(place)
            .commands(crate::commands::chain(context.at));
    }
    let problems: Vec<String> = path.problems.iter().map(ToString::to_string).collect();
    let detail = format!("{}. Pinned: {}.", problems.join("; "), pinned.join("; "));
    let kind = chain_kind(&path.problems);
    let title = match kind {
        "broken-chain" => "certificate chain is broken: a certificate is missing or out of place",
        "unpinned-root" => "certificate chain ends at a root that is not pinned",
        "bad-certificate" => "a certificate of the chain is not signed by its issuer",
        _ => "a certificate of the chain may not do what it did",
    };
    if path.is_unsupported() {
        let title = "certificate chain uses an algorithm that is not supported";
        return Line::undetermined(check::CHAIN, Reason::Unsupported, title)
            .detail(detail)
            .place(place);
    }
    Line::refuted(check::CHAIN, kind, title).detail(detail).place(place)
}

/// The outcome that the first weighty problem stands for.
pub(crate) fn chain_kind(problems: &[Problem]) -> &'static str {
    let any = |f: fn(&Problem) -> bool| problems.iter().any(f);
    if any(|p| matches!(p, Problem::BadSignature { .. })) {
        "bad-certificate"
    } else if any(|p| matches!(p, Problem::Broken { .. } | Problem::Empty)) {
        "broken-chain"
    } else if any(|p| matches!(p, Problem::Unpinned { .. })) {
        "unpinned-root"
    } else {
        "wrong-usage"
    }
}

fn signature_line(device: &Device, subject: &Subject<'_>, context: &Context<'_>) -> Line {
    let report = subject.report;
    let mut limits = vec![
        "a report can be relayed from another machine: it names the device that signed, not the one in front of you"
            .to_owned(),
    ];
    if report.operation != 0xff {
        limits.push(format!(
            "only some measurements were asked for (operation {:#04x})",
            report.operation
        ));
    }
    if report.trailing > 0 {
        limits.push(format!(
            "{} byte(s) after the signature are covered by nothing and were left out",
            report.trailing
        ));
    }
    let Some(leaf) = subject.chain.first() else {
        let title = "report signature not checked: there is no certificate to check it with";
        return Line::undetermined(check::REPORT, Reason::MissingArtifact, title).limits(limits);
    };
    let place = format!("signature at byte {}", report.signed);
    let Some(key) = &leaf.key else {
        let title = "report signature not checked: the leaf's key is not on P-384";
        return Line::undetermined(check::REPORT, Reason::Unsupported, title)
            .place(place)
            .limits(limits);
    };
    let digest = report.signed_digest(&device.report, context.negotiation);
    let version = report.version_text();
    if key.verify_raw(&digest, &report.signature) {
        return Line::proved(check::REPORT, format!("report is signed by the device (SPDM {version})"))
            .detail(format!(
                "ECDSA P-384 with SHA-384 over request and response up to the signature, {} measurements, verified \
                 with the key of the leaf certificate.",
                report.blocks.len()
            ))
            .place(place)
            .limits(limits)
            .numbers(&[("trailing_bytes", report.trailing)])
            .commands(crate::commands::report(report));
    }
    if report.version >= 0x12 && context.negotiation.is_empty() {
        let title = format!(
            "report signature not checked: SPDM {version} also signs the negotiation before it"
        );
        return Line::undetermined(check::REPORT, Reason::MissingArtifact, title)
            .detail("The transcript begins with the messages from GET_VERSION to ALGORITHMS; supply them.")
            .place(place)
            .limits(limits);
    }
    Line::refuted(check::REPORT, "forged", "report is not signed by the key of its leaf certificate")
        .detail(
            "The signature does not verify: the report was altered, damaged, or belongs to another certificate chain.",
        )
        .place(place)
        .limits(limits)
}

fn nonce_lines(device: &Device, report: &Report, context: &Context<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let found = hex::encode(report.nonce);
    match context.nonce {
        Some(expected) if expected == report.nonce => {
            lines.push(
                Line::proved(check::NONCE, "report answers the nonce the auditor issued")
                    .detail(format!("Nonce {found}, in the signed request.")),
            );
        }
        Some(expected) => {
            let title = "report answers another nonce than the auditor's: it may be old";
            let detail = format!("Expected {}.", hex::encode(expected));
            let place = format!("bytes 4-35: {found}");
            lines.push(
                Line::refuted(check::NONCE, "other-nonce", title).detail(detail).place(place),
            );
        }
        None if context.policy.requires(Requirement::Nonce) => {
            let title = "policy requires a nonce and the auditor gave none";
            lines.push(Line::undetermined(check::NONCE, Reason::MissingArtifact, title));
        }
        None => {}
    }
    if let Some(stated) = &device.nonce
        && nonce(stated) != Some(report.nonce)
    {
        let title = "collection states another nonce than the report carries";
        let place =
            format!("stated {}, signed {found}", stated.chars().take(80).collect::<String>());
        lines.push(
            Line::refuted(check::NONCE, "contradiction", title).item("collection").place(place),
        );
    }
    lines
}

fn binding_line(subject: &Subject<'_>, context: &Context<'_>) -> Option<Line> {
    let leaf = subject.chain.first()?;
    let required = context.policy.requires(Requirement::DeviceBinding);
    let unbound = |why: &str| {
        required.then(|| {
            let title = format!("policy requires that leaf and firmware are bound, and {why}");
            Line::undetermined(check::BINDING, Reason::MissingArtifact, title)
        })
    };
    match (subject.opaque.fwid(), &leaf.fwid) {
        (Some(reported), Fwid::Sha384(certified)) if reported == certified.as_slice() => Some(
            Line::proved(
                check::BINDING,
                "leaf certificate was issued to the firmware that reports",
            )
            .detail("FWID of the certificate equals field FWID of the report.")
            .place(hex::encode(certified)),
        ),
        (Some(reported), Fwid::Sha384(certified)) => Some(
            Line::refuted(
                check::BINDING,
                "other-firmware",
                "leaf certificate was issued to other firmware",
            )
            .place(format!(
                "certificate {}, report {}",
                hex::encode(certified),
                hex::encode(reported)
            )),
        ),
        (None, _) => unbound("the report carries no FWID"),
        (Some(_), _) => unbound("the certificate carries no FWID that can be read"),
    }
}

fn layout_lines(report: &Report, opaque: &Opaque) -> Vec<Line> {
    let mut lines = Vec::new();
    let twice = report.duplicate_indices();
    if !twice.is_empty() {
        let title =
            format!("report states index {} more than once", crate::compare::ranges(&twice));
        let detail = "A reader that keeps the last value and one that keeps the first see different devices.";
        lines.push(
            Line::refuted(check::MEASUREMENTS, "duplicate-index", title)
                .item("report")
                .detail(detail),
        );
    }
    let twice = opaque.duplicates();
    if !twice.is_empty() {
        let kinds: Vec<String> = twice.iter().map(u16::to_string).collect();
        let title = format!("report states opaque field {} more than once", kinds.join(", "));
        lines
            .push(Line::refuted(check::MEASUREMENTS, "duplicate-field", title).item("opaque data"));
    }
    if let Layout::Unknown(why) = &opaque.layout {
        let title =
            "opaque data is of a layout that is not known: versions and status cannot be read";
        let line = Line::undetermined(check::MEASUREMENTS, Reason::Unsupported, title);
        lines.push(line.item("opaque data").detail(format!("{why}.")));
    }
    lines
}
