//! Reports: what a dossier says, for people and for other programs.
//!
//! Everything is drawn from findings, witnesses and certificates alone; nothing here computes a
//! verdict of its own, and all text from artifacts is treated as hostile.

pub mod document;
pub mod html;
mod plane;
pub mod sarif;
mod svg;
pub mod terminal;
pub mod witness;
pub mod words;

pub use document::{Document, ReadError};
pub use witness::Witness;
