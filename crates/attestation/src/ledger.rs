//! The remaining checks of one device: validity, debug hierarchies, revocation, versions, identifiers, audits.

use crate::certificate::Certificate;
use crate::chain::{debug_names, out_of_validity};
use crate::examine::Context;
use crate::judge::Subject;
use crate::line::{Line, check};
use crate::product::family;
use crate::references::References;
use crate::revocation::Answer;
use crate::settings::{Allowance, Requirement, Versions, compare_versions};
use evidence::{Claim, Reason};

/// Chains that the verdict rests on: what, certificates.
fn chains<'a>(
    subject: &'a Subject<'_>,
    references: &'a References<'_>,
) -> Vec<(String, &'a [Certificate])> {
    let mut all = Vec::new();
    if !subject.chain.is_empty() {
        all.push(("device".to_owned(), subject.chain));
    }
    for (slot, choice) in &references.chosen {
        all.push((format!("{slot} manifest {}", choice.used.name), choice.used.chain.as_slice()));
    }
    all
}

/// Whether everything was valid at the time of judgement.
pub(crate) fn validity(
    subject: &Subject<'_>,
    references: &References<'_>,
    context: &Context<'_>,
    lines: &mut Vec<Line>,
) {
    let at = context.at;
    let mut wrong: Vec<(bool, bool, String)> = Vec::new();
    let mut chains = chains(subject, references);
    for manifest in &references.refused {
        chains.push((format!("refused manifest {}", manifest.name), manifest.chain.as_slice()));
    }
    let mut ends: Vec<String> = Vec::new();
    for (what, chain) in &chains {
        let device = what == "device";
        if let Some(leaf) = chain.first() {
            let holder = if device { "leaf" } else { "signer" };
            ends.push(format!(
                "{what}: {holder} {} to {}",
                leaf.not_before.day(),
                leaf.not_after.day()
            ));
        }
        for (number, early) in out_of_validity(chain, at) {
            if let Some(c) = chain.get(number) {
                let when = if early {
                    format!("begins on {}", c.not_before.day())
                } else {
                    format!("ended on {}", c.not_after.day())
                };
                wrong.push((device, early, format!("{what}: `{}` {when}", c.common_name())));
            }
        }
    }
    if ends.is_empty() {
        return;
    }
    let refused = |text: &str| text.starts_with("refused");
    let allowed = context.policy.allows(Allowance::ExpiredManifest);
    let (excused, bad): (Vec<_>, Vec<_>) = wrong
        .into_iter()
        .partition(|(device, early, text)| refused(text) || (allowed && !device && !early));
    let detail = format!("{}.", ends.join("; "));
    let excuse = |text: &String| {
        if refused(text) { text.clone() } else { format!("allowed by the policy: {text}") }
    };
    let limits: Vec<String> = excused.iter().map(|(.., text)| excuse(text)).collect();
    if bad.is_empty() {
        if ends.iter().all(|e| refused(e)) {
            return;
        }
        let line =
            Line::proved(check::VALIDITY, format!("all certificates used are valid at {at}"));
        lines.push(line.detail(detail).limits(limits));
        return;
    }
    let device = bad.iter().any(|(device, ..)| *device);
    let early = bad.iter().all(|(_, early, _)| *early);
    let (kind, what) = match (device, early) {
        (false, false) => ("expired-manifest", "signer of a manifest had expired"),
        (false, true) => ("manifest-not-yet-valid", "signer of a manifest was not valid yet"),
        (true, false) => ("expired", "a certificate of the device had expired"),
        (true, true) => ("not-yet-valid", "a certificate of the device was not valid yet"),
    };
    let texts: Vec<&str> = bad.iter().map(|(.., text)| text.as_str()).collect();
    let remedy = if device {
        ""
    } else {
        " The signature itself is a separate check. Manifests carry no trusted time of signing; judge at another time \
         with `--at`, get a newer manifest, or allow `expired-manifest` in the policy."
    };
    let line = Line::refuted(check::VALIDITY, kind, format!("{what} at {at}"));
    lines.push(line.detail(format!("{}.{remedy}", texts.join("; "))).limits(limits));
}

