//! Columns and cells: what a name in the header means, and what stands below it.
//!
//! Problem: the two common tools name the same columns differently, and print units, percent signs and
//! `N/A` in the cells.
//! Method: names lose their prefix and unit and are looked up. A decimal number is read by hand, fifteen
//! digits exactly, whatever follows a blank ignored; anything else is missing, not zero. Reason bits are
//! hexadecimal or decimal.
//! Cost: one pass over the cell. What it cannot see: exponents, which neither tool prints.

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Column {
    Ignored,
    Time,
    Device,
    Clock,
    Power,
    Limit,
    Celsius,
    Load,
    /// A fraction instead of percent.
    Activity,
    Reasons,
    /// One reason of its own: `Active` or `Not Active`.
    Reason(u32),
}

fn column(name: &str) -> Column {
    let name = name.split('[').next().unwrap_or("").trim().trim_matches('"').to_ascii_lowercase();
    let name =
        name.strip_prefix("dcgm_fi_dev_").or(name.strip_prefix("dcgm_fi_prof_")).unwrap_or(&name);
    let reason = name
        .strip_prefix("clocks_throttle_reasons.")
        .or_else(|| name.strip_prefix("clocks_event_reasons."));
    if let Some(reason) = reason {
        return match reason {
            "active" => Column::Reasons,
            "gpu_idle" => Column::Reason(0x1),
            "applications_clocks_setting" => Column::Reason(0x2),
            "sw_power_cap" => Column::Reason(0x4),
            "hw_slowdown" => Column::Reason(0x8),
            "sync_boost" => Column::Reason(0x10),
            "sw_thermal_slowdown" => Column::Reason(0x20),
            "hw_thermal_slowdown" => Column::Reason(0x40),
            "hw_power_brake_slowdown" => Column::Reason(0x80),
            _ => Column::Ignored,
        };
    }
    match name {
        "timestamp" | "time" => Column::Time,
        "index" | "gpu" | "gpu_id" | "device" => Column::Device,
        "clocks.current.sm" | "clocks.sm" | "sm_clock" | "smclk" => Column::Clock,
        "power.draw" | "power.draw.instant" | "power_usage" | "power" => Column::Power,
        "enforced.power.limit" | "power.limit" | "power_mgmt_limit" | "enforced_power_limit" => {
            Column::Limit
        }
        "temperature.gpu" | "gpu_temp" | "tmptr" | "gputmp" => Column::Celsius,
        "utilization.gpu" | "gpu_util" | "gputl" => Column::Load,
        "sm_active" | "smact" | "gr_engine_active" | "gract" => Column::Activity,
        "clock_throttle_reasons"
        | "clocks_event_reasons"
        | "clevt"
        | "dvcctr"
        | "throttle_reasons" => Column::Reasons,
        _ => Column::Ignored,
    }
}

/// The columns that the first line names.
pub(super) fn header_columns(text: &str, blank_separated: bool) -> Vec<Column> {
    if !blank_separated {
        return text.split(',').map(column).collect();
    }
    // `#Entity   SMCLK  POWER` above rows like `GPU 0  1590  699.8`
    let words = text.split_whitespace().map(|w| w.trim_start_matches('#'));
    let named = words.filter(|w| !w.is_empty() && !w.eq_ignore_ascii_case("entity"));
    [Column::Ignored, Column::Device].into_iter().chain(named.map(column)).collect()
}

/// Powers of ten that are exact in an `f64`.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// A decimal number, a unit after it ignored; NaN if there is none.
#[inline]
pub(super) fn number(cell: &[u8]) -> f32 {
    let (mut digits, mut count, mut point) = (0u64, 0usize, usize::MAX);
    for (i, &b) in cell.iter().enumerate() {
        match b {
            b'0'..=b'9' if count < 15 => {
                digits = digits * 10 + u64::from(b - b'0');
                count += 1;
            }
            b'0'..=b'9' if point != usize::MAX => {}
            b'.' if point == usize::MAX => point = count,
            b' ' | b'%' if i > 0 => break,
            _ => return f32::NAN,
        }
    }
    if count == 0 {
        return f32::NAN;
    }
    let places = count.saturating_sub(point.min(count));
    if places == 0 { digits as f32 } else { (digits as f64 / TENS[places.min(15)]) as f32 }
}

/// Reason bits, hexadecimal or decimal; 0 if there is none. Bits above 32 are none that is known.
#[inline]
pub(super) fn bits(cell: &[u8]) -> u32 {
    let (digits, radix) = match cell.strip_prefix(b"0x") {
        Some(hex) => (hex, 16),
        None => (cell, 10),
    };
    let mut value = 0u64;
    for &b in digits {
        match char::from(b).to_digit(radix) {
            Some(d) => value = value.wrapping_mul(u64::from(radix)).wrapping_add(u64::from(d)),
            None => return 0,
        }
    }
    (value & u64::from(u32::MAX)) as u32
}
