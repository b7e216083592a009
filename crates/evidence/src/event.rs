//! Events: what one examination saw at a time, for another to relate to what it saw.
//!
//! A stop seen in telemetry means more beside a command seen on the network a second before. Times
//! are those of the file, in microseconds; which clock that was is for the reader to know.

use crate::Digest;
use serde::{Deserialize, Serialize};

/// Something that happened between two times.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// First microsecond since 1970-01-01, as the file tells time; a sample number where it does not.
    pub from: i64,
    /// Last one.
    pub to: i64,
    /// What happened (`capacity-loss`).
    pub kind: String,
    /// To which device, as the file names it.
    pub device: String,
    /// The file it was seen in.
    pub artifact: Digest,
}
