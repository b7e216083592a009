//! The limits of a contract, and its expressions by key path.
//!
//! A contract is hostile input like any other file: everything it may repeat or lengthen is
//! bounded here, before anything else looks at it.

use super::expr::{Expr, SetList};
use super::schema::{
    Contract, ContractError, MAX_CYCLES, MAX_ENTRIES, MAX_NAME, MAX_RESET_CYCLES, Step,
};

impl Contract {
    /// Checks the limits and parses every expression; names are not looked up.
    pub fn check(&self) -> Result<(), ContractError> {
        self.check_lists()?;
        self.check_values()?;
        for (key, text) in self.expressions() {
            Expr::parse(text).map_err(|error| ContractError::Expr { key, error })?;
        }
        for (key, text) in self.set_lists() {
            SetList::parse(text).map_err(|error| ContractError::Expr { key, error })?;
        }
        Ok(())
    }

    /// Every expression with its key path, in file order. Tags are words, all others conditions.
    pub fn expressions(&self) -> Vec<(String, &str)> {
        let mut all: Vec<(String, &str)> = Vec::new();
        let lists = [
            ("assume", &self.assume),
            ("recovery_assume", &self.recovery_assume),
            ("documented", &self.documented),
        ];
        for (key, list) in lists {
            all.extend(list.iter().enumerate().map(|(i, e)| (format!("{key}[{i}]"), e.as_str())));
        }
        for (i, service) in self.service.iter().enumerate() {
            all.extend(service.start.iter().map(|e| (format!("service[{i}].start"), e.as_str())));
            all.push((format!("service[{i}].done"), &service.done));
            for (k, word) in service.tag.iter().flatten().enumerate() {
                all.push((format!("service[{i}].tag[{k}]"), word));
            }
        }
        for (i, recovery) in self.recovery.iter().enumerate() {
            for (k, step) in recovery.steps.iter().enumerate() {
                if let Step::Set { until: Some(until), .. } = step {
                    all.push((format!("recovery[{i}].steps[{k}].until"), until));
                }
            }
        }
        all.extend(self.off.iter().map(|off| ("off.when".to_owned(), off.when.as_str())));
        for (i, declassify) in self.declassify.iter().enumerate() {
            all.push((format!("declassify[{i}].when"), &declassify.when));
        }
        for (i, function) in self.function.iter().enumerate() {
            let at = format!("function[{i}]");
            all.push((format!("{at}.start"), &function.start));
            all.push((format!("{at}.done"), &function.done));
            for (key, text) in [("quiet", &function.quiet), ("stall", &function.stall)] {
                all.extend(text.iter().map(|e| (format!("{at}.{key}"), e.as_str())));
            }
            for (k, group) in function.results.iter().enumerate() {
                let when = group.when.iter();
                all.extend(when.map(|e| (format!("{at}.results[{k}].when"), e.as_str())));
            }
            for (k, group) in function.configuration.iter().enumerate() {
                let writes = group.writes.iter();
                let key = || format!("{at}.configuration[{k}].writes");
                all.extend(writes.map(|e| (key(), e.as_str())));
            }
        }
        all
    }

    /// Every `set` list with its key path, in file order.
    pub fn set_lists(&self) -> Vec<(String, &str)> {
        let mut all: Vec<(String, &str)> = Vec::new();
        for (i, recovery) in self.recovery.iter().enumerate() {
            for (k, step) in recovery.steps.iter().enumerate() {
                if let Step::Set { set, .. } = step {
                    all.push((format!("recovery[{i}].steps[{k}].set"), set));
                }
            }
        }
        all
    }

