//! The examination: evidence, further files and settings in; findings and the fleet out.
//!
//! Method: what devices share — roots, manifests, policy, archives, audits — is read and verified once; devices are then
//! judged independently, on as many threads as there are cores, and put back in their order. Nothing reads a clock or a
//! file: the same input gives the same findings anywhere.

use crate::audit_report::{AuditorKey, ShortForm, read_short_form};
use crate::chain::Links;
use crate::collection::{Device, read_evidence};
use crate::findings;
use crate::fleet::Fleet;
use crate::judge::{Judged, judge};
use crate::library::Library;
use crate::line::{Line, check};
use crate::revocation::{Archive, read_crl, read_ocsp};
use crate::roots::{Anchors, Purpose};
use crate::settings::{Policy, Settings};
use crate::time::Time;
use evidence::{Fault, FindingDraft, Provenance, Reason, Supplied};

/// What devices share.
pub(crate) struct Context<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) policy: Policy,
    pub(crate) at: Time,
    pub(crate) nonce: Option<[u8; 32]>,
    pub(crate) anchors: Anchors,
    pub(crate) library: Library,
    pub(crate) chain: Option<&'a [u8]>,
    pub(crate) negotiation: &'a [u8],
    pub(crate) archives: Vec<Archive>,
    pub(crate) archive_faults: Vec<String>,
    pub(crate) audits: Vec<ShortForm>,
    pub(crate) auditors: usize,
}

/// What came of an examination.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The findings.
    pub findings: Vec<FindingDraft>,
    /// The devices and how they differ.
    pub fleet: Fleet,
    /// The manifests at hand.
    pub library: Library,
    /// The roots trusted.
    pub anchors: Anchors,
    /// The moment of judgement.
    pub at: Time,
    /// Limits that hold for every device.
    pub limits: Vec<String>,
}

/// Examines a file of evidence.
///
/// # Errors
/// If the file, a further file or a setting cannot be read: which, where, what, and what to do about it.
pub fn examine(
    primary: &Supplied,
    others: &[Supplied],
    settings: &Settings,
    provenance: Provenance,
) -> Result<Examined, Fault> {
    let devices = read_evidence(primary)?;
    let mut links = Links::default();
    let context = context(others, settings, &mut links)?;
    let judged = judge_all(primary, &devices, &context, &mut links)?;
    let limits = common_limits(&context);
    let fleet = Fleet::of(judged);
    let findings = findings::findings(&findings::About {
        primary,
        provenance,
        fleet: &fleet,
        at: context.at,
        limits: &limits,
    });
    let Context { library, anchors, at, .. } = context;
    Ok(Examined { findings, fleet, library, anchors, at, limits })
}

fn with_role<'a>(others: &'a [Supplied], role: &str) -> Vec<&'a Supplied> {
    others.iter().filter(|f| f.role == role).collect()
}

fn context<'a>(
    others: &'a [Supplied],
    settings: &'a Settings,
    links: &mut Links,
) -> Result<Context<'a>, Fault> {
    let known = ["chain", "negotiation", "policy", "rim", "root", "crl", "ocsp", "sfr", "auditor"];
    if let Some(file) = others.iter().find(|f| !known.contains(&f.role.as_str())) {
        return Err(Fault::new(&file.name, "", &format!("role `{}` is not known", file.role), ""));
    }
    let one = |role: &str| -> Result<Option<&'a Supplied>, Fault> {
        match with_role(others, role).as_slice() {
            [] => Ok(None),
            [file] => Ok(Some(file)),
            [_, second, ..] => Err(Fault::new(
                &second.name,
                "",
                &format!("more than one file for `{role}`"),
                "give one",
            )),
        }
    };
    let policy = one("policy")?.map(Policy::read).transpose()?.unwrap_or_default();
    let roots = with_role(others, "root");
    let bytes: Vec<&[u8]> = roots.iter().map(|f| f.bytes.as_slice()).collect();
    let anchors = Anchors::given(&bytes).map_err(|(number, error)| {
        let name = roots.get(number).map_or("root", |f| f.name.as_str());
        Fault::new(name, "", &error.to_string(), "give the root certificate as PEM")
    })?;
    let chain = one("chain")?;
    if let Some(file) = chain {
        crate::certificate::read_chain(&file.bytes).map_err(|e| {
            Fault::new(&file.name, "", &e.to_string(), "give the device's chain as PEM, leaf first")
        })?;
    }
    let library = Library::read(&with_role(others, "rim"), anchors.of(Purpose::Manifest), links);
    let (archives, archive_faults) = archives(others);
    let (audits, auditors) = audits(others)?;
    Ok(Context {
        settings,
        policy,
        at: settings.time()?,
        nonce: settings.nonce_bytes()?,
        anchors,
        library,
        chain: chain.map(|f| f.bytes.as_slice()),
        negotiation: one("negotiation")?.map_or(&[], |f| f.bytes.as_slice()),
        archives,
        archive_faults,
        audits,
        auditors,
    })
}

