//! Revocation from what was archived: CRLs and OCSP responses, judged at a given time.
//!
//! Problem: an air-gapped auditor has no live answer, and a supplied one may be old, forged, or about others.
//! Method: CRLs after RFC 5280, section 5, signed by the issuer of the certificate; OCSP responses after RFC 6960,
//! signed by the issuer or by a responder it delegates to. An answer counts while T lies between its
//! `thisUpdate` and `nextUpdate` (one hour where an OCSP response states none, as the vendor's SDK counts);
//! older ones are named with their age.
//! Cost: a signature for each file and issuer.
//! What it cannot see: what was revoked after the answer. The vendor documents that its responder says `good`
//! for device serials it does not know, so `good` is weak; a nonce cannot be fresh in an archive.

use crate::certificate::{Certificate, Checked, Signed};
use crate::time::Time;
use der::asn1::ObjectIdentifier;
use der::{Decode as _, Encode as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384};
use x509_cert::crl::CertificateList;
use x509_cert::ext::pkix::{CrlReason, ExtendedKeyUsage, KeyUsages};
use x509_ocsp::{BasicOcspResponse, CertStatus, OcspResponse, OcspResponseStatus};

/// Largest file.
pub const MAX_FILE: usize = 64 << 20;
/// Seconds an OCSP response without `nextUpdate` counts for.
const HOUR: u64 = 3600;

const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// A CRL or OCSP response as read.
#[derive(Clone, Debug)]
pub enum Archive {
    /// A certificate revocation list.
    Crl {
        /// File name.
        name: String,
        /// The file, DER.
        der: Vec<u8>,
        /// The list.
        list: Box<CertificateList>,
        /// Its signature.
        signed: Signed,
    },
    /// An OCSP response.
    Ocsp {
        /// File name.
        name: String,
        /// The basic response, DER.
        der: Vec<u8>,
        /// The response.
        response: Box<BasicOcspResponse>,
        /// Its signature.
        signed: Signed,
        /// Certificates of responders.
        responders: Vec<Certificate>,
    },
}

/// What an archive says about a certificate.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Answer {
    /// Not revoked; who says so and when it was said.
    Good {
        /// File.
        by: String,
        /// When.
        since: Time,
    },
    /// Revoked.
    Revoked {
        /// File.
        by: String,
        /// Since when.
        since: Time,
        /// Reason given.
        reason: String,
    },
    /// On hold: a revocation that can be lifted.
    OnHold {
        /// File.
        by: String,
        /// Since when.
        since: Time,
    },
    /// There is an answer that does not count, and why.
    Unusable(String),
}

/// Reads a CRL (DER or PEM).
///
/// # Errors
/// If it is not one.
pub fn read_crl(name: &str, bytes: &[u8]) -> Result<Archive, String> {
    let der = der_of(bytes, "X509 CRL")?;
    let list = CertificateList::from_der(&der).map_err(|e| format!("not a CRL: {e}"))?;
    let bits = list.signature.as_bytes().unwrap_or(&[]);
    let signed = Signed::read(&der, &list.signature_algorithm.oid, bits);
    let signed = signed.map_err(|e| format!("not a CRL: {e}"))?;
    Ok(Archive::Crl { name: name.to_owned(), der, list: Box::new(list), signed })
}

/// Reads an OCSP response (DER or PEM).
///
/// # Errors
/// If it is not one, or a refusal.
pub fn read_ocsp(name: &str, bytes: &[u8]) -> Result<Archive, String> {
    let outer = der_of(bytes, "OCSP RESPONSE")?;
    let not = |e: der::Error| format!("not an OCSP response: {e}");
    let outer = OcspResponse::from_der(&outer).map_err(not)?;
    if outer.response_status != OcspResponseStatus::Successful {
        return Err(format!("the responder refused: {:?}", outer.response_status));
    }
    let inner = outer.response_bytes.ok_or("an OCSP response without contents")?;
    let der = inner.response.as_bytes().to_vec();
    let response = BasicOcspResponse::from_der(&der).map_err(not)?;
    let bits = response.signature.as_bytes().unwrap_or(&[]);
    let signed = Signed::read(&der, &response.signature_algorithm.oid, bits).map_err(not)?;
    let mut responders = Vec::new();
    for certificate in response.certs.iter().flatten().take(8) {
        let der = certificate.to_der().map_err(not)?;
        responders.push(Certificate::from_der(&der).map_err(not)?);
    }
    Ok(Archive::Ocsp {
        name: name.to_owned(),
        der,
        response: Box::new(response),
        signed,
        responders,
    })
}

