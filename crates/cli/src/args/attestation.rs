//! The command line of `probity attestation`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(crate) enum AttestationCommand {
    /// Verify evidence offline: chain, signature, manifests, measurements
    #[command(after_help = "Examples:
  probity attestation verify report.txt --chain chain.pem --rim manifests/
  probity attestation verify evidence.json --rim manifests/ --nonce 9f2c… --at 2026-01-31
  probity attestation verify rack.json --rim manifests/ --crl l1-root.crl --policy policy.toml --json
  probity attestation verify report.bin --chain chain.pem --sfr audit.jws --auditor reviewer.pub

EVIDENCE is a report in hexadecimal, Base64 or binary, or a JSON collection of devices.
Exit codes: 0 genuine; 1 refuted; 3 undetermined, such as a manifest that is missing; 2 bad input.")]
    Verify(Box<AttestationArgs>),
}

#[derive(Args, Debug)]
pub(crate) struct AttestationArgs {
    /// What the device reported
    #[arg(value_name = "EVIDENCE")]
    pub(crate) evidence: PathBuf,
    /// Certificate chain of the device (PEM, leaf first), where the evidence does not carry it
    #[arg(long, value_name = "FILE")]
    pub(crate) chain: Option<PathBuf>,
    /// Reference manifests: a file, or a directory of them; may be given several times
    #[arg(long, value_name = "DIR")]
    pub(crate) rim: Vec<PathBuf>,
    /// Roots to trust instead of the vendor's published ones, which are built in
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Vec<PathBuf>,
    /// The nonce you issued, 64 hexadecimal digits
    #[arg(long, value_name = "HEX")]
    pub(crate) nonce: Option<String>,
    /// The moment to judge at (2026-01-31 or 2026-01-31T12:00:00Z) [default: now]
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
    /// Certificate revocation list
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<PathBuf>,
    /// Archived OCSP response
    #[arg(long, value_name = "FILE")]
    pub(crate) ocsp: Vec<PathBuf>,
    /// Policy file: what is required, allowed, pinned
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Least driver version
    #[arg(long, value_name = "VERSION")]
    pub(crate) min_driver: Option<String>,
    /// Least VBIOS version
    #[arg(long, value_name = "VERSION")]
    pub(crate) min_vbios: Option<String>,
    /// Third-party audit: OCP S.A.F.E. short-form report (JWS)
    #[arg(long, value_name = "FILE")]
    pub(crate) sfr: Vec<PathBuf>,
    /// Public key (PEM) of an auditor you trust
    #[arg(long, value_name = "KEY")]
    pub(crate) auditor: Vec<PathBuf>,
    /// SPDM messages before the report (version 1.2 and later sign them too)
    #[arg(long, value_name = "FILE")]
    pub(crate) negotiation: Option<PathBuf>,
    /// Write the result as EAT attestation result (EAR, unsecured JWT)
    #[arg(long, value_name = "FILE")]
    pub(crate) ear: Option<PathBuf>,
    /// Write the reference values of authentic manifests as CoRIM (CBOR)
    #[arg(long, value_name = "FILE")]
    pub(crate) corim: Option<PathBuf>,
}
