//! What a check of this examination answers, before it is certified.

use crate::hints::Hints;
use evidence::{Locator, Reason, Verdict};
use proof::certificate::Body;
use serde_json::Value;
use solve::Budget;
use std::collections::BTreeMap;

/// What a check may spend and what it may be told.
#[derive(Clone)]
pub struct Settings {
    /// Solver steps and the interrupt flag.
    pub budget: Budget,
    /// Untrusted hints.
    pub hints: Hints,
    /// Enumerate where the logic in question is small, before anything else.
    pub exact: bool,
}

/// A decided check: the object that makes it re-checkable, and words for people.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// `Proved` or `Refuted`.
    pub verdict: Verdict,
    /// The object.
    pub body: Body,
    /// One line.
    pub title: String,
    /// A paragraph.
    pub detail: String,
    /// Places in the design.
    pub locators: Vec<Locator>,
    /// Numbers; integers of 2⁵³ and more as strings.
    pub metrics: BTreeMap<String, Value>,
}

/// A check that could not decide.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undecided {
    /// Why.
    pub reason: Reason,
    /// What was tried and where it stopped, in words.
    pub detail: String,
}

impl Undecided {
    /// An undecided check.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}
