//! The catalogue of checks: one page each, with fixed headings.
//!
//! `probity explain CHECK` and `docs/checks.md` print the same text from here; a test compares them.

use crate::Claim;
use std::fmt::Write as _;

/// One check's page.
#[derive(Clone, Copy, Debug)]
pub struct CheckPage {
    /// Stable id (`design.remote-disable`).
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// The claim it bears on.
    pub claim: Claim,
    /// Whether it can prove (decisive) or only find (searching).
    pub decisive: bool,
    /// What it examines.
    pub examines: &'static str,
    /// What a violation means.
    pub violation: &'static str,
    /// Method and reference.
    pub method: &'static str,
    /// What it misses.
    pub misses: &'static str,
    /// What it costs.
    pub cost: &'static str,
}

impl CheckPage {
    /// The page as Markdown.
    pub fn markdown(&self) -> String {
        let kind = if self.decisive { "decisive" } else { "searching" };
        let mut page = String::new();
        let _ = write!(page, "## {}\n\n{}. Claim `{}`; {kind}.\n", self.id, self.title, self.claim);
        for (heading, text) in [
            ("Examines", self.examines),
            ("Violation means", self.violation),
            ("Method and reference", self.method),
            ("Misses", self.misses),
            ("Cost", self.cost),
        ] {
            let _ = write!(page, "\n### {heading}\n\n{text}\n");
        }
        page
    }
}

/// The page of the check of that id.
pub fn check_page(id: &str) -> Option<&'static CheckPage> {
    CHECKS.iter().find(|c| c.id == id)
}

/// All checks, sorted by id.
pub const CHECKS: &[CheckPage] = &[
    CheckPage {
        id: "design.compare",
        title: "The delivered netlist does what its reference does, cycle by cycle",
        claim: Claim::NoHiddenFunction,
        decisive: true,
        examines: "Two netlists with ports of the same names: a reference (RTL through Yosys, or a \
            netlist) and what was delivered.",
        violation: "Under the same inputs from registers at 0 some output differs. The witness is \
            the stimulus, replayed on both.",
        method: "Register matching by name and by simulation signature; the largest inductive set of \
            equal registers in one hashed graph of both designs (van Eijk, DATE 1998); outputs \
            compared under it; what is left is unrolled (Biere et al., TACAS 1999). No certificate is \
            written yet: agreement is `nothing-found` with its coverage.",
        misses: "Retimed or re-encoded registers stay unmatched and leave outputs open. Matched \
            registers are assumed to start alike. Whatever differs between netlist and silicon.",
        cost: "Close to linear where synthesis kept the structure; one SAT call per differing pair \
            of registers and round.",
    },
    CheckPage {
        id: "design.hunt",
        title: "No logic looks like a hidden function",
        claim: Claim::NoHiddenFunction,
        decisive: false,
        examines: "A netlist alone: structural Verilog with or without Liberty files, Yosys JSON, \
            AIGER. No contract, no reference design, no names are needed.",
        violation: "A net that is quiet in simulated use serves a region of logic that nothing else \
            needs, and the rest of the design works the same with it tied quiet. The finding lists \
            every gate with its reason, what the payload does, and, where one was found, a stimulus \
            that fires it, replayed against the same run with the net tied. It is never `refuted`: \
            honest rare logic has the same shape and can be fired as well.",
        method: "Coverage-directed bit-parallel simulation for rarity; exclusive regions as \
            post-dominator subtrees (Cooper, Harvey and Kennedy 2001); tie-off by constant \
            propagation; SCOAP (Goldstein and Thigpen, DAC 1980), wide conjunctions, logic without \
            an observer; combined by boosted decision trees (Friedman 2001) fitted on generated \
            implants and placebos; activation by simulation of the trigger's cone, bounded model \
            checking (Biere et al., TACAS 1999) and a SAT call that excludes it. docs/hunt.md has \
            the protocol and the false-alarm rate.",
        misses: "Implants that are always on; triggers that are busy in normal use; functions spread \
            so that no net separates them; analogue effects; whatever differs between netlist and \
            silicon.",
        cost: "Seconds for ten thousand gates; linear in the netlist, memory too.",
    },
    CheckPage {
        id: "design.identity-leak",
        title: "Two parts that differ only in identity look the same from outside",
        claim: Claim::NoTracking,
        decisive: true,
        examines: "A netlist with a contract that names identity signals (fuse blocks, serial \
            numbers, straps, sensors) and the observable outputs. Two copies of the design get the \
            same inputs in every cycle, reset included, and differ in one identity item.",
        violation: "Some observable output differs in value or in timing although every input was \
            the same: whoever sees that output learns something about the part's identity. The \
            witness is a pair of runs from reset; `timing` means that the outputs carry the same \
            sequence of values and only the cycles differ.",
        method: "Self-composition (Barthe, D'Argenio and Rezk, CSFW 2004) with register ties: the \
            largest inductive set of equalities between the two copies (van Eijk, DATE 1998), built \
            through one structural hash table so that logic common to both copies is one node, \
            strengthened where it is not enough. Differences are sought by two-copy simulation and \
            bounded model checking (Biere et al., TACAS 1999). Declassification windows open on a \
            port-only condition and excuse only the outputs and items they list.",
        misses: "Side channels outside the model: power, heat, electromagnetic emission, and time \
            finer than a clock cycle. Outputs the contract declares not observable. Anything that \
            differs between netlist and silicon.",
        cost: "Close to linear in the netlist where ties hold by structure; one SAT query per \
            refinement round otherwise.",
    },
    CheckPage {
        id: "design.remote-disable",
        title: "From every reachable state the owner can bring service back within the bound",
        claim: Claim::NoRemoteDisable,
        decisive: true,
        examines: "A netlist with a contract: who drives which input, what a service transaction \
            is, the documented owner words, listed recoveries, and the number of cycles within \
            which service must be recoverable.",
        violation: "A reachable set of states from which the declared service does not come back: \
            `dead` under every input whatsoever, `lock` under every documented owner word, `leash` \
            under some constants or some behaviour of remote and environment whatever the owner \
            does, `overdue` later than the bound, `timer` where the way into the set is too long to \
            simulate and is given as an accelerated run.",
        method: "Proof: an inductive invariant, and a staged recovery in which a rank falls or a \
            later stage begins (Manna and Pnueli, response properties; Zuck, Pnueli and Kesten, \
            VMCAI 2002), the sum of all stages within the bound. Refutation: a run from reset into \
            a closed set found by simulation and Houdini (Flanagan and Leino, FME 2001); reachability \
            by bounded model checking and IC3/PDR (Bradley, VMCAI 2011). Timers: inductive segments \
            with exact decrement.",
        misses: "Analogue effects, several clock domains, latches, and whatever differs between \
            netlist and silicon. Counters that are not increment or decrement (LFSR) on the way \
            into a dead set give `undetermined(unsupported)`.",
        cost: "Milliseconds to seconds for the control logic that service depends on; arithmetic \
            outside the cone of influence of the service costs nothing.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_sorted_and_complete() {
        assert!(CHECKS.windows(2).all(|w| w[0].id < w[1].id));
        for page in CHECKS {
            for text in [page.examines, page.violation, page.method, page.misses, page.cost] {
                assert!(text.len() > 40, "{}: a heading is empty", page.id);
            }
        }
    }
}
