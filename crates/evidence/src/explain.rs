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
        id: "attestation.chain",
        title: "Certificate chain leads from the device to a pinned root",
        claim: Claim::Genuine,
        decisive: true,
        examines: "The certificates that the device hands out with its report, leaf first.",
        violation: "The chain is broken, a certificate is not signed by its issuer or may not issue, or it \
            ends at a root that is not pinned: whoever signed the report is not known to be the \
            vendor's part. A missing chain is undetermined.",
        method: "RFC 5280, section 6.1, for a fixed path; the root is compared by SHA-256 with the \
            vendor's published one or with `--root`. Validity and revocation are checks of their \
            own.",
        misses: "Keys that the vendor issued wrongly or lost; a chain says nothing about what the \
            device does.",
        cost: "One ECDSA P-384 verification for each link; links that devices share are checked once.",
    },
    CheckPage {
        id: "attestation.debug",
        title: "Nothing belongs to a debug or development hierarchy",
        claim: Claim::Genuine,
        decisive: true,
        examines: "Names in the device's chain and in those of the manifests used.",
        violation: "A certificate is named as debug or development: such parts and manifests are made for \
            laboratories and accept other firmware. A policy may allow it.",
        method: "Words in subject and issuer names of chains that are verified elsewhere; the mode that \
            the report states is shown with it.",
        misses: "Debug state is not a measured field: a production chain with debug firmware shows only \
            in the measurements.",
        cost: "None beside reading the certificates; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.device-binding",
        title: "Leaf certificate was issued to the firmware that reports",
        claim: Claim::Genuine,
        decisive: true,
        examines: "The firmware digest (FWID) in the leaf certificate and the one in the report's opaque \
            data.",
        violation: "They differ: the certificate belongs to other firmware. Where one is absent, as with \
            drivers 535 and 545 and with LS10 switches, the pair is not bound; that is a limit in \
            the scope, and undetermined if the policy requires it.",
        method: "TCG DICE attestation architecture: extensions 2.23.133.5.4.1 and 2.23.133.5.4.1.1, \
            compared with opaque field 20.",
        misses: "Devices that report no FWID; the vendor's own tools call that a match, this does not.",
        cost: "None beside reading the certificate; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.identifiers",
        title: "Identifiers of the part that the evidence itself exposes",
        claim: Claim::NoTracking,
        decisive: false,
        examines: "Device id and serial numbers in the chain, board and link identifiers in the report.",
        violation: "No violation by itself: the evidence names the part for good, and whoever receives it \
            can recognise it. They are listed with who sees them.",
        method: "DMTF DSP0274 subject alternative name, subject serial numbers, opaque fields.",
        misses: "What the part sends when nobody asks; that is for the examinations of design, firmware \
            and network.",
        cost: "None; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.measurements",
        title: "Measurements equal the vendor's reference values",
        claim: Claim::Genuine,
        decisive: true,
        examines: "Hashes of boot ROM patches, firmware, VBIOS and driver-loaded firmware in the report, \
            against the manifests for the versions it states.",
        violation: "`mismatch`: a value differs from the signed manifest of this version. Duplicate \
            indices or fields in the report are refuted too. No manifest is `undetermined(missing- \
            reference)` with the id to ask for.",
        method: "Equality with any alternative of each active entry; index 35 only while the video \
            decoder is enabled; zero references, skipped indices and measurements that no manifest \
            covers are counted and stated.",
        misses: "What published firmware does; indices that no manifest covers; a second authentic \
            manifest of the same version that was not supplied.",
        cost: "Microseconds; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.nonce",
        title: "Report answers the nonce that the auditor issued",
        claim: Claim::Genuine,
        decisive: true,
        examines: "The nonce in the signed request, the auditor's (`--nonce`) and the one a collection \
            states.",
        violation: "They differ: the report is old or was made for somebody else. Without a nonce of the \
            auditor's freshness is a limit in the scope, and undetermined if the policy requires \
            it.",
        method: "Byte equality of 32 bytes; nothing is padded or cut.",
        misses: "A live relay: the right nonce can be answered by a device elsewhere.",
        cost: "None; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.policy",
        title: "What the policy requires beyond the other checks",
        claim: Claim::Genuine,
        decisive: true,
        examines: "Requirements of the policy file that no other check decides: full coverage, a third- \
            party audit.",
        violation: "Never refuted; a requirement that is not met is undetermined.",
        method: "A declarative file; see docs/attestation.md, section Policy.",
        misses: "Whatever the policy does not say; nothing that would be worth measuring.",
        cost: "None worth measuring; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.report-signature",
        title: "Report is signed by the device",
        claim: Claim::Genuine,
        decisive: true,
        examines: "The SPDM request and response, and the leaf's key.",
        violation: "`forged`: the signature does not verify, so the report was altered, damaged, or \
            belongs to another chain.",
        method: "DMTF DSP0274: ECDSA P-384 with SHA-384 over request and response; from version 1.2 on \
            with its signing context over the digest of the transcript. Lengths must fill each \
            other; bytes after the signature are reported and left out.",
        misses: "Relay from another machine. Version 1.2 and later follow the specification and were \
            not seen on data.",
        cost: "One ECDSA P-384 verification; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.revocation",
        title: "No certificate is revoked by what was supplied",
        claim: Claim::Genuine,
        decisive: true,
        examines: "Archived CRLs and OCSP responses against the chains of device and manifests.",
        violation: "`revoked` or `on-hold` by an answer that its issuer signed. Without usable answers: a \
            limit in the scope, and undetermined if the policy requires it.",
        method: "RFC 5280 CRLs and RFC 6960 responses, direct or delegated; an answer counts between \
            thisUpdate and nextUpdate, a revocation always.",
        misses: "Later revocations. The vendor's responder answers `good` for device serials it does \
            not know; an archive cannot be fresh.",
        cost: "One signature for each answer used; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.rim-signature",
        title: "Reference manifest is signed by the vendor",
        claim: Claim::Genuine,
        decisive: true,
        examines: "The manifests that claim a version the device reports.",
        violation: "`forged-manifest`: the contents or the signature are not the signer's; `unpinned- \
            root`, `debug-root`: it is somebody else's. A refused manifest beside an authentic one \
            is listed and refutes nothing.",
        method: "XMLDSig in exactly the vendor's profile (Canonical XML 1.1, SHA-384, ECDSA P-384, one \
            reference to the whole document); the key is that of the first certificate of a chain \
            to the pinned root; values are read from the digested tree; no DTD. A manifest is \
            known by its SHA-256.",
        misses: "Signatures outside the profile: refused as unsupported.",
        cost: "One canonical form of some 20 kB, one signature and the chain; once for all devices.",
    },
    CheckPage {
        id: "attestation.third-party-audit",
        title: "Third-party audits, with the scope they have",
        claim: Claim::Genuine,
        decisive: false,
        examines: "OCP S.A.F.E. short-form reports (JWS) and the auditors' pinned keys.",
        violation: "No violation: an audit that no pinned key verifies is undetermined, one of another \
            product is named as such.",
        method: "RFC 7515 with ES512 or ES384; everything shown is read from the signed payload. \
            Product, firmware version and digest are compared with the device.",
        misses: "Whether the reviewer looked well. An audit of one function is no answer about another.",
        cost: "One signature for each key tried; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.validity",
        title: "Certificates used were valid at the time of judgement",
        claim: Claim::Genuine,
        decisive: true,
        examines: "Validity periods in the chains of device and manifests, at `--at`.",
        violation: "`expired`, `expired-manifest` or not yet valid. Kept apart from the signatures, which \
            may still be right: signers of manifests live two years. A policy may allow expired \
            manifests.",
        method: "Comparison with an explicit time; the default is the moment of the audit, which the \
            dossier records.",
        misses: "When a manifest was signed: it carries no trusted time.",
        cost: "None; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "attestation.version",
        title: "Versions are not older than asked for",
        claim: Claim::Genuine,
        decisive: true,
        examines: "Driver and VBIOS versions in the signed report against least or listed versions.",
        violation: "`downgrade` or `not-allowed`: the device runs something older than, or outside, what \
            the owner asked for.",
        method: "Part by part, decimal for drivers and hexadecimal for VBIOS.",
        misses: "Whether the least version asked for is a good one.",
        cost: "None; nothing that would be worth measuring.",
    },
    CheckPage {
        id: "design.compare",
        title: "The delivered netlist does what its reference does, cycle by cycle",
        claim: Claim::NoHiddenFunction,
        decisive: true,
        examines: "Two netlists with ports of the same names: what was delivered, and the reference that a \
            case names (`reference = FILE`: RTL through Yosys, or a netlist).",
        violation: "`difference`: after reset, under the same inputs within `assume`, some output is \
            not the reference's, whatever the reference leaves open (power-up values, undriven bits, \
            inputs of its own); the witness is a run from power-up. Proved: whatever state the delivered \
            part powers up in, the reference can power up so that all outputs are equal in every cycle \
            after reset. On bare files (`probity design compare`) a difference is `suspect` and \
            agreement `nothing-found`, for no dossier holds them.",
        method: "Registers of either part that behave alike in simulation, up to the sign, in pairs by \
            name or place and then in whole classes; the largest inductive set of such equalities in one \
            hashed graph of both designs (van Eijk, DATE 1998), with SAT sweeping where arithmetic was \
            restructured (Kuehlmann et al., DAC 1997); outputs compared under it; what is left is \
            unrolled (Biere et al., TACAS 1999). A certificate lists choice, ties and merges.",
        misses: "Retimed or re-encoded registers, and equalities that need more of the reachable states \
            than equal registers: outputs stay open and the verdict `undetermined`. Outputs during \
            reset. Whatever differs between netlist and silicon.",
        cost: "Seconds where synthesis kept names and structure, a SAT call per restructured AND where it \
            did not: 15 s for 23,000 cells through ABC.",
    },
    CheckPage {
        id: "design.hidden-trigger",
        title: "Results depend on declared operands and configuration alone",
        claim: Claim::NoHiddenFunction,
        decisive: true,
        examines: "A netlist with a contract that names a function: operands, results, configuration \
            with its writers, start and end of a job, latency, stall and quiet. Two runs of the same part, each with \
            any history of any length up to a quiet cycle with equal configuration, get the same \
            operands from there on; every other input may differ.",
        violation: "`value` or `timing`: results differ although operands and configuration were the \
            same, so the part keeps something from its history that nobody declared; the witness is \
            a pair of runs from power-up. `configuration`: it changes without a declared write. `busy`: the \
            part can be kept from ever being quiet, where its results are examined by nobody.",
        method: "Functional consistency (Singh et al., A-QED, DAC 2020) as a property of two copies \
            (Clarkson and Schneider, hyperproperties, 2010). Proved by an invariant of one copy and a relation of \
            two, the largest inductive sets of clauses and ties (Houdini; van Eijk, DATE 1998), built \
            through one structural hash table, in cases where ties hold only while a job runs; ranked \
            stages show that quiet comes. Refuted by histories that collide in configuration, drawn \
            or found by IC3 (Bradley, VMCAI 2011).",
        misses: "Functions of operands and configuration alone, such as one operand that corrupts: \
            `design.compare` with a reference sees those. State that the contract declares as \
            configuration that may change at any time is taken as equal. A counterexample that no run \
            from reset reaches is `undetermined`. Whatever differs between netlist and silicon.",
        cost: "Seconds to minutes; close to linear in the netlist where operands of multipliers are tied.",
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
            that fires it, replayed against the same run with the net tied. In a case (`hunt = true`) \
            that run, its effect and proofs of nets that no run fires are re-checked by the kernel. It is never `refuted`: \
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
            by bounded model checking and IC3/PDR (Bradley, VMCAI 2011). Timers and counts of events: \
            inductive segments, a period of input words each, with exact decrement.",
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
