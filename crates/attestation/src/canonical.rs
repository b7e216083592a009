//! Canonical XML 1.1 of a whole document less one element, and of one element of it.
//!
//! Problem: an XML signature signs bytes that are not in the file: the canonical form of the tree.
//! Method: W3C Recommendation "Canonical XML 1.1" (2 May 2008) without comments, for the two node sets that the
//! manifests' profile needs: the document without its signature, and `SignedInfo` with everything below it. Parsing
//! is left to the crate `roxmltree` (namespaces, attribute normalisation, no DTD); prefixes, which
//! it resolves, are taken from the text. What would need more of the recommendation — processing instructions,
//! `xml:` attributes, undeclared default namespaces — is refused.
//! Cost: linear, but for sorting the attributes of an element.
//! What it cannot see: other node sets. Tests compare digests with `xmlsec1` on signed manifests.

use roxmltree::{Attribute, Document, Node, NodeType};

/// Deepest nesting.
pub const MAX_DEPTH: usize = 32;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The canonical form of `apex` and what is below it, less `without`.
///
/// # Errors
/// What in the document lies outside the profile, with its line.
pub fn canonical_form(
    document: &Document<'_>,
    apex: Node<'_, '_>,
    without: Option<Node<'_, '_>>,
) -> Result<Vec<u8>, String> {
    let mut writer = Writer {
        text: document.input_text(),
        without,
        out: Vec::with_capacity(apex.range().len()),
    };
    writer.element(apex, true, 0)?;
    Ok(writer.out)
}

/// Whether the document holds nothing beside its root element that canonical XML would keep.
///
/// # Errors
/// What it holds.
pub fn nothing_beside_the_root(document: &Document<'_>) -> Result<(), String> {
    for node in document.root().children() {
        if node.is_pi() {
            return Err(format!(
                "line {}: a processing instruction",
                line(document.input_text(), node)
            ));
        }
    }
    Ok(())
}

fn line(text: &str, node: Node<'_, '_>) -> usize {
    let before = text.get(..node.range().start).unwrap_or_default();
    before.bytes().filter(|b| *b == b'\n').count() + 1
}

struct Writer<'a, 'input> {
    text: &'a str,
    without: Option<Node<'a, 'input>>,
    out: Vec<u8>,
}

