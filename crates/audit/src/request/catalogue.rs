//! What decides which cell of the matrix, and what settles which allegation.
//!
//! Two lists in plain words, in the order in which they are printed. A check that is named here and has no
//! page in the catalogue of checks is planned. What it cannot see: forms that nobody has asked for yet.

use evidence::{ArtifactKind, Claim};

/// Something a vendor can hand over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Supply {
    pub(super) claim: Claim,
    pub(super) examination: ArtifactKind,
    pub(super) what: &'static str,
    pub(super) form: &'static str,
    pub(super) feeds: &'static [&'static str],
}

const DESIGN: ArtifactKind = ArtifactKind::Design;
const FIRMWARE: ArtifactKind = ArtifactKind::Firmware;
const ATTESTATION: ArtifactKind = ArtifactKind::Attestation;
const NETWORK: ArtifactKind = ArtifactKind::Network;
const PERFORMANCE: ArtifactKind = ArtifactKind::Performance;

/// What would decide each cell, in order of claims and examinations.
pub(super) const SUPPLIES: &[Supply] = &[
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: DESIGN,
        what: "netlist of the blocks that gate power, clocks, reset, boot, fuses, licences and debug",
        form: "Yosys JSON, AIGER or RTL; source or gate level",
        feeds: &["design.remote-disable"],
    },
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: DESIGN,
        what: "contract of these blocks: who drives each port, what service is, documented commands, longest outage",
        form: "[artifact.contract] of a case, signed",
        feeds: &["design.remote-disable"],
    },
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: DESIGN,
        what: "invariants and ranks of timers and state machines, where known",
        form: "hints file; untrusted, re-checked",
        feeds: &["design.remote-disable"],
    },
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: FIRMWARE,
        what: "firmware of power management, security and boot processors, unencrypted",
        form: "images as shipped, with the key or a plain copy of encrypted regions",
        feeds: &["firmware.indicators", "firmware.coverage"],
    },
    Supply {
        claim: Claim::NoRemoteDisable,
        examination: NETWORK,
        what: "list of remote commands and management services, with ports and authentication",
        form: "declared endpoints of a capture contract",
        feeds: &["network.stops"],
    },
    Supply {
        claim: Claim::NoTracking,
        examination: DESIGN,
        what: "netlist from every identity (fuses, serial numbers, sensors) to the ports others can see",
        form: "Yosys JSON, AIGER or RTL, with the identity signals named in the contract",
        feeds: &["design.identity-leak"],
    },
    Supply {
        claim: Claim::NoTracking,
        examination: FIRMWARE,
        what: "all code that reads identifiers, location or round-trip times, host agents included",
        form: "images and host packages as shipped",
        feeds: &["firmware.indicators"],
    },
    Supply {
        claim: Claim::NoTracking,
        examination: NETWORK,
        what: "every endpoint the part, its driver and its management software contact, with purpose and data",
        form: "list of hosts; a capture over a boot, a job and a day of idling",
        feeds: &["network.contacts", "network.location"],
    },
    Supply {
        claim: Claim::NoHiddenFunction,
        examination: DESIGN,
        what: "netlist of compute control and debug, with operands, configuration and results named",
        form: "Yosys JSON, AIGER or RTL, with a contract",
        feeds: &["design.hidden-trigger", "design.hunt"],
    },
    Supply {
        claim: Claim::NoHiddenFunction,
        examination: DESIGN,
        what: "reference design that the delivered netlist should equal",
        form: "second netlist with matching ports",
        feeds: &["design.compare"],
    },
    Supply {
        claim: Claim::NoHiddenFunction,
        examination: FIRMWARE,
        what: "map of every firmware region: purpose, format, encryption",
        form: "table of offset, length, content",
        feeds: &["firmware.coverage"],
    },
    Supply {
        claim: Claim::Genuine,
        examination: ATTESTATION,
        what: "attestation report of the very part, over a nonce of the owner's choice",
        form: "SPDM measurements with certificate chain, at a stated time",
        feeds: &["attestation.report-signature", "attestation.nonce", "attestation.chain"],
    },
    Supply {
        claim: Claim::Genuine,
        examination: ATTESTATION,
        what: "signed reference manifests for every measurement of firmware and VBIOS, of this very model",
        form: "CoRIM or SWID/RIM bundle, pinned by SHA-256; revocation lists",
        feeds: &["attestation.rim-signature", "attestation.measurements", "attestation.revocation"],
    },
    Supply {
        claim: Claim::Genuine,
        examination: FIRMWARE,
        what: "SHA-256 of every firmware component of every release, and reproducible builds where possible",
        form: "signed list of digests",
        feeds: &["firmware.reference"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "die area and process of each die, from the vendor, with tolerance",
        form: "[[die]] of SPEC.toml, signed",
        feeds: &["performance.export-class"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "multiply-accumulates per clock and format, and the highest clock",
        form: "macs_per_clock and [clock] of SPEC.toml",
        feeds: &["performance.datasheet"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "measurements of an independent laboratory on the delivered part, at least 8 repetitions",
        form: "MLPerf, cuBLAS or rocBLAS, nccl-tests, STREAM logs",
        feeds: &["performance.declared-measured"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "telemetry of more than 500 hours under load, with throttle reasons",
        form: "nvidia-smi or DCGM export",
        feeds: &["performance.throttling"],
    },
    Supply {
        claim: Claim::PerformanceAsDeclared,
        examination: PERFORMANCE,
        what: "the text of the rule the class is declared under",
        form: "rule file with source = \"primary\", by whoever read it",
        feeds: &["performance.export-class"],
    },
];

/// A question of the public checklist.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allegation {
    pub(super) id: &'static str,
    pub(super) question: &'static str,
    pub(super) supply: &'static str,
    pub(super) checks: &'static [&'static str],
}

/// The mechanisms alleged in public (state broadcaster, 10 August 2025), and what would settle each.
pub(super) const QUESTIONS: &[Allegation] = &[
    Allegation {
        id: "500-hour timer",
        question: "Does a timer, for instance after 500 hours, cut power or destabilise a voltage?",
        supply: "netlist and contract of the power sequencer and of every counter that survives reset; its firmware; 500 hours of telemetry",
        checks: &["design.remote-disable", "firmware.indicators", "performance.throttling"],
    },
    Allegation {
        id: "boot gate",
        question: "Does the boot chain refuse to start by location or authorisation?",
        supply: "netlist of fuses, straps and boot control; boot firmware; reference manifests of each boot stage",
        checks: &["design.remote-disable", "firmware.indicators", "attestation.measurements"],
    },
    Allegation {
        id: "licence lock",
        question: "Can a licence that expires or is withdrawn stop or slow the part?",
        supply: "netlist of licence and debug unlock; licence code of firmware and driver; documented licence states",
        checks: &["design.remote-disable", "firmware.indicators", "performance.throttling"],
    },
    Allegation {
        id: "location query",
        question: "Can somebody ask the part where it is, or fence it in?",
        supply: "paths from identities and sensors to ports; endpoints contacted; a capture with round-trip times",
        checks: &["design.identity-leak", "network.contacts", "network.location"],
    },
    Allegation {
        id: "driver and CUDA path",
        question: "Can the driver, CUDA or the update channel disable or report the part?",
        supply: "driver, host agents and update packages with digests; endpoints; a capture of an update",
        checks: &["firmware.indicators", "firmware.reference", "network.contacts"],
    },
];