    /// Names and patterns are short, lists are short, names of one list differ.
    fn check_lists(&self) -> Result<(), ContractError> {
        let lengths = [
            ("assume", self.assume.len()),
            ("recovery_assume", self.recovery_assume.len()),
            ("documented", self.documented.len()),
            ("service", self.service.len()),
            ("recovery", self.recovery.len()),
            ("identity", self.identity.len()),
            ("declassify", self.declassify.len()),
            ("function", self.function.len()),
        ];
        for (key, length) in lengths {
            short(key, length)?;
        }
        let patterns = [
            ("inputs.owner", &self.inputs.owner),
            ("inputs.remote", &self.inputs.remote),
            ("inputs.environment", &self.inputs.environment),
            ("inputs.constant", &self.inputs.constant),
            ("not_observable", &self.not_observable),
        ];
        for (key, list) in patterns {
            named_list(key, list)?;
        }
        for (i, declassify) in self.declassify.iter().enumerate() {
            named_list(&format!("declassify[{i}].observable"), &declassify.observable)?;
            named_list(&format!("declassify[{i}].releases"), &declassify.releases)?;
        }
        for (i, recovery) in self.recovery.iter().enumerate() {
            short(&format!("recovery[{i}].steps"), recovery.steps.len())?;
        }
        for (i, function) in self.function.iter().enumerate() {
            named_list(&format!("function[{i}].operands"), &function.operands)?;
            short(&format!("function[{i}].results"), function.results.len())?;
            for (k, group) in function.results.iter().enumerate() {
                named_list(&format!("function[{i}].results[{k}].ports"), &group.ports)?;
            }
            short(&format!("function[{i}].configuration"), function.configuration.len())?;
            for (k, group) in function.configuration.iter().enumerate() {
                named_list(&format!("function[{i}].configuration[{k}].state"), &group.state)?;
            }
        }
        distinct("function", "name", self.function.iter().map(|f| f.name.as_str()))?;
        distinct("service", "name", self.service.iter().map(|s| s.name.as_str()))?;
        distinct("recovery", "name", self.recovery.iter().map(|r| r.name.as_str()))?;
        distinct("identity", "signal", self.identity.iter().map(|i| i.signal.as_str()))?;
        for (key, name) in [
            ("top", self.top.as_ref()),
            ("clock.port", self.clock.as_ref().map(|c| &c.port)),
            ("reset.port", self.reset.as_ref().map(|r| &r.port)),
        ] {
            name.map_or(Ok(()), |name| named(key, name))?;
        }
        Ok(())
    }

    fn check_values(&self) -> Result<(), ContractError> {
        let mhz = self.clock.as_ref().and_then(|clock| clock.mhz);
        if mhz.is_some_and(|mhz| !(mhz.is_finite() && mhz > 0.0)) {
            return Err(value("clock.mhz", "not a frequency", "give a positive number"));
        }
        let reset = self.reset.as_ref().map(|reset| u64::from(reset.cycles));
        cycles("reset.cycles", reset.unwrap_or(1), u64::from(MAX_RESET_CYCLES))?;
        for (i, service) in self.service.iter().enumerate() {
            cycles(&format!("service[{i}].recover_within"), service.recover_within, MAX_CYCLES)?;
        }
        for (i, recovery) in self.recovery.iter().enumerate() {
            if recovery.steps.is_empty() {
                let key = format!("recovery[{i}].steps");
                return Err(value(key, "no step", "list at least one `set` or `wait`"));
            }
            for (k, step) in recovery.steps.iter().enumerate() {
                if let Step::Wait { cycles: wait } = step {
                    let key = format!("recovery[{i}].steps[{k}].wait");
                    cycles(&key, u64::from(*wait), u64::from(u32::MAX))?;
                }
            }
        }
        for (i, function) in self.function.iter().enumerate() {
            cycles(&format!("function[{i}].latency"), function.latency, MAX_CYCLES)?;
            let in_flight = u64::from(function.in_flight.unwrap_or(1));
            cycles(&format!("function[{i}].in_flight"), in_flight, 1 << 16)?;
            if function.results.iter().all(|group| group.ports.is_empty()) {
                let key = format!("function[{i}].results");
                return Err(value(key, "no result port", "name the outputs that show results"));
            }
        }
        for (i, declassify) in self.declassify.iter().enumerate() {
            let key = format!("declassify[{i}].for");
            cycles(&key, u64::from(declassify.window), u64::from(u32::MAX))?;
            for (k, released) in declassify.releases.iter().enumerate() {
                if !self.identity.iter().any(|identity| identity.signal == *released) {
                    let key = format!("declassify[{i}].releases[{k}]");
                    let remedy = "add it to `identity` or correct the name";
                    return Err(value(key, "releases what is no declared identity", remedy));
                }
            }
        }
        Ok(())
    }
}

fn value(key: impl Into<String>, what: impl Into<String>, remedy: &str) -> ContractError {
    ContractError::Value { key: key.into(), what: what.into(), remedy: remedy.to_owned() }
}

fn short(key: &str, length: usize) -> Result<(), ContractError> {
    if length <= MAX_ENTRIES {
        return Ok(());
    }
    Err(value(key, format!("{length} entries, the limit is {MAX_ENTRIES}"), "join some of them"))
}

