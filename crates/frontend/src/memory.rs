//! Memories, measured before they are mapped.
//!
//! Method: the RTLIL text of the `$mem` cells, read line by line: `attribute \src "…"`, then
//! `cell $mem_v2 NAME`, then `parameter \SIZE n` and `parameter \WIDTH n`.

/// A memory of the flat design.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) name: String,
    pub(crate) src: Option<String>,
    pub(crate) words: u64,
    pub(crate) width: u64,
}

impl Memory {
    /// Its bits.
    pub(crate) fn bits(&self) -> u64 {
        self.words.saturating_mul(self.width)
    }
    /// Name with source position.
    pub(crate) fn place(&self) -> String {
        match &self.src {
            Some(src) => format!("{} ({src})", self.name),
            None => self.name.clone(),
        }
    }
}

/// The memories in a dump.
pub(crate) fn parse(text: &str) -> Vec<Memory> {
    let mut all: Vec<Memory> = Vec::new();
    let mut src: Option<String> = None;
    for line in text.lines() {
        let mut words = line.trim().splitn(3, ' ');
        let (first, second, rest) = (words.next(), words.next(), words.next().unwrap_or(""));
        match (first, second) {
            (Some("attribute"), Some("\\src")) => src = Some(rest.trim_matches('"').to_owned()),
            (Some("cell"), Some(_)) => {
                let name = rest.trim_start_matches('\\').to_owned();
                all.push(Memory { name, src: src.take(), ..Memory::default() });
            }
            (Some("parameter"), Some(_)) => {
                let Some(memory) = all.last_mut() else { continue };
                let mut fields = line.split_whitespace().skip(1).filter(|f| *f != "signed");
                let (key, value) = (fields.next(), fields.next().unwrap_or(""));
                match key {
                    Some("\\SIZE") => memory.words = number(value),
                    Some("\\WIDTH") => memory.width = number(value),
                    Some("\\MEMID") => {
                        let id = value.trim_matches('"').trim_start_matches('\\');
                        memory.name = id.to_owned();
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    all
}

/// A number in RTLIL: decimal, or `32'0101…`. What is neither counts as beyond any limit.
pub(crate) fn number(text: &str) -> u64 {
    match text.split_once('\'') {
        Some((_, bits)) => u64::from_str_radix(bits, 2).unwrap_or(u64::MAX),
        None => text.parse().unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_a_memory() {
        let text = "attribute \\src \"d0/a.v:3.1-3.9\"\n  cell $mem_v2 $auto$x\n    \
                    parameter \\MEMID \"\\\\u.ram\"\n    parameter signed \\SIZE 32\n    \
                    parameter \\WIDTH 32'00000000000000000000000000001000\n";
        let found = parse(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "u.ram");
        assert_eq!(found[0].bits(), 256);
        assert_eq!(found[0].place(), "u.ram (d0/a.v:3.1-3.9)");
    }
}
