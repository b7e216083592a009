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
    CheckPage {
        id: "performance.datasheet",
        title: "The figures of a specification agree and say what they count",
        claim: Claim::PerformanceAsDeclared,
        decisive: false,
        examines: "A specification: throughput per number format, clocks, multiply-accumulates per \
            clock, dies.",
        violation: "A stated figure contradicts 2 x MACs per clock x clock; the ratio names the trap: \
            skipped zeros counted, the factor 2 of a multiply-accumulate counted twice or not at all, a \
            clock below the highest. `undetermined` means that the sheet leaves a reading open.",
        method: "Every reading of a figure that the sheet leaves open stays in the interval that the \
            class is decided on, unless a dense figure at another bit length or first principles settle it.",
        misses: "A sheet that is wrong in every figure by the same factor and gives no MACs per clock.",
        cost: "Microseconds for a sheet; nothing is searched.",
    },
    CheckPage {
        id: "performance.declared-measured",
        title: "Measurements agree with what is declared",
        claim: Claim::PerformanceAsDeclared,
        decisive: true,
        examines: "A specification, and measurements as public suites write them: MLPerf logs, \
            cublasMatmulBench, rocblas-bench, nccl-tests, STREAM, or a table of metric, value, unit.",
        violation: "The interval of the median excludes what is declared: `weaker` (a throttled part) or \
            `stronger` (an under-declared part). `suspect`: only a stretch between change points does.",
        method: "Median with the hull of a circular block bootstrap (Politis and Romano 1992) and the \
            order-statistic interval at 99 %, seeded; Theil-Sen drift; change points by binary \
            segmentation on Huber scores (Scott and Knott 1974). A peak bounds from above; from below only \
            where the attainable part of it is declared. It never proves.",
        misses: "A benchmark that recognises the part, a wrong clock, a workload nobody measured.",
        cost: "A thousand medians per metric: milliseconds to a second.",
    },
    CheckPage {
        id: "performance.export-class",
        title: "The part falls in the export class declared",
        claim: Claim::PerformanceAsDeclared,
        decisive: true,
        examines: "A specification: dense throughput per number format, die areas, memory and link \
            bandwidth, each with source and uncertainty; dated rule versions as data files.",
        violation: "Every class that the figures allow differs from the declared one. With a rule known \
            from secondary sources only, or figures that are assumed, that is `suspect`, not `refuted`.",
        method: "TPP = largest over formats of TOPS x bit length, summed over units; density = TPP over \
            non-planar logic die area (15 CFR 774 Supp. 1, ECCN 3A090). Interval arithmetic in exact \
            decimals; thresholds cut the intervals into pieces, and a class is decided when all feasible \
            pieces have it. A rule known from secondary sources never proves.",
        misses: "Letters to single companies, end use, end user, destination, entries that follow from \
            the class. Whether the part is what the sheet says. It is not legal advice.",
        cost: "Microseconds per rule version; nothing is searched.",
    },
    CheckPage {
        id: "performance.throttling",
        title: "No capacity is lost without a thermal or power cause",
        claim: Claim::PerformanceAsDeclared,
        decisive: false,
        examines: "Telemetry exports of nvidia-smi or DCGM: clock, power, temperature, load, throttle \
            reasons over time, per device.",
        violation: "Under load the clock stays below its capacity although no reason is stated, or the \
            stated one is contradicted by temperature or power. The places are the episodes with their \
            onset and what preceded it.",
        method: "One-sided CUSUM (Page 1954) against the best long window, on samples that nothing \
            explains; the bar follows from the number of samples and a false-alarm rate (Siegmund 1985).",
        misses: "Losses below 3 %, a part that is slow from the first sample on, throttling that keeps \
            the clock, a lying sensor.",
        cost: "One pass: ten million samples in seconds.",
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
