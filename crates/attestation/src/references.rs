//! Reference values of one device: which manifests apply, whether they are authentic, and whether the measurements
//! are theirs.

use crate::chain::debug_names;
use crate::compare::{overlap, ranges, uncovered};
use crate::examine::Context;
use crate::judge::{Subject, chain_kind};
use crate::library::{Choice, choose, fits};
use crate::line::{Line, check};
use crate::product::manifest_ids;
use crate::rim::{Manifest, Seal};
use crate::settings::Requirement;
use evidence::Reason;

/// The manifests of one device.
#[derive(Debug, Default)]
pub(crate) struct References<'a> {
    /// Slot (`driver`, `vbios`, `bios`) and the manifest used for it.
    pub(crate) chosen: Vec<(&'static str, Choice<'a>)>,
    /// Manifests that claim a version of the device and are not authentic.
    pub(crate) refused: Vec<&'a Manifest>,
}

/// Emits the lines about manifests and measurements.
pub(crate) fn check<'a>(
    subject: &Subject<'_>,
    context: &'a Context<'_>,
    lines: &mut Vec<Line>,
) -> References<'a> {
    let mut references = References::default();
    let ids = manifest_ids(subject.opaque, subject.switch, subject.chip.as_deref());
    let slots: &[&'static str] = if subject.switch { &["bios"] } else { &["driver", "vbios"] };
    for slot in slots {
        let Some((_, id)) = ids.iter().find(|(s, _)| s == slot) else {
            let title =
                format!("report does not say which {slot} it is about: no manifest can be chosen");
            lines.push(
                Line::undetermined(check::MEASUREMENTS, Reason::Unsupported, title).item(*slot),
            );
            continue;
        };
        let version =
            if *slot == "driver" { subject.opaque.driver() } else { subject.opaque.vbios() };
        let version = version.unwrap_or_default();
        slot_lines(slot, &version, id, subject, context, &mut references, lines);
    }
    if let [(_, a), (_, b)] = references.chosen.as_slice() {
        let both = overlap(a.used, b.used);
        if !both.is_empty() {
            let title = format!("driver and VBIOS manifest both claim index {}", ranges(&both));
            let line = Line::undetermined(check::MEASUREMENTS, Reason::Contradiction, title);
            lines.push(
                line.item("manifests").detail("Which of the two values counts is not defined."),
            );
        }
    }
    if context.policy.requires(Requirement::FullCoverage) {
        let used: Vec<&Manifest> = references.chosen.iter().map(|(_, c)| c.used).collect();
        let open = uncovered(subject.report, &used);
        if !open.is_empty() {
            let title =
                format!("policy requires that all is covered; index {} is not", ranges(&open));
            lines.push(
                Line::undetermined(check::POLICY, Reason::MissingReference, title).item("coverage"),
            );
        }
    }
    references
}

fn slot_lines<'a>(
    slot: &'static str,
    version: &str,
    id: &str,
    subject: &Subject<'_>,
    context: &'a Context<'_>,
    references: &mut References<'a>,
    lines: &mut Vec<Line>,
) {
    let claiming = context.library.claiming(version);
    let refused: Vec<&Manifest> = claiming.iter().copied().filter(|m| !m.is_authentic()).collect();
    let pinned = |m: &Manifest| {
        context.policy.manifests.is_empty() || context.policy.manifests.contains(&m.digest)
    };
    let good: Vec<&Manifest> = claiming
        .iter()
        .copied()
        .filter(|m| {
            m.is_authentic() && pinned(m) && fits(m, subject.switch, subject.chip.as_deref())
        })
        .collect();
    references.refused.extend(&refused);
    let choice = choose(&good, subject.report, subject.opaque, context.at);
    lines.extend(authenticity(slot, version, &claiming, &refused, choice.as_ref(), context));
    match choice {
        Some(choice) => {
            lines.push(measured(slot, version, &choice, subject, context));
            references.chosen.push((slot, choice));
        }
        None => lines.push(missing(slot, version, id, &claiming, &refused, subject, context)),
    }
}

