//! SPEC.toml: what a part is said to do, each figure with unit, source and uncertainty.
//!
//! Problem: a datasheet figure without "dense or sparse", "which clock", "per die or per package" and
//! "according to whom" cannot be classified.
//! Method: a closed TOML schema; a figure without uncertainty or source is an error, what a sheet leaves
//! open may be left out and is then carried as an interval over the readings ([`crate::sheet`]).
//! Units are converted by exact fractions. Unknown keys are errors with line and remedy.
//! Here is what a specification says once it is read; the keys are in `schema`, the checks in `reader`,
//! the units in `unit`.
//! What it cannot see: whether a source says what is attributed to it.

mod reader;
mod schema;
mod unit;

pub use unit::format_bits;
pub(crate) use unit::{bandwidth_unit, throughput_unit};

use crate::figure::Figure;
use crate::quantity::{GbPerSecond, Mhz, Quantity, SquareMm, Tops};
use evidence::Fault;
use serde::Deserialize;

/// Schema id of a specification.
pub const SPEC_SCHEMA: &str = "probity/spec/1";
/// Largest specification, in bytes.
pub const MAX_SPEC_BYTES: usize = 1 << 18;
/// Most entries of one list.
pub const MAX_ENTRIES: usize = 64;
/// Largest count of processing units or dies in one entry.
pub const MAX_COUNT: u32 = 1024;
/// Longest text of any key, in characters.
pub const MAX_TEXT: usize = 2000;

/// A figure as stated.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Bound on the error, in the same unit (half a unit of the last place for a rounded figure).
    pub plus_minus: Option<f64>,
    /// Or its standard error, in the same unit.
    pub standard_error: Option<f64>,
    /// Who says so, where.
    pub source: String,
    /// Not stated by anybody, but taken over from a similar part or estimated.
    #[serde(default)]
    pub assumed: bool,
}

/// Whether a throughput counts skipped zeros.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sparsity {
    /// Every operation is carried out.
    Dense,
    /// `(n, m)`: n of m operands are kept, and the figure counts as if all were.
    Kept(u32, u32),
    /// The sheet does not say.
    Unstated,
}

/// At which clock a throughput is stated.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// The highest clock.
    Boost,
    /// The base clock.
    Base,
    /// The clock under sustained load.
    Sustained,
    /// The sheet does not say; taken for the peak, which is what sheets print.
    #[default]
    Unstated,
}

/// What a throughput is counted over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// The whole package.
    Package,
    /// One compute die.
    Die,
}

/// One throughput figure.
#[derive(Clone, PartialEq, Debug)]
pub struct Throughput {
    /// Number format (`fp16`).
    pub format: String,
    /// Bit length of an operation: the longest input of the multiply-accumulate.
    pub bits: u32,
    /// The figure in TOPS, the factor 2 of a multiply-accumulate included; not yet dense or scaled.
    pub stated: Figure<Tops>,
    /// It was given in multiply-accumulates, and has been doubled.
    pub from_macs: bool,
    /// Whether it counts skipped zeros.
    pub sparsity: Sparsity,
    /// At which clock.
    pub at: At,
    /// Over what.
    pub per: Option<Per>,
    /// Processing units of the same kind are alternatives; different kinds add up.
    pub unit: String,
    /// How many such units.
    pub count: u32,
    /// Multiply-accumulates per clock, over what `per` says: the figure from first principles.
    pub macs_per_clock: Option<u64>,
    /// Fraction of the peak that a good measurement reaches, from and to.
    pub attainable: Option<(f64, f64)>,
    /// Source.
    pub source: String,
    /// Assumed rather than stated.
    pub assumed: bool,
}

/// One kind of die.
#[derive(Clone, PartialEq, Debug)]
pub struct Die {
    /// Its name.
    pub name: String,
    /// Area of one.
    pub area: Figure<SquareMm>,
    /// How many.
    pub count: u32,
    /// Logic (`true`) or memory.
    pub logic: bool,
    /// Carries compute units.
    pub compute: bool,
    /// Made with non-planar transistors; `None`: not stated.
    pub non_planar: Option<bool>,
    /// Process, as stated.
    pub process: String,
    /// Source.
    pub source: String,
    /// Assumed rather than stated.
    pub assumed: bool,
}

/// A bandwidth.
#[derive(Clone, PartialEq, Debug)]
pub struct Bandwidth {
    /// The figure.
    pub figure: Figure<GbPerSecond>,
    /// Fraction that a good measurement reaches, from and to.
    pub attainable: Option<(f64, f64)>,
    /// Source.
    pub source: String,
    /// Assumed rather than stated.
    pub assumed: bool,
}

/// An achieved result that is declared: a benchmark score, not a peak.
#[derive(Clone, PartialEq, Debug)]
pub struct Declared {
    /// Metric, as the readers of measurements call it.
    pub metric: String,
    /// Value in the metric's unit.
    pub value: f64,
    /// Lowest and highest value that agree with the declaration.
    pub range: (f64, f64),
    /// Unit.
    pub unit: String,
    /// Source.
    pub source: String,
}

/// Clocks, as far as stated.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Clocks {
    /// Highest.
    pub boost: Option<Quantity<Mhz>>,
    /// Base.
    pub base: Option<Quantity<Mhz>>,
    /// Under sustained load.
    pub sustained: Option<Quantity<Mhz>>,
}

/// A specification.
#[derive(Clone, PartialEq, Debug)]
pub struct Spec {
    /// The part.
    pub part: String,
    /// Designed or marketed for data centres.
    pub data_centre: Option<bool>,
    /// Class declared.
    pub declared_class: Option<String>,
    /// Throughputs.
    pub throughput: Vec<Throughput>,
    /// Dies.
    pub dies: Vec<Die>,
    /// Clocks.
    pub clocks: Clocks,
    /// Memory bandwidth of the package.
    pub memory: Option<Bandwidth>,
    /// Transfer rate to other circuits, both directions together.
    pub link: Option<Bandwidth>,
    /// Bandwidth and area of one memory stack.
    pub stack: Option<(Figure<GbPerSecond>, Figure<SquareMm>)>,
    /// Temperature at which the part slows down by itself, °C.
    pub slowdown_celsius: Option<f64>,
    /// Declared results.
    pub declared: Vec<Declared>,
}

/// A TOML error with its line.
pub(crate) fn toml_fault(name: &str, text: &str, error: &toml::de::Error) -> Fault {
    let line = error.span().and_then(|s| text.get(..s.start)).map(|t| t.matches('\n').count() + 1);
    let place = line.map_or_else(String::new, |l| format!("line {l}"));
    Fault::new(name, &place, error.message(), "")
}

/// Reads a specification.
///
/// # Errors
/// If it is too large, not TOML of this schema, or a figure lacks unit, uncertainty or source.
pub fn read(name: &str, bytes: &[u8]) -> Result<Spec, Fault> {
    if bytes.len() > MAX_SPEC_BYTES {
        let what = format!("is longer than {MAX_SPEC_BYTES} bytes");
        return Err(Fault::new(name, "", &what, "a specification is a short text"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Fault::new(name, "", "is not UTF-8", "write the specification as TOML"))?;
    let file: schema::File = toml::from_str(text).map_err(|e| toml_fault(name, text, &e))?;
    reader::Reader { name }.spec(file)
}

/// Text of a hostile file, short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
