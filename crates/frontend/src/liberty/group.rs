//! The shape of a Liberty text: groups, simple attributes and complex attributes.

use super::{CellPin, Function, LibraryCell, MAX_PINS, Storage};
use netlist::ReadError;

/// Deepest nesting of groups.
const MAX_DEPTH: u32 = 32;

/// One word.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Word {
    Text(String),
    Sign(u8),
    End,
}

/// A statement of a group, its name read already.
enum Statement {
    /// `name : value ;`
    Simple(String, String),
    /// `name (arguments) {`: the group's body follows.
    Group(String, Vec<String>),
    /// `name (arguments) ;`
    Complex,
    /// `}`
    Close,
}

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    depth: u32,
    ahead: Option<Word>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1, depth: 0, ahead: None }
    }

    fn error(&self, what: impl Into<String>, remedy: &str) -> ReadError {
        ReadError::new(format!("line {}", self.line), what, remedy)
    }

    fn raw(&mut self) -> Result<Word, ReadError> {
        loop {
            let Some(&byte) = self.bytes.get(self.at) else { return Ok(Word::End) };
            let next = self.bytes.get(self.at + 1).copied().unwrap_or(0);
            match byte {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    self.at += 1;
                }
                b'\\' => self.at += 1,
                _ if byte.is_ascii_whitespace() => self.at += 1,
                b'/' if next == b'*' => {
                    let rest = &self.bytes[self.at + 2..];
                    let end = rest.windows(2).position(|w| w == b"*/");
                    let Some(end) = end else {
                        return Err(self.error("a comment does not end", "close it"));
                    };
                    self.line += rest[..end].iter().filter(|b| **b == b'\n').count() as u32;
                    self.at += end + 4;
                }
                b'/' if next == b'/' => {
                    while self.bytes.get(self.at).is_some_and(|b| *b != b'\n') {
                        self.at += 1;
                    }
                }
                b'"' => {
                    let start = self.at + 1;
                    self.at = start;
                    while let Some(&b) = self.bytes.get(self.at) {
                        if b == b'"' {
                            break;
                        }
                        self.line += u32::from(b == b'\n');
                        self.at += 1 + usize::from(b == b'\\' && self.at + 1 < self.bytes.len());
                    }
                    if self.at >= self.bytes.len() {
                        return Err(self.error("a string does not end", "close it"));
                    }
                    let text = String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned();
                    self.at += 1;
                    return Ok(Word::Text(text));
                }
                b'{' | b'}' | b'(' | b')' | b':' | b';' | b',' => {
                    self.at += 1;
                    return Ok(Word::Sign(byte));
                }
                _ => {
                    let start = self.at;
                    while let Some(&b) = self.bytes.get(self.at) {
                        if b.is_ascii_whitespace()
                            || matches!(b, b'{' | b'}' | b'(' | b')' | b':' | b';' | b',' | b'"')
                        {
                            break;
                        }
                        self.at += 1;
                    }
                    let text = String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned();
                    return Ok(Word::Text(text));
                }
            }
        }
    }
    fn next(&mut self) -> Result<Word, ReadError> {
        match self.ahead.take() {
            Some(word) => Ok(word),
            None => self.raw(),
        }
    }

    fn statement(&mut self) -> Result<Statement, ReadError> {
        loop {
            let name = match self.next()? {
                Word::Sign(b'}') => return Ok(Statement::Close),
                Word::Sign(b';') => continue,
                Word::Text(name) => name,
                Word::Sign(c) => {
                    let what = format!("`{}` where an attribute is expected", c as char);
                    return Err(self.error(what, "give a Liberty file"));
                }
                Word::End => return Err(self.error("a group has no end", "copy the file again")),
            };
            match self.next()? {
                Word::Sign(b':') => return self.simple(name),
                Word::Sign(b'(') => return self.arguments(name),
                _ => {
                    let what = format!("`{name}` is followed by neither `:` nor `(`");
                    return Err(self.error(what, "give a Liberty file"));
                }
            }
        }
    }
    /// The value after a colon; expressions without quotes may have several words, and a missing
    /// semicolon ends with the line in files found in practice.
    fn simple(&mut self, name: String) -> Result<Statement, ReadError> {
        let mut value = match self.next()? {
            Word::Text(text) => text,
            Word::Sign(b';') => return Ok(Statement::Simple(name, String::new())),
            _ => return Err(self.error(format!("`{name}` has no value"), "give a Liberty file")),
        };
        let line = self.line;
        loop {
            match self.next()? {
                Word::Sign(b';') => return Ok(Statement::Simple(name, value)),
                Word::Text(text) if self.line == line => {
                    value.push(' ');
                    value.push_str(&text);
                }
                Word::Sign(c @ (b':' | b',')) if self.line == line => value.push(c as char),
                other => {
                    self.ahead = Some(other);
                    return Ok(Statement::Simple(name, value));
                }
            }
        }
    }
    fn arguments(&mut self, name: String) -> Result<Statement, ReadError> {
        let mut all = Vec::new();
        loop {
            match self.next()? {
                Word::Text(text) => {
                    if all.len() < MAX_PINS {
                        all.push(text);
                    }
                }
                Word::Sign(b')') => break,
                Word::Sign(b',' | b':') => {}
                _ => return Err(self.error(format!("`{name}(` has no end"), "close it")),
            }
        }
        match self.next()? {
            Word::Sign(b'{') => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    let what = format!("groups nested deeper than {MAX_DEPTH}");
                    return Err(self.error(what, "give a Liberty file"));
                }
                Ok(Statement::Group(name, all))
            }
            Word::Sign(b';') => Ok(Statement::Complex),
            other => {
                self.ahead = Some(other);
                Ok(Statement::Complex)
            }
        }
    }
    /// Skips the body of a group without building words of it.
    fn skip(&mut self) -> Result<(), ReadError> {
        let mut open = 1u32;
        while open > 0 {
            match self.next()? {
                Word::Sign(b'{') => open += 1,
                Word::Sign(b'}') => open -= 1,
                Word::End => return Err(self.error("a group has no end", "copy the file again")),
                _ => {}
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// Reads all libraries of the text.
    pub(super) fn library(
        &mut self,
        found: &mut Vec<(String, LibraryCell)>,
    ) -> Result<(), ReadError> {
        let mut libraries = 0;
        loop {
            match self.next()? {
                Word::End if libraries > 0 => return Ok(()),
                Word::Sign(b';') => continue,
                Word::Text(name) if name == "library" => {}
                _ => return Err(self.error("no `library (…) {` here", "give a Liberty file")),
            }
            let Word::Sign(b'(') = self.next()? else {
                return Err(self.error("no `library (…) {` here", "give a Liberty file"));
            };
            let Statement::Group(..) = self.arguments("library".to_owned())? else {
                return Err(self.error("the library has no body", "give a Liberty file"));
            };
            libraries += 1;
            loop {
                match self.statement()? {
                    Statement::Close => break,
                    Statement::Group(kind, arguments) if kind == "cell" => {
                        let name = arguments.first().cloned().unwrap_or_default();
                        let cell = self.cell()?;
                        found.push((name, cell));
                    }
                    Statement::Group(..) => self.skip()?,
                    Statement::Simple(..) | Statement::Complex => {}
                }
            }
            self.depth -= 1;
        }
    }

    fn cell(&mut self) -> Result<LibraryCell, ReadError> {
        let mut cell = LibraryCell::default();
        loop {
            match self.statement()? {
                Statement::Close => break,
                Statement::Group(kind, names) => match kind.as_str() {
                    "pin" => self.pin(&names, &mut cell)?,
                    "ff" | "latch" => self.storage(kind == "latch", names, &mut cell)?,
                    "statetable" | "bus" | "bundle" | "ff_bank" | "latch_bank" | "memory" => {
                        cell.opaque = Some(format!("its `{kind}` group is not modelled"));
                        self.skip()?;
                    }
                    _ => self.skip()?,
                },
                Statement::Simple(..) | Statement::Complex => {}
            }
        }
        self.depth -= 1;
        Ok(cell)
    }

    fn function(&self, text: &str) -> Result<Function, ReadError> {
        Function::parse(text).map_err(|e| self.error(e, "write it with & | ! ^ and names"))
    }

    fn pin(&mut self, names: &[String], cell: &mut LibraryCell) -> Result<(), ReadError> {
        let (mut output, mut function, mut opaque) = (None, None, None);
        loop {
            match self.statement()? {
                Statement::Close => break,
                Statement::Group(..) => self.skip()?,
                Statement::Complex => {}
                Statement::Simple(name, value) => match name.as_str() {
                    "direction" => output = Some(value),
                    "function" => function = Some(self.function(&value)?),
                    "three_state" => opaque = Some("it has a three-state output".to_owned()),
                    _ => {}
                },
            }
        }
        self.depth -= 1;
        let drives = match output.as_deref().map(str::trim) {
            Some("output") => true,
            Some("inout") => {
                opaque = opaque.or(Some("it has a bidirectional pin".to_owned()));
                true
            }
            Some("internal") => return Ok(()),
            _ => false,
        };
        for name in names {
            if cell.pins.len() >= MAX_PINS {
                let what = format!("a cell of more than {MAX_PINS} pins");
                return Err(self.error(what, "leave it out: it becomes a black box"));
            }
            let function = function.clone();
            cell.pins.push(CellPin { name: name.clone(), output: drives, function });
        }
        cell.opaque = cell.opaque.take().or(opaque);
        Ok(())
    }

    fn storage(
        &mut self,
        latch: bool,
        names: Vec<String>,
        cell: &mut LibraryCell,
    ) -> Result<(), ReadError> {
        let mut names = names.into_iter();
        let variables = [names.next().unwrap_or_default(), names.next().unwrap_or_default()];
        let mut s = Storage {
            latch,
            variables,
            data: None,
            clock: None,
            clear: None,
            preset: None,
            both: None,
        };
        loop {
            match self.statement()? {
                Statement::Close => break,
                Statement::Group(..) => self.skip()?,
                Statement::Complex => {}
                Statement::Simple(name, value) => match name.as_str() {
                    "next_state" | "data_in" => s.data = Some(self.function(&value)?),
                    "clocked_on" | "enable" => s.clock = Some(self.function(&value)?),
                    "clear" => s.clear = Some(self.function(&value)?),
                    "preset" => s.preset = Some(self.function(&value)?),
                    "clear_preset_var1" => {
                        s.both = match value.trim() {
                            "L" => Some(false),
                            "H" => Some(true),
                            _ => None,
                        };
                    }
                    _ => {}
                },
            }
        }
        self.depth -= 1;
        if cell.storage.is_some() {
            cell.opaque = Some("it stores more than one bit".to_owned());
        }
        cell.storage = Some(s);
        Ok(())
    }
}
