//! Telemetry exports: clock, power, temperature, load and throttle reasons over time.
//!
//! Problem: a month of one-second samples of eight devices is 20 million lines, and the two common
//! tools name the same columns differently.
//! Method: one pass over the bytes; lines and cells are found with vector search (`memchr`), only the
//! columns that are used are parsed, into flat arrays per device. Read are `nvidia-smi --query-gpu=…
//! --format=csv` (units in the header or the cells), comma-separated tables with DCGM field names
//! (`DCGM_FI_DEV_SM_CLOCK`), and the blank-separated table of `dcgmi dmon`, which has no times: there a
//! sample number stands in. Cells without a value (`N/A`) are missing, not zero. Lines of a wrong length
//! are counted and left out; more than one in a hundred is an error.
//! Reason bits are those of `nvml.h` (NVIDIA), `nvmlClocksEventReason*`.
//! What cells hold is in `cell`, what times look like in `clock`.
//! Cost: linear in bytes.
//! Limits: [`MAX_BYTES`], [`MAX_ROWS`], [`MAX_DEVICES`], [`MAX_COLUMNS`].

mod cell;
mod clock;

pub use clock::shown_time;

use cell::{Column, bits, header_columns, number};
use clock::Clock;
use evidence::Fault;
use memchr::{memchr, memchr_iter};

/// Largest export, in bytes.
pub const MAX_BYTES: usize = 2 << 30;
/// Most samples.
pub const MAX_ROWS: usize = 50_000_000;
/// Most devices.
pub const MAX_DEVICES: usize = 1024;
/// Most columns.
pub const MAX_COLUMNS: usize = 256;

/// Nothing runs.
pub const IDLE: u32 = 0x1;
/// Clocks set by the owner (application clocks, synchronised boost, display).
pub const SETTING: u32 = 0x2 | 0x10 | 0x100;
/// Power: software cap, hardware slowdown, external brake.
pub const POWER: u32 = 0x4 | 0x80;
/// Slowdown by hardware: power or temperature.
pub const HARDWARE: u32 = 0x8;
/// Temperature: software and hardware slowdown.
pub const THERMAL: u32 = 0x20 | 0x40;

/// Samples of one device, in order; arrays of equal length. Missing values are NaN.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Device {
    /// As the file names it.
    pub name: String,
    /// Microseconds since 1970-01-01 as the file tells time, or a sample number.
    pub time: Vec<i64>,
    /// Processor clock, MHz.
    pub clock: Vec<f32>,
    /// Power, W; empty if there is no such column.
    pub power: Vec<f32>,
    /// Power limit, W; empty if there is no such column.
    pub limit: Vec<f32>,
    /// Temperature, °C; empty if there is no such column.
    pub celsius: Vec<f32>,
    /// Load, 0 to 100; empty if there is no such column.
    pub load: Vec<f32>,
    /// Reasons why the clock is not higher; empty if there is no such column.
    pub reasons: Vec<u32>,
}

/// An export.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Telemetry {
    /// Devices in order of appearance.
    pub devices: Vec<Device>,
    /// Whether times are times.
    pub timed: bool,
    /// Lines left out because their length is wrong.
    pub skipped: usize,
}

impl Telemetry {
    /// Number of samples.
    pub fn rows(&self) -> usize {
        self.devices.iter().map(|d| d.clock.len()).sum()
    }
}

