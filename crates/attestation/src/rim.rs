//! Reference integrity manifests: what the vendor says the measurements must be, and its signature on that.
//!
//! Problem: readers exist that verify the XML signature with whatever key the file offers, and then read values from
//! anywhere in the file. One manifest id can also name several documents that are all validly signed.
//! Method: SWID tags after the TCG RIM information model 1.01, signed by XMLDSig (W3C, 2008) in exactly the profile
//! the vendor uses: one enveloped signature, one reference to the whole document, Canonical XML 1.1, SHA-384,
//! ECDSA over P-384. The key is that of the first certificate, whose chain must lead to a pinned root; values are
//! read from the very tree that was digested. A manifest is known by the SHA-256 of its file.
//! Cost: one pass over some 20 kB, one signature, and the chain.
//! What it cannot see: signatures outside the profile; they are refused as unsupported, not guessed at.

use crate::canonical::{canonical_form, nothing_beside_the_root};
use crate::certificate::Certificate;
use crate::chain::{Links, Path, check_path};
use crate::roots::Anchor;
use crate::signature::SIZE;
use base64ct::{Base64, Encoding as _};
use evidence::Digest;
use roxmltree::{Document, Node, ParsingOptions};
use sha2::{Digest as _, Sha384};

/// Largest manifest.
pub const MAX_MANIFEST: usize = 4 << 20;
/// Most XML nodes.
pub const MAX_NODES: u32 = 100_000;
/// Most values for one index.
pub const MAX_ALTERNATIVES: usize = 64;

const SWID: &str = "http://standards.iso.org/iso/19770/-2/2015/schema.xsd";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const SHA384_HASH: &str = "http://www.w3.org/2001/04/xmlenc#sha384";
const C14N11: &str = "http://www.w3.org/2006/12/xml-c14n11";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const DIGEST: &str = "http://www.w3.org/2001/04/xmldsig-more#sha384";
const ECDSA: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384";

/// Why a file is not a manifest.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RimError {
    /// Present, but empty: some driver packages install such files.
    #[error(
        "the file is there but empty; some driver packages install empty manifests, get the manifest itself"
    )]
    Empty,
    /// Larger than [`MAX_MANIFEST`].
    #[error("{0} bytes are more than a manifest may have ({MAX_MANIFEST})")]
    TooLarge(usize),
    /// Not text, not XML.
    #[error("not XML: {0}")]
    Xml(String),
    /// XML of another kind.
    #[error("not a SWID tag: {0}")]
    NotATag(String),
    /// A tag that contradicts itself.
    #[error("{0}")]
    Content(String),
}

/// One index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Index, from 0: the report's index less one.
    pub index: u8,
    /// Whether it is to be compared.
    pub active: bool,
    /// Name.
    pub name: String,
    /// Any of these is right.
    pub values: Vec<[u8; SIZE]>,
}

impl Entry {
    /// Whether a value is all zero: nothing was measured there.
    pub fn has_zero(&self) -> bool {
        self.values.iter().any(|v| v.iter().all(|b| *b == 0))
    }
}

/// What is known about the XML signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seal {
    /// It verifies under the key of the first certificate.
    Good,
    /// There is none.
    Missing,
    /// It is wrong, and why.
    Bad(String),
    /// It lies outside the profile, and how.
    Unsupported(String),
}

/// A manifest as read.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// File name.
    pub name: String,
    /// SHA-256 of the file: what a manifest is known by.
    pub digest: Digest,
    /// Tag id; not unique.
    pub tag_id: String,
    /// Version of the driver or VBIOS it is about.
    pub version: String,
    /// `GPU` or `SWITCH`.
    pub edition: String,
    /// Chip.
    pub product: String,
    /// Indices, in the order of the file.
    pub entries: Vec<Entry>,
    /// The signature.
    pub seal: Seal,
    /// Certificates of the signer, leaf first.
    pub chain: Vec<Certificate>,
    /// Whether they lead to a pinned root.
    pub path: Path,
}

