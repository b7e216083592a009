//! Days on which rules take effect.

use serde::Deserialize;
use std::fmt;
use time::{Date, Month, OffsetDateTime};

/// A day, `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(Date);

impl Day {
    /// A day from its text; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = |range: std::ops::Range<usize>| -> Option<u16> {
            let part = text.get(range)?;
            if part.bytes().all(|b| b.is_ascii_digit()) { part.parse().ok() } else { None }
        };
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return None;
        }
        let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok().map(Self)
    }

    /// The day so many days after 1970-01-01, from that day to the year 9909.
    pub fn from_days(days: i64) -> Self {
        let start = OffsetDateTime::UNIX_EPOCH.date();
        Self(start.saturating_add(time::Duration::days(days.clamp(0, 2_900_000))))
    }
}

impl TryFrom<String> for Day {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no day; write YYYY-MM-DD"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.0.to_calendar_date();
        write!(f, "{year:04}-{:02}-{day:02}", u8::from(month))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_days() {
        assert!(Day::parse("2024-02-29").is_some());
        assert_eq!(Day::from_days(20_468).to_string(), "2026-01-15");
        assert_eq!(Day::from_days(-1).to_string(), "1970-01-01");
        assert_eq!(Day::from_days(i64::MAX).to_string(), "9909-12-07");
        for bad in [
            "2023-02-29",
            "2023-13-01",
            "2023-1-01",
            "20230101",
            "2023-00-10",
            "+023-01-01",
            "2023-04-31",
            "é23-01-01",
        ] {
            assert!(Day::parse(bad).is_none(), "{bad}");
        }
    }
}
