//! Certificate chains: from a leaf to a pinned root, link by link.
//!
//! Problem: a chain with its middle certificate missing still has a leaf that verifies the report, and a chain to
//! somebody else's root verifies as well as any. Both must fail, and each with its own reason.
//! Method: RFC 5280, section 6.1, for a fixed path: names chain, each signature verifies under the next key, issuers
//! are certificate authorities that may sign certificates, path lengths hold, no unknown critical extension;
//! the end of the path is a pinned root, byte for byte or — where the path stops short of it — by its name and key.
//! Validity at a time is a separate fact. Links between the same two certificates are checked once.
//! Cost: one signature per link.
//! What it cannot see: revocation (another check), name constraints and policies (not used by these chains).

use crate::certificate::{Certificate, Checked, PemError, read_chain_by};
use crate::roots::Anchor;
use crate::time::Time;
use evidence::Digest;
use std::collections::BTreeMap;
use x509_cert::ext::pkix::KeyUsages;

/// Longest path.
pub const MAX_PATH: usize = 10;

/// One thing wrong with a chain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
pub enum Problem {
    /// No certificate.
    #[error("there is no certificate")]
    Empty,
    /// Longer than [`MAX_PATH`].
    #[error("{0} certificates are more than a chain may have ({MAX_PATH})")]
    TooLong(usize),
    /// The issuer named is not the next certificate's subject.
    #[error(
        "certificate {number} ({subject}) names `{issuer}` as its issuer, but the next one is `{next}`"
    )]
    Broken {
        /// Ordinal, from 0, the leaf.
        number: usize,
        /// Subject.
        subject: String,
        /// Issuer named.
        issuer: String,
        /// Subject of the next.
        next: String,
    },
    /// The signature by the next certificate is wrong.
    #[error("certificate {number} ({subject}) is not signed by the next one")]
    BadSignature {
        /// Ordinal.
        number: usize,
        /// Subject.
        subject: String,
    },
    /// An algorithm or key that is not supported.
    #[error(
        "certificate {number} ({subject}) is signed with an algorithm or key that is not supported ({algorithm})"
    )]
    Unsupported {
        /// Ordinal.
        number: usize,
        /// Subject.
        subject: String,
        /// Object identifier.
        algorithm: String,
    },
    /// An issuer that must not issue.
    #[error("certificate {number} ({subject}) issued another one and {why}")]
    NotAnIssuer {
        /// Ordinal.
        number: usize,
        /// Subject.
        subject: String,
        /// Why it must not.
        why: &'static str,
    },
    /// A leaf that must not sign.
    #[error("the leaf ({subject}) {why}")]
    LeafUsage {
        /// Subject.
        subject: String,
        /// Why it must not.
        why: &'static str,
    },
    /// An unknown critical extension.
    #[error("certificate {number} ({subject}) has a critical extension that is not known: {oid}")]
    Critical {
        /// Ordinal.
        number: usize,
        /// Subject.
        subject: String,
        /// Object identifier.
        oid: String,
    },
    /// The end is no pinned root.
    #[error("it ends at `{subject}` ({digest}), which is not a pinned root")]
    Unpinned {
        /// Subject of the last certificate.
        subject: String,
        /// Its fingerprint.
        digest: Digest,
    },
}

/// What is known about a chain.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Path {
    /// What is wrong, in order of the certificates.
    pub problems: Vec<Problem>,
    /// The pinned root it ends at.
    pub root: Option<Digest>,
    /// Name of that root.
    pub root_name: String,
}

impl Path {
    /// Whether it leads to a pinned root and nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.root.is_some()
    }
    /// Whether all that is wrong is that something is not supported.
    pub fn is_unsupported(&self) -> bool {
        !self.problems.is_empty()
            && self.problems.iter().all(|p| matches!(p, Problem::Unsupported { .. }))
    }
}

/// What chains share: certificates read and links checked so far.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// By certificate and issuer's key.
    checked: BTreeMap<(Digest, Digest), Checked>,
    /// By DER.
    read: BTreeMap<Vec<u8>, Certificate>,
}

/// Links remembered at most; a hall of machines shares a handful, the others are seen once.
const MAX_LINKS: usize = 1 << 16;
/// Certificates remembered at most.
const MAX_READ: usize = 1 << 10;

impl Links {
    fn check(&mut self, certificate: &Certificate, issuer: &Certificate, shared: bool) -> Checked {
        let fresh = || certificate.signed.check(&certificate.der, issuer.key.as_ref());
        if !shared || self.checked.len() >= MAX_LINKS {
            return fresh();
        }
        let key = (certificate.digest, issuer.key_digest);
        *self.checked.entry(key).or_insert_with(fresh)
    }

    /// The certificates of a PEM file, as [`crate::certificate::read_chain`] reads them; those above the device's own
    /// two are read once.
    ///
    /// # Errors
    /// As there.
    pub fn read_chain(&mut self, bytes: &[u8]) -> Result<Vec<Certificate>, PemError> {
        read_chain_by(bytes, &mut |number, der| {
            if let Some(known) = self.read.get(der) {
                return Ok(known.clone());
            }
            let fresh = Certificate::from_der(der)?;
            if number > 1 && self.read.len() < MAX_READ {
                self.read.insert(der.to_vec(), fresh.clone());
            }
            Ok(fresh)
        })
    }
}