/// Whether the manifest of a slot is the vendor's.
fn authenticity(
    slot: &'static str,
    version: &str,
    claiming: &[&Manifest],
    refused: &[&Manifest],
    choice: Option<&Choice<'_>>,
    context: &Context<'_>,
) -> Option<Line> {
    let reasons: Vec<String> = refused
        .iter()
        .map(|m| format!("{} ({}): {}", m.name, m.digest, m.refusal().unwrap_or_default()))
        .collect();
    if let Some(choice) = choice {
        let used = choice.used;
        let mut limits: Vec<String> = reasons.iter().map(|r| format!("refused: {r}")).collect();
        for (other, comparison) in &choice.others {
            limits.push(format!(
                "another authentic manifest for {version} is at hand: {} ({}), {}",
                other.name,
                other.digest,
                comparison.summary()
            ));
        }
        let signer = used.chain.first().map_or("", |c| c.common_name());
        return Some(
            Line::proved(check::RIM, format!("{slot} manifest for {version} is signed by the vendor"))
                .item(slot)
                .detail(format!(
                    "{}, {}, tag {}. XML signature (Canonical XML 1.1, SHA-384, ECDSA P-384) by `{signer}`, whose \
                     chain leads to the pinned root `{}`; values were read from the signed tree.",
                    used.name, used.digest, used.tag_id, used.path.root_name
                ))
                .limits(limits)
                .commands(crate::commands::manifest(&used.name, context.at)),
        );
    }
    if refused.is_empty() {
        return None;
    }
    let detail = format!("{}.", reasons.join(". "));
    if refused.iter().all(|m| matches!(m.seal, Seal::Unsupported(_)) || m.path.is_unsupported()) {
        let title =
            format!("{slot} manifest for {version} is signed in a way that is not supported");
        let line = Line::undetermined(check::RIM, Reason::Unsupported, title);
        return Some(line.item(slot).detail(detail));
    }
    // an authentic one that does not fit or is not pinned leaves the question open, not refuted
    if claiming.len() > refused.len() {
        return None;
    }
    let forged = refused.iter().any(|m| m.seal != Seal::Good);
    let kind = if forged {
        "forged-manifest"
    } else if refused.iter().any(|m| !debug_names(&m.chain).is_empty()) {
        "debug-root"
    } else {
        refused.first().map_or("unpinned-root", |m| chain_kind(&m.path.problems))
    };
    let title = format!("{slot} manifest for {version} is not the vendor's");
    Some(Line::refuted(check::RIM, kind, title).item(slot).detail(detail))
}

