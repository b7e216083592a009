//! One module per command, or per few that belong together.

pub(crate) mod attestation;
pub(crate) mod audit;
pub(crate) mod compare;
pub(crate) mod explain;
pub(crate) mod hunt;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod performance;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod verify;