fn archives(others: &[Supplied]) -> (Vec<Archive>, Vec<String>) {
    let (mut archives, mut faults) = (Vec::new(), Vec::new());
    for (role, read) in [("crl", read_crl as fn(&str, &[u8]) -> _), ("ocsp", read_ocsp)] {
        for file in with_role(others, role) {
            match read(&file.name, &file.bytes) {
                Ok(archive) => archives.push(archive),
                Err(why) => faults.push(format!("{}: {why}", file.name)),
            }
        }
    }
    (archives, faults)
}

fn audits(others: &[Supplied]) -> Result<(Vec<ShortForm>, usize), Fault> {
    let mut keys = Vec::new();
    for file in with_role(others, "auditor") {
        let key = AuditorKey::read(&file.name, &file.bytes);
        keys.push(
            key.map_err(|e| {
                Fault::new(&file.name, "", &e, "give the auditor's public key as PEM")
            })?,
        );
    }
    let mut audits = Vec::new();
    for file in with_role(others, "sfr") {
        let audit = read_short_form(&file.name, &file.bytes, &keys);
        audits.push(audit.map_err(|e| Fault::new(&file.name, "", &e, "give the reviewer's .jws"))?);
    }
    Ok((audits, keys.len()))
}

/// Devices in parallel, results in order.
fn judge_all(
    primary: &Supplied,
    devices: &[Device],
    context: &Context<'_>,
    links: &mut Links,
) -> Result<Vec<Judged>, Fault> {
    let alone = devices.len() == 1;
    let one = |device: &Device, links: &mut Links| match judge(device, context, links) {
        Ok(judged) => Ok(judged),
        Err((unsupported, why)) if alone && !unsupported => {
            let remedy = "get the evidence from the device again";
            Err(Fault::new(&primary.name, &device.place, &why, remedy))
        }
        Err((_, why)) => Ok(unreadable(device, &why)),
    };
    // the first device meets the shared certificates, the others find them checked
    let Some((first, rest)) = devices.split_first() else { return Ok(Vec::new()) };
    let mut judged = vec![one(first, links)?];
    let threads =
        std::thread::available_parallelism().map_or(1, usize::from).min(rest.len().max(1));
    let size = rest.len().div_ceil(threads).max(1);
    let parts: Vec<Result<Vec<Judged>, Fault>> = std::thread::scope(|scope| {
        let one = &one;
        let handles: Vec<_> = rest
            .chunks(size)
            .map(|chunk| {
                let mut links = links.clone();
                scope.spawn(move || chunk.iter().map(|d| one(d, &mut links)).collect())
            })
            .collect();
        let died = || {
            Err(Fault::new(
                &primary.name,
                "",
                "a thread of the examination died",
                "report this defect",
            ))
        };
        handles.into_iter().map(|h| h.join().unwrap_or_else(|_| died())).collect()
    });
    for part in parts {
        judged.extend(part?);
    }
    Ok(judged)
}

fn unreadable(device: &Device, why: &str) -> Judged {
    let title = "evidence of this device cannot be read";
    let line = Line::undetermined(check::REPORT, Reason::Unsupported, title).place(why);
    let switch = device.arch.as_deref().is_some_and(|a| a.to_ascii_uppercase().starts_with("LS"));
    Judged {
        place: device.place.clone(),
        arch: device.arch.clone(),
        switch,
        lines: vec![line],
        ..Judged::default()
    }
}

/// What was not checked for any device.
fn common_limits(context: &Context<'_>) -> Vec<String> {
    let mut limits = Vec::new();
    if context.nonce.is_none() {
        limits.push(
            "freshness not checked: no nonce of the auditor's was given, and one in the file proves nothing".to_owned(),
        );
    }
    if context.archives.is_empty() {
        limits.push("revocation not checked: no CRL or OCSP response was given".to_owned());
    }
    limits
        .extend(context.archive_faults.iter().map(|f| format!("revocation data not usable: {f}")));
    limits
}
