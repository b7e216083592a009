//! `VERIFY.md`: how to re-check a dossier without trusting whoever wrote it.

use report::Document;

/// The guide for one dossier.
pub fn guide(document: &Document) -> String {
    format!("# How to re-check this dossier\n\n{}\n", document.predicate.tool)
}
