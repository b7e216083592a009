//! The checks of the design examination: a sorted list, each with what it applies to and how to run.
//!
//! A new check goes here, and its page into `evidence::CHECKS`.

use design::{Answer, Settings, Undecided};
use evidence::{Claim, check_page};
use proof::Model;
use proof::contract::Contract;
use proof::kernel::{COMPARE, HUNT, NETLIST_ITEM, REFERENCE_ITEM};

/// One check of a netlist under a contract.
#[derive(Clone, Copy, Debug)]
pub struct DesignCheck {
    /// Stable id.
    pub id: &'static str,
    /// What it is asked about: one task for each, by index and name.
    pub items: fn(&Model) -> Vec<String>,
    /// The same items as the contract declares them, for a design that could not be read.
    pub declared: fn(&Contract) -> Vec<String>,
    /// Why it does not apply where there are no items.
    pub needs: &'static str,
    /// How.
    pub run: Way,
}

/// How a check answers.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// Decides one item on the model.
    Decides(fn(&Model, usize, &Settings) -> Result<Answer, Undecided>),
    /// Searches the netlist gate by gate; its verdict is a judgement.
    Hunts,
}

impl DesignCheck {
    /// The claim it bears on.
    pub fn claim(&self) -> Claim {
        check_page(self.id).map_or(Claim::NoHiddenFunction, |page| page.claim)
    }
}

/// All checks of a design, sorted by id.
pub const DESIGN_CHECKS: &[DesignCheck] = &[
    DesignCheck {
        id: COMPARE,
        items: |m| m.reference.iter().map(|_| REFERENCE_ITEM.to_owned()).collect(),
        declared: |c| c.reference.iter().map(|_| REFERENCE_ITEM.to_owned()).collect(),
        needs: "the case names no reference",
        run: Way::Decides(design::compare::equivalence),
    },
    DesignCheck {
        id: "design.hidden-trigger",
        items: |m| m.functions.iter().map(|f| f.name.clone()).collect(),
        declared: |c| c.function.iter().map(|f| f.name.clone()).collect(),
        needs: "the contract names no function",
        run: Way::Decides(design::hidden_trigger::hidden_trigger),
    },
    DesignCheck {
        id: HUNT,
        items: |m| Some(NETLIST_ITEM.to_owned()).filter(|_| m.contract.hunt).into_iter().collect(),
        declared: |c| Some(NETLIST_ITEM.to_owned()).filter(|_| c.hunt).into_iter().collect(),
        needs: "the contract does not say `hunt = true`",
        run: Way::Hunts,
    },
    DesignCheck {
        id: "design.identity-leak",
        items: |m| m.identities.iter().map(|i| i.name.clone()).collect(),
        declared: |c| c.identity.iter().map(|i| i.signal.clone()).collect(),
        needs: "the contract names no identity signal",
        run: Way::Decides(design::identity_leak::identity_leak),
    },
    DesignCheck {
        id: "design.remote-disable",
        items: |m| m.services.iter().map(|s| s.name.clone()).collect(),
        declared: |c| c.service.iter().map(|s| s.name.clone()).collect(),
        needs: "the contract names no service",
        run: Way::Decides(design::remote_disable::remote_disable),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_its_page() {
        assert!(DESIGN_CHECKS.windows(2).all(|w| w[0].id < w[1].id));
        for check in DESIGN_CHECKS {
            assert!(check_page(check.id).is_some(), "{}", check.id);
        }
    }
}
