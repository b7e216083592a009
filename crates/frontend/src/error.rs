//! What can go wrong between sources and netlist.

use evidence::Reason;
use std::path::PathBuf;

/// Why sources could not be elaborated.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FrontendError {
    /// No Yosys answers on this machine.
    #[error("no Yosys was found; {}", crate::INSTALL)]
    NoYosys,
    /// A source cannot be read at all.
    #[error("{}: {what}; {remedy}", path.display())]
    Source {
        /// The file or directory.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do about it.
        remedy: String,
    },
    /// Yosys does not accept the text of a source.
    #[error("{}: {what}; {remedy}", place(file, *line))]
    Rejected {
        /// The source.
        file: PathBuf,
        /// The line, if Yosys named one.
        line: Option<u32>,
        /// What Yosys says.
        what: String,
        /// What to do about it.
        remedy: String,
    },
    /// Modules that are instantiated and nowhere defined, with the modules that want them.
    #[error(
        "modules without a definition: {}; add their sources, a model of each, or Liberty files (`elaborate.liberty` of a case)",
        pairs(modules)
    )]
    MissingModules {
        /// Module and the one that instantiates it, sorted.
        modules: Vec<(String, String)>,
    },
    /// A module that two sources define.
    #[error("{}: module {module} is defined twice; leave one of the files out", place(file, *line))]
    DuplicateModule {
        /// The module.
        module: String,
        /// Where the second definition stands.
        file: PathBuf,
        /// And in which line.
        line: Option<u32>,
    },
    /// The top module is not among the sources.
    #[error("there is no module {top}; the sources define {}", known.join(", "))]
    NoTop {
        /// The module asked for.
        top: String,
        /// The modules there are.
        known: Vec<String>,
    },
    /// Memories larger than what may become registers.
    #[error(
        "memory {name} holds {bits} bits, {limit} in all may become registers; \
         make it smaller by a parameter, or leave it outside the netlist"
    )]
    Memory {
        /// The largest memory, with its source position.
        name: String,
        /// Its bits.
        bits: u64,
        /// The limit for all memories together.
        limit: u64,
    },
    /// A pass lost registers: the netlist would not be the design.
    #[error(
        "the pass `{pass}` removed {bits} register bits; report the sources, nothing was examined"
    )]
    RegistersLost {
        /// The pass.
        pass: String,
        /// Register bits that were lost.
        bits: u64,
    },
    /// A parameter, definition or name that cannot be handed to Yosys safely.
    #[error("{what} `{text}` is not {allowed}")]
    Name {
        /// What it is.
        what: &'static str,
        /// What was given.
        text: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// The time ran out.
    #[error("{tool} did not finish within {seconds} s; allow more time or elaborate a smaller top")]
    TimeLimit {
        /// The program.
        tool: String,
        /// The limit.
        seconds: u64,
    },
    /// Anything else Yosys stopped for.
    #[error("{tool} stopped: {what}; run the script by hand to see more")]
    Failed {
        /// The program.
        tool: String,
        /// Its last words.
        what: String,
    },
    /// The machine refused.
    #[error("{what}: {error}")]
    Machine {
        /// What was attempted.
        what: String,
        /// What the system said.
        error: String,
    },
}

impl FrontendError {
    /// The reason an undecided check states.
    pub fn reason(&self) -> Reason {
        match self {
            Self::NoYosys | Self::Memory { .. } | Self::Rejected { .. } => Reason::Unsupported,
            Self::MissingModules { .. } | Self::Source { .. } | Self::NoTop { .. } => {
                Reason::MissingArtifact
            }
            Self::TimeLimit { .. } => Reason::Budget,
            Self::RegistersLost { .. } | Self::Failed { .. } | Self::Machine { .. } => {
                Reason::Internal
            }
            Self::DuplicateModule { .. } | Self::Name { .. } => Reason::Unsupported,
        }
    }
    /// An error of the machine.
    pub(crate) fn machine(what: &str, error: &std::io::Error) -> Self {
        Self::Machine { what: what.to_owned(), error: error.to_string() }
    }
}

fn place(file: &std::path::Path, line: Option<u32>) -> String {
    match line {
        Some(line) => format!("{}:{line}", file.display()),
        None => file.display().to_string(),
    }
}

fn pairs(modules: &[(String, String)]) -> String {
    let each = modules.iter().map(|(module, by)| format!("{module} (wanted by {by})"));
    each.collect::<Vec<_>>().join(", ")
}
