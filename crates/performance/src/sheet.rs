//! From a datasheet to the figures a rule looks at, with the traps of datasheets.
//!
//! Problem: the same silicon is advertised as 148, 296 or 592 "TOPS", depending on whether zeros that
//! are skipped count (structured sparsity doubles), whether a multiply-accumulate counts twice (TOPS)
//! or once (MacTOPS), at which clock, and for one die or the package.
//! Method: what the sheet states is applied; what it leaves open becomes an interval over the
//! readings, unless another figure settles it: one stated dense at another bit length with the same
//! TPP, or the peak from first principles, 2 × MACs per clock × clock. Where a stated reading and first
//! principles disagree, both stay in the interval and the ratio names the trap. So a trap can make a
//! class undetermined, never wrong.
//! TPP is the largest over number formats of one processing unit, summed over units; the applicable
//! area is that of all non-planar logic dies, caches included, memory excluded (88 FR 73458, technical
//! notes to 3A090, as quoted).
//! What it cannot see: a sheet that is wrong in every figure by the same factor, without MACs per clock.

use crate::class::Subject;
use crate::figure::{Figure, bandwidth_density};
use crate::quantity::{Quantity, SCALE, SquareMm, Tops, Tpp};
use crate::spec::{At, Die, Per, Sparsity, Spec, Throughput};
use std::collections::BTreeMap;

/// How far two figures may differ and still be called the same, as a fraction.
const SAME: f64 = 0.03;

/// Something about the sheet that a reader should know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trap {
    /// Stable word (`sparsity-doubled`, `factor-two`, `clock`, `mixed-dies`, `sparsity-unstated`, …).
    pub kind: &'static str,
    /// The entry.
    pub place: String,
    /// In words.
    pub text: String,
    /// Two figures of the sheet cannot both hold (else: the sheet leaves something open).
    pub contradiction: bool,
}

/// What the sheet amounts to.
#[derive(Clone, PartialEq, Debug)]
pub struct Sheet {
    /// The figures.
    pub subject: Subject,
    /// Dense throughput per entry, package-wide, after all corrections, in order of the sheet.
    pub dense: Vec<Figure<Tops>>,
    /// TPP per entry.
    pub tpp: Vec<Figure<Tpp>>,
    /// Traps found.
    pub traps: Vec<Trap>,
    /// Names of figures that are assumed.
    pub assumed: Vec<String>,
    /// What was taken for granted.
    pub notes: Vec<String>,
}

/// Reads the sheet.
pub fn read(spec: &Spec) -> Sheet {
    let mut traps = Vec::new();
    let mut notes = Vec::new();
    let compute: u32 = spec.dies.iter().filter(|d| d.compute).map(|d| d.count).sum();
    let stated: Vec<Figure<Tops>> = spec
        .throughput
        .iter()
        .map(|t| {
            let dense = match t.sparsity {
                Sparsity::Kept(n, m) => t.stated.scaled(i128::from(n), i128::from(m)),
                _ => t.stated,
            };
            let peak = at_peak(spec, t, dense, &mut traps);
            over_package(t, peak, compute, &mut traps).scaled(i128::from(t.count), 1)
        })
        .collect();
    let derived: Vec<Option<Figure<Tops>>> =
        spec.throughput.iter().map(|t| first_principles(spec, t, compute)).collect();
    let dense: Vec<Figure<Tops>> =
        (0..stated.len()).map(|i| settle(spec, i, &stated, &derived, &mut traps)).collect();
    let tpp: Vec<Figure<Tpp>> =
        dense.iter().zip(&spec.throughput).map(|(f, t)| at_bits(*f, t.bits)).collect();

    let mut units: BTreeMap<&str, Figure<Tpp>> = BTreeMap::new();
    for (figure, t) in tpp.iter().zip(&spec.throughput) {
        units.entry(&t.unit).and_modify(|f| *f = f.larger(*figure)).or_insert(*figure);
    }
    let total = units.into_values().reduce(Figure::plus);
    if spec.throughput.iter().any(|t| t.at == At::Unstated) && !spec.throughput.is_empty() {
        notes.push(
            "throughputs without a stated clock are the highest the vendor claims".to_owned(),
        );
    }
    let mut assumed: Vec<String> = Vec::new();
    assumed.extend(
        spec.throughput.iter().filter(|t| t.assumed).map(|t| format!("throughput {}", t.format)),
    );
    assumed.extend(spec.dies.iter().filter(|d| d.assumed).map(|d| format!("area of {}", d.name)));
    for (name, bandwidth) in [("memory bandwidth", &spec.memory), ("link bandwidth", &spec.link)] {
        assumed.extend(bandwidth.as_ref().filter(|b| b.assumed).map(|_| name.to_owned()));
    }
    let subject = Subject {
        tpp: total,
        area: area(spec, &mut traps),
        link: spec.link.as_ref().map(|b| b.figure),
        memory: spec.memory.as_ref().map(|b| b.figure),
        hbm_density: spec.stack.map(|(bandwidth, area)| bandwidth_density(bandwidth, area)),
        data_centre: spec.data_centre,
    };
    Sheet { subject, dense, tpp, traps, assumed, notes }
}