/// Whether anything belongs to a debug or development hierarchy.
pub(crate) fn debug(
    subject: &Subject<'_>,
    references: &References<'_>,
    context: &Context<'_>,
    lines: &mut Vec<Line>,
) {
    let mut names = Vec::new();
    let chains = chains(subject, references);
    for (what, chain) in &chains {
        for name in debug_names(chain) {
            names.push(format!("{what}: `{name}`"));
        }
    }
    let mut limits = vec![
        "debug state and development mode are not measured fields: only the certificates show a debug hierarchy"
            .to_owned(),
    ];
    limits.push(subject.opaque.feature().map_or_else(
        || "the report does not state its confidential-computing mode".to_owned(),
        |mode| format!("mode stated by the report: {mode}"),
    ));
    if names.is_empty() {
        if !chains.is_empty() {
            let title = "no certificate of a debug or development hierarchy";
            lines.push(Line::proved(check::DEBUG, title).limits(limits));
        }
    } else if context.policy.allows(Allowance::DebugRoot) {
        limits.extend(names.iter().map(|n| format!("allowed by the policy: {n}")));
        lines.push(
            Line::proved(check::DEBUG, "debug hierarchy, allowed by the policy").limits(limits),
        );
    } else {
        let title = "a certificate belongs to a debug or development hierarchy";
        let line = Line::refuted(check::DEBUG, "debug-root", title);
        lines.push(line.detail(format!("{}.", names.join("; "))).limits(limits));
    }
}

/// What archived CRLs and OCSP responses say.
pub(crate) fn revocation(
    subject: &Subject<'_>,
    references: &References<'_>,
    context: &Context<'_>,
    lines: &mut Vec<Line>,
) {
    let required = context.policy.requires(Requirement::Revocation);
    let mut answers: Vec<(String, Answer)> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for (what, chain) in chains(subject, references) {
        // the leaf of a device is signed by the device itself: nobody can revoke it alone
        let first = usize::from(what == "device");
        for pair in chain.get(first..).unwrap_or_default().windows(2) {
            let [certificate, issuer] = pair else { continue };
            let name = format!("{what}: `{}`", certificate.common_name());
            let said: Vec<Answer> = context
                .archives
                .iter()
                .filter_map(|a| a.ask(certificate, issuer, context.at))
                .collect();
            // the worst usable answer counts
            let worst = said.iter().filter(|a| !matches!(a, Answer::Unusable(_))).max();
            match worst {
                Some(answer) => answers.push((name, answer.clone())),
                None => {
                    let why: Vec<String> = said
                        .into_iter()
                        .filter_map(
                            |a| if let Answer::Unusable(why) = a { Some(why) } else { None },
                        )
                        .collect();
                    let why = if why.is_empty() {
                        "no answer supplied".to_owned()
                    } else {
                        why.join("; ")
                    };
                    open.push(format!("{name}: {why}"));
                }
            }
        }
    }
    if answers.is_empty() && open.is_empty() {
        return;
    }
    let mut limits: Vec<String> = open.iter().map(|o| format!("not covered: {o}")).collect();
    limits.extend(context.archive_faults.iter().map(|f| format!("unusable: {f}")));
    let revoked: Vec<String> = answers
        .iter()
        .filter_map(|(name, answer)| match answer {
            Answer::Revoked { by, since, reason } => {
                Some(format!("{name} since {} (reason {reason}; {by})", since.day()))
            }
            _ => None,
        })
        .collect();
    let held: Vec<String> = answers
        .iter()
        .filter_map(|(name, answer)| match answer {
            Answer::OnHold { by, since } => {
                Some(format!("{name} on hold since {} ({by})", since.day()))
            }
            _ => None,
        })
        .collect();
    let allowed = context.policy.allows(Allowance::CertificateHold);
    if !revoked.is_empty() {
        let line = Line::refuted(check::REVOCATION, "revoked", "a certificate is revoked");
        lines.push(line.detail(format!("{}.", revoked.join("; "))).limits(limits));
    } else if !held.is_empty() && !allowed {
        let line = Line::refuted(check::REVOCATION, "on-hold", "a certificate is on hold");
        lines.push(line.detail(format!("{}.", held.join("; "))).limits(limits));
    } else if required && !open.is_empty() {
        let title = format!(
            "policy requires revocation data; {} certificate(s) are not covered",
            open.len()
        );
        let line = Line::undetermined(check::REVOCATION, Reason::MissingArtifact, title);
        lines.push(line.detail(format!("{}.", open.join("; "))).limits(limits));
    } else if !answers.is_empty() {
        limits.extend(held.iter().map(|h| format!("allowed by the policy: {h}")));
        limits.push(
            "`good` is weak: the vendor's responder says it for device serials it does not know, and an archive cannot \
             be fresh"
                .to_owned(),
        );
        let said: Vec<String> = answers
            .iter()
            .filter_map(|(name, answer)| match answer {
                Answer::Good { by, since } => {
                    Some(format!("{name} ({by}, {} days old)", context.at.days_since(*since)))
                }
                _ => None,
            })
            .collect();
        let title = format!(
            "no certificate is revoked by what was supplied ({} of {} covered)",
            answers.len(),
            answers.len() + open.len()
        );
        lines.push(
            Line::proved(check::REVOCATION, title)
                .detail(format!("{}.", said.join("; ")))
                .limits(limits),
        );
    }
    // nothing usable and nothing required: a limit, printed with every finding
}

