//! From RTL sources to a netlist, through an installed Yosys.
//!
//! Problem: Verilog and `SystemVerilog` have to become single-bit gates before anything can be
//! proved of them, and every synthesis tool is built to throw away what it finds useless — which is
//! just what an implant looks like until it fires.
//! Method: a Yosys is found (`tool`), the sources are given to it under names of our own in a
//! temporary directory (`staging`), never through a shell; it runs a script (`script`) of passes that
//! map and do not fold, under a time limit (`run`). Before and after each pass cells and register
//! bits are counted (`count`), and a pass that loses a register ends the elaboration. Memories become
//! registers up to a named limit (`memory`). What Yosys complains of is turned into errors with file,
//! line and remedy (`complaint`).
//! Two runs of Yosys are needed, because a memory must be measured before it is mapped.
//!
//! What it cannot see: whether Yosys understood the sources as their author did. That is an
//! assumption of every verdict, narrowed by co-simulation (`examples/real/cosim.py`). A source may
//! name other files (`include`, `$readmemh`); Yosys reads them with the rights of the caller.

mod complaint;
mod count;
mod elaborate;
mod error;
pub mod liberty;
mod memory;
mod run;
mod script;
mod sources;
mod staging;
pub mod structural;
mod tool;

pub use elaborate::{Elaboration, Options, PassReport, SourceFile, elaborate, elaborate_path};
pub use error::FrontendError;
pub use sources::{MAX_SOURCE_BYTES, MAX_SOURCES, SourceList, is_source, sources_of};
pub use tool::{Tool, find};

/// Most memory bits that become registers, unless the options say otherwise.
pub const MAX_MEMORY_BITS: u64 = 1 << 17;

/// How to come by a Yosys; the remedy of several errors.
pub const INSTALL: &str = "install one: apt-get install yosys, or pip install pyosys";
