//! The attestation examination.
mod bytes;
pub mod certificate;
pub mod opaque;
pub mod signature;
pub mod spdm;
pub mod time;
pub mod canonical;
pub mod chain;
pub mod rim;
pub mod roots;