/// Reads an export.
///
/// # Errors
/// If there is no line that names the columns, no clock column, or a limit is passed.
pub fn read(name: &str, bytes: &[u8]) -> Result<Telemetry, Fault> {
    let fault = |place: &str, what: &str, remedy: &str| Fault::new(name, place, what, remedy);
    if bytes.len() > MAX_BYTES {
        return Err(fault("", "is too long", "split the export"));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut lines = Lines { bytes, at: 0, number: 0 };
    let header = loop {
        match lines.next() {
            Some((_, line)) if line.trim_ascii().is_empty() => {}
            Some((number, line)) => break (number, line),
            None => return Err(fault("", "is empty", "")),
        }
    };
    let blank_separated = memchr(b',', header.1).is_none();
    let remedy = "export with a header: nvidia-smi --query-gpu=timestamp,index,clocks.sm,power.draw,\
                  enforced.power.limit,temperature.gpu,utilization.gpu,clocks_event_reasons.active \
                  --format=csv, or dcgmi dmon -e 100,155,150,203,112";
    let text = String::from_utf8_lossy(header.1);
    let columns = header_columns(&text, blank_separated);
    let place = format!("line {}", header.0);
    if columns.len() > MAX_COLUMNS {
        return Err(fault(&place, &format!("more than {MAX_COLUMNS} columns"), remedy));
    }
    if !columns.contains(&Column::Clock) {
        return Err(fault(&place, "names no column with the processor clock", remedy));
    }
    let mut table = Table::new(columns, blank_separated);
    for (number, line) in lines {
        if line.first() == Some(&b'#') || line.trim_ascii().is_empty() {
            continue;
        }
        if table.rows >= MAX_ROWS {
            let what = format!("more than {MAX_ROWS} samples");
            return Err(fault(&format!("line {number}"), &what, "split the export"));
        }
        if !table.push(line) && table.telemetry.devices.len() >= MAX_DEVICES {
            let what = format!("more than {MAX_DEVICES} devices");
            return Err(fault(&format!("line {number}"), &what, "split the export"));
        }
    }
    let telemetry = table.telemetry;
    let rows = telemetry.rows();
    if rows == 0 || telemetry.skipped * 100 > rows {
        let what = format!("{} lines do not fit the header, {rows} do", telemetry.skipped);
        return Err(fault("", &what, remedy));
    }
    Ok(telemetry)
}

struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = (usize, &'a [u8]);
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let rest = &self.bytes[self.at..];
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        self.at += length + 1;
        self.number += 1;
        let line = &rest[..length];
        Some((self.number, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

struct Table {
    columns: Vec<Column>,
    blank_separated: bool,
    has: [bool; 5],
    telemetry: Telemetry,
    current: usize,
    rows: usize,
    clock: Clock,
}

/// One line's values.
struct Row {
    time: Option<i64>,
    clock: f32,
    power: f32,
    limit: f32,
    celsius: f32,
    load: f32,
    reasons: u32,
}

impl Table {
    fn new(columns: Vec<Column>, blank_separated: bool) -> Self {
        let has = |wanted: &[Column]| columns.iter().any(|c| wanted.contains(c));
        let reasons = columns.iter().any(|c| matches!(c, Column::Reasons | Column::Reason(_)));
        let has = [
            has(&[Column::Power]),
            has(&[Column::Limit]),
            has(&[Column::Celsius]),
            has(&[Column::Load, Column::Activity]),
            reasons,
        ];
        let timed = columns.contains(&Column::Time);
        let telemetry = Telemetry { devices: Vec::new(), timed, skipped: 0 };
        let clock = Clock::default();
        Self { columns, blank_separated, has, telemetry, current: 0, rows: 0, clock }
    }

    /// Takes a line; `false` if it does not fit.
    fn push<'l>(&mut self, line: &'l [u8]) -> bool {
        let missing = f32::NAN;
        let mut row = Row {
            time: None,
            clock: missing,
            power: missing,
            limit: missing,
            celsius: missing,
            load: missing,
            reasons: 0,
        };
        let mut device: &'l [u8] = b"0";
        let mut count = 0;
        let mut take = |cell: &'l [u8]| {
            let cell = cell.trim_ascii();
            match self.columns.get(count) {
                None | Some(Column::Ignored) => {}
                Some(Column::Time) => row.time = self.clock.read(cell),
                Some(Column::Device) => device = cell,
                Some(Column::Clock) => row.clock = number(cell),
                Some(Column::Power) => row.power = number(cell),
                Some(Column::Limit) => row.limit = number(cell),
                Some(Column::Celsius) => row.celsius = number(cell),
                Some(Column::Load) => row.load = number(cell),
                Some(Column::Activity) => {
                    if row.load.is_nan() {
                        row.load = number(cell) * 100.0;
                    }
                }
                Some(Column::Reasons) => row.reasons |= bits(cell),
                Some(Column::Reason(bit)) => {
                    if cell == b"Active" {
                        row.reasons |= bit;
                    }
                }
            }
            count += 1;
        };
        if self.blank_separated {
            line.split(u8::is_ascii_whitespace).filter(|c| !c.is_empty()).for_each(&mut take);
        } else {
            let mut from = 0;
            for comma in memchr_iter(b',', line) {
                take(&line[from..comma]);
                from = comma + 1;
            }
            take(&line[from..]);
        }
        if count != self.columns.len() || (self.telemetry.timed && row.time.is_none()) {
            self.telemetry.skipped += 1;
            return false;
        }
        if row.clock.is_nan() {
            return true; // a sample without a clock says nothing
        }
        self.store(device, &row)
    }

    fn store(&mut self, device: &[u8], row: &Row) -> bool {
        let devices = &mut self.telemetry.devices;
        let named = |d: &Device| d.name.as_bytes() == device;
        if !devices.get(self.current).is_some_and(named) {
            self.current = match devices.iter().position(named) {
                Some(at) => at,
                None if devices.len() >= MAX_DEVICES => return false,
                None => {
                    let name = crate::spec::shown(&String::from_utf8_lossy(device));
                    devices.push(Device { name, ..Device::default() });
                    devices.len() - 1
                }
            };
        }
        let d = &mut devices[self.current];
        let [power, limit, celsius, load, reasons] = self.has;
        d.time.push(row.time.unwrap_or(d.clock.len() as i64));
        d.clock.push(row.clock);
        if power {
            d.power.push(row.power);
        }
        if limit {
            d.limit.push(row.limit);
        }
        if celsius {
            d.celsius.push(row.celsius);
        }
        if load {
            d.load.push(row.load);
        }
        if reasons {
            d.reasons.push(row.reasons);
        }
        self.rows += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nvidia_smi_csv() {
        let text = "timestamp, index, clocks.current.sm [MHz], power.draw [W], temperature.gpu, utilization.gpu [%], clocks_event_reasons.active\n\
            2026/01/31 10:00:00.500, 0, 1980 MHz, 398.21 W, 61, 99 %, 0x0000000000000004\n\
            2026/01/31 10:00:00.500, 1, 345 MHz, [N/A], 31, 0 %, 0x0000000000000001\r\n";
        let t = read("f", text.as_bytes()).unwrap();
        assert_eq!(t.devices.len(), 2);
        let d = &t.devices[0];
        assert_eq!((d.clock[0], d.power[0], d.celsius[0], d.load[0]), (1980.0, 398.21, 61.0, 99.0));
        assert_eq!(d.reasons[0], 4);
        assert_eq!(shown_time(d.time[0]), "2026-01-31T10:00:00.500");
        assert!(t.devices[1].power[0].is_nan() && t.timed);
    }

    #[test]
    fn separate_reason_columns_and_dcgm_names() {
        let text = "timestamp,gpu,DCGM_FI_DEV_SM_CLOCK,clocks_throttle_reasons.sw_power_cap,clocks_throttle_reasons.hw_thermal_slowdown\n\
            1767261600.25,3,1410,Active,Not Active\n";
        let t = read("f", text.as_bytes()).unwrap();
        assert_eq!((t.devices[0].name.as_str(), t.devices[0].reasons[0]), ("3", 4));
        assert_eq!(t.devices[0].time[0], 1_767_261_600_250_000);
    }

    #[test]
    fn dcgmi_dmon() {
        let text = "#Entity   SMCLK   CLEVT     GPUTMP  POWER\nID\n    GPU 0  1590  0x00000004     71      699.8\n    GPU 1  1980  0x00000000     64   641.2\n";
        let with_many = format!("{text}{}", "    GPU 1  1980  0x0     64   641.2\n".repeat(100));
        let t = read("f", with_many.as_bytes()).unwrap();
        assert_eq!(t.devices[0].clock, [1590.0]);
        assert_eq!(t.devices[1].clock.len(), 101);
        assert_eq!((t.timed, t.skipped), (false, 1));
    }

    #[test]
    fn hostile_exports_are_refused_without_panic() {
        for bad in [
            "",
            "\n\n",
            "a,b\n1,2\n",
            "clocks.sm\n",
            "clocks.sm,timestamp\n1,2,3\n",
            "clocks.sm,timestamp\n5,yesterday\n",
        ] {
            assert!(read("f", bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(read("f", &[0xff; 64]).is_err());
        for odd in ["clocks.sm\n99999999999999999999999 MHz\n", "clocks.sm\n-1\n1\n"] {
            drop(read("f", odd.as_bytes()));
        }
    }
}
