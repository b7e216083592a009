//! A figure with its uncertainty: an interval, a best value and a standard error.
//!
//! Problem: "148 TFLOPS" on a datasheet means something between 147.5 and 148.5.
//! Method: every stated figure carries either `plus_minus` — a bound, treated as a rectangular
//! distribution, whose standard error is half-width/√3 (JCGM 100:2008, 4.3.7) — or `standard_error`,
//! whose interval is three of them to each side. Intervals are carried by interval arithmetic with
//! outward rounding (Moore 1966), so the true value is inside whenever it was inside before; standard
//! errors by first-order propagation of independent errors, for the margins only.
//! What it cannot see: errors that a source does not admit.

use crate::quantity::{Density, GbPerSecond, GbPerSecondMm, Quantity, SquareMm, Tpp, Unit};

/// Standard errors to each side of the value that an interval spans.
pub const SPAN: i128 = 3;

/// A value with its interval. `low ≤ mid ≤ high`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Figure<U> {
    /// Lower end.
    pub low: Quantity<U>,
    /// Best value.
    pub mid: Quantity<U>,
    /// Upper end; may be unbounded.
    pub high: Quantity<U>,
    /// Standard error, in the unit.
    pub error: f64,
}

impl<U: Unit> Figure<U> {
    /// A value known exactly.
    pub fn exact(mid: Quantity<U>) -> Self {
        Self { low: mid, mid, high: mid, error: 0.0 }
    }

    /// A value within a bound.
    pub fn bounded(mid: Quantity<U>, half: Quantity<U>) -> Self {
        Self { low: mid.minus(half), mid, high: mid + half, error: half.value() / 3f64.sqrt() }
    }

    /// A value with a standard error.
    pub fn normal(mid: Quantity<U>, error: Quantity<U>) -> Self {
        let half = error.scaled_up(SPAN, 1);
        Self { low: mid.minus(half), mid, high: mid + half, error: error.value() }
    }

    /// Times a positive fraction.
    pub fn scaled(self, numerator: i128, denominator: i128) -> Self {
        Self {
            low: self.low.scaled_down(numerator, denominator),
            mid: self.mid.scaled_down(numerator, denominator),
            high: self.high.scaled_up(numerator, denominator),
            error: self.error * numerator as f64 / denominator.max(1) as f64,
        }
    }

    /// The smallest interval that holds both; the best value stays.
    pub fn hull(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high), ..self }
    }

    /// Sum of independent figures.
    pub fn plus(self, other: Self) -> Self {
        Self {
            low: self.low + other.low,
            mid: self.mid + other.mid,
            high: self.high + other.high,
            error: self.error.hypot(other.error),
        }
    }

    /// The larger of two, end by end.
    pub fn larger(self, other: Self) -> Self {
        let best = if other.mid > self.mid { other } else { self };
        Self { low: self.low.max(other.low), high: self.high.max(other.high), ..best }
    }

    /// Standard error over value.
    pub fn relative(self) -> f64 {
        if self.mid.micro() == 0 { 0.0 } else { self.error / self.mid.value() }
    }

    /// `lower - upper`, with up to `digits` decimals.
    pub fn interval(self, digits: usize) -> String {
        format!("{} – {} {}", self.low.number(digits), self.high.number(digits), U::NAME)
    }
}

/// TPP ÷ area.
pub fn density(tpp: Figure<Tpp>, area: Figure<SquareMm>) -> Figure<Density> {
    let mid = tpp.mid.per_area_down(area.mid);
    Figure {
        low: tpp.low.per_area_down(area.high),
        mid,
        high: tpp.high.per_area_up(area.low),
        error: mid.value() * tpp.relative().hypot(area.relative()),
    }
}

/// Bandwidth ÷ area.
pub fn bandwidth_density(
    bandwidth: Figure<GbPerSecond>,
    area: Figure<SquareMm>,
) -> Figure<GbPerSecondMm> {
    let mid = bandwidth.mid.per_area(area.mid, false);
    Figure {
        low: bandwidth.low.per_area(area.high, false),
        mid,
        high: bandwidth.high.per_area(area.low, true),
        error: mid.value() * bandwidth.relative().hypot(area.relative()),
    }
}