/// What the manifest used says about the measurements.
fn measured(
    slot: &'static str,
    version: &str,
    choice: &Choice<'_>,
    subject: &Subject<'_>,
    context: &Context<'_>,
) -> Line {
    let (used, c) = (choice.used, &choice.comparison);
    let all: Vec<&Manifest> = context
        .library
        .manifests
        .iter()
        .filter(|m| m.is_authentic())
        .filter(|m| {
            let is = |v: Option<String>| v.is_some_and(|v| m.version.eq_ignore_ascii_case(&v));
            is(subject.opaque.driver()) || is(subject.opaque.vbios())
        })
        .collect();
    let open = uncovered(subject.report, &all);
    let mut limits = vec![
        "equality shows identity with what the vendor published, not what that does".to_owned(),
    ];
    if !c.zero.is_empty() {
        limits.push(format!(
            "index {}: the reference value is zero, so nothing was measured",
            ranges(&c.zero)
        ));
    }
    if !c.skipped.is_empty() {
        limits
            .push(format!("index {}: skipped, the video decoder is disabled", ranges(&c.skipped)));
    }
    if !open.is_empty() {
        limits
            .push(format!("index {}: measured, and covered by no manifest at hand", ranges(&open)));
    }
    let numbers = [
        ("compared", c.compared()),
        ("equal_nonzero", c.matched.len()),
        ("equal_zero", c.zero.len()),
        ("differing", c.differing.len() + c.absent.len()),
        ("skipped", c.skipped.len()),
        ("uncovered_nonzero", open.len()),
    ];
    let dress = |line: Line| {
        line.item(slot).limits(limits.clone()).numbers(&numbers).place(format!("{slot} {version}"))
    };
    let by = format!("{} ({})", used.name, used.digest);
    let twice = used.duplicates();
    if !twice.is_empty() {
        let title =
            format!("{slot} manifest for {version} states index {} more than once", ranges(&twice));
        return dress(Line::undetermined(check::MEASUREMENTS, Reason::Contradiction, title))
            .detail(by);
    }
    if !c.agrees() {
        let wrong: Vec<u8> = c.differing.iter().chain(&c.absent).copied().collect();
        let names: Vec<String> = used
            .entries
            .iter()
            .filter(|e| e.active && wrong.contains(&e.index))
            .map(|e| format!("index {} ({}, SPDM {})", e.index, e.name, u16::from(e.index) + 1))
            .collect();
        let title = format!(
            "measurements differ from the {slot} manifest for {version} at index {} ({})",
            ranges(&wrong),
            c.summary()
        );
        let detail = format!(
            "Not as published in {by}: {}. Several authentic manifests can carry one version; a newer one of this \
             version may exist, ask the vendor for it.",
            names.join(", ")
        );
        return dress(Line::refuted(check::MEASUREMENTS, "mismatch", title)).detail(detail);
    }
    if !c.undecidable.is_empty() {
        let title = format!(
            "status of the video decoder is unknown: index {} undecided",
            ranges(&c.undecidable)
        );
        let detail =
            format!("Against {by}: {}. Expected 0xAA or 0x55 in opaque field 11.", c.summary());
        return dress(Line::undetermined(check::MEASUREMENTS, Reason::Unsupported, title))
            .detail(detail);
    }
    if c.matched.is_empty() {
        let title = format!("{slot} manifest for {version} compares nothing but zeros");
        return dress(Line::undetermined(check::MEASUREMENTS, Reason::MissingReference, title))
            .detail(by);
    }
    let title = format!("measurements equal the {slot} manifest for {version} ({})", c.summary());
    let detail = format!(
        "Against {by}: {} equal, {} of them not zero; {} measured without reference.",
        c.matched.len() + c.zero.len(),
        c.matched.len(),
        open.len()
    );
    dress(Line::proved(check::MEASUREMENTS, title)).detail(detail)
}

/// There is no manifest to compare with.
fn missing(
    slot: &'static str,
    version: &str,
    id: &str,
    claiming: &[&Manifest],
    refused: &[&Manifest],
    subject: &Subject<'_>,
    context: &Context<'_>,
) -> Line {
    let mut detail = format!("Ask the vendor for `{id}`.");
    for manifest in claiming.iter().filter(|m| m.is_authentic()) {
        let why = if fits(manifest, subject.switch, subject.chip.as_deref()) {
            "is not pinned by the policy".to_owned()
        } else {
            format!("is for edition {}, product {}", manifest.edition, manifest.product)
        };
        detail.push_str(&format!(" {} ({}) {why}.", manifest.name, manifest.digest));
    }
    for manifest in refused {
        let comparison = crate::compare::Comparison::of(subject.report, subject.opaque, manifest);
        detail.push_str(&format!(
            " {} was refused and counts for nothing; compared all the same: {}.",
            manifest.name,
            comparison.summary()
        ));
    }
    for (name, why) in &context.library.unreadable {
        detail.push_str(&format!(" {name} could not be read: {why}."));
    }
    if context.library.manifests.is_empty() && context.library.unreadable.is_empty() {
        detail.push_str(" No manifest was given (`--rim DIR`).");
    }
    let title = format!("no reference values for {slot} {version}");
    Line::undetermined(check::MEASUREMENTS, Reason::MissingReference, title)
        .item(slot)
        .detail(detail)
}
