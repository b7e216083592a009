//! The passes, in two runs.
//!
//! The first reads and elaborates: hierarchy, processes to registers, one flat module, memories
//! collected. The second maps memories to registers and cells to single-bit gates. There is no
//! `opt`, no `share`, no `memory_dff`: nothing is folded, merged or moved. `opt_clean` takes what
//! drives nothing; registers are marked `keep` before it, except those that Yosys itself made up for
//! memory writes and nothing reads.

use crate::elaborate::Options;
use crate::error::FrontendError;
use crate::staging::Staging;
use std::fmt::Write;

/// Every kind of register and latch, at word and bit level.
const REGISTERS: &str = "t:$dff* t:$adff* t:$sdff* t:$aldff* t:$ff t:$_DFF* t:$_SDFF* t:$_ALDFF* \
                         t:$_FF_ t:$dlatch* t:$adlatch* t:$sr t:$_DLATCH* t:$_SR_*";

/// Registers that `read_verilog` makes up for each clocked write to a memory; nothing reads them.
const TEMPORARY: &str = "w:$memwr$* %ci1:+$dff[Q] t:$dff %i";

/// Which reader takes the sources.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reader {
    /// `read_verilog -sv`.
    Verilog,
    /// `read_slang`.
    Slang,
}

/// One run of Yosys: passes, and for each the files its counts go to.
pub(crate) struct Script {
    /// The text Yosys runs, counting included.
    pub(crate) text: String,
    /// The passes alone, one a line, for the dossier.
    pub(crate) shown: String,
    /// Each counted pass with the number of its files (`s3.json`, `r3.il`); registers are counted
    /// where the design is flat.
    pub(crate) counted: Vec<(String, usize)>,
}

impl Script {
    fn new() -> Self {
        Self { text: String::new(), shown: String::new(), counted: Vec::new() }
    }
    fn pass(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
        let _ = writeln!(self.shown, "{line}");
    }
    /// A pass that is counted afterwards.
    fn counted(&mut self, line: &str, number: usize) {
        self.pass(line);
        let _ = writeln!(self.text, "tee -q -o s{number}.json stat -json");
        let _ = writeln!(self.text, "tee -q -o r{number}.il dump {REGISTERS}");
        let name = line.split(' ').next().unwrap_or(line);
        self.counted.push((name.to_owned(), number));
    }
}

/// The first run: sources to a flat design with its memories still whole.
pub(crate) fn elaborate(
    staging: &Staging,
    top: Option<&str>,
    options: &Options,
    reader: Reader,
) -> Result<Script, FrontendError> {
    let mut script = Script::new();
    let top = top.map(|top| identifier("the name of the top module", top)).transpose()?;
    let mut parameters = String::new();
    for (name, value) in &options.parameters {
        let (name, value) = (identifier("the parameter", name)?, number("the value", value)?);
        match reader {
            Reader::Verilog => write!(parameters, " -chparam {name} {value}"),
            Reader::Slang => write!(parameters, " -G {name}={value}"),
        }
        .unwrap_or_default();
    }
    let mut read = match reader {
        Reader::Verilog => "read_verilog -sv".to_owned(),
        Reader::Slang => "read_slang --threads 1".to_owned(),
    };
    for (name, value) in &options.defines {
        let name = identifier("the macro", name)?;
        match (value, reader) {
            (Some(value), Reader::Verilog) => {
                write!(read, " -D{name}={}", number("the value", value)?)
            }
            (Some(value), Reader::Slang) => {
                write!(read, " -D {name}={}", number("the value", value)?)
            }
            (None, Reader::Verilog) => write!(read, " -D{name}"),
            (None, Reader::Slang) => write!(read, " -D {name}"),
        }
        .unwrap_or_default();
    }
    read += &staging.include_options();
    if reader == Reader::Slang {
        if let Some(top) = top {
            let _ = write!(read, " --top {top}");
        }
        read += &parameters;
    }
    script.counted(&(read + &staging.file_arguments()), 0);
    let which = top.map_or_else(|| "-auto-top".to_owned(), |top| format!("-top {top}"));
    let given = if reader == Reader::Verilog { parameters.as_str() } else { "" };
    script.counted(&format!("hierarchy -check {which}{given}"), 1);
    script.counted("proc -noopt", 2);
    script.counted("flatten", 3);
    script.counted("memory_collect", 4);
    let _ = writeln!(script.text, "tee -q -o mems.il dump t:$mem*");
    let _ = writeln!(script.text, "write_rtlil flat.il");
    Ok(script)
}

/// The second run: the flat design to gates.
pub(crate) fn map() -> Script {
    let mut script = Script::new();
    let _ = writeln!(script.text, "read_rtlil flat.il");
    script.counted("memory_map", 5);
    let _ = writeln!(script.text, "tee -q -o temporary.il dump {TEMPORARY}");
    script.pass(&format!("setattr -set keep 1 {REGISTERS} %% {TEMPORARY} %d"));
    script.counted("opt_clean", 6);
    script.counted("techmap", 7);
    script.counted("simplemap", 8);
    script.counted("opt_clean", 9);
    // newer releases note the former hierarchy in cells that older ones cannot read
    script.pass("delete t:$scopeinfo");
    script.pass("write_json netlist.json");
    script
}

/// A name that is nothing but a Verilog identifier.
fn identifier<'t>(what: &'static str, text: &'t str) -> Result<&'t str, FrontendError> {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let rest = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if first && rest && text.len() <= 256 {
        return Ok(text);
    }
    let allowed = "a plain Verilog identifier";
    Err(FrontendError::Name { what, text: text.chars().take(80).collect(), allowed })
}

/// A Verilog number.
fn number<'t>(what: &'static str, text: &'t str) -> Result<&'t str, FrontendError> {
    let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'\'' || b == b'_');
    if fits && !text.is_empty() && text.len() <= 1024 {
        return Ok(text);
    }
    let allowed = "a Verilog number (12, 8'hff)";
    Err(FrontendError::Name { what, text: text.chars().take(80).collect(), allowed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_from_outside_reaches_a_command() {
        for bad in ["", "a b", "a;b", "a\nb", "$x", "a\"", "1a", "!ls"] {
            assert!(identifier("name", bad).is_err(), "{bad:?}");
        }
        assert!(identifier("name", "WITH_CSR").is_ok());
        assert!(number("value", "32'hdead_beef").is_ok());
        assert!(number("value", "1; !ls").is_err());
    }
}