impl Manifest {
    /// Whether it is signed by a signer whose chain leads to a pinned root.
    pub fn is_authentic(&self) -> bool {
        self.seal == Seal::Good && self.path.is_good()
    }
    /// Why it is not authentic.
    pub fn refusal(&self) -> Option<String> {
        match &self.seal {
            Seal::Good => {}
            Seal::Missing => return Some("it is not signed".to_owned()),
            Seal::Bad(why) | Seal::Unsupported(why) => return Some(why.clone()),
        }
        let problems: Vec<String> = self.path.problems.iter().map(ToString::to_string).collect();
        (!problems.is_empty()).then(|| format!("its signer's chain: {}", problems.join("; ")))
    }
    /// Indices that more than one entry claims.
    pub fn duplicates(&self) -> Vec<u8> {
        let mut all: Vec<u8> = self.entries.iter().map(|e| e.index).collect();
        all.sort_unstable();
        let mut twice: Vec<u8> = all.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
        twice.dedup();
        twice
    }
}

/// Reads and verifies a manifest against the roots pinned for manifests.
///
/// # Errors
/// If the file is no manifest at all. A manifest with a wrong signature is read; see [`Manifest::seal`].
pub fn read_manifest(
    name: &str,
    bytes: &[u8],
    anchors: &[Anchor],
    links: &mut Links,
) -> Result<Manifest, RimError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(RimError::Empty);
    }
    if bytes.len() > MAX_MANIFEST {
        return Err(RimError::TooLarge(bytes.len()));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|e| RimError::Xml(format!("byte {}: not UTF-8", e.valid_up_to())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    shallow(text)?;
    let options =
        ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document =
        Document::parse_with_options(text, options).map_err(|e| RimError::Xml(e.to_string()))?;
    let root = document.root_element();
    if !root.has_tag_name((SWID, "SoftwareIdentity")) {
        let found = root.tag_name();
        let found = format!(
            "the root element is `{}` of `{}`",
            found.name(),
            found.namespace().unwrap_or("")
        );
        return Err(RimError::NotATag(found));
    }
    let mut chain = Vec::new();
    let seal = seal(&document, &mut chain);
    let path = check_path(&chain, anchors, links);
    let meta = only(root, SWID, "Meta").map_err(RimError::Content)?;
    let attribute = |node: Node<'_, '_>, name: &str| {
        let value = node.attribute(name);
        value.map(str::to_owned).ok_or_else(|| {
            let line = document.text_pos_at(node.range().start).row;
            RimError::Content(format!("line {line}: `{}` has no `{name}`", node.tag_name().name()))
        })
    };
    Ok(Manifest {
        name: name.to_owned(),
        digest: Digest::of(bytes),
        tag_id: root.attribute("tagId").unwrap_or("").to_owned(),
        version: attribute(meta, "colloquialVersion")?,
        edition: attribute(meta, "edition")?,
        product: attribute(meta, "product")?,
        entries: entries(&document, only(root, SWID, "Payload").map_err(RimError::Content)?)?,
        seal,
        chain,
        path,
    })
}

/// The parser recurses: a document nested too deep is refused before it is parsed.
fn shallow(text: &str) -> Result<(), RimError> {
    let (mut depth, mut rest) = (0usize, text);
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        if rest.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !rest.starts_with(['!', '?']) {
            let end = rest.find('>').unwrap_or(rest.len());
            if !rest.get(..end).is_some_and(|tag| tag.ends_with('/')) {
                depth += 1;
            }
        }
        if depth > 2 * crate::canonical::MAX_DEPTH {
            return Err(RimError::Xml("elements nested too deep".to_owned()));
        }
    }
    Ok(())
}

/// The one child element of that name.
fn only<'a, 'i>(parent: Node<'a, 'i>, namespace: &str, name: &str) -> Result<Node<'a, 'i>, String> {
    let mut all = parent.children().filter(|n| n.has_tag_name((namespace, name)));
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(format!("`{}` has no `{name}`", parent.tag_name().name())),
        (Some(_), Some(_)) => {
            Err(format!("`{}` has more than one `{name}`", parent.tag_name().name()))
        }
    }
}

