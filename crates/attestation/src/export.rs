//! Results and reference values for other verifiers: EAT attestation results (EAR) and CoRIM.
//!
//! Method: EAR after draft-ietf-rats-ear, an unsecured JWT (RFC 7519, section 6, `alg` is `none`) with one submodule for
//! each device and the trustworthiness vector of RFC-to-be AR4SI; whoever relays it signs it with their own key.
//! CoRIM after draft-ietf-rats-corim: the reference values of the manifests used, as an unsigned
//! `corim-map` (CBOR tag 501) with one CoMID (tag 506) for each manifest, SHA-384 digests by index.
//! What it cannot say: EAR has no place for limits and coverage; they stand in the private claim `probity`.

use crate::examine::Examined;
use crate::fleet::Row;
use crate::line::check;
use crate::rim::Manifest;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use ciborium::Value as Cbor;
use evidence::Verdict;
use serde_json::{Value, json};

/// The claims of an attestation result.
pub fn ear_claims(examined: &Examined) -> Value {
    let submods: serde_json::Map<String, Value> = examined
        .fleet
        .rows
        .iter()
        .map(|row| (row.label.clone(), submodule(row, examined)))
        .collect();
    json!({
        "eat_profile": "tag:github.com,2023:veraison/ear",
        "iat": examined.at.0,
        "ear.verifier-id": {
            "developer": "probity",
            "build": concat!("probity ", env!("CARGO_PKG_VERSION")),
        },
        "submods": submods,
    })
}

/// The claims as an unsecured JWT.
pub fn ear_jwt(examined: &Examined) -> String {
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(&ear_claims(examined)))
}

/// AR4SI: 2 affirming, 32 warning, 96 and more contraindicated, 0 no claim.
fn value_of(verdict: Option<Verdict>, against: i64) -> i64 {
    match verdict {
        Some(Verdict::Proved) => 2,
        Some(Verdict::NothingFound | Verdict::Suspect) => 32,
        Some(Verdict::Refuted) => against,
        Some(Verdict::Undetermined) | None => 0,
    }
}

fn submodule(row: &Row, examined: &Examined) -> Value {
    let worst = |checks: &[&str]| {
        let lines = row.judged.lines.iter();
        lines.filter(|l| checks.contains(&l.check)).map(|l| l.verdict).min()
    };
    let status = match row.verdict {
        Verdict::Proved => "affirming",
        Verdict::NothingFound | Verdict::Suspect => "warning",
        Verdict::Refuted => "contraindicated",
        Verdict::Undetermined => "none",
    };
    let checks: Vec<Value> = row
        .judged
        .lines
        .iter()
        .map(|l| json!({"check": l.check, "item": l.item, "verdict": l.verdict, "title": l.title}))
        .collect();
    json!({
        "ear.status": status,
        "ear.trustworthiness-vector": {
            "instance-identity": value_of(worst(&[check::CHAIN, check::REPORT, check::NONCE, check::REVOCATION]), 99),
            "hardware": value_of(worst(&[check::CHAIN, check::DEBUG]), 97),
            "executables": value_of(worst(&[check::MEASUREMENTS, check::RIM, check::VERSION, check::VALIDITY]), 33),
            "configuration": value_of(worst(&[check::DEBUG]), 96),
        },
        "ueid": row.judged.device_id,
        "hwmodel": row.judged.chip,
        "swversion": row.judged.driver,
        "probity": {
            "genuine": row.verdict,
            "at": examined.at.to_string(),
            "vbios": row.judged.vbios,
            "limits": examined.limits,
            "checks": checks,
        },
    })
}

fn text(text: &str) -> Cbor {
    Cbor::Text(text.to_owned())
}

fn map(pairs: Vec<(i64, Cbor)>) -> Cbor {
    Cbor::Map(pairs.into_iter().map(|(k, v)| (Cbor::from(k), v)).collect())
}

fn bytes_of(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    // writing into memory does not fail
    drop(ciborium::into_writer(value, &mut bytes));
    bytes
}

/// Reference values of all authentic manifests at hand, as CoRIM; `None` if there is none.
pub fn corim(examined: &Examined) -> Option<Vec<u8>> {
    let authentic: Vec<&Manifest> =
        examined.library.manifests.iter().filter(|m| m.is_authentic()).collect();
    let first = authentic.first()?;
    let tags: Vec<Cbor> = authentic
        .iter()
        .map(|m| Cbor::Tag(506, Box::new(Cbor::Bytes(bytes_of(&comid(m))))))
        .collect();
    let id = text(&format!("probity:{}", first.digest.hex()));
    let corim = map(vec![(0, id), (1, Cbor::Array(tags))]);
    Some(bytes_of(&Cbor::Tag(501, Box::new(corim))))
}

/// A CoMID: identity, and a reference triple for each alternative of each active index.
fn comid(manifest: &Manifest) -> Cbor {
    let class = map(vec![(1, text("NVIDIA Corporation")), (2, text(&manifest.product))]);
    let environment = map(vec![(0, class)]);
    let mut triples = Vec::new();
    let most = manifest.entries.iter().map(|e| e.values.len()).max().unwrap_or(0);
    // alternatives are separate triples; 7 is sha-384 in the IANA registry of named information hashes
    for alternative in 0..most {
        let measured: Vec<Cbor> = manifest
            .entries
            .iter()
            .filter(|e| e.active)
            .filter_map(|e| {
                let digest = Cbor::Array(vec![
                    Cbor::from(7),
                    Cbor::Bytes(e.values.get(alternative)?.to_vec()),
                ]);
                let value = map(vec![
                    (0, map(vec![(0, text(&manifest.version))])),
                    (2, Cbor::Array(vec![digest])),
                ]);
                Some(map(vec![(0, Cbor::from(i64::from(e.index))), (1, value)]))
            })
            .collect();
        if !measured.is_empty() {
            triples.push(Cbor::Array(vec![environment.clone(), Cbor::Array(measured)]));
        }
    }
    let identity = map(vec![(0, text(&format!("{} {}", manifest.tag_id, manifest.digest)))]);
    map(vec![(1, identity), (4, map(vec![(0, Cbor::Array(triples))]))])
}
