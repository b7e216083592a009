//! Port patterns, and near names for the messages about misspelt ones.
//!
//! Method: glob matching with one point of return, the last `*` (quadratic at worst, never
//! exponential); the edit distance of Levenshtein (1966) by rows of the table. Names come from
//! hostile netlists, so what is compared and printed is bounded and escaped.

/// Longest name that is compared for nearness, in bytes.
const MAX_COMPARED: usize = 256;
/// Most near names in a message.
const SUGGESTIONS: usize = 3;

/// A pattern that matches no name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{}` matches no port; {}", pattern.escape_debug(), hint(near))]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// Up to three near names.
    pub near: Vec<String>,
}

/// Which of `names` are matched by any of `patterns` (`*`: any run, `?`: any one character). A
/// pattern that matches nothing is an error.
pub fn match_ports(patterns: &[String], names: &[String]) -> Result<Vec<bool>, PatternError> {
    let mut matched = vec![false; names.len()];
    for pattern in patterns {
        let glob: Vec<char> = pattern.chars().collect();
        let mut any = false;
        for (name, matched) in names.iter().zip(&mut matched) {
            if matches(&glob, name) {
                *matched = true;
                any = true;
            }
        }
        if !any {
            let near = near(&pattern.replace(['*', '?'], ""), names);
            return Err(PatternError { pattern: pattern.clone(), near });
        }
    }
    Ok(matched)
}

fn matches(glob: &[char], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut g, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match (glob.get(g), star) {
            (Some('*'), _) => {
                star = Some((g + 1, n));
                g += 1;
            }
            (Some(&c), _) if c == '?' || c == name[n] => {
                g += 1;
                n += 1;
            }
            (_, Some((after, from))) => {
                star = Some((after, from + 1));
                g = after;
                n = from + 1;
            }
            (_, None) => return false,
        }
    }
    glob[g..].iter().all(|&c| c == '*')
}

/// Up to three of `names` that `wanted` may have meant, the nearest first: at most a third of its
/// letters apart, upper and lower case being the same letter.
pub fn near(wanted: &str, names: &[String]) -> Vec<String> {
    if wanted.len() > MAX_COMPARED {
        return Vec::new();
    }
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    let limit = (wanted.len() / 3).max(1);
    let mut found: Vec<(usize, &String)> = names
        .iter()
        .filter(|name| name.len() <= MAX_COMPARED)
        .filter_map(|name| {
            let candidate: Vec<char> = name.to_lowercase().chars().collect();
            let apart = candidate.len().abs_diff(wanted.len()) <= limit;
            let distance = if apart { distance(&wanted, &candidate) } else { usize::MAX };
            (distance <= limit).then_some((distance, name))
        })
        .collect();
    found.sort();
    found.into_iter().take(SUGGESTIONS).map(|(_, name)| name.clone()).collect()
}

/// Insertions, deletions and replacements that lead from one word to the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// The remedy that goes with near names.
pub(super) fn hint(near: &[String]) -> String {
    let quoted: Vec<String> =
        near.iter().map(|name| format!("`{}`", name.escape_debug())).collect();
    match quoted.split_last() {
        None => "no name of the design is near".to_owned(),
        Some((only, [])) => format!("did you mean {only}?"),
        Some((last, others)) => format!("did you mean {} or {last}?", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn globs() {
        for (glob, name, expected) in [
            ("*", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("?", "", false),
            ("cmd_?", "cmd_x", true),
            ("x[3]", "x[3]", true),
            ("cmd", "cmd_x", false),
            ("**é?", "aéb", true),
        ] {
            let glob: Vec<char> = glob.chars().collect();
            assert_eq!(matches(&glob, name), expected, "{glob:?} {name}");
        }
    }

    #[test]
    fn patterns_must_match_something() {
        let ports = names(&["cmd_valid", "cmd_op", "eth_rx_d"]);
        let owner = match_ports(&names(&["cmd_*"]), &ports);
        assert_eq!(owner, Ok(vec![true, true, false]));
        let error = match_ports(&names(&["cmd_*", "cmd_vald"]), &ports);
        let text = error.expect_err("no such port").to_string();
        assert_eq!(text, "`cmd_vald` matches no port; did you mean `cmd_valid`?");
        let error = match_ports(&names(&["eth_rxd*"]), &ports);
        assert_eq!(error.expect_err("no such port").near, ["eth_rx_d"]);
        let error = match_ports(&names(&["uart*"]), &ports);
        let text = error.expect_err("no such port").to_string();
        assert_eq!(text, "`uart*` matches no port; no name of the design is near");
    }

    #[test]
    fn near_names_are_ordered() {
        let ports = names(&["data_c", "DATA", "date", "data_bus", "data"]);
        assert_eq!(near("data", &ports), ["DATA", "data", "date"]);
        assert_eq!(distance(&['k', 'i', 't'], &['s', 'i', 't', 's']), 2);
    }
}
