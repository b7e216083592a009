//! Synthetic manifests, written in canonical form, so that the digest is that of the text less the signature.

use super::pki::hash;
use super::report::value;
use super::{Authority, BIOS, DRIVER, Defect, Entry, Layout, VBIOS};
use base64ct::{Base64, Encoding as _};
use p384::ecdsa::Signature;
use p384::ecdsa::signature::Signer as _;
use sha2::{Digest as _, Sha384};
use std::fmt::Write as _;

const SPACES: &str = "xmlns=\"http://standards.iso.org/iso/19770/-2/2015/schema.xsd\"";
const DSIG: &str = "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
const HASHES: &str = "xmlns:ns2=\"http://www.w3.org/2001/04/xmlenc#sha384\"";
const TWO_YEARS: [&str; 2] = ["20250101000000Z", "20270101000000Z"];
const ENDED: [&str; 2] = ["20230101000000Z", "20250101000000Z"];

/// Indices that the VBIOS manifest of a GPU covers.
const VBIOS_INDICES: &[u8] = &[0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12];

/// The manifests of a layout; a defect concerns the VBIOS or BIOS manifest.
pub fn manifests(
    layout: Layout,
    defect: Option<Defect>,
    root: &Authority,
) -> Vec<(String, String)> {
    let switch = layout == Layout::Switch;
    let own = if switch {
        manifest(layout, BIOS, "SWITCH", &(0..31).collect::<Vec<_>>(), defect, root)
    } else {
        manifest(layout, VBIOS, "GPU", VBIOS_INDICES, defect, root)
    };
    let name = if switch { "switch-bios.xml" } else { "vbios.xml" };
    let mut all = Vec::new();
    match defect {
        Some(Defect::ManifestMissing) => {}
        Some(Defect::ManifestEmpty) => all.push((name.to_owned(), String::new())),
        _ => all.push((name.to_owned(), own)),
    }
    if !switch {
        let mut indices: Vec<u8> = (21..=40).collect();
        indices.insert(0, 7);
        if defect == Some(Defect::ManifestOverlap) {
            indices.insert(0, 4);
        }
        all.push(("driver.xml".to_owned(), manifest(layout, DRIVER, "GPU", &indices, None, root)));
    }
    all
}

fn manifest(
    layout: Layout,
    version: &str,
    edition: &str,
    indices: &[u8],
    defect: Option<Defect>,
    root: &Authority,
) -> String {
    let has = |d: Defect| defect == Some(d);
    let (head, body) = document(layout, version, edition, indices, defect);
    if has(Defect::ManifestUnsigned) {
        return format!("{head}{body}</SoftwareIdentity>");
    }
    let foreign = Authority::root("Foreign Root CA");
    let debug = Authority::root("Root CA Debug Only");
    let root = if has(Defect::ManifestForeignRoot) {
        &foreign
    } else if has(Defect::ManifestDebugRoot) {
        &debug
    } else {
        root
    };
    let authority = root.issue("Reference Value CA", &Entry::authority());
    let valid = if has(Defect::ManifestExpired) { ENDED } else { TWO_YEARS };
    let signer = authority.issue("RIM Signer", &Entry::plain().valid(valid));
    let digest = Sha384::digest(format!("{head}{body}</SoftwareIdentity>").as_bytes());
    let digest = Base64::encode_string(&digest);
    let method = if has(Defect::ManifestOtherAlgorithm) { "rsa-sha384" } else { "ecdsa-sha384" };
    let info = format!(
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#{method}\"></ds:SignatureMethod>\
         <ds:Reference URI=\"\"><ds:Transforms>\
         <ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>\
         <ds:Transform Algorithm=\"http://www.w3.org/2006/12/xml-c14n11\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#sha384\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    );
    // in the canonical form `SignedInfo` shows the namespaces it inherits
    let canonical = format!("<ds:SignedInfo {SPACES} {DSIG} {HASHES}>{info}");
    let by = if has(Defect::ManifestOtherKey) { &authority.key } else { &signer.key };
    let value: Signature = by.sign(canonical.as_bytes());
    let value = Base64::encode_string(&value.to_bytes());
    let certificates: String = [&signer, &authority, root]
        .iter()
        .map(|c| {
            let pem = c.pem();
            let lines: Vec<&str> = pem.lines().filter(|l| !l.starts_with("-----")).collect();
            format!("<ds:X509Certificate>{}\n</ds:X509Certificate>", lines.join("\n"))
        })
        .collect();
    let body = if has(Defect::ManifestEdited) {
        body.replacen(
            &hex::encode(super::report::value(layout, 3)),
            &hex::encode(hash("edited")),
            1,
        )
    } else {
        body
    };
    format!(
        "{head}{body}<ds:Signature {DSIG}><ds:SignedInfo>{info}<ds:SignatureValue>{value}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo></ds:Signature></SoftwareIdentity>\n"
    )
}

fn document(
    layout: Layout,
    version: &str,
    edition: &str,
    indices: &[u8],
    defect: Option<Defect>,
) -> (String, String) {
    let has = |d: Defect| defect == Some(d);
    let chip = if has(Defect::ManifestOtherChip) { "GX900" } else { layout.chip() };
    let tag = hex::encode(hash(&format!("tag {version} {edition}")));
    let head = format!(
        "<SoftwareIdentity {SPACES} {HASHES} name=\"{chip} Synthetic\" tagId=\"{tag}\" tagVersion=\"0\" version=\"1.0\">"
    );
    let mut body = format!(
        "\n<Entity name=\"Synthetic\" role=\"softwareCreator tagCreator\"></Entity>\
         \n<Meta PayloadType=\"direct\" colloquialVersion=\"{version}\" edition=\"{edition}\" product=\"{chip}\" \
         revision=\"r1\"></Meta>\n<Payload>"
    );
    let zeros = "0".repeat(96);
    for index in 0..64u8 {
        let active = indices.contains(&index);
        let golden = if active && index < layout.blocks() && !has(Defect::ManifestAllZero) {
            hex::encode(value(layout, index))
        } else {
            zeros.clone()
        };
        let state = if active { "True" } else { "False" };
        let stated = if has(Defect::ManifestDuplicateIndex) && index == 20 { 5 } else { index };
        // alternatives: one index has two, the second is right
        let (count, hashes) = if index == 2 {
            (
                2,
                format!(
                    "ns2:Hash0=\"{}\" ns2:Hash1=\"{golden}\"",
                    hex::encode(hash("alternative"))
                ),
            )
        } else {
            (1, format!("ns2:Hash0=\"{golden}\""))
        };
        let _ = write!(
            body,
            "\n<Resource active=\"{state}\" alternatives=\"{count}\" index=\"{stated}\" name=\"Measurement_{index}\" \
             size=\"48\" type=\"Measurement\" {hashes}></Resource>"
        );
    }
    body.push_str("\n</Payload>\n");
    (head, body)
}