/// Versions against what was asked for.
pub(crate) fn versions(subject: &Subject<'_>, context: &Context<'_>, lines: &mut Vec<Line>) {
    let pick = |of: fn(&Versions) -> &Option<String>| {
        let (a, b) =
            (of(&context.settings.min_versions).as_deref(), of(&context.policy.minimum).as_deref());
        (a, b)
    };
    let (driver, vbios) = (subject.opaque.driver(), subject.opaque.vbios());
    let minima = if subject.switch {
        vec![("bios", pick(|v| &v.switch), &vbios, 16, &context.policy.versions.vbios)]
    } else {
        vec![
            ("driver", pick(|v| &v.driver), &driver, 10, &context.policy.versions.driver),
            ("vbios", pick(|v| &v.vbios), &vbios, 16, &context.policy.versions.vbios),
        ]
    };
    for (what, (a, b), found, radix, allowed) in minima {
        let least = match (a, b) {
            (Some(a), Some(b)) if compare_versions(a, b, radix).is_ge() => Some(a),
            (Some(a), None) => Some(a),
            (_, b) => b,
        };
        if least.is_none() && allowed.is_empty() {
            continue;
        }
        let Some(found) = found else {
            let title = format!("a {what} version is asked for and the report states none");
            lines.push(Line::undetermined(check::VERSION, Reason::Unsupported, title).item(what));
            continue;
        };
        let low = least.filter(|l| compare_versions(found, l, radix).is_lt());
        let listed = allowed.is_empty() || allowed.iter().any(|v| v.eq_ignore_ascii_case(found));
        lines.push(match (low, listed) {
            (Some(least), _) => {
                let title = format!("{what} {found} is older than the least version {least}");
                Line::refuted(check::VERSION, "downgrade", title).item(what)
            }
            (None, false) => {
                let title = format!("{what} {found} is not among the versions allowed");
                Line::refuted(check::VERSION, "not-allowed", title).item(what)
            }
            (None, true) => {
                Line::proved(check::VERSION, format!("{what} {found} is as new as asked for"))
                    .item(what)
            }
        });
    }
}

