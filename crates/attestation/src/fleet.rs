//! Many devices in one run: a row each, and the groups that say the same.
//!
//! Problem: a rack is the same device a hundred times, and what matters is the one that differs.
//! Method: devices are grouped by all that their checks say, device-specific values left out. The largest group is the
//! rule; of every other group only what differs from it is told.

use crate::judge::Judged;
use crate::line::{Line, check};
use evidence::{ClaimVerdict, Verdict, check_page, combine};
use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};

/// One device.
#[derive(Clone, Debug)]
pub struct Row {
    /// `GPU 3`, `switch 0`.
    pub label: String,
    /// Verdict on `genuine`.
    pub verdict: Verdict,
    /// What was read and judged.
    pub judged: Judged,
}

/// Devices that say the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Ordinals of the devices.
    pub members: Vec<usize>,
    /// What the first group does not say; empty for the first group.
    pub differs: Vec<String>,
}

/// The devices of one run.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// Largest first.
    pub groups: Vec<Group>,
}

/// A line as what it says, whatever the device.
struct Said<'a>(&'a Line);

impl PartialEq for Said<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0.says_the_same(other.0)
    }
}

impl Eq for Said<'_> {}

impl Hash for Said<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Line { check, item, kind, title, detail, limits, coverage, numbers, .. } = self.0;
        (check, item, kind, title, detail).hash(state);
        (limits, coverage, numbers).hash(state);
    }
}

/// Numbers the distinct things that are said, in the order in which they are first said: the numbers of each device's
/// lines. A hall of machines says the same few things a thousand times.
pub(crate) fn numbered<'a>(judged: impl Iterator<Item = &'a Judged>) -> Vec<Vec<u32>> {
    let mut known: HashMap<Said<'a>, u32> = HashMap::new();
    let mut number = |line: &'a Line| {
        let next = known.len() as u32;
        *known.entry(Said(line)).or_insert(next)
    };
    judged.map(|device| device.lines.iter().map(&mut number).collect()).collect()
}

impl Fleet {
    /// Puts devices together.
    pub fn of(judged: Vec<Judged>) -> Self {
        let (mut gpus, mut switches) = (0usize, 0usize);
        let mut rows = Vec::with_capacity(judged.len());
        let mut groups: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
        for (i, said) in numbered(judged.iter()).into_iter().enumerate() {
            groups.entry(said).or_default().push(i);
        }
        for device in judged {
            let (word, number) =
                if device.switch { ("switch", &mut switches) } else { ("GPU", &mut gpus) };
            let label = format!("{word} {number}");
            *number += 1;
            let verdict = genuine(&device.lines);
            rows.push(Row { label, verdict, judged: device });
        }
        let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
        groups.sort_by_key(|members| (usize::MAX - members.len(), members.first().copied()));
        let lines = |members: &[usize]| {
            let row = members.first().and_then(|m| rows.get(*m));
            row.map_or(&[][..], |row| row.judged.lines.as_slice())
        };
        let rule = groups.first().map_or(&[][..], |members| lines(members));
        let differs = |members: &[usize]| -> Vec<String> {
            let told = |line: &Line| rule.iter().any(|l| l.title == line.title);
            let titles: Vec<String> =
                lines(members).iter().filter(|l| !told(l)).map(|l| l.title.clone()).collect();
            if titles.is_empty() { vec!["same verdicts, other limits".to_owned()] } else { titles }
        };
        let groups = groups
            .iter()
            .enumerate()
            .map(|(i, members)| Group {
                members: members.clone(),
                differs: if i == 0 { Vec::new() } else { differs(members) },
            })
            .collect();
        Self { rows, groups }
    }

    /// `GPU 0-5, 7; switch 0`.
    pub fn labels(&self, members: &[usize]) -> String {
        let mut words: Vec<(&str, Vec<(usize, usize)>)> = Vec::new();
        for label in members.iter().filter_map(|m| self.rows.get(*m)).map(|r| r.label.as_str()) {
            let Some((word, number)) = label.split_once(' ') else { continue };
            let number: usize = number.parse().unwrap_or(0);
            let at = words.iter().position(|(w, _)| *w == word).unwrap_or_else(|| {
                words.push((word, Vec::new()));
                words.len() - 1
            });
            if let Some((_, ranges)) = words.get_mut(at) {
                match ranges.last_mut() {
                    Some((_, last)) if *last + 1 == number => *last = number,
                    _ => ranges.push((number, number)),
                }
            }
        }
        let range =
            |&(a, b): &(usize, usize)| if a == b { a.to_string() } else { format!("{a}-{b}") };
        words
            .iter()
            .map(|(word, ranges)| {
                format!("{word} {}", ranges.iter().map(range).collect::<Vec<_>>().join(", "))
            })
            .collect::<Vec<_>>()
            .join("; ")
    }

    /// `6 of 8 identical; GPU 3: …`, a line for each group beside the first.
    pub fn differences(&self) -> Vec<String> {
        let Some((first, rest)) = self.groups.split_first() else { return Vec::new() };
        let mut lines = vec![format!("{} of {} identical", first.members.len(), self.rows.len())];
        for group in rest {
            lines.push(format!("{}: {}", self.labels(&group.members), group.differs.join("; ")));
        }
        lines
    }

    /// The verdict on `genuine` over all devices: the weakest.
    pub fn verdict(&self) -> Verdict {
        self.rows.iter().map(|r| r.verdict).min().unwrap_or(Verdict::Undetermined)
    }
}

/// The verdict of one device on `genuine`.
fn genuine(lines: &[Line]) -> Verdict {
    let verdicts: Vec<ClaimVerdict> = lines
        .iter()
        .filter(|l| l.check != check::IDENTIFIERS)
        .map(|l| ClaimVerdict {
            verdict: l.verdict,
            decisive: check_page(l.check).is_some_and(|p| p.decisive),
        })
        .collect();
    combine(&verdicts).unwrap_or(Verdict::Undetermined)
}
