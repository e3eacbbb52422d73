//! How messages are read: what their topics say about them, and what a record means where it does not say so itself.

use log_record::{Format, Hints, Severity, Timestamp};

use super::value::{ConfigError, Variables};

/// How messages are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeConfig {
    /// The level of a record that names none. `LOG_MONITOR_DEFAULT_LEVEL`, default INFO.
    pub level: Severity,
    /// The service of a record that names none. `LOG_MONITOR_DEFAULT_SERVICE`, default `unknown`.
    pub service: String,
    /// What times without a zone are meant in, in seconds east of Greenwich. `LOG_MONITOR_TIME_ZONE`, default UTC.
    pub utc_offset_seconds: i32,
    /// The formats of topics, whatever the headers of their messages say. `LOG_MONITOR_TOPIC_FORMATS`: `topic=format`
    /// by comma.
    pub formats: Vec<(String, Format)>,
}

impl Default for DecodeConfig {
    fn default() -> DecodeConfig {
        DecodeConfig {
            level: Severity::Info,
            service: "unknown".to_owned(),
            utc_offset_seconds: 0,
            formats: Vec::new(),
        }
    }
}

impl DecodeConfig {
    pub(super) fn from_variables(variables: &Variables<'_>) -> Result<DecodeConfig, ConfigError> {
        let level = variables.parse(
            "LOG_MONITOR_DEFAULT_LEVEL",
            "one of TRACE, DEBUG, INFO, WARN, ERROR, CRITICAL",
            Severity::from_text,
        )?;
        let utc_offset_seconds = variables.parse(
            "LOG_MONITOR_TIME_ZONE",
            "UTC, or hours and minutes east of it such as +01:00 or -05:30",
            utc_offset,
        )?;
        let formats = variables.parse(
            "LOG_MONITOR_TOPIC_FORMATS",
            "topic=format by comma, each format one of json, otlp-json, otlp-protobuf, logfmt, syslog, cri, text",
            topic_formats,
        )?;
        let default = DecodeConfig::default();
        Ok(DecodeConfig {
            level: level.unwrap_or(default.level),
            service: variables
                .text("LOG_MONITOR_DEFAULT_SERVICE")
                .unwrap_or(default.service),
            utc_offset_seconds: utc_offset_seconds.unwrap_or_default(),
            formats: formats.unwrap_or_default(),
        })
    }

    /// What is known about a message beside its bytes. `content_type` is the value of its header.
    #[must_use]
    pub fn hints(
        &self,
        topic: &str,
        content_type: Option<&[u8]>,
        timestamp: Timestamp,
    ) -> Hints<'_> {
        let mut of_topic = self.formats.iter().filter(|(name, _)| name == topic);
        let of_header = || Format::from_content_type(std::str::from_utf8(content_type?).ok()?);
        let mut hints = Hints::new(timestamp);
        hints.format = of_topic
            .next()
            .map(|(_, format)| *format)
            .or_else(of_header);
        hints.level = self.level;
        hints.service = &self.service;
        hints.utc_offset_seconds = self.utc_offset_seconds;
        hints
    }
}

fn topic_formats(text: &str) -> Option<Vec<(String, Format)>> {
    let pairs = text.split(',').map(|pair| {
        let (topic, format) = pair.split_once('=')?;
        let topic = topic.trim();
        let format = format.trim().parse().ok()?;
        (!topic.is_empty()).then(|| (topic.to_owned(), format))
    });
    pairs.collect()
}

/// `+01:00`
fn utc_offset(text: &str) -> Option<i32> {
    if text == "UTC" {
        return Some(0);
    }
    let (sign, clock) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let (hours, minutes) = clock.split_once(':')?;
    let number = |digits: &str, below: i32| -> Option<i32> {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .parse()
            .ok()
            .filter(|number| is_number && *number < below)
    };
    Some(sign * (number(hours, 15)? * 3_600 + number(minutes, 60)? * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topics_setting_beats_the_header_of_the_message() {
        let config = DecodeConfig {
            formats: topic_formats("plain=text, spans=otlp-protobuf").unwrap(),
            ..DecodeConfig::default()
        };
        let format = |topic, content_type: Option<&[u8]>| {
            config.hints(topic, content_type, Timestamp::MIN).format
        };
        assert_eq!(
            format("plain", Some(b"application/json")),
            Some(Format::Text)
        );
        assert_eq!(format("spans", None), Some(Format::OtlpProtobuf));
        assert_eq!(
            format("other", Some(b"application/json")),
            Some(Format::Json)
        );
        assert_eq!(format("other", Some(b"\xff")), None);
    }

    #[test]
    fn a_zone_is_utc_or_hours_and_minutes() {
        assert_eq!(utc_offset("UTC"), Some(0));
        assert_eq!(utc_offset("+01:00"), Some(3_600));
        assert_eq!(utc_offset("-05:30"), Some(-19_800));
        for wrong in ["", "CET", "01:00", "+1:00", "+25:00", "+01:60", "+é:00"] {
            assert_eq!(utc_offset(wrong), None, "{wrong}");
        }
    }
}
