//! Sources in, netlist out.
//!
//! Method: two runs of Yosys in one directory, with the memories measured in between; the counts of
//! every pass compared. A reader that refuses `SystemVerilog` is followed by `read_slang` where the
//! tool has it; if that fails too, the first complaint is reported, for it names our sources.

use crate::complaint::{explain, failed, last_words, warnings};
use crate::count::{Census, register_bits};
use crate::error::FrontendError;
use crate::memory;
use crate::run::{Done, Limits, run};
use crate::script::{self, Reader, Script};
use crate::sources::sources_of;
use crate::staging::Staging;
use crate::tool::{Tool, find};
use evidence::Digest;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How to elaborate.
#[derive(Clone, Debug)]
pub struct Options {
    /// Parameters of the top module: Verilog numbers.
    pub parameters: BTreeMap<String, String>,
    /// Macros: with a value or without.
    pub defines: BTreeMap<String, Option<String>>,
    /// Directories for `include`, besides those of the sources.
    pub include: Vec<PathBuf>,
    /// Most memory bits, all memories together, that become registers.
    pub memory_bits: u64,
    /// Wall-clock time for everything.
    pub time: Duration,
    /// The Yosys to use; without it the most capable there is.
    pub tool: Option<Tool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            parameters: BTreeMap::new(),
            defines: BTreeMap::new(),
            include: Vec::new(),
            memory_bits: crate::MAX_MEMORY_BITS,
            time: Duration::from_secs(600),
            tool: None,
        }
    }
}

/// A source as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFile {
    /// Its name in the script and in the netlist's `src` attributes.
    pub shown: String,
    /// Its path.
    pub path: PathBuf,
    /// Its digest.
    pub digest: Digest,
}

/// What one pass changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PassReport {
    /// Name of the pass.
    pub pass: String,
    /// Cells before; until `flatten` each module counts once.
    pub cells_before: u64,
    /// Cells after.
    pub cells_after: u64,
    /// Register bits before.
    pub registers_before: u64,
    /// Register bits after.
    pub registers_after: u64,
    /// Register bits removed: only those that Yosys made up for memory writes, or the elaboration
    /// has failed. `proc` and `memory_map` make some.
    pub registers_removed: u64,
}

/// A design as elaborated.
#[derive(Clone, Debug)]
pub struct Elaboration {
    /// Yosys JSON of one flat module of single-bit gates.
    pub netlist_json: Vec<u8>,
    /// Its digest.
    pub digest: Digest,
    /// Name and version of the program: `pyosys, Yosys 0.70 (…)`.
    pub tool: String,
    /// The exact passes, one a line; counting commands left out.
    pub script: String,
    /// What each counted pass changed.
    pub passes: Vec<PassReport>,
    /// The sources, in order.
    pub sources: Vec<SourceFile>,
    /// Memories that became registers: name with source position, bits.
    pub memories: Vec<(String, u64)>,
    /// Modules in the sources that the hierarchy never instantiates.
    pub uninstantiated_modules: Vec<String>,
    /// What the program warned of.
    pub warnings: Vec<String>,
}

impl Elaboration {
    /// What a reader of a verdict should know, one sentence each.
    pub fn notes(&self) -> Vec<String> {
        let mut notes =
            vec![format!("elaborated from {} sources by {}", self.sources.len(), self.tool)];
        let removing = self.passes.iter().filter(|p| p.cells_after < p.cells_before);
        for pass in removing.filter(|p| p.pass == "opt_clean") {
            notes.push(format!(
                "the pass opt_clean removed {} cells that drive nothing and {} register bits of Yosys' own",
                pass.cells_before - pass.cells_after,
                pass.registers_removed
            ));
        }
        for (memory, bits) in &self.memories {
            notes.push(format!("the memory {memory} became {bits} register bits"));
        }
        for module in &self.uninstantiated_modules {
            notes.push(format!("the module {module} is in the sources and never instantiated"));
        }
        notes.extend(self.warnings.iter().map(|warning| format!("Yosys: {warning}")));
        notes
    }
}

/// Elaborates what [`sources_of`] finds behind `path`; its list adds to the options.
///
/// # Errors
/// See [`FrontendError`].
pub fn elaborate_path(
    path: &Path,
    top: Option<&str>,
    options: &Options,
) -> Result<Elaboration, FrontendError> {
    let list = sources_of(path)?;
    let mut options = options.clone();
    options.include.extend(list.include);
    options.defines.extend(list.defines);
    elaborate(&list.files, top, &options)
}