fn at_bits(figure: Figure<Tops>, bits: u32) -> Figure<Tpp> {
    Figure {
        low: figure.low.at_bits(bits),
        mid: figure.mid.at_bits(bits),
        high: figure.high.at_bits(bits),
        error: figure.error * f64::from(bits),
    }
}

/// Scaled from the clock of the statement to the highest clock.
fn at_peak(
    spec: &Spec,
    t: &Throughput,
    figure: Figure<Tops>,
    traps: &mut Vec<Trap>,
) -> Figure<Tops> {
    let from = match t.at {
        At::Boost | At::Unstated => return figure,
        At::Base => spec.clocks.base,
        At::Sustained => spec.clocks.sustained,
    };
    if let (Some(boost), Some(from)) = (spec.clocks.boost, from) {
        return figure.scaled(boost.micro(), from.micro());
    }
    traps.push(Trap {
        kind: "clock",
        place: format!("throughput {}", t.format),
        text: "is stated below the highest clock, and the clocks to scale it by are not stated: \
               it is a lower bound only"
            .to_owned(),
        contradiction: false,
    });
    Figure { high: Quantity::UNBOUNDED, ..figure }
}

/// From what the figure counts to the package.
fn over_package(
    t: &Throughput,
    figure: Figure<Tops>,
    compute: u32,
    traps: &mut Vec<Trap>,
) -> Figure<Tops> {
    let all = figure.scaled(i128::from(compute.max(1)), 1);
    match t.per {
        Some(Per::Package) => figure,
        Some(Per::Die) => all,
        None if compute <= 1 => figure,
        None => {
            traps.push(Trap {
                kind: "mixed-dies",
                place: format!("throughput {}", t.format),
                text: format!(
                    "does not say whether it is for one of {compute} dies or the package"
                ),
                contradiction: false,
            });
            figure.hull(all)
        }
    }
}

/// 2 × multiply-accumulates per clock × highest clock.
fn first_principles(spec: &Spec, t: &Throughput, compute: u32) -> Option<Figure<Tops>> {
    let (macs, boost) = (t.macs_per_clock?, spec.clocks.boost?);
    let dies = if t.per == Some(Per::Die) { i128::from(compute.max(1)) } else { 1 };
    // MHz × MACs × 2 are 10⁶ operations per second: a millionth of TOPS each
    let micro = boost.micro().saturating_mul(2 * i128::from(macs)) / SCALE;
    Some(Figure::exact(Quantity::from_micro(micro)).scaled(dies * i128::from(t.count), 1))
}

/// Whether `a / b` is `ratio`, within [`SAME`].
fn is_ratio(a: f64, b: f64, ratio: f64) -> bool {
    b > 0.0 && (a / b / ratio - 1.0).abs() <= SAME
}

