//! Export rules as data: which figures fall under which paragraph, from when, known from where.
//!
//! Problem: thresholds change every year, and what is said about them is often hearsay.
//! Method: a rule version is a TOML file with citation, effective date and `source`: `primary` where
//! the text itself was read, `secondary` where descriptions of it were. Paragraphs are conjunctions
//! of bounds on named quantities; the first that holds gives the class. A rule from secondary sources
//! never proves or refutes anything, however wide the margin.
//! Not modelled: letters to single companies ("is informed"), end use and end user, destinations,
//! 4A090 and other entries that follow from the class of the circuit. Not legal advice.

mod day;

pub use day::Day;

use evidence::Fault;
use serde::Deserialize;

/// Schema id of a rule file.
pub const RULE_SCHEMA: &str = "probity/rule/1";
/// Largest rule file, in bytes.
pub const MAX_RULE_BYTES: usize = 1 << 16;
/// Most paragraphs or exclusions of a rule.
pub const MAX_PARAGRAPHS: usize = 32;
/// Most conditions of a paragraph.
pub const MAX_CONDITIONS: usize = 8;
/// Most different thresholds of one quantity in one rule.
pub const MAX_THRESHOLDS: usize = 12;

/// The rules that come with the program, oldest first.
const BUILT_IN: [(&str, &str); 4] = [
    ("bis-2022.toml", include_str!("../rules/bis-2022.toml")),
    ("bis-2023.toml", include_str!("../rules/bis-2023.toml")),
    ("bis-2024-hbm.toml", include_str!("../rules/bis-2024-hbm.toml")),
    ("bis-2026-case-by-case.toml", include_str!("../rules/bis-2026-case-by-case.toml")),
];

/// How a rule is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// The text itself was read.
    Primary,
    /// Descriptions and quotations were read.
    Secondary,
}

/// What a condition is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Total processing performance.
    Tpp,
    /// Performance density, TPP/mm².
    Pd,
    /// Aggregate bidirectional transfer rate to other circuits, GB/s.
    Link,
    /// Memory bandwidth, GB/s.
    Memory,
    /// Bandwidth density of a memory stack, GB/s/mm².
    HbmDensity,
}

impl Axis {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Tpp, Self::Pd, Self::Link, Self::Memory, Self::HbmDensity];
    /// Short name, as in rule files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Tpp => "tpp",
            Self::Pd => "pd",
            Self::Link => "link",
            Self::Memory => "memory",
            Self::HbmDensity => "hbm_density",
        }
    }
    /// Unit as printed.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Tpp => "TPP",
            Self::Pd => "PD",
            Self::Link | Self::Memory => "GB/s",
            Self::HbmDensity => "GB/s/mm²",
        }
    }
}

/// A relation to a threshold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Relation {
    /// ≥
    AtLeast,
    /// >
    Above,
    /// <
    Below,
    /// ≤
    AtMost,
}

impl Relation {
    /// The sign.
    pub fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }
}

/// One bound; the threshold in millionths of the axis' unit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Bound {
    /// What is bounded.
    pub axis: Axis,
    /// How.
    pub relation: Relation,
    /// By what, in millionths.
    pub micro: i128,
}

impl Bound {
    /// The threshold as a number.
    pub fn threshold(&self) -> f64 {
        self.micro as f64 / crate::quantity::SCALE as f64
    }
    /// `tpp>=4800`.
    pub fn text(&self) -> String {
        format!("{}{}{}", self.axis.id(), self.relation.sign(), self.threshold())
    }
}

/// A paragraph: it applies where every bound holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paragraph {
    /// Its name in the rule.
    pub id: String,
    /// The class it gives.
    pub class: String,
    /// All of these.
    pub bounds: Vec<Bound>,
}

impl Paragraph {
    /// `3A090.a.2: tpp>=1600 pd>=5.92`.
    pub fn text(&self) -> String {
        let bounds: Vec<String> = self.bounds.iter().map(Bound::text).collect();
        format!("{}: {}", self.id, bounds.join(" "))
    }
}

/// An exclusion: where it applies no paragraph does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exclusion {
    /// Its name in the rule.
    pub id: String,
    /// It asks for a part (not) designed or marketed for data centres.
    pub data_centre: Option<bool>,
    /// All of these.
    pub bounds: Vec<Bound>,
}

/// One dated version of a rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Stable id (`bis-2023`).
    pub id: String,
    /// In words.
    pub title: String,
    /// Versions of the same rule share it; the newest in force counts.
    pub series: String,
    /// Where it is published.
    pub citation: String,
    /// First day in force.
    pub effective: Day,
    /// How it is known.
    pub source: Known,
    /// Doubts.
    pub note: String,
    /// Class of whatever no paragraph covers.
    pub otherwise: String,
    /// Where no paragraph applies.
    pub exclusions: Vec<Exclusion>,
    /// First match wins.
    pub paragraphs: Vec<Paragraph>,
}

impl Rule {
    /// All classes the rule can give.
    pub fn classes(&self) -> Vec<&str> {
        let mut all = vec![self.otherwise.as_str()];
        for p in &self.paragraphs {
            if !all.contains(&p.class.as_str()) {
                all.push(&p.class);
            }
        }
        all
    }

