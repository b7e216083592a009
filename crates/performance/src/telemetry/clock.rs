//! Times of samples: read fast, written plainly.
//!
//! Problem: every sample has a time, in whichever form its tool prints, and a month has tens of millions.
//! Method: the day of the last sample is kept, since most samples fall on the day of their predecessor;
//! what changes, the time of day, is eight digits at fixed places. Times are taken for UTC, as no tool
//! prints an offset.
//! Cost: a few nanoseconds per sample. What it cannot see: a clock that was set in between.

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime};

/// Times, with the day of the last one, since most samples fall on the day of their predecessor.
#[derive(Default)]
pub(super) struct Clock {
    day: [u8; 10],
    micros: i64,
}

impl Clock {
    /// `2024/01/31 10:23:45.123`, ISO 8601 in UTC, or seconds, milliseconds or microseconds since
    /// 1970.
    #[inline]
    pub(super) fn read(&mut self, cell: &[u8]) -> Option<i64> {
        let Some((date, rest)) = cell.split_first_chunk::<10>().filter(|(d, _)| is_date(d)) else {
            return epoch(cell);
        };
        if *date != self.day {
            let number = |i: usize| (date[i] - b'0') * 10 + date[i + 1] - b'0';
            let year = i32::from(number(0)) * 100 + i32::from(number(2));
            let month = Month::try_from(number(5)).ok()?;
            let midnight = Date::from_calendar_date(year, month, number(8)).ok()?.midnight();
            let seconds = midnight.assume_utc().unix_timestamp();
            (self.day, self.micros) = (*date, seconds * 1_000_000);
        }
        let (&[between, h, i, c, m, n, d, s, t], fraction) = rest.split_first_chunk::<9>()?;
        let digits = [h, i, m, n, s, t];
        if !matches!(between, b' ' | b'T') || c != b':' || d != b':' {
            return None;
        }
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let two = |a: u8, b: u8| i64::from(a - b'0') * 10 + i64::from(b - b'0');
        let (hour, minute, second) = (two(h, i), two(m, n), two(s, t));
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (mut micros, mut unit) = (0, 100_000);
        if let Some((b'.', places)) = fraction.split_first() {
            for &b in places.iter().take_while(|b| b.is_ascii_digit()).take(6) {
                micros += i64::from(b - b'0') * unit;
                unit /= 10;
            }
        }
        Some(self.micros + (hour * 3600 + minute * 60 + second) * 1_000_000 + micros)
    }
}

fn is_date(text: &[u8; 10]) -> bool {
    matches!(text[4], b'/' | b'-')
        && text[7] == text[4]
        && [0, 1, 2, 3, 5, 6, 8, 9].iter().all(|&i| text[i].is_ascii_digit())
}

fn epoch(cell: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(cell).ok()?;
    let value: f64 = text.parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0)?;
    let scale = match value {
        v if v < 1e11 => 1e6,
        v if v < 1e14 => 1e3,
        v if v < 1e17 => 1.0,
        _ => return None,
    };
    Some((value * scale) as i64)
}

/// A time as text, to the millisecond; the last or first representable one if it is none.
pub fn shown_time(micros: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000);
    let bound = if micros < 0 { PrimitiveDateTime::MIN } else { PrimitiveDateTime::MAX };
    let time = time.unwrap_or(bound.assume_utc());
    let ((year, month, day), (hour, minute, second, milli)) =
        (time.to_calendar_date(), time.to_hms_milli());
    let month = u8::from(month);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_round() {
        for text in
            ["1970-01-01T00:00:00.000", "2000-02-29T23:59:59.999", "2100-03-01T12:00:00.001"]
        {
            let time = Clock::default().read(text.as_bytes()).unwrap();
            assert_eq!(shown_time(time), text);
        }
    }

    #[test]
    fn hostile_times_are_none() {
        let mut clock = Clock::default();
        assert_eq!(clock.read(b"9999/99/99 99:99:99"), None);
        assert_eq!(clock.read(b"2023/02/29 10:00:00"), None);
        assert_eq!(clock.read(b"1e400"), None);
        assert_eq!(shown_time(i64::MAX), "9999-12-31T23:59:59.999");
    }
}
