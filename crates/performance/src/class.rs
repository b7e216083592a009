//! The class of a part under a rule, its margins, and what would move it.
//!
//! Problem: inputs are intervals, thresholds bound a ratio as well as its numerator, and a class is a
//! union of paragraphs; deciding paragraph by paragraph would call "certainly a.1 or a.2" unknown.
//! Method: thresholds cut the line of each quantity into pieces on which every bound is constant. A
//! combination of pieces is feasible if some point of the input box lies in it; for the density this
//! is T/A ∈ piece ⇔ max T ≥ p·min A and min T < p′·max A, decided exactly by cross-multiplication.
//! The classes of all feasible combinations are the possible classes; one alone is decided. Cost:
//! product of the piece counts, at most 13⁵, in practice under 100.
//! What would move it: for each input alone, the nearest value on either side, others at their best
//! value, at which the class differs.
//! What it cannot see: dependence between inputs; treating them as independent only widens.

use crate::figure::{Figure, density};
use crate::quantity::{Density, GbPerSecond, GbPerSecondMm, Quantity, SCALE, SquareMm, Tpp, Unit};
use crate::rule::{Axis, Bound, Relation, Rule};
use std::collections::BTreeSet;

/// What a rule looks at. `None`: not stated.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Subject {
    /// Total processing performance.
    pub tpp: Option<Figure<Tpp>>,
    /// Applicable die area.
    pub area: Option<Figure<SquareMm>>,
    /// Bidirectional transfer rate to other circuits.
    pub link: Option<Figure<GbPerSecond>>,
    /// Memory bandwidth.
    pub memory: Option<Figure<GbPerSecond>>,
    /// Bandwidth density of a memory stack.
    pub hbm_density: Option<Figure<GbPerSecondMm>>,
    /// Designed or marketed for data centres.
    pub data_centre: Option<bool>,
}

impl Subject {
    /// Performance density, if both parts of it are known.
    pub fn density(&self) -> Option<Figure<Density>> {
        Some(density(self.tpp?, self.area?))
    }

    /// Everything at its best value.
    fn at_best(&self) -> Self {
        fn best<U: Unit>(f: Option<Figure<U>>) -> Option<Figure<U>> {
            f.map(|f| Figure::exact(f.mid))
        }
        Self {
            tpp: best(self.tpp),
            area: best(self.area),
            link: best(self.link),
            memory: best(self.memory),
            hbm_density: best(self.hbm_density),
            data_centre: self.data_centre,
        }
    }
}

/// A closed range in millionths on which every bound of an axis is constant.
type Piece = (i128, i128);

/// The possible classes, sorted, and the paragraphs that give them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Classes {
    /// Classes; one alone is decided.
    pub classes: BTreeSet<String>,
    /// Paragraphs or exclusions that may apply.
    pub paragraphs: BTreeSet<String>,
}

impl Classes {
    /// The class, if there is one only.
    pub fn decided(&self) -> Option<&str> {
        match (self.classes.len(), self.classes.first()) {
            (1, Some(class)) => Some(class),
            _ => None,
        }
    }
}

/// The classes the subject may have under the rule.
pub fn classes(rule: &Rule, subject: &Subject) -> Classes {
    let bounds = rule.bounds();
    let tpp = pieces(&bounds, Axis::Tpp, span(subject.tpp));
    let link = pieces(&bounds, Axis::Link, span(subject.link));
    let memory = pieces(&bounds, Axis::Memory, span(subject.memory));
    let hbm = pieces(&bounds, Axis::HbmDensity, span(subject.hbm_density));
    let (small, large) = area(subject);
    let centres: &[bool] = match subject.data_centre {
        Some(true) => &[true],
        Some(false) => &[false],
        None => &[true, false],
    };
    let mut found = Classes::default();
    for &(t_low, t_high) in &tpp {
        let (t_low_q, t_high_q) = (Quantity::from_micro(t_low), Quantity::from_micro(t_high));
        for signs in density_pieces(&bounds, t_low_q, t_high_q, small, large) {
            for &(l, _) in &link {
                for &(m, _) in &memory {
                    for &(h, _) in &hbm {
                        let holds = |b: &Bound| match b.axis {
                            Axis::Tpp => compare(t_low, b),
                            Axis::Link => compare(l, b),
                            Axis::Memory => compare(m, b),
                            Axis::HbmDensity => compare(h, b),
                            Axis::Pd => signs.contains(b),
                        };
                        for &centre in centres {
                            let (class, paragraph) = class_of(rule, centre, &holds);
                            found.classes.insert(class.to_owned());
                            found.paragraphs.extend(paragraph.map(str::to_owned));
                        }
                    }
                }
            }
        }
    }
    found
}

fn class_of<'a>(
    rule: &'a Rule,
    centre: bool,
    holds: &dyn Fn(&Bound) -> bool,
) -> (&'a str, Option<&'a str>) {
    let excluded = rule.exclusions.iter().find(|e| {
        e.data_centre.is_none_or(|wanted| wanted == centre) && e.bounds.iter().all(holds)
    });
    if let Some(exclusion) = excluded {
        return (&rule.otherwise, Some(&exclusion.id));
    }
    match rule.paragraphs.iter().find(|p| p.bounds.iter().all(holds)) {
        Some(p) => (&p.class, Some(&p.id)),
        None => (&rule.otherwise, None),
    }
}

