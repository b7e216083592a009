//! Quantities with units, in exact decimal arithmetic.
//!
//! Problem: a part sits 1.3 % below a threshold, or exactly on it; binary floating point decides such
//! cases by accident, and a sum that adds square millimetres to gigabytes compiles.
//! Method: a quantity is a whole number of millionths of its unit, and the unit is a type. Only the
//! products that mean something exist: throughput × bits = TPP, TPP ÷ area is compared with a density
//! by cross-multiplication and never divided. Division, where a number must be printed, says which way
//! it rounds. Limits keep every product far inside 128 bits.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Add;

/// Millionths per unit.
pub const SCALE: i128 = 1_000_000;
/// Largest figure that may be stated, in units.
pub const MAX_STATED: f64 = 1e7;
/// Stands for "no upper bound known": larger than any product of stated figures, in millionths.
const UNBOUNDED: i128 = 1_000_000_000_000_000_000_000;

/// A unit of measurement.
pub trait Unit: Copy + Ord + fmt::Debug {
    /// How it is printed.
    const NAME: &'static str;
}

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum $name {}
        impl Unit for $name {
            const NAME: &'static str = $text;
        }
    )*};
}

units! {
    /// 10¹² operations per second; a multiply-accumulate counts as two.
    Tops = "TOPS";
    /// Total processing performance: TOPS × bit length.
    Tpp = "TPP";
    /// Area of dies.
    SquareMm = "mm²";
    /// TPP per square millimetre of applicable die area.
    Density = "TPP/mm²";
    /// 10⁹ bytes per second.
    GbPerSecond = "GB/s";
    /// Gigabytes per second and square millimetre.
    GbPerSecondMm = "GB/s/mm²";
    /// Clock frequency.
    Mhz = "MHz";
    /// Electrical power.
    Watt = "W";
}

/// A number of `U`, exact to a millionth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Quantity<U> {
    micro: i128,
    unit: PhantomData<U>,
}

impl<U: Unit> Quantity<U> {
    /// Nothing.
    pub const ZERO: Self = Self::from_micro(0);
    /// No bound known.
    pub const UNBOUNDED: Self = Self::from_micro(UNBOUNDED);
    /// The smallest step.
    pub const STEP: Self = Self::from_micro(1);

    /// From millionths.
    pub const fn from_micro(micro: i128) -> Self {
        Self { micro, unit: PhantomData }
    }

    /// From a decimal number as written; `None` if it is negative, not finite or above
    /// [`MAX_STATED`].
    pub fn stated(value: f64) -> Option<Self> {
        if !(0.0..=MAX_STATED).contains(&value) {
            return None;
        }
        // the shortest decimal that reads back as `value` is what was written
        let text = format!("{value}");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let whole: i128 = whole.parse().ok()?;
        let mut digits: String = fraction.chars().take(6).collect();
        while digits.len() < 6 {
            digits.push('0');
        }
        let micro: i128 = digits.parse().ok()?;
        Some(Self::from_micro(whole * SCALE + micro))
    }

    /// Millionths.
    pub const fn micro(self) -> i128 {
        self.micro
    }

    /// Whether there is no bound.
    pub fn is_unbounded(self) -> bool {
        self.micro >= UNBOUNDED
    }

    /// The number, for statistics; comparisons use the exact form.
    pub fn value(self) -> f64 {
        self.micro as f64 / SCALE as f64
    }

    /// `self × numerator ÷ denominator`, rounded down.
    pub fn scaled_down(self, numerator: i128, denominator: i128) -> Self {
        if self.is_unbounded() || denominator <= 0 {
            return Self::UNBOUNDED;
        }
        Self::capped(self.micro.saturating_mul(numerator).div_euclid(denominator))
    }

    /// `self × numerator ÷ denominator`, rounded up.
    pub fn scaled_up(self, numerator: i128, denominator: i128) -> Self {
        if self.is_unbounded() || denominator <= 0 {
            return Self::UNBOUNDED;
        }
        let product = self.micro.saturating_mul(numerator);
        Self::capped(product.saturating_add(denominator - 1).div_euclid(denominator))
    }