fn settle(
    spec: &Spec,
    index: usize,
    stated: &[Figure<Tops>],
    derived: &[Option<Figure<Tops>>],
    traps: &mut Vec<Trap>,
) -> Figure<Tops> {
    let (t, figure) = (&spec.throughput[index], stated[index]);
    let place = format!("throughput {}", t.format);
    let value = figure.mid.value();
    if let Some(principle) = derived[index] {
        let peak = principle.mid.value();
        let agrees = is_ratio(value, peak, 1.0)
            || (figure.low <= principle.mid && principle.mid <= figure.high);
        if agrees {
            return figure;
        }
        if t.sparsity == Sparsity::Unstated && is_ratio(value, peak, 2.0) {
            // settled: the figure counts skipped zeros
            traps.push(Trap {
                kind: "sparsity-doubled",
                place,
                text: format!(
                    "is twice 2 × MACs per clock × clock = {}: it counts skipped zeros, and was halved",
                    principle.mid
                ),
                contradiction: false,
            });
            return figure.scaled(1, 2);
        }
        let (kind, why) = contradiction(spec, t, value, peak);
        traps.push(Trap {
            kind,
            place,
            text: format!(
                "{} against {} from MACs per clock × clock: {why}",
                figure.mid, principle.mid
            ),
            contradiction: true,
        });
        return figure.hull(principle);
    }
    if t.sparsity != Sparsity::Unstated {
        return figure;
    }
    let tpp = value * f64::from(t.bits);
    let dense_peers = || {
        spec.throughput.iter().zip(stated).enumerate().filter(move |(j, (o, _))| {
            *j != index && o.unit == t.unit && o.sparsity != Sparsity::Unstated
        })
    };
    let peer = |ratio: f64| {
        dense_peers().any(|(_, (o, f))| is_ratio(tpp, f.mid.value() * f64::from(o.bits), ratio))
    };
    if peer(1.0) {
        return figure;
    }
    let (kind, text) = if peer(2.0) {
        (
            "sparsity-doubled",
            "is twice the TPP of a dense figure of the same sheet and does not say whether zeros are skipped",
        )
    } else {
        ("sparsity-unstated", "does not say whether zeros are skipped; dense it may be half")
    };
    traps.push(Trap { kind, place, text: text.to_owned(), contradiction: false });
    figure.hull(figure.scaled(1, 2))
}

/// Which trap the ratio of a stated figure to first principles names.
fn contradiction(
    spec: &Spec,
    t: &Throughput,
    value: f64,
    peak: f64,
) -> (&'static str, &'static str) {
    let clock = |other: Option<Quantity<_>>| match (other, spec.clocks.boost) {
        (Some(o), Some(b)) => {
            let o: Quantity<crate::quantity::Mhz> = o;
            is_ratio(value, peak, o.value() / b.value())
        }
        _ => false,
    };
    if is_ratio(value, peak, 2.0) && t.from_macs {
        ("factor-two", "given in multiply-accumulates, it already held the factor 2")
    } else if is_ratio(value, peak, 2.0) {
        ("sparsity-doubled", "the ratio 2 points to skipped zeros or to the factor 2 counted twice")
    } else if is_ratio(value, peak, 4.0) {
        ("factor-two", "the ratio 4 points to skipped zeros and the factor 2 counted twice")
    } else if is_ratio(value, peak, 0.5) {
        ("factor-two", "the ratio 1/2 points to multiply-accumulates given as operations")
    } else if clock(spec.clocks.base) {
        ("clock", "the ratio is that of base to boost clock")
    } else if clock(spec.clocks.sustained) {
        ("clock", "the ratio is that of sustained to boost clock")
    } else {
        ("peak", "no usual reading explains the ratio")
    }
}

/// Applicable die area.
fn area(spec: &Spec, traps: &mut Vec<Trap>) -> Option<Figure<SquareMm>> {
    let total = |d: &Die| d.area.scaled(i128::from(d.count), 1);
    let mut sum: Option<Figure<SquareMm>> = None;
    for die in spec.dies.iter().filter(|d| d.logic && d.non_planar != Some(false)) {
        let mut one = total(die);
        if die.non_planar.is_none() && spec.dies.iter().filter(|d| d.logic).count() > 1 {
            traps.push(Trap {
                kind: "mixed-dies",
                place: format!("die {}", die.name),
                text: "does not say whether its transistors are planar; its area may not count"
                    .to_owned(),
                contradiction: false,
            });
            one.low = Quantity::ZERO;
        }
        sum = Some(sum.map_or(one, |s| s.plus(one)));
    }
    sum.filter(|s| s.mid.micro() > 0)
}