fn span<U: Unit>(figure: Option<Figure<U>>) -> Piece {
    match figure {
        Some(f) => (f.low.micro(), f.high.micro()),
        None => (0, Quantity::<U>::UNBOUNDED.micro()),
    }
}

fn area(subject: &Subject) -> (Quantity<SquareMm>, Quantity<SquareMm>) {
    match subject.area {
        // no die is smaller than a step
        Some(a) => (a.low.max(Quantity::STEP), a.high.max(Quantity::STEP)),
        None => (Quantity::STEP, Quantity::UNBOUNDED),
    }
}

fn compare(micro: i128, bound: &Bound) -> bool {
    match bound.relation {
        Relation::AtLeast => micro >= bound.micro,
        Relation::Above => micro > bound.micro,
        Relation::Below => micro < bound.micro,
        Relation::AtMost => micro <= bound.micro,
    }
}

/// First value above the cut of a bound.
fn cut(bound: &Bound) -> i128 {
    match bound.relation {
        Relation::AtLeast | Relation::Below => bound.micro,
        Relation::Above | Relation::AtMost => bound.micro + 1,
    }
}

fn pieces(bounds: &[Bound], axis: Axis, (low, high): Piece) -> Vec<Piece> {
    let cuts: BTreeSet<i128> = bounds
        .iter()
        .filter(|b| b.axis == axis)
        .map(cut)
        .filter(|&c| low < c && c <= high)
        .collect();
    let mut all = Vec::with_capacity(cuts.len() + 1);
    let mut from = low;
    for c in cuts {
        all.push((from, c - 1));
        from = c;
    }
    all.push((from, high));
    all
}

/// For each feasible piece of the density: the density bounds that hold on it.
fn density_pieces(
    bounds: &[Bound],
    t_low: Quantity<Tpp>,
    t_high: Quantity<Tpp>,
    small: Quantity<SquareMm>,
    large: Quantity<SquareMm>,
) -> Vec<Vec<Bound>> {
    let of_density: Vec<Bound> = bounds.iter().filter(|b| b.axis == Axis::Pd).copied().collect();
    // cuts in order: (threshold, whether the threshold itself lies below the cut)
    let mut cuts: Vec<(i128, bool)> = of_density
        .iter()
        .map(|b| (b.micro, matches!(b.relation, Relation::Above | Relation::AtMost)))
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut all = Vec::new();
    for index in 0..=cuts.len() {
        let from = index.checked_sub(1).and_then(|i| cuts.get(i));
        let to = cuts.get(index);
        let reached =
            from.is_none_or(|&(p, strict)| t_high.reaches(Quantity::from_micro(p), small, strict));
        let undercut =
            to.is_none_or(|&(p, strict)| !t_low.reaches(Quantity::from_micro(p), large, strict));
        if !reached || !undercut {
            continue;
        }
        let beyond = |p: i128, strict: bool| from.is_some_and(|&lower| (p, strict) <= lower);
        let holding = of_density.iter().filter(|b| match b.relation {
            Relation::AtLeast => beyond(b.micro, false),
            Relation::Above => beyond(b.micro, true),
            Relation::Below => !beyond(b.micro, false),
            Relation::AtMost => !beyond(b.micro, true),
        });
        all.push(holding.copied().collect());
    }
    all
}

/// Distance of the best value to one threshold.
#[derive(Clone, PartialEq, Debug)]
pub struct Margin {
    /// The threshold.
    pub bound: Bound,
    /// Best value minus threshold, in the axis' unit.
    pub distance: f64,
    /// The same in percent of the threshold.
    pub percent: f64,
    /// The same in standard errors; `None` if the value is exact.
    pub errors: Option<f64>,
}

impl Margin {
    /// `-32 TPP (-1.33 %, -9.80 standard errors)`.
    pub fn text(&self) -> String {
        let errors = match self.errors {
            Some(e) => format!("{e:+.1} standard errors"),
            None => "exact".to_owned(),
        };
        let number = format!("{:+.2}", self.distance);
        let number = number.trim_end_matches('0').trim_end_matches('.');
        format!("{number} {} ({:+.2} %, {errors})", self.bound.axis.unit(), self.percent)
    }
}

