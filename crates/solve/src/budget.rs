//! Budgets: how long an engine may search, counted in solver conflicts.
//!
//! Problem: the same inputs, options and effort must give byte-identical findings on every machine,
//! so that time is no measure. Yet a person must be able to stop a run.
//! Method: effort is a counter of *steps*: every solver call costs one step plus one per conflict
//! (Een and Sörensson's counter of choice, SAT 2003; conflicts are a function of the formula and
//! the solver's seed alone). Clones share the counter; a [`Budget::slice`] has a smaller one of its
//! own and draws from its parent as well. An interrupt flag, set by a time limit or Ctrl-C, stands
//! beside it: it can turn an answer into `Unknown`, nothing else.
//! Cost: two atomic operations per solver call.
//! What it cannot see: work without conflicts (propagation, encoding) is charged one step however
//! large the formula is. One budget belongs to one task: two threads that draw from the same
//! counter would make each other's answers depend on the schedule.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Why a budget is exhausted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// All steps are used up: will happen again in every run with this effort.
    Effort,
    /// Somebody set the interrupt flag: says nothing about the task.
    Interrupted,
}

/// Steps left, and a flag that stops everything. Clones share both.
#[derive(Clone, Debug)]
pub struct Budget {
    remaining: Arc<AtomicU64>,
    parent: Option<Arc<Self>>,
    interrupt: Option<Arc<AtomicBool>>,
}

impl Budget {
    /// `steps` steps, no interrupt.
    pub fn new(steps: u64) -> Self {
        Self { remaining: Arc::new(AtomicU64::new(steps)), parent: None, interrupt: None }
    }
    /// No limit.
    pub fn unlimited() -> Self {
        Self::new(u64::MAX)
    }
    /// This budget, stopped also when `flag` becomes true.
    #[must_use]
    pub fn with_interrupt(mut self, flag: Arc<AtomicBool>) -> Self {
        self.interrupt = Some(flag);
        self
    }
    /// A budget of at most `steps` steps which are taken from this one too.
    #[must_use]
    pub fn slice(&self, steps: u64) -> Self {
        Self {
            remaining: Arc::new(AtomicU64::new(steps)),
            parent: Some(Arc::new(self.clone())),
            interrupt: self.interrupt.clone(),
        }
    }

    /// Steps left.
    pub fn remaining(&self) -> u64 {
        let own = self.remaining.load(Ordering::Relaxed);
        self.parent.as_ref().map_or(own, |p| own.min(p.remaining()))
    }
    /// Takes `steps` steps, or what is left. An unlimited budget stays unlimited.
    pub fn spend(&self, steps: u64) {
        let own = self.remaining.load(Ordering::Relaxed);
        if own != u64::MAX {
            self.remaining.store(own.saturating_sub(steps), Ordering::Relaxed);
        }
        if let Some(parent) = &self.parent {
            parent.spend(steps);
        }
    }
    /// Whether nothing is left or somebody interrupts.
    pub fn exhausted(&self) -> bool {
        self.reason().is_some()
    }
    /// Why the budget is exhausted; `None` if it is not.
    pub fn reason(&self) -> Option<Reason> {
        if self.interrupted() {
            Some(Reason::Interrupted)
        } else if self.remaining() == 0 {
            Some(Reason::Effort)
        } else {
            None
        }
    }
    /// Whether the interrupt flag is set.
    pub fn interrupted(&self) -> bool {
        self.interrupt.as_ref().is_some_and(|f| f.load(Ordering::Relaxed))
    }
    /// The interrupt flag.
    pub(crate) fn flag(&self) -> Option<&Arc<AtomicBool>> {
        self.interrupt.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_draws_from_its_parent() {
        let whole = Budget::new(10);
        let slice = whole.slice(4);
        slice.spend(3);
        assert_eq!((slice.remaining(), whole.remaining()), (1, 7));
        slice.spend(5);
        assert_eq!((slice.reason(), whole.remaining()), (Some(Reason::Effort), 2));
        whole.slice(2).spend(2);
        assert!(whole.exhausted() && whole.slice(9).exhausted());
    }

    #[test]
    fn an_interrupt_is_told_from_lack_of_effort() {
        let flag = Arc::new(AtomicBool::new(false));
        let budget = Budget::unlimited().with_interrupt(Arc::clone(&flag));
        let slice = budget.slice(0);
        assert_eq!((budget.reason(), slice.reason()), (None, Some(Reason::Effort)));
        flag.store(true, Ordering::Relaxed);
        assert_eq!(slice.reason(), Some(Reason::Interrupted));
    }
}