/// Elaborates `sources` into a netlist of gates.
///
/// # Errors
/// See [`FrontendError`].
pub fn elaborate(
    sources: &[PathBuf],
    top: Option<&str>,
    options: &Options,
) -> Result<Elaboration, FrontendError> {
    let staging = Staging::new(sources, &options.include)?;
    let tool = options.tool.map_or_else(find, Ok)?;
    let job = Job { dir: staging.dir.path(), tool, end: Instant::now() + options.time, options };
    let (first, log, reader) = job.read(&staging, top)?;

    let dump = job.text("mems.il")?;
    let memories = memory::parse(&dump);
    let total = memories.iter().fold(0u64, |sum, m| sum.saturating_add(m.bits()));
    if let Some(largest) = memories.iter().max_by_key(|m| m.bits())
        && total > options.memory_bits
    {
        let (name, bits) = (largest.place(), largest.bits());
        return Err(FrontendError::Memory { name, bits, limit: options.memory_bits });
    }

    let second = script::map();
    let done = job.run(&second, "map.ys")?;
    if !done.success {
        return Err(failed(tool, last_words(&done.log)));
    }
    let read = job.census(0)?;
    let passes = job.reports(&[&first, &second])?;
    let temporary = register_bits(&job.text("temporary.il")?);
    let removed: u64 = passes.iter().map(|report| report.registers_removed).sum();
    if removed > temporary {
        let worst = passes.iter().max_by_key(|report| report.registers_removed);
        let pass = worst.map_or_else(String::new, |report| report.pass.clone());
        return Err(FrontendError::RegistersLost { pass, bits: removed - temporary });
    }
    let used = job.census(1)?.names();
    let netlist_json = job.netlist()?;
    let mut warnings = warnings(&(log + &done.log));
    if reader == Reader::Slang {
        let what = "read_slang elaborates from the top: modules it never reaches are not listed";
        warnings.push(what.to_owned());
    }
    Ok(Elaboration {
        digest: Digest::of(&netlist_json),
        netlist_json,
        tool: format!("{}, {}", tool.name(), read.creator),
        script: first.shown + &second.shown,
        passes,
        memories: memories.iter().map(|m| (m.place(), m.bits())).collect(),
        uninstantiated_modules: read.names().difference(&used).cloned().collect(),
        warnings,
        sources: staging.sources,
    })
}

/// Both runs' surroundings.
struct Job<'a> {
    dir: &'a Path,
    tool: Tool,
    end: Instant,
    options: &'a Options,
}

impl Job<'_> {
    fn run(&self, script: &Script, file: &str) -> Result<Done, FrontendError> {
        std::fs::write(self.dir.join(file), &script.text)
            .map_err(|e| FrontendError::machine("script", &e))?;
        let time = self.end.saturating_duration_since(Instant::now());
        let limits = Limits { time, directory: self.dir };
        let late = |e| match e {
            FrontendError::TimeLimit { tool, .. } => {
                FrontendError::TimeLimit { tool, seconds: self.options.time.as_secs() }
            }
            other => other,
        };
        run(&mut self.tool.command(file), self.tool.name(), &limits).map_err(late)
    }

    /// The first run, by `read_verilog` and, if it refuses a text, by `read_slang`.
    fn read(
        &self,
        staging: &Staging,
        top: Option<&str>,
    ) -> Result<(Script, String, Reader), FrontendError> {
        let script = script::elaborate(staging, top, self.options, Reader::Verilog)?;
        let done = self.run(&script, "read.ys")?;
        if done.success {
            return Ok((script, done.log, Reader::Verilog));
        }
        let read = self.census(0).ok();
        let error = explain(&done.log, staging, self.tool, top, read.as_ref());
        let refused =
            matches!(error, FrontendError::Rejected { .. } | FrontendError::Failed { .. });
        if !refused || !self.tool.may_have_slang() {
            return Err(error);
        }
        let script = script::elaborate(staging, top, self.options, Reader::Slang)?;
        match self.run(&script, "slang.ys") {
            Ok(done) if done.success => Ok((script, done.log, Reader::Slang)),
            _ => Err(error),
        }
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, FrontendError> {
        std::fs::read(self.dir.join(name)).map_err(|e| {
            FrontendError::machine(&format!("{} left no {name}", self.tool.name()), &e)
        })
    }
    fn text(&self, name: &str) -> Result<String, FrontendError> {
        Ok(String::from_utf8_lossy(&self.bytes(name)?).into_owned())
    }
    fn census(&self, number: usize) -> Result<Census, FrontendError> {
        let name = format!("s{number}.json");
        let unreadable = || failed(self.tool, format!("{name} cannot be read"));
        Census::parse(&self.bytes(&name)?).ok_or_else(unreadable)
    }
    /// What each pass changed.
    fn reports(&self, scripts: &[&Script]) -> Result<Vec<PassReport>, FrontendError> {
        let mut reports = Vec::new();
        let (mut cells, mut registers) = (0, 0);
        for (pass, number) in scripts.iter().flat_map(|script| &script.counted) {
            let cells_after = self.census(*number)?.cells();
            let registers_after = register_bits(&self.text(&format!("r{number}.il"))?);
            // Before `flatten` a module counts once, so only later counts can be compared.
            let comparable = !matches!(pass.as_str(), "flatten" | "hierarchy");
            let lost = if comparable { u64::saturating_sub(registers, registers_after) } else { 0 };
            reports.push(PassReport {
                pass: pass.clone(),
                cells_before: cells,
                cells_after,
                registers_before: registers,
                registers_after,
                registers_removed: lost,
            });
            (cells, registers) = (cells_after, registers_after);
        }
        Ok(reports)
    }
    fn netlist(&self) -> Result<Vec<u8>, FrontendError> {
        let path = self.dir.join("netlist.json");
        let size =
            std::fs::metadata(&path).map_err(|e| FrontendError::machine("netlist", &e))?.len();
        if size > netlist::yosys::MAX_BYTES {
            return Err(failed(
                self.tool,
                format!("the netlist has {size} bytes, more than are read"),
            ));
        }
        self.bytes("netlist.json")
    }
}