/// Margins to every threshold of the rule, where the quantity is known; one per axis and threshold.
pub fn margins(rule: &Rule, subject: &Subject) -> Vec<Margin> {
    fn of<U: Unit>(figure: Option<Figure<U>>) -> Option<(f64, f64)> {
        figure.filter(|f| !f.mid.is_unbounded()).map(|f| (f.mid.value(), f.error))
    }
    let mut all: Vec<Margin> = Vec::new();
    for bound in rule.bounds() {
        let known = match bound.axis {
            Axis::Tpp => of(subject.tpp),
            Axis::Pd => of(subject.density()),
            Axis::Link => of(subject.link),
            Axis::Memory => of(subject.memory),
            Axis::HbmDensity => of(subject.hbm_density),
        };
        let seen = all.iter().any(|m| m.bound.axis == bound.axis && m.bound.micro == bound.micro);
        let Some((value, error)) = known.filter(|_| !seen) else { continue };
        let threshold = bound.threshold();
        let distance = value - threshold;
        let percent = if threshold > 0.0 { 100.0 * distance / threshold } else { 0.0 };
        let errors = (error > 0.0).then(|| distance / error);
        all.push(Margin { bound, distance, percent, errors });
    }
    all
}

/// A change of one input that moves the class.
#[derive(Clone, PartialEq, Debug)]
pub struct Change {
    /// Which input (`throughput`, `die area`, `link`, `memory`, `marketing`).
    pub input: &'static str,
    /// What it would have to be.
    pub to: String,
    /// By how much it changes, in percent; `None` where that means nothing.
    pub percent: Option<f64>,
    /// The class then.
    pub class: String,
}

impl Change {
    /// `throughput up 1.35 % to 2400 TPP: 3A090.b`.
    pub fn text(&self) -> String {
        match self.percent {
            Some(p) => {
                let way = if p < 0.0 { "down" } else { "up" };
                format!("{} {way} {:.2} % to {}: {}", self.input, p.abs(), self.to, self.class)
            }
            None => format!("{} {}: {}", self.input, self.to, self.class),
        }
    }
}

/// For each input alone the nearest change on either side that moves the class.
pub fn changes(rule: &Rule, subject: &Subject) -> Vec<Change> {
    let best = subject.at_best();
    let now = classes(rule, &best);
    let Some(now) = now.decided() else { return Vec::new() };
    let bounds = rule.bounds();
    let on = |axis: Axis| bounds.iter().filter(move |b| b.axis == axis);
    let mut all = Vec::new();

    if let Some(tpp) = best.tpp {
        let mut points = around(on(Axis::Tpp).map(|b| b.micro));
        if let Some(area) = best.area {
            points.extend(around(on(Axis::Pd).map(|b| b.micro * area.mid.micro() / SCALE)));
        }
        nearest(&mut all, rule, now, "throughput", tpp.mid, points, |q| Subject {
            tpp: Some(Figure::exact(q)),
            ..best
        });
    }
    if let (Some(area), Some(tpp)) = (best.area, best.tpp) {
        let edges = on(Axis::Pd).filter(|b| b.micro > 0).map(|b| tpp.mid.micro() * SCALE / b.micro);
        nearest(&mut all, rule, now, "die area", area.mid, around(edges), |q| Subject {
            area: Some(Figure::exact(q)),
            ..best
        });
    }
    if let Some(link) = best.link {
        let points = around(on(Axis::Link).map(|b| b.micro));
        nearest(&mut all, rule, now, "link bandwidth", link.mid, points, |q| Subject {
            link: Some(Figure::exact(q)),
            ..best
        });
    }
    if let Some(memory) = best.memory {
        let points = around(on(Axis::Memory).map(|b| b.micro));
        nearest(&mut all, rule, now, "memory bandwidth", memory.mid, points, |q| Subject {
            memory: Some(Figure::exact(q)),
            ..best
        });
    }
    if let Some(stack) = best.hbm_density {
        let points = around(on(Axis::HbmDensity).map(|b| b.micro));
        nearest(&mut all, rule, now, "stack bandwidth density", stack.mid, points, |q| Subject {
            hbm_density: Some(Figure::exact(q)),
            ..best
        });
    }
    if let Some(centre) = best.data_centre {
        let other = classes(rule, &Subject { data_centre: Some(!centre), ..best });
        if let Some(class) = other.decided().filter(|&c| c != now) {
            let to = if centre { "not for data centres" } else { "for data centres" };
            let (to, class) = (to.to_owned(), class.to_owned());
            all.push(Change { input: "designed or marketed", to, percent: None, class });
        }
    }
    all
}

/// The edges and one step to either side of each.
fn around(edges: impl Iterator<Item = i128>) -> BTreeSet<i128> {
    edges.flat_map(|e| [e - 1, e, e + 1]).filter(|&e| e > 0).collect()
}

fn nearest<U: Unit>(
    all: &mut Vec<Change>,
    rule: &Rule,
    now: &str,
    input: &'static str,
    from: Quantity<U>,
    points: BTreeSet<i128>,
    with: impl Fn(Quantity<U>) -> Subject,
) {
    let (below, above): (Vec<i128>, Vec<i128>) =
        points.into_iter().partition(|&p| p < from.micro());
    let moved = |micro: &i128| {
        let to = Quantity::from_micro(*micro);
        let class = classes(rule, &with(to)).decided().filter(|&c| c != now)?.to_owned();
        let percent = (from.micro() > 0).then(|| 100.0 * (to.value() / from.value() - 1.0));
        Some(Change { input, to: to.to_string(), percent, class })
    };
    all.extend(below.iter().rev().find_map(moved));
    all.extend(above.iter().find_map(moved));
}
