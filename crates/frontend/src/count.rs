//! What a pass left: cells from `stat -json`, register bits from a dump of the register cells.

use crate::memory::number;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The modules of a design, with the number of cells of each type in each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Census {
    /// By module, as Yosys names them (`\name`, `$paramod\name\…`).
    pub(crate) modules: BTreeMap<String, BTreeMap<String, u64>>,
    /// What wrote it: `Yosys 0.70 (…)`.
    pub(crate) creator: String,
}

impl Census {
    /// Reads the output of `stat -json`. Yosys 0.23 ends it with a comma too many where there is no
    /// top module yet.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let file: Value = serde_json::from_slice(bytes).ok().or_else(|| {
            let text = std::str::from_utf8(bytes).ok()?.trim_end().strip_suffix('}')?;
            let text = text.trim_end().strip_suffix(',')?;
            serde_json::from_str(&format!("{text}}}")).ok()
        })?;
        let mut modules = BTreeMap::new();
        for (name, module) in file.get("modules")?.as_object()? {
            let mut types = BTreeMap::new();
            for key in ["num_cells_by_type", "num_submodules_by_type"] {
                for (kind, count) in
                    module.get(key).and_then(Value::as_object).into_iter().flatten()
                {
                    types.insert(kind.clone(), count.as_u64()?);
                }
            }
            modules.insert(name.clone(), types);
        }
        let creator = file.get("creator").and_then(Value::as_str).unwrap_or("Yosys");
        Some(Self { modules, creator: creator.to_owned() })
    }
    /// All cells; each module counts once, however often it is instantiated.
    pub(crate) fn cells(&self) -> u64 {
        self.modules.values().flat_map(BTreeMap::values).sum()
    }
    /// Plain names of the modules, parameter sets folded together.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.modules.keys().map(|name| base(name).to_owned()).collect()
    }
    /// Modules that are instantiated at or below `top` and nowhere defined, with who wants them.
    pub(crate) fn missing(&self, top: Option<&str>) -> Vec<(String, String)> {
        let by_name: BTreeMap<&str, &BTreeMap<String, u64>> =
            self.modules.iter().map(|(name, types)| (base(name), types)).collect();
        let mut open: Vec<&str> = match top {
            Some(top) => vec![top],
            None => by_name.keys().copied().collect(),
        };
        let (mut seen, mut missing) = (BTreeSet::new(), BTreeSet::new());
        while let Some(module) = open.pop() {
            if !seen.insert(module) {
                continue;
            }
            for kind in by_name.get(module).into_iter().flat_map(|types| types.keys()) {
                if kind.starts_with('$') && !kind.starts_with("$paramod") {
                    continue;
                }
                let name = base(kind);
                if by_name.contains_key(name) {
                    open.push(name);
                } else {
                    missing.insert((name.to_owned(), module.to_owned()));
                }
            }
        }
        missing.into_iter().collect()
    }
}

/// The name in the source of a module that Yosys may have derived (`$paramod\name\N=…`,
/// `$paramod$hash\name`, `$abstract\name`).
pub(crate) fn base(name: &str) -> &str {
    if let Some(rest) = name.strip_prefix("$paramod") {
        let after = rest.split_once('\\').map_or(rest, |(_, after)| after);
        return after.split('\\').next().unwrap_or(after);
    }
    let name = name.strip_prefix("$abstract").unwrap_or(name);
    name.strip_prefix('\\').unwrap_or(name)
}

/// Register bits in a dump of register cells: the width of each, one where it has none.
pub(crate) fn register_bits(dump: &str) -> u64 {
    let (mut total, mut open) = (0u64, 0u64);
    for line in dump.lines() {
        let mut fields = line.split_whitespace().filter(|f| *f != "signed");
        match (fields.next(), fields.next()) {
            (Some("cell"), Some(_)) => {
                total = total.saturating_add(open);
                open = 1;
            }
            (Some("parameter"), Some("\\WIDTH")) => open = number(fields.next().unwrap_or("")),
            _ => {}
        }
    }
    total.saturating_add(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_derived_modules() {
        assert_eq!(base("\\serv_top"), "serv_top");
        assert_eq!(base("$paramod\\serv_top\\W=s32'1"), "serv_top");
        assert_eq!(base("$paramod$0a1b2c\\serv_top"), "serv_top");
        assert_eq!(base("$abstract\\serv_top"), "serv_top");
    }

    #[test]
    fn counts_register_bits() {
        let dump = "cell $dff $a\n  parameter \\CLK_POLARITY 1\n  parameter \\WIDTH 8\nend\n\
                    cell $_DFF_P_ $b\nend\n";
        assert_eq!(register_bits(dump), 9);
        assert_eq!(register_bits(""), 0);
    }

    #[test]
    fn missing_modules_below_the_top_only() {
        let text = br#"{"creator":"Yosys 0","modules":{
            "\\top":{"num_cells_by_type":{"$and":1,"gone":2,"sub":1}},
            "\\sub":{"num_cells_by_type":{}},
            "\\other":{"num_cells_by_type":{"also_gone":1}}}}"#;
        let census = Census::parse(text).unwrap();
        assert_eq!(census.missing(Some("top")), [("gone".to_owned(), "top".to_owned())]);
        assert_eq!(census.missing(None).len(), 2);
        assert_eq!(census.cells(), 5);
        let old = br#"{"modules": {"\\top": {"num_cells_by_type": {}}},

}"#;
        assert!(Census::parse(old).is_some_and(|census| census.names().contains("top")));
    }
}