fn entries(document: &Document<'_>, payload: Node<'_, '_>) -> Result<Vec<Entry>, RimError> {
    let mut entries = Vec::new();
    for node in payload.children().filter(|n| n.is_element()) {
        let line = document.text_pos_at(node.range().start).row;
        let wrong = |what: String| RimError::Content(format!("line {line}: {what}"));
        if !node.has_tag_name((SWID, "Resource")) || node.attribute("type") != Some("Measurement") {
            continue;
        }
        let index = node.attribute("index").and_then(|i| i.parse::<u8>().ok());
        let index =
            index.ok_or_else(|| wrong("a measurement without an index of 0 to 255".to_owned()))?;
        let active = match node.attribute("active") {
            Some(text) if text.eq_ignore_ascii_case("true") => true,
            Some(text) if text.eq_ignore_ascii_case("false") => false,
            _ => return Err(wrong(format!("index {index}: `active` is neither True nor False"))),
        };
        let hashes = node.attributes().filter(|a| a.namespace() == Some(SHA384_HASH)).count();
        let alternatives = node.attribute("alternatives").and_then(|a| a.parse::<usize>().ok());
        if alternatives != Some(hashes) || hashes == 0 || hashes > MAX_ALTERNATIVES {
            let stated = node.attribute("alternatives").unwrap_or("none");
            return Err(wrong(format!(
                "index {index}: {stated} alternatives announced, {hashes} hashes given"
            )));
        }
        let value = |n: usize| {
            let digits = node.attribute((SHA384_HASH, format!("Hash{n}").as_str()));
            let bytes = digits.and_then(|d| hex::decode(d).ok());
            bytes.and_then(|b| <[u8; SIZE]>::try_from(b).ok())
        };
        let values: Option<Vec<_>> = (0..hashes).map(value).collect();
        let values =
            values.ok_or_else(|| wrong(format!("index {index}: a hash is not 48 bytes of hex")))?;
        let name = node.attribute("name").unwrap_or("").to_owned();
        entries.push(Entry { index, active, name, values });
    }
    Ok(entries)
}

/// Verifies the signature and hands out the certificates it carries.
fn seal(document: &Document<'_>, chain: &mut Vec<Certificate>) -> Seal {
    let mut all = document.descendants().filter(|n| n.has_tag_name((DSIG, "Signature")));
    let signature = match (all.next(), all.next()) {
        (None, _) => return Seal::Missing,
        (Some(_), Some(_)) => {
            return Seal::Unsupported("it carries more than one signature".to_owned());
        }
        (Some(one), None) => one,
    };
    if signature.parent_element() != Some(document.root_element()) {
        return Seal::Unsupported(
            "its signature does not stand directly below the root".to_owned(),
        );
    }
    match check_seal(document, signature, chain) {
        Ok(seal) | Err(seal) => seal,
    }
}

fn check_seal(
    document: &Document<'_>,
    signature: Node<'_, '_>,
    chain: &mut Vec<Certificate>,
) -> Result<Seal, Seal> {
    let outside =
        |what: String| Seal::Unsupported(format!("its signature is outside the profile: {what}"));
    let parts =
        children(signature, &["SignedInfo", "SignatureValue", "KeyInfo"]).map_err(outside)?;
    let (info, value, keys) = (parts[0], parts[1], parts[2]);
    *chain = certificates(keys).map_err(outside)?;
    let expected = profile(info).map_err(outside)?;
    nothing_beside_the_root(document).map_err(outside)?;
    let body =
        canonical_form(document, document.root_element(), Some(signature)).map_err(outside)?;
    let found: [u8; SIZE] = Sha384::digest(&body).into();
    if found != expected {
        return Err(Seal::Bad(
            "its contents are not those that were signed (digest differs)".to_owned(),
        ));
    }
    let raw: [u8; 2 * SIZE] = base64(value)
        .and_then(|b| b.try_into().ok())
        .ok_or_else(|| Seal::Bad("its signature value is not 96 bytes of Base64".to_owned()))?;
    let signed = canonical_form(document, info, None).map_err(outside)?;
    let leaf = chain.first().ok_or_else(|| outside("it carries no certificate".to_owned()))?;
    let key = leaf.key.as_ref();
    let key = key.ok_or_else(|| outside("its signer's key is not on P-384".to_owned()))?;
    if key.verify_raw(&Sha384::digest(&signed).into(), &raw) {
        Ok(Seal::Good)
    } else {
        Err(Seal::Bad("its signature is not by the key of its first certificate".to_owned()))
    }
}