fn der_of(bytes: &[u8], label: &str) -> Result<Vec<u8>, String> {
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    if bytes.len() > MAX_FILE {
        return Err(format!("larger than {MAX_FILE} bytes"));
    }
    if bytes.first() == Some(&0x30) {
        return Ok(bytes.to_vec());
    }
    let blocks = crate::certificate::pem_blocks(bytes, label).map_err(|e| e.to_string())?;
    match <[Vec<u8>; 1]>::try_from(blocks) {
        Ok([one]) => Ok(one),
        Err(all) => Err(format!("{} blocks `{label}` in it instead of one", all.len())),
    }
}

impl Archive {
    /// What it says at `at` about `certificate`, issued by `issuer`; `None` if nothing.
    pub fn ask(&self, certificate: &Certificate, issuer: &Certificate, at: Time) -> Option<Answer> {
        match self {
            Self::Crl { name, der, list, signed } => {
                ask_crl(name, (der, list, signed), certificate, issuer, at)
            }
            Self::Ocsp { name, der, response, signed, responders } => {
                ask_ocsp(name, (der, response, signed, responders), certificate, issuer, at)
            }
        }
    }
}

fn window(name: &str, from: Time, to: Option<Time>, at: Time) -> Option<Answer> {
    if at < from {
        return Some(Answer::Unusable(format!(
            "{name} was made on {}, after the time of judgement",
            from.day()
        )));
    }
    match to {
        Some(to) if at > to => Some(Answer::Unusable(format!(
            "{name} ended on {}, {} days before the time of judgement",
            to.day(),
            at.days_since(to)
        ))),
        _ => None,
    }
}

fn ask_crl(
    name: &str,
    (der, list, signed): (&[u8], &CertificateList, &Signed),
    certificate: &Certificate,
    issuer: &Certificate,
    at: Time,
) -> Option<Answer> {
    let tbs = &list.tbs_cert_list;
    if tbs.issuer.to_der().ok()? != certificate.issuer_der {
        return None;
    }
    match signed.check(der, issuer.key.as_ref()) {
        Checked::Good => {}
        Checked::Bad => {
            return Some(Answer::Unusable(format!(
                "{name} is not signed by `{}`",
                issuer.common_name()
            )));
        }
        Checked::Unsupported => {
            return Some(Answer::Unusable(format!(
                "{name} is signed with {}, not supported",
                signed.algorithm
            )));
        }
    }
    if !issuer.may(KeyUsages::CRLSign) {
        return Some(Answer::Unusable(format!(
            "{name}: `{}` may not sign CRLs",
            issuer.common_name()
        )));
    }
    if tbs.crl_extensions.iter().flatten().any(|e| e.critical) {
        return Some(Answer::Unusable(format!(
            "{name} is a partial or indirect CRL (critical extension)"
        )));
    }
    let from = Time::from(tbs.this_update.to_date_time());
    let entry = tbs.revoked_certificates.iter().flatten();
    let mut entry = entry.filter(|r| r.serial_number.as_bytes() == certificate.serial_bytes);
    if let Some(entry) = entry.next() {
        // a revocation counts however old the list is
        let since = Time::from(entry.revocation_date.to_date_time());
        let reason = entry.crl_entry_extensions.iter().flatten().find_map(|e| {
            (e.extn_id == ObjectIdentifier::new_unwrap("2.5.29.21"))
                .then(|| CrlReason::from_der(e.extn_value.as_bytes()).ok())?
        });
        return Some(revoked(name, since, reason));
    }
    let to = tbs.next_update.map(|t| Time::from(t.to_date_time()));
    Some(window(name, from, to, at).unwrap_or(Answer::Good { by: name.to_owned(), since: from }))
}