    /// Difference, at least zero.
    pub fn minus(self, other: Self) -> Self {
        if self.is_unbounded() {
            return self;
        }
        Self::from_micro((self.micro - other.micro).max(0))
    }

    fn capped(micro: i128) -> Self {
        Self::from_micro(micro.min(UNBOUNDED))
    }

    /// The number with up to `digits` decimals and without the unit, trailing zeros dropped.
    pub fn number(self, digits: usize) -> String {
        if self.is_unbounded() {
            return "unbounded".to_owned();
        }
        let text = format!("{:.*}", digits, self.value());
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    }
}

impl<U: Unit> Add for Quantity<U> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::capped(self.micro.saturating_add(other.micro))
    }
}

impl<U: Unit> fmt::Display for Quantity<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(3), U::NAME)
    }
}

impl Quantity<Tops> {
    /// TPP of operations of that bit length.
    pub fn at_bits(self, bits: u32) -> Quantity<Tpp> {
        Quantity::<Tpp>::from_micro(self.micro).scaled_up(i128::from(bits), 1)
    }
}

impl Quantity<Tpp> {
    /// Whether TPP ÷ area ≥ density (`strict`: >), exactly.
    pub fn reaches(
        self,
        density: Quantity<Density>,
        area: Quantity<SquareMm>,
        strict: bool,
    ) -> bool {
        if area.is_unbounded() && !self.is_unbounded() {
            return density.micro == 0 && !strict;
        }
        let left = self.micro.saturating_mul(SCALE);
        let right = density.micro.saturating_mul(area.micro);
        if strict { left > right } else { left >= right }
    }

    /// TPP ÷ area, rounded down.
    pub fn per_area_down(self, area: Quantity<SquareMm>) -> Quantity<Density> {
        ratio(self.micro, area.micro, false)
    }

    /// TPP ÷ area, rounded up.
    pub fn per_area_up(self, area: Quantity<SquareMm>) -> Quantity<Density> {
        ratio(self.micro, area.micro, true)
    }
}

impl Quantity<GbPerSecond> {
    /// Bandwidth ÷ area, rounded down or up.
    pub fn per_area(self, area: Quantity<SquareMm>, up: bool) -> Quantity<GbPerSecondMm> {
        ratio(self.micro, area.micro, up)
    }
}

fn ratio<U: Unit>(above: i128, below: i128, up: bool) -> Quantity<U> {
    if above >= UNBOUNDED || below <= 0 {
        return Quantity::UNBOUNDED;
    }
    if below >= UNBOUNDED {
        return Quantity::ZERO;
    }
    let product = above.saturating_mul(SCALE);
    let quotient = product.div_euclid(below) + i128::from(up && product.rem_euclid(below) != 0);
    Quantity::capped(quotient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        let tenth = Quantity::<Tops>::stated(0.1).unwrap();
        let fifth = Quantity::<Tops>::stated(0.2).unwrap();
        assert_eq!(tenth + fifth, Quantity::stated(0.3).unwrap());
        assert_eq!(
            Quantity::<Tops>::stated(300.0).unwrap().at_bits(16),
            Quantity::stated(4800.0).unwrap()
        );
        for bad in [-1.0, f64::NAN, f64::INFINITY, 1.1e7] {
            assert!(Quantity::<Tops>::stated(bad).is_none());
        }
    }

    #[test]
    fn a_density_on_the_threshold_reaches_it() {
        // 4736 / 800 is 5.92 exactly
        let tpp = Quantity::<Tpp>::stated(4736.0).unwrap();
        let area = Quantity::<SquareMm>::stated(800.0).unwrap();
        let limit = Quantity::<Density>::stated(5.92).unwrap();
        assert!(tpp.reaches(limit, area, false) && !tpp.reaches(limit, area, true));
        assert!(!tpp.reaches(limit, area + Quantity::STEP, false));
        assert_eq!(tpp.per_area_down(area), limit);
    }

    #[test]
    fn unbounded_stays_unbounded() {
        let open = Quantity::<Tops>::UNBOUNDED;
        assert!(open.at_bits(8).is_unbounded() && (open + open).is_unbounded());
        assert!(open.scaled_down(1, 2).is_unbounded());
    }
}