/// The child elements, which must be exactly these, with nothing but white space between.
fn children<'a, 'i>(node: Node<'a, 'i>, names: &[&str]) -> Result<Vec<Node<'a, 'i>>, String> {
    let elements: Vec<Node<'a, 'i>> = node.children().filter(|n| n.is_element()).collect();
    let same = elements.len() == names.len()
        && elements.iter().zip(names).all(|(e, name)| e.has_tag_name((DSIG, *name)));
    if same {
        Ok(elements)
    } else {
        let found: Vec<&str> = elements.iter().map(|e| e.tag_name().name()).collect();
        let here = node.tag_name().name();
        Err(format!("`{here}` holds {} instead of {}", found.join(", "), names.join(", ")))
    }
}

/// Checks the algorithms and gives the digest that was signed.
fn profile(info: Node<'_, '_>) -> Result<[u8; SIZE], String> {
    let parts = children(info, &["CanonicalizationMethod", "SignatureMethod", "Reference"])?;
    algorithm(parts[0], C14N11)?;
    algorithm(parts[1], ECDSA)?;
    let reference = parts[2];
    if reference.attribute("URI") != Some("") || reference.attribute("Type").is_some() {
        return Err("the reference is not to the whole document".to_owned());
    }
    let parts = children(reference, &["Transforms", "DigestMethod", "DigestValue"])?;
    let transforms = children(parts[0], &["Transform", "Transform"])?;
    algorithm(transforms[0], ENVELOPED)?;
    algorithm(transforms[1], C14N11)?;
    algorithm(parts[1], DIGEST)?;
    let digest = base64(parts[2]).and_then(|b| b.try_into().ok());
    digest.ok_or_else(|| "the digest is not 48 bytes of Base64".to_owned())
}

fn algorithm(node: Node<'_, '_>, wanted: &str) -> Result<(), String> {
    let found = node.attribute("Algorithm").unwrap_or("none");
    if found == wanted && node.children().all(|c| !c.is_element()) {
        Ok(())
    } else {
        Err(format!("`{}` is `{found}` instead of `{wanted}`", node.tag_name().name()))
    }
}

fn base64(node: Node<'_, '_>) -> Option<Vec<u8>> {
    if node.children().any(|c| c.is_element()) {
        return None;
    }
    let text: String = node.children().filter_map(|c| c.text().filter(|_| c.is_text())).collect();
    let dense: String = text.split_ascii_whitespace().collect();
    Base64::decode_vec(&dense).ok()
}

fn certificates(keys: Node<'_, '_>) -> Result<Vec<Certificate>, String> {
    let data = children(keys, &["X509Data"])?;
    let mut chain = Vec::new();
    for (number, node) in data[0].children().filter(|n| n.is_element()).enumerate() {
        if !node.has_tag_name((DSIG, "X509Certificate")) {
            return Err(format!("`X509Data` holds `{}`", node.tag_name().name()));
        }
        if chain.len() == crate::chain::MAX_PATH {
            return Err("too many certificates".to_owned());
        }
        let der = base64(node).ok_or_else(|| format!("certificate {number} is not Base64"))?;
        let read = Certificate::from_der(&der);
        chain.push(read.map_err(|e| format!("certificate {number} is not X.509: {e}"))?);
    }
    Ok(chain)
}