fn revoked(name: &str, since: Time, reason: Option<CrlReason>) -> Answer {
    let by = name.to_owned();
    match reason {
        Some(CrlReason::CertificateHold) => Answer::OnHold { by, since },
        Some(reason) => Answer::Revoked { by, since, reason: format!("{reason:?}") },
        None => Answer::Revoked { by, since, reason: "none given".to_owned() },
    }
}

fn ask_ocsp(
    name: &str,
    (der, response, signed, responders): (&[u8], &BasicOcspResponse, &Signed, &[Certificate]),
    certificate: &Certificate,
    issuer: &Certificate,
    at: Time,
) -> Option<Answer> {
    let about = |id: &x509_ocsp::CertId| {
        let hash = |bytes: &[u8]| -> Option<Vec<u8>> {
            match id.hash_algorithm.oid.to_string().as_str() {
                "1.3.14.3.2.26" => Some(Sha1::digest(bytes).to_vec()),
                "2.16.840.1.101.3.4.2.1" => Some(Sha256::digest(bytes).to_vec()),
                "2.16.840.1.101.3.4.2.2" => Some(Sha384::digest(bytes).to_vec()),
                _ => None,
            }
        };
        id.serial_number.as_bytes() == certificate.serial_bytes
            && hash(&issuer.subject_der).as_deref() == Some(id.issuer_name_hash.as_bytes())
            && hash(&issuer.key_bits).as_deref() == Some(id.issuer_key_hash.as_bytes())
    };
    let single = response.tbs_response_data.responses.iter().find(|r| about(&r.cert_id))?;
    let mut checks = vec![signed.check(der, issuer.key.as_ref())];
    for responder in responders {
        let delegated = responder.issuer_der == issuer.subject_der
            && responder.signed.check(&responder.der, issuer.key.as_ref()) == Checked::Good
            && at >= responder.not_before
            && at <= responder.not_after
            && may_sign_ocsp(&responder.der);
        if delegated {
            checks.push(signed.check(der, responder.key.as_ref()));
        }
    }
    if !checks.contains(&Checked::Good) {
        let unsupported = checks.iter().all(|c| *c == Checked::Unsupported);
        let why = if unsupported {
            format!("{name} is signed with {}, not supported", signed.algorithm)
        } else {
            format!("{name} is not signed by `{}` or a responder of it", issuer.common_name())
        };
        return Some(Answer::Unusable(why));
    }
    let from = Time::from(single.this_update.0.to_date_time());
    match &single.cert_status {
        CertStatus::Revoked(info) => Some(revoked(
            name,
            Time::from(info.revocation_time.0.to_date_time()),
            info.revocation_reason,
        )),
        CertStatus::Unknown(_) => Some(Answer::Unusable(format!(
            "{name}: the responder does not know `{}`",
            certificate.common_name()
        ))),
        CertStatus::Good(_) => {
            let to = single
                .next_update
                .map_or(Time(from.0.saturating_add(HOUR)), |t| t.0.to_date_time().into());
            Some(
                window(name, from, Some(to), at)
                    .unwrap_or(Answer::Good { by: name.to_owned(), since: from }),
            )
        }
    }
}

fn may_sign_ocsp(der: &[u8]) -> bool {
    let Ok(certificate) = x509_cert::Certificate::from_der(der) else { return false };
    let usage = certificate.tbs_certificate.get::<ExtendedKeyUsage>();
    matches!(usage, Ok(Some((_, usage))) if usage.0.contains(&OCSP_SIGNING))
}
