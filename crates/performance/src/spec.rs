//! SPEC.toml: what a part is said to do, each figure with unit, source and uncertainty.
//!
//! Problem: a datasheet figure without "dense or sparse", "which clock", "per die or per package" and
//! "according to whom" cannot be classified.
//! Method: a closed TOML schema; a figure without uncertainty or source is an error, what a sheet leaves
//! open may be left out and is then carried as an interval over the readings ([`crate::sheet`]).
//! Units are converted by exact fractions. Unknown keys are errors with line and remedy.

use crate::figure::Figure;
use crate::quantity::{GbPerSecond, Mhz, Quantity, SquareMm, Tops, Unit};
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: String,
    part: String,
    data_centre: Option<bool>,
    declared_class: Option<String>,
    slowdown_celsius: Option<f64>,
    #[serde(default)]
    throughput: Vec<RawThroughput>,
    #[serde(default)]
    die: Vec<RawDie>,
    clock: Option<RawClock>,
    memory: Option<RawBandwidth>,
    link: Option<RawLink>,
    memory_stack: Option<RawStack>,
    #[serde(default)]
    declared: Vec<RawDeclared>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThroughput {
    format: String,
    bits: Option<u32>,
    peak: Stated,
    sparsity: Option<String>,
    #[serde(default)]
    clock: At,
    per: Option<Per>,
    #[serde(default)]
    processing_unit: String,
    #[serde(default = "one")]
    count: u32,
    macs_per_clock: Option<u64>,
    attainable: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDie {
    name: String,
    area: Stated,
    #[serde(default = "one")]
    count: u32,
    #[serde(default = "logic")]
    kind: DieKind,
    #[serde(default = "yes")]
    compute: bool,
    transistor: Option<Transistor>,
    #[serde(default)]
    process: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DieKind {
    Logic,
    Memory,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Transistor {
    Planar,
    Finfet,
    Gaa,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawClock {
    boost_mhz: Option<f64>,
    base_mhz: Option<f64>,
    sustained_mhz: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBandwidth {
    bandwidth: Stated,
    attainable: Option<[f64; 2]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLink {
    bandwidth: Stated,
    direction: Direction,
    attainable: Option<[f64; 2]>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Direction {
    Both,
    Each,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStack {
    bandwidth: Stated,
    area: Stated,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDeclared {
    metric: String,
    result: Stated,
}

fn one() -> u32 {
    1
}
fn yes() -> bool {
    true
}
fn logic() -> DieKind {
    DieKind::Logic
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
    let file: File = toml::from_str(text).map_err(|e| toml_fault(name, text, &e))?;
    Reader { name }.spec(file)
}

struct Reader<'a> {
    name: &'a str,
}

impl Reader<'_> {
    fn fault(&self, place: &str, what: &str, remedy: &str) -> Fault {
        Fault::new(self.name, place, what, remedy)
    }

    fn spec(&self, file: File) -> Result<Spec, Fault> {
        if file.schema != SPEC_SCHEMA {
            let what = format!("is `{}`", shown(&file.schema));
            return Err(self.fault("schema", &what, &format!("write schema = \"{SPEC_SCHEMA}\"")));
        }
        for (place, length) in [
            ("throughput", file.throughput.len()),
            ("die", file.die.len()),
            ("declared", file.declared.len()),
        ] {
            if length > MAX_ENTRIES {
                return Err(self.fault(place, &format!("more than {MAX_ENTRIES} entries"), ""));
            }
        }
        self.text("part", &file.part)?;
        if let Some(class) = &file.declared_class {
            self.text("declared_class", class)?;
        }
        let mut spec = Spec {
            part: file.part,
            data_centre: file.data_centre,
            declared_class: file.declared_class,
            throughput: Vec::new(),
            dies: Vec::new(),
            clocks: self.clocks(file.clock)?,
            memory: None,
            link: None,
            stack: None,
            slowdown_celsius: file.slowdown_celsius.filter(|c| c.is_finite()),
            declared: Vec::new(),
        };
        for raw in file.throughput {
            spec.throughput.push(self.throughput(raw)?);
        }
        for raw in file.die {
            spec.dies.push(self.die(raw)?);
        }
        if let Some(raw) = file.memory {
            spec.memory = Some(self.bandwidth("memory", &raw.bandwidth, 1, raw.attainable)?);
        }
        if let Some(raw) = file.link {
            let both = if raw.direction == Direction::Each { 2 } else { 1 };
            spec.link = Some(self.bandwidth("link", &raw.bandwidth, both, raw.attainable)?);
        }
        if let Some(raw) = file.memory_stack {
            let bandwidth = self.figure("memory_stack", &raw.bandwidth, bandwidth_unit, 1)?;
            spec.stack = Some((bandwidth, self.figure("memory_stack", &raw.area, area_unit, 1)?));
        }
        for raw in file.declared {
            spec.declared.push(self.declared(raw)?);
        }
        Ok(spec)
    }

    fn text(&self, place: &str, text: &str) -> Result<(), Fault> {
        if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
            let what = format!("is empty or longer than {MAX_TEXT} characters");
            return Err(self.fault(place, &what, ""));
        }
        Ok(())
    }

    fn figure<U: Unit>(
        &self,
        place: &str,
        stated: &Stated,
        units: fn(&str) -> Option<(i128, i128)>,
        times: i128,
    ) -> Result<Figure<U>, Fault> {
        self.text(place, &stated.source).map_err(|_| {
            self.fault(place, "`source` is empty", "say who states the figure, and where")
        })?;
        let Some((above, below)) = units(&stated.unit) else {
            let what = format!("`{}` is no unit for this figure", shown(&stated.unit));
            return Err(self.fault(place, &what, "docs/performance.md lists the units"));
        };
        let number = |value: f64, what: &str| {
            Quantity::<U>::stated(value).ok_or_else(|| {
                self.fault(
                    place,
                    &format!("`{what}` is {value}"),
                    "give a number from 0 to 10000000",
                )
            })
        };
        let mid = number(stated.value, "value")?;
        let figure = match (stated.plus_minus, stated.standard_error) {
            (Some(bound), None) => Figure::bounded(mid, number(bound, "plus_minus")?),
            (None, Some(error)) => Figure::normal(mid, number(error, "standard_error")?),
            _ => {
                let what = "needs exactly one of `plus_minus` and `standard_error`";
                let remedy = "for a rounded figure, plus_minus is half a unit of its last place";
                return Err(self.fault(place, what, remedy));
            }
        };
        let figure = figure.scaled(above * times, below);
        if figure.high.value() > crate::quantity::MAX_STATED {
            return Err(self.fault(place, "is too large", ""));
        }
        Ok(figure)
    }

    fn clocks(&self, raw: Option<RawClock>) -> Result<Clocks, Fault> {
        let Some(raw) = raw else { return Ok(Clocks::default()) };
        let one = |value: Option<f64>, place: &str| match value {
            None => Ok(None),
            Some(v) => Quantity::stated(v)
                .filter(|q: &Quantity<Mhz>| q.micro() > 0)
                .map(Some)
                .ok_or_else(|| self.fault(place, &format!("is {v}"), "give the clock in MHz")),
        };
        Ok(Clocks {
            boost: one(raw.boost_mhz, "clock.boost_mhz")?,
            base: one(raw.base_mhz, "clock.base_mhz")?,
            sustained: one(raw.sustained_mhz, "clock.sustained_mhz")?,
        })
    }

    fn throughput(&self, raw: RawThroughput) -> Result<Throughput, Fault> {
        let place = format!("throughput {}", shown(&raw.format));
        let known = format_bits(&raw.format);
        let bits = match (known, raw.bits) {
            (Some(known), Some(given)) if known != given => {
                let what = format!("has {known} bits, not {given}");
                return Err(self.fault(
                    &place,
                    &what,
                    "drop `bits`, or give the format another name",
                ));
            }
            (Some(bits), _) | (None, Some(bits)) => bits,
            (None, None) => {
                let remedy = "give `bits`, the longest input of the multiply-accumulate";
                return Err(self.fault(&place, "is a format of unknown length", remedy));
            }
        };
        if bits == 0 || bits > 128 {
            return Err(self.fault(&place, "`bits` is not from 1 to 128", ""));
        }
        if raw.count == 0 || raw.count > MAX_COUNT {
            return Err(self.fault(&place, &format!("`count` is not from 1 to {MAX_COUNT}"), ""));
        }
        let sparsity = match raw.sparsity.as_deref() {
            None | Some("unstated") => Sparsity::Unstated,
            Some("none") => Sparsity::Dense,
            Some(text) => kept(text).ok_or_else(|| {
                let what = format!("`sparsity` is `{}`", shown(text));
                self.fault(&place, &what, "write \"none\", \"2:4\" or leave it out")
            })?,
        };
        if raw.macs_per_clock.is_some_and(|m| m == 0 || m > 1 << 32) {
            return Err(self.fault(&place, "`macs_per_clock` is out of range", ""));
        }
        let from_macs = is_mac_unit(&raw.peak.unit);
        Ok(Throughput {
            stated: self.figure(&place, &raw.peak, throughput_unit, 1)?,
            attainable: self.attainable(&place, raw.attainable)?,
            bits,
            from_macs,
            sparsity,
            at: raw.clock,
            per: raw.per,
            unit: raw.processing_unit,
            count: raw.count,
            macs_per_clock: raw.macs_per_clock,
            source: raw.peak.source,
            assumed: raw.peak.assumed,
            format: raw.format,
        })
    }

    fn attainable(&self, place: &str, raw: Option<[f64; 2]>) -> Result<Option<(f64, f64)>, Fault> {
        match raw {
            None => Ok(None),
            Some([low, high]) if 0.0 <= low && low <= high && high <= 1.0 => Ok(Some((low, high))),
            Some(_) => {
                let remedy = "write two fractions of the peak, from and to: [0.6, 0.95]";
                Err(self.fault(place, "`attainable` is no range within 0 and 1", remedy))
            }
        }
    }

    fn die(&self, raw: RawDie) -> Result<Die, Fault> {
        let place = format!("die {}", shown(&raw.name));
        if raw.count == 0 || raw.count > MAX_COUNT {
            return Err(self.fault(&place, &format!("`count` is not from 1 to {MAX_COUNT}"), ""));
        }
        let area: Figure<SquareMm> = self.figure(&place, &raw.area, area_unit, 1)?;
        if area.mid.micro() == 0 {
            return Err(self.fault(&place, "has no area", "leave the die out if it is unknown"));
        }
        Ok(Die {
            name: raw.name,
            area,
            count: raw.count,
            logic: raw.kind == DieKind::Logic,
            compute: raw.compute && raw.kind == DieKind::Logic,
            non_planar: raw.transistor.map(|t| t != Transistor::Planar),
            process: raw.process,
            source: raw.area.source,
            assumed: raw.area.assumed,
        })
    }

    fn bandwidth(
        &self,
        place: &str,
        stated: &Stated,
        times: i128,
        attainable: Option<[f64; 2]>,
    ) -> Result<Bandwidth, Fault> {
        Ok(Bandwidth {
            figure: self.figure(place, stated, bandwidth_unit, times)?,
            attainable: self.attainable(place, attainable)?,
            source: stated.source.clone(),
            assumed: stated.assumed,
        })
    }

    fn declared(&self, raw: RawDeclared) -> Result<Declared, Fault> {
        let place = format!("declared {}", shown(&raw.metric));
        self.text(&place, &raw.metric)?;
        self.text(&place, &raw.result.source)?;
        let r = &raw.result;
        let half = match (r.plus_minus, r.standard_error) {
            (Some(bound), None) => bound,
            (None, Some(error)) => SPAN_F * error,
            _ => {
                let what = "needs exactly one of `plus_minus` and `standard_error`";
                return Err(self.fault(&place, what, ""));
            }
        };
        if !(r.value.is_finite() && half.is_finite() && half >= 0.0 && r.value >= 0.0) {
            return Err(self.fault(&place, "is no number", ""));
        }
        let in_unit = |value: f64| crate::readers::canonical(value, &r.unit);
        let (value, unit) = in_unit(r.value);
        Ok(Declared {
            metric: raw.metric,
            value,
            range: (in_unit(r.value - half).0, in_unit(r.value + half).0),
            unit,
            source: raw.result.source,
        })
    }
}

const SPAN_F: f64 = crate::figure::SPAN as f64;

/// Text of a hostile file, short enough for a message.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn kept(text: &str) -> Option<Sparsity> {
    let (n, m) = text.split_once(':')?;
    let (n, m): (u32, u32) = (n.parse().ok()?, m.parse().ok()?);
    (0 < n && n < m && m <= 64).then_some(Sparsity::Kept(n, m))
}

/// Bit length of a format, as counted by the rules; TF32 is stored in 32 bits and counted so.
pub fn format_bits(format: &str) -> Option<u32> {
    Some(match format {
        "fp64" => 64,
        "fp32" | "tf32" | "int32" => 32,
        "fp16" | "bf16" | "int16" => 16,
        "fp8" | "int8" | "e4m3" | "e5m2" | "mxfp8" => 8,
        "fp6" | "mxfp6" => 6,
        "fp4" | "int4" | "nvfp4" | "mxfp4" => 4,
        "int1" => 1,
        _ => return None,
    })
}

fn is_mac_unit(unit: &str) -> bool {
    matches!(unit, "MacTOPS" | "TMAC/s" | "PMAC/s" | "GMAC/s")
}

/// TOPS per unit as a fraction; units of multiply-accumulates count twice.
pub(crate) fn throughput_unit(unit: &str) -> Option<(i128, i128)> {
    Some(match unit {
        "TOPS" | "TFLOPS" | "TFLOP/s" | "TOP/s" => (1, 1),
        "POPS" | "PFLOPS" | "PFLOP/s" | "POP/s" => (1000, 1),
        "GOPS" | "GFLOPS" | "GFLOP/s" | "GOP/s" => (1, 1000),
        "MacTOPS" | "TMAC/s" => (2, 1),
        "PMAC/s" => (2000, 1),
        "GMAC/s" => (2, 1000),
        _ => return None,
    })
}

/// GB/s per unit as a fraction.
pub(crate) fn bandwidth_unit(unit: &str) -> Option<(i128, i128)> {
    Some(match unit {
        "GB/s" => (1, 1),
        "TB/s" => (1000, 1),
        "MB/s" => (1, 1000),
        "Gbit/s" => (1, 8),
        "Tbit/s" => (1000, 8),
        "GiB/s" => (1_073_741_824, 1_000_000_000),
        _ => return None,
    })
}

fn area_unit(unit: &str) -> Option<(i128, i128)> {
    Some(match unit {
        "mm2" | "mm²" | "mm^2" => (1, 1),
        "cm2" | "cm²" | "cm^2" => (100, 1),
        _ => return None,
    })
}
