//! Points in time: seconds since 1970, written as RFC 3339 in UTC. No clock is read here.

use der::DateTime;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Time(pub u64);

impl Time {
    /// Reads `2024-01-01`, `2024-01-01T12:00:00Z` or the latter with an offset such as `+08:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let time = match text.as_bytes().get(10) {
            None => OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339),
            Some(b'T' | b't' | b' ') => OffsetDateTime::parse(text, &Rfc3339),
            Some(_) => return None,
        };
        time.ok()?.unix_timestamp().try_into().ok().map(Self)
    }

    /// Whole days from `earlier` to this.
    pub fn days_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0) / 86400
    }

    /// The day alone: `2024-01-01`.
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }
}

impl From<DateTime> for Time {
    fn from(time: DateTime) -> Self {
        Self(time.unix_duration().as_secs())
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = i64::try_from(self.0).ok().map(OffsetDateTime::from_unix_timestamp);
        let Some(Ok(time)) = time else { return write!(f, "{} s", self.0) };
        let ((year, month, day), (hour, minute, second)) = (time.to_calendar_date(), time.to_hms());
        let month = u8::from(month);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::Time;

    #[test]
    fn times_are_read_and_written() {
        let show = |t: &str| Time::parse(t).map(|t| t.to_string());
        assert_eq!(show("2024-01-01").as_deref(), Some("2024-01-01T00:00:00Z"));
        assert_eq!(show("2024-01-01T12:00:00.5Z").as_deref(), Some("2024-01-01T12:00:00Z"));
        assert_eq!(show("2024-01-01T08:00:00+08:00").as_deref(), Some("2024-01-01T00:00:00Z"));
        assert_eq!(show("9999-12-31T23:59:59Z").as_deref(), Some("9999-12-31T23:59:59Z"));
        assert_eq!(show("2024-01-01t00:00:00-00:30").as_deref(), Some("2024-01-01T00:30:00Z"));
        assert_eq!(Time(u64::MAX).to_string(), "18446744073709551615 s");
        for bad in [
            "",
            "2024",
            "2024-13-01",
            "2023-02-29",
            "yesterday",
            "2024-01-01T00:00:00",
            "2024-01-01x00:00:00Z",
            "2024-01-01T00:00:00+24:00",
            "1969-12-31",
            "1970-01-01T00:00:00+00:01",
            "é24-01-01T0:00Z",
        ] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }
}
