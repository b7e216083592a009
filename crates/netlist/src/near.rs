//! Near names for "no such name" errors.
//!
//! Problem: a contract names `u_fuse.uid` and the netlist has `u_fuse0.uid`; the error should say
//! so. Method: the Levenshtein distance, kept in one row, over names that share the last component
//! or have nearly the same length; names longer than [`MAX_COMPARED`] are not compared.
//! Cost: at most `MAX_COMPARED`² steps per candidate.

/// Longest name compared, in bytes.
pub const MAX_COMPARED: usize = 96;

/// Up to three of `candidates` nearest to `name`, best first; the order is deterministic.
pub fn near_names<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let budget = (name.len() / 3).max(2);
    let mut best: Vec<(usize, &str)> = Vec::new();
    for candidate in candidates {
        let same_leaf = last(candidate).eq_ignore_ascii_case(last(name));
        let worst = best.get(2).map_or(budget, |b| b.0.min(budget));
        let distance = if same_leaf { Some(1) } else { distance(name, candidate, worst) };
        if let Some(distance) = distance {
            let entry = (distance, candidate);
            if let Err(at) = best.binary_search(&entry) {
                best.insert(at, entry);
                best.truncate(3);
            }
        }
    }
    best.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// The last component of a hierarchical name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The edit distance of two names if it is at most `limit`.
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit || a.len().max(b.len()) > MAX_COMPARED {
        return None;
    }
    let mut row = [0usize; MAX_COMPARED + 1];
    for (j, cell) in row.iter_mut().enumerate() {
        *cell = j;
    }
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    Some(row[b.len()]).filter(|&d| d <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names_come_first() {
        let names = ["u_fuse0.uid", "u_core.uid", "u_fuse.uidx", "clk", "rst_n"];
        assert_eq!(near_names("u_fuse.uid", names), ["u_core.uid", "u_fuse.uidx", "u_fuse0.uid"]);
        assert_eq!(near_names("clkk", names), ["clk"]);
        assert!(near_names("zzzzzzzz", names).is_empty());
    }
    #[test]
    fn distance_is_levenshtein() {
        assert_eq!(distance("kitten", "sitting", 9), Some(3));
        assert_eq!(distance("kitten", "sitting", 2), None);
        assert_eq!(distance("", "ab", 2), Some(2));
    }
}
