//! The HTML report.

use crate::document::Document;

/// The page.
pub fn page(document: &Document) -> String {
    format!("<!doctype html><title>{}</title>", document.name.len())
}