    /// Every bound, exclusions included, sorted, once each.
    pub fn bounds(&self) -> Vec<Bound> {
        let mut all: Vec<Bound> = self
            .paragraphs
            .iter()
            .flat_map(|p| &p.bounds)
            .chain(self.exclusions.iter().flat_map(|e| &e.bounds))
            .copied()
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    id: String,
    title: String,
    series: String,
    citation: String,
    effective: Day,
    source: Known,
    #[serde(default)]
    note: String,
    otherwise: String,
    #[serde(default)]
    exclusion: Vec<RawExclusion>,
    paragraph: Vec<RawParagraph>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExclusion {
    id: String,
    data_centre: Option<bool>,
    #[serde(default)]
    when: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParagraph {
    id: String,
    class: String,
    when: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    quantity: Axis,
    at_least: Option<f64>,
    above: Option<f64>,
    below: Option<f64>,
    at_most: Option<f64>,
}

/// Reads a rule file.
///
/// # Errors
/// If it is too large, no TOML of this schema, or beyond the limits.
pub fn read(name: &str, bytes: &[u8]) -> Result<Rule, Fault> {
    let fault = |place: &str, what: &str| {
        Fault::new(name, place, what, "docs/performance.md describes rule files")
    };
    if bytes.len() > MAX_RULE_BYTES {
        return Err(fault("", &format!("is longer than {MAX_RULE_BYTES} bytes")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| fault("", "is not UTF-8"))?;
    let file: File = toml::from_str(text).map_err(|e| crate::spec::toml_fault(name, text, &e))?;
    if file.schema != RULE_SCHEMA {
        return Err(fault("schema", &format!("is not `{RULE_SCHEMA}`")));
    }
    if file.paragraph.is_empty()
        || file.paragraph.len() > MAX_PARAGRAPHS
        || file.exclusion.len() > MAX_PARAGRAPHS
    {
        return Err(fault("paragraph", &format!("a rule has 1 to {MAX_PARAGRAPHS} of them")));
    }
    let mut paragraphs = Vec::new();
    for p in file.paragraph {
        let bounds = bounds(&p.when).map_err(|e| fault(&p.id, &e))?;
        if bounds.is_empty() {
            return Err(fault(&p.id, "has no condition"));
        }
        paragraphs.push(Paragraph { id: p.id, class: p.class, bounds });
    }
    let mut exclusions = Vec::new();
    for e in file.exclusion {
        let bounds = bounds(&e.when).map_err(|t| fault(&e.id, &t))?;
        exclusions.push(Exclusion { id: e.id, data_centre: e.data_centre, bounds });
    }
    let rule = Rule {
        id: file.id,
        title: file.title,
        series: file.series,
        citation: file.citation,
        effective: file.effective,
        source: file.source,
        note: file.note,
        otherwise: file.otherwise,
        exclusions,
        paragraphs,
    };
    let all = rule.bounds();
    for axis in Axis::ALL {
        if all.iter().filter(|b| b.axis == axis).count() > MAX_THRESHOLDS {
            return Err(fault(axis.id(), &format!("has more than {MAX_THRESHOLDS} thresholds")));
        }
    }
    Ok(rule)
}

fn bounds(when: &[Condition]) -> Result<Vec<Bound>, String> {
    if when.len() > MAX_CONDITIONS {
        return Err(format!("has more than {MAX_CONDITIONS} conditions"));
    }
    let mut all = Vec::new();
    for c in when {
        let before = all.len();
        for (relation, value) in [
            (Relation::AtLeast, c.at_least),
            (Relation::Above, c.above),
            (Relation::Below, c.below),
            (Relation::AtMost, c.at_most),
        ] {
            let Some(value) = value else { continue };
            let threshold = crate::quantity::Quantity::<crate::quantity::Tpp>::stated(value)
                .ok_or_else(|| format!("{value} is no threshold"))?;
            all.push(Bound { axis: c.quantity, relation, micro: threshold.micro() });
        }
        if all.len() == before {
            return Err(format!("the condition on {} has no threshold", c.quantity.id()));
        }
    }
    Ok(all)
}

/// The rules that come with the program, oldest first.
///
/// # Errors
/// Never, as long as the files embedded are well-formed, which a test checks.
pub fn built_in() -> Result<Vec<Rule>, Fault> {
    BUILT_IN.iter().map(|(name, text)| read(name, text.as_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_embedded_are_well_formed_and_honest() {
        let rules = built_in().unwrap();
        assert!(rules.windows(2).all(|w| w[0].effective < w[1].effective));
        for rule in rules {
            assert_eq!(
                rule.source,
                Known::Secondary,
                "{}: has its primary text been read?",
                rule.id
            );
            assert!(!rule.note.is_empty() && rule.citation.contains("FR"), "{}", rule.id);
        }
    }

    #[test]
    fn malformed_rules_are_refused() {
        let good = BUILT_IN[1].1;
        assert!(read("r", good.as_bytes()).is_ok());
        for (from, to) in [
            ("probity/rule/1", "probity/rule/2"),
            ("at_least = 4800", "at_least = -1"),
            ("at_least = 4800 ", ""),
            ("quantity = \"tpp\"", "quantity = \"tops\""),
            ("effective = \"2023-11-17\"", "effective = \"2023-11-31\""),
            ("source = \"secondary\"", "source = \"hearsay\""),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}");
            assert!(read("r", bad.as_bytes()).is_err(), "{from} -> {to}");
        }
        assert!(read("r", &[0xff; 4]).is_err());
    }
}