/// Identifiers that the evidence shows to whoever gets it.
pub(crate) fn identifiers(subject: &Subject<'_>, lines: &mut Vec<Line>) {
    let mut found = Vec::new();
    if let Some(leaf) = subject.chain.first() {
        found.extend(leaf.device_id.iter().map(|id| format!("device id {id} (leaf certificate)")));
        found.extend(leaf.subject_serial.iter().map(|s| format!("serial {s} (leaf certificate)")));
    }
    if let Some(issuer) = subject.chain.get(1) {
        found.extend(
            issuer.subject_serial.iter().map(|s| format!("serial {s} (its issuer, per device)")),
        );
    }
    for kind in [14, 22, 26] {
        if let Some(field) = subject.opaque.field(kind) {
            let shown: String = field.shown().chars().take(64).collect();
            found.push(format!("{} {shown} (report)", field.name()));
        }
    }
    if found.is_empty() {
        return;
    }
    let title = "evidence carries permanent identifiers of the part";
    let line = Line::seen(
        check::IDENTIFIERS,
        title,
        "identifiers in certificate chain and report; nothing is said about what the part sends by itself",
    );
    lines.push(
        line.detail(
            "Whoever receives the evidence learns them and can recognise the part for good: the verifier, and the vendor \
             where its online service verifies or where an OCSP query is made for the per-device certificate. \
             Evidence is made when the owner's software asks for it; verifying offline, as here, shows it to nobody.",
        )
        .place(found.join("; ")),
    );
}

/// Third-party audits, with their scope.
pub(crate) fn audits(subject: &Subject<'_>, context: &Context<'_>, lines: &mut Vec<Line>) {
    let family = subject.chip.as_deref().and_then(family);
    let mut of_this = false;
    for audit in &context.audits {
        let scope = format!(
            "`{}` of `{}`, firmware {}, {} by {}, completed {}, {} issue(s) listed",
            audit.category,
            audit.product,
            audit.firmware,
            audit.methodology,
            audit.reviewer,
            audit.completed,
            audit.issues
        );
        let Some(key) = &audit.verified_by else {
            let title = "third-party audit is not signed by a pinned auditor key";
            let keys =
                if context.auditors == 0 { "No key was given (`--auditor KEY`). " } else { "" };
            let line = Line::undetermined(check::AUDIT, Reason::MissingReference, title)
                .item(audit.name.as_str());
            lines.push(
                line.detail(format!("{keys}It names key `{}` and says: {scope}.", audit.kid)),
            );
            continue;
        };
        let fits = family
            .is_some_and(|f| audit.product.to_ascii_lowercase().contains(&f.to_ascii_lowercase()));
        of_this |= fits;
        let title = if fits {
            format!("third-party audit of `{}`: scope is `{}`", audit.product, audit.category)
        } else {
            format!("third-party audit is of another product: `{}`", audit.product)
        };
        let version = subject.opaque.driver();
        let mut limits = vec![
            "the audit answers its own scope only; it does not speak of tracking or remote disable unless it says so"
                .to_owned(),
        ];
        if fits && version.as_deref() != Some(audit.firmware.as_str()) {
            limits.push(format!(
                "audited firmware is {}, the device reports driver {}",
                audit.firmware,
                version.as_deref().unwrap_or("none")
            ));
        }
        let measured =
            subject.report.blocks.iter().any(|b| hex::encode(&b.value) == audit.firmware_sha384);
        if !measured {
            limits.push(
                "the audited firmware's digest equals no measurement of this device".to_owned(),
            );
        }
        let line = Line::seen(check::AUDIT, title, scope).item(audit.name.as_str()).limits(limits);
        lines.push(line.detail(format!(
            "Signature verifies with the pinned key {key} (key id `{}`).",
            audit.kid
        )));
    }
    if context.policy.requires(Requirement::ThirdPartyAudit) && !of_this {
        let title = "policy requires a third-party audit of this product and none was verified";
        lines.push(
            Line::undetermined(check::POLICY, Reason::MissingArtifact, title)
                .item("third-party audit"),
        );
    }
}

/// The claim a check bears on.
pub(crate) fn claim(id: &str) -> Claim {
    if id == check::IDENTIFIERS { Claim::NoTracking } else { Claim::Genuine }
}