/// Checks a chain, leaf first, against the roots pinned.
pub fn check_path(chain: &[Certificate], anchors: &[Anchor], links: &mut Links) -> Path {
    let mut path = Path::default();
    let Some(leaf) = chain.first() else {
        path.problems.push(Problem::Empty);
        return path;
    };
    if chain.len() > MAX_PATH {
        path.problems.push(Problem::TooLong(chain.len()));
        return path;
    }
    leaf_usage(leaf, &mut path.problems);
    for (number, certificate) in chain.iter().enumerate() {
        let subject = certificate.common_name().to_owned();
        for oid in &certificate.unknown_critical {
            let (subject, oid) = (subject.clone(), oid.clone());
            path.problems.push(Problem::Critical { number, subject, oid });
        }
        if number > 0 {
            issuer_usage(number, certificate, &mut path.problems);
        }
        if let Some(issuer) = chain.get(number + 1) {
            // the leaf and its issuer are the device's own: nothing to remember
            link(number, certificate, issuer, links, &mut path.problems);
        }
    }
    end(chain, anchors, &mut path);
    path
}

fn leaf_usage(leaf: &Certificate, problems: &mut Vec<Problem>) {
    let mut wrong = |why| {
        problems.push(Problem::LeafUsage { subject: leaf.common_name().to_owned(), why });
    };
    if !leaf.may(KeyUsages::DigitalSignature) {
        wrong("may not sign data (key usage digitalSignature is missing)");
    }
    if leaf.authority.is_some_and(|(ca, _)| ca) {
        wrong("is a certificate authority");
    }
}

fn issuer_usage(number: usize, certificate: &Certificate, problems: &mut Vec<Problem>) {
    let mut wrong = |why| {
        let subject = certificate.common_name().to_owned();
        problems.push(Problem::NotAnIssuer { number, subject, why });
    };
    match certificate.authority {
        None | Some((false, _)) => wrong("is not a certificate authority"),
        // `number - 1` intermediate certificates stand below it
        Some((true, Some(length))) if usize::from(length) < number - 1 => {
            wrong("allows fewer certificates below it");
        }
        Some(_) => {}
    }
    if !certificate.may(KeyUsages::KeyCertSign) {
        wrong("may not sign certificates (key usage keyCertSign is missing)");
    }
}

fn link(
    number: usize,
    certificate: &Certificate,
    issuer: &Certificate,
    links: &mut Links,
    problems: &mut Vec<Problem>,
) {
    let subject = certificate.common_name().to_owned();
    if certificate.issuer_der != issuer.subject_der {
        let (named, next) = (certificate.issuer.clone(), issuer.subject.clone());
        problems.push(Problem::Broken { number, subject, issuer: named, next });
        return;
    }
    match links.check(certificate, issuer, number > 1 || certificate.subject_serial.is_none()) {
        Checked::Good => {}
        Checked::Bad => problems.push(Problem::BadSignature { number, subject }),
        Checked::Unsupported => {
            let algorithm = certificate.signed.algorithm.clone();
            problems.push(Problem::Unsupported { number, subject, algorithm });
        }
    }
}

/// The end of the path: a pinned root itself, or a certificate that a pinned root signed.
fn end(chain: &[Certificate], anchors: &[Anchor], path: &mut Path) {
    let Some(last) = chain.last() else { return };
    if let Some(root) = anchors.iter().find(|a| a.digest == last.digest) {
        path.root = Some(root.digest);
        path.root_name.clone_from(&root.subject);
        return;
    }
    let signed_by = |a: &&Anchor| {
        a.subject == last.issuer
            && !last.is_self_issued()
            && last.signed.check(&last.der, a.key.as_ref()) == Checked::Good
    };
    if let Some(root) = anchors.iter().find(signed_by) {
        path.root = Some(root.digest);
        path.root_name.clone_from(&root.subject);
        return;
    }
    let (subject, digest) = (last.subject.clone(), last.digest);
    path.problems.push(Problem::Unpinned { subject, digest });
}

/// Certificates not valid at a time: ordinal, and whether it is too early.
pub fn out_of_validity(chain: &[Certificate], at: Time) -> Vec<(usize, bool)> {
    chain
        .iter()
        .enumerate()
        .filter(|(_, c)| at < c.not_before || at > c.not_after)
        .map(|(number, c)| (number, at < c.not_before))
        .collect()
}

/// Certificates whose names say that they belong to a debug or development hierarchy.
pub fn debug_names(chain: &[Certificate]) -> Vec<&str> {
    let says = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["debug", "development"].iter().any(|word| name.contains(word))
    };
    let mut names: Vec<&str> = Vec::new();
    for certificate in chain {
        for name in [certificate.subject.as_str(), certificate.issuer.as_str()] {
            if says(name) && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}
