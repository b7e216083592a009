//! A subprocess with a time limit.
//!
//! Method: no shell; standard input closed; what it says goes to a file, of which the ends are kept;
//! the child is polled and killed when its time is over.

use crate::error::FrontendError;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Most of a log that is read, in bytes.
const MAX_LOG: u64 = 4 << 20;

/// Between two looks at a child.
const POLL: Duration = Duration::from_millis(20);

/// What a run may take.
pub(crate) struct Limits<'a> {
    /// Wall-clock time.
    pub(crate) time: Duration,
    /// Its working directory; the log is written there too.
    pub(crate) directory: &'a Path,
}

/// How a run ended.
pub(crate) struct Done {
    /// Whether it exited with 0.
    pub(crate) success: bool,
    /// The end of what it said.
    pub(crate) log: String,
}

/// Runs `command` to its end.
pub(crate) fn run(
    command: &mut Command,
    name: &str,
    limits: &Limits<'_>,
) -> Result<Done, FrontendError> {
    let machine = |error: std::io::Error| FrontendError::machine(name, &error);
    let path = limits.directory.join("probity-log.txt");
    let log = File::create(&path).map_err(machine)?;
    command.current_dir(limits.directory).stdin(Stdio::null());
    command.stdout(log.try_clone().map_err(machine)?).stderr(log);
    let mut child = match command.spawn() {
        Err(e) if e.kind() == ErrorKind::NotFound => return Err(FrontendError::NoYosys),
        child => child.map_err(machine)?,
    };
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(machine)? {
            break status;
        }
        if start.elapsed() > limits.time {
            // The child may have ended between the two calls; then there is nothing left to kill.
            let _ = child.kill();
            let _ = child.wait();
            let seconds = limits.time.as_secs();
            return Err(FrontendError::TimeLimit { tool: name.to_owned(), seconds });
        }
        std::thread::sleep(POLL);
    };
    let mut file = File::open(&path).map_err(machine)?;
    let size = file.metadata().map_err(machine)?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(MAX_LOG))).map_err(machine)?;
    let mut bytes = Vec::new();
    file.take(MAX_LOG).read_to_end(&mut bytes).map_err(machine)?;
    Ok(Done { success: status.success(), log: String::from_utf8_lossy(&bytes).into_owned() })
}