impl<'a, 'input> Writer<'a, 'input> {
    fn element(&mut self, node: Node<'a, 'input>, apex: bool, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!(
                "line {}: elements nested deeper than {MAX_DEPTH}",
                line(self.text, node)
            ));
        }
        let name = self.qualified_name(node);
        self.out.push(b'<');
        self.out.extend(name.as_bytes());
        self.namespaces(node, apex)?;
        self.attributes(node)?;
        self.out.push(b'>');
        for child in node.children() {
            match child.node_type() {
                NodeType::Element if Some(child) == self.without => {}
                NodeType::Element => self.element(child, false, depth + 1)?,
                NodeType::Text => escape(child.text().unwrap_or_default(), false, &mut self.out),
                NodeType::PI => {
                    return Err(format!(
                        "line {}: a processing instruction",
                        line(self.text, child)
                    ));
                }
                NodeType::Comment | NodeType::Root => {}
            }
        }
        self.out.extend(b"</");
        self.out.extend(name.as_bytes());
        self.out.push(b'>');
        Ok(())
    }

    /// The name with its prefix, as it stands in the text.
    fn qualified_name(&self, node: Node<'a, 'input>) -> &'a str {
        let tag = self.text.get(node.range()).unwrap_or_default();
        let tag = tag.strip_prefix('<').unwrap_or(tag);
        let end = tag.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
        tag.get(..end.unwrap_or(tag.len())).unwrap_or_default()
    }

    /// Declarations in scope here and not where the parent was written; all of them at the apex.
    fn namespaces(&mut self, node: Node<'a, 'input>, apex: bool) -> Result<(), String> {
        let mut declared: Vec<(&str, &str)> = Vec::new();
        for namespace in node.namespaces() {
            let prefix = namespace.name().unwrap_or("");
            if prefix == "xml" {
                continue;
            }
            if namespace.uri().is_empty() {
                return Err(format!("line {}: a namespace is undeclared", line(self.text, node)));
            }
            let above = node.parent().filter(|p| p.is_element() && !apex);
            let inherited = above.and_then(|p| {
                p.namespaces().find(|n| n.name().unwrap_or("") == prefix).map(|n| n.uri())
            });
            if inherited != Some(namespace.uri()) {
                declared.push((prefix, namespace.uri()));
            }
        }
        declared.sort_unstable();
        for (prefix, uri) in declared {
            self.out.extend(if prefix.is_empty() { &b" xmlns"[..] } else { &b" xmlns:"[..] });
            self.out.extend(prefix.as_bytes());
            self.value(uri);
        }
        Ok(())
    }

    /// Attributes sorted by namespace name, then local name.
    fn attributes(&mut self, node: Node<'a, 'input>) -> Result<(), String> {
        let mut attributes: Vec<Attribute<'a, 'input>> = node.attributes().collect();
        if attributes.iter().any(|a| a.namespace() == Some(XML)) {
            return Err(format!(
                "line {}: an attribute of the namespace `xml`",
                line(self.text, node)
            ));
        }
        attributes.sort_by_key(|a| (a.namespace().unwrap_or(""), a.name()));
        for attribute in attributes {
            self.out.push(b' ');
            let name = self.text.get(attribute.range_qname()).unwrap_or_default();
            self.out.extend(name.as_bytes());
            self.value(attribute.value());
        }
        Ok(())
    }

    fn value(&mut self, value: &str) {
        self.out.extend(b"=\"");
        escape(value, true, &mut self.out);
        self.out.push(b'"');
    }
}

fn escape(text: &str, attribute: bool, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match (byte, attribute) {
            (b'&', _) => out.extend(b"&amp;"),
            (b'<', _) => out.extend(b"&lt;"),
            (b'>', false) => out.extend(b"&gt;"),
            (b'"', true) => out.extend(b"&quot;"),
            (b'\t', true) => out.extend(b"&#x9;"),
            (b'\n', true) => out.extend(b"&#xA;"),
            (b'\r', _) => out.extend(b"&#xD;"),
            (other, _) => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail this way")]
    use super::*;

    fn form(xml: &str, drop: &str) -> Result<String, String> {
        let document = Document::parse(xml).unwrap();
        let without = document.descendants().find(|n| n.tag_name().name() == drop);
        let bytes = canonical_form(&document, document.root_element(), without)?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn the_rules_of_the_recommendation() {
        let xml = "<?xml version='1.0'?><!-- gone --><b:a xmlns:b='u' xmlns='d'  z='1' \
                   b:y='&lt;\"&#x9;' a = \"'\"><b:c xmlns:b='u'/><x/>t&gt;&amp;<![CDATA[<]]>\r\n<!--c--></b:a>";
        assert_eq!(
            form(xml, "x").unwrap(),
            "<b:a xmlns=\"d\" xmlns:b=\"u\" a=\"'\" z=\"1\" b:y=\"&lt;&quot;&#x9;\"><b:c></b:c>t&gt;&amp;&lt;\n</b:a>"
        );
        assert!(form("<a><?p?></a>", "").is_err());
        assert!(form("<a xml:lang='en'/>", "").is_err());
        assert!(form("<a xmlns='u'><b xmlns=''/></a>", "").is_err());
    }

    #[test]
    fn an_inner_apex_shows_what_it_inherits() {
        let document = Document::parse("<a xmlns='d' xmlns:p='q'><b><c/></b></a>").unwrap();
        let b = document.descendants().find(|n| n.has_tag_name(("d", "b"))).unwrap();
        let bytes = canonical_form(&document, b, None).unwrap();
        assert_eq!(bytes, b"<b xmlns=\"d\" xmlns:p=\"q\"><c></c></b>");
    }
}
