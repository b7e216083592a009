//! From keys to figures: what a specification may say, and the interval of each figure.
//!
//! Problem: a figure without unit, uncertainty or source cannot be compared with anything, and a number
//! out of range would be compared wrongly.
//! Method: each entry is checked where it stands and named by its key in every error. A figure is its
//! value with a bound or a standard error, converted by the fraction of its unit.
//! Cost: nothing. What it cannot see: whether the source says so.

use super::schema::{
    DieKind, Direction, File, RawClock, RawDeclared, RawDie, RawThroughput, Transistor,
};
use super::unit::{area_unit, bandwidth_unit, format_bits, is_mac_unit, throughput_unit};
use super::{
    Bandwidth, Clocks, Declared, Die, MAX_COUNT, MAX_ENTRIES, MAX_TEXT, SPEC_SCHEMA, Sparsity,
    Spec, Stated, Throughput, shown,
};
use crate::figure::Figure;
use crate::quantity::{Mhz, Quantity, SquareMm, Unit};
use evidence::Fault;

pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
}

impl Reader<'_> {
    fn fault(&self, place: &str, what: &str, remedy: &str) -> Fault {
        Fault::new(self.name, place, what, remedy)
    }

    pub(super) fn spec(&self, file: File) -> Result<Spec, Fault> {
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

fn kept(text: &str) -> Option<Sparsity> {
    let (n, m) = text.split_once(':')?;
    let (n, m): (u32, u32) = (n.parse().ok()?, m.parse().ok()?);
    (0 < n && n < m && m <= 64).then_some(Sparsity::Kept(n, m))
}
