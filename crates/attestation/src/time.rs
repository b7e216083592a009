//! Points in time: seconds since 1970, written as RFC 3339 in UTC. No clock is read here.

use der::DateTime;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Time(pub u64);

impl Time {
    /// Reads `2024-01-01`, `2024-01-01T12:00:00Z` or the latter with an offset such as `+08:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() == 10 {
            return Self::utc(&format!("{text}T00:00:00Z"));
        }
        if let Some(stem) = text.strip_suffix(['Z', 'z']) {
            return Self::utc(&format!("{}Z", without_fraction(&stem.replace(['t', ' '], "T"))));
        }
        let at = text.len().checked_sub(6)?;
        let (stem, offset) = (text.get(..at)?, text.get(at..)?);
        let sign = offset.get(..1)?;
        let (hours, minutes) = offset.get(1..)?.split_once(':')?;
        let digits = |s: &str| {
            (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit()))
                .then(|| s.parse::<u64>().ok())?
        };
        let (hours, minutes) = (digits(hours)?, digits(minutes)?);
        if hours > 23 || minutes > 59 {
            return None;
        }
        let seconds = (hours * 60 + minutes) * 60;
        let local = Self::utc(&format!("{}Z", without_fraction(&stem.replace(['t', ' '], "T"))))?.0;
        match sign {
            "+" => local.checked_sub(seconds).map(Self),
            "-" => local.checked_add(seconds).map(Self),
            _ => None,
        }
    }

    fn utc(text: &str) -> Option<Self> {
        text.parse::<DateTime>().ok().map(Self::from)
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

fn without_fraction(text: &str) -> String {
    match text.split_once('.') {
        Some((whole, digits))
            if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) =>
        {
            whole.to_owned()
        }
        _ => text.to_owned(),
    }
}

impl From<DateTime> for Time {
    fn from(time: DateTime) -> Self {
        Self(time.unix_duration().as_secs())
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match DateTime::from_unix_duration(std::time::Duration::from_secs(self.0)) {
            Ok(time) => write!(f, "{time}"),
            Err(_) => write!(f, "{} s", self.0),
        }
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
        for bad in ["", "2024", "2024-13-01", "yesterday", "2024-01-01T00:00:00", "é24-01-01T0:00Z"]
        {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }
}