fn named(key: &str, name: &str) -> Result<(), ContractError> {
    if !name.is_empty() && name.len() <= MAX_NAME {
        return Ok(());
    }
    Err(value(key, format!("a name of {} bytes", name.len()), "give 1 to 1024 bytes"))
}

fn named_list(key: &str, list: &[String]) -> Result<(), ContractError> {
    short(key, list.len())?;
    list.iter().enumerate().try_for_each(|(i, name)| named(&format!("{key}[{i}]"), name))
}

fn distinct<'a>(
    list: &str,
    field: &str,
    names: impl Iterator<Item = &'a str>,
) -> Result<(), ContractError> {
    let mut seen = std::collections::BTreeSet::new();
    for (i, name) in names.enumerate() {
        let key = format!("{list}[{i}].{field}");
        named(&key, name)?;
        if !seen.insert(name) {
            return Err(value(key, "used twice", "give each entry a name of its own"));
        }
    }
    Ok(())
}

fn cycles(key: &str, count: u64, limit: u64) -> Result<(), ContractError> {
    if (1..=limit).contains(&count) {
        return Ok(());
    }
    Err(value(key, format!("{count} cycles"), &format!("give 1 to {limit} cycles")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"{"top":"npu4","clock":{"port":"clk","mhz":1000.0},
"reset":{"port":"rst_n","active":"low","cycles":4},
"inputs":{"owner":["cmd_*"],"environment":["temp"]},"assume":["!temp[7]"],
"service":[{"name":"job","start":"cmd_valid","done":"rsp_valid","tag":["a","b"],"recover_within":100000}],
"recovery":[{"name":"wake","source":"manual 3.2",
"steps":[{"set":"cmd_valid = 1","until":"cmd_ready"},{"wait":8}]}],"off":{"when":"cmd_op == 8'hFF"},
"identity":[{"signal":"u_fuse.uid","kind":"fuse"}],
"declassify":[{"when":"cmd_valid","for":64,"observable":["uart_tx"],"releases":["u_fuse.uid"]}],
"power_up":"declared"}"#;

    #[test]
    fn contracts_round_trip() {
        let contract: Contract = serde_json::from_str(EXAMPLE).expect("reads");
        assert_eq!(contract.check(), Ok(()));
        let text = serde_json::to_string(&contract).expect("writes");
        assert_eq!(text, EXAMPLE.replace('\n', ""));
        let empty: Contract = serde_json::from_str("{}").expect("reads");
        assert_eq!(serde_json::to_string(&empty).expect("writes"), "{}");
    }

    #[test]
    fn bad_contracts_are_refused() {
        let error = |from: &str, to: &str| match serde_json::from_str::<Contract>(
            &EXAMPLE.replace('\n', "").replace(from, to),
        ) {
            Ok(contract) => contract.check().expect_err("an error").to_string(),
            Err(error) => error.to_string(),
        };
        for (from, to, expected) in [
            ("\"cycles\":4", "\"cycles\":65", "reset.cycles: 65 cycles; give 1 to 64 cycles"),
            (":1000.0", ":-1", "clock.mhz: not a frequency; give a positive number"),
            (
                "100000",
                "0",
                "service[0].recover_within: 0 cycles; give 1 to 9007199254740991 cycles",
            ),
            ("\"for\":64", "\"for\":0", "declassify[0].for: 0 cycles; give 1 to 4294967295 cycles"),
            ("{\"wait\":8}", "{\"wait\":8,\"set\":\"a = 1\"}", "a step is either `set`"),
            ("{\"wait\":8}", "{}", "a step is either `set`"),
            ("\"assume\"", "\"asume\"", "unknown field `asume`"),
            ("\"source\"", "\"sauce\"", "unknown field `sauce`"),
            (
                "[\"u_fuse.uid\"]",
                "[\"uid\"]",
                "declassify[0].releases[0]: releases what is no declared",
            ),
            ("cmd_valid = 1", "cmd_valid 1", "recovery[0].steps[0].set: a value is missing"),
            ("!temp[7]", "temp[7", "assume[0]: the select stays open"),
            ("\"cmd_*\"", "\"\"", "inputs.owner[0]: a name of 0 bytes; give 1 to 1024 bytes"),
            ("[\"a\",\"b\"]", "[\"a\"]", "invalid length 1"),
        ] {
            let error = error(from, to);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
