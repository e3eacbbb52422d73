//! The formats of messages, as content types and settings name them.

use std::fmt;
use std::str::FromStr;

/// What a message is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JSON objects: one, an array of them, or one on each line; OTLP in JSON too.
    Json,
    /// OpenTelemetry's export request in JSON.
    OtlpJson,
    /// OpenTelemetry's export request in protobuf.
    OtlpProtobuf,
    /// `key=value` pairs.
    Logfmt,
    /// A line of syslog, of RFC 5424 or of BSD.
    Syslog,
    /// A line that a container runtime has put time and stream in front of.
    Cri,
    /// Text.
    Text,
}

impl Format {
    /// All of them.
    pub const ALL: [Format; 7] = [
        Format::Json,
        Format::OtlpJson,
        Format::OtlpProtobuf,
        Format::Logfmt,
        Format::Syslog,
        Format::Cri,
        Format::Text,
    ];

    /// The word for it in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::OtlpJson => "otlp-json",
            Format::OtlpProtobuf => "otlp-protobuf",
            Format::Logfmt => "logfmt",
            Format::Syslog => "syslog",
            Format::Cri => "cri",
            Format::Text => "text",
        }
    }

    /// What the value of a `content-type` header says; `None` for one that says nothing about logs.
    #[must_use]
    pub fn from_content_type(content_type: &str) -> Option<Format> {
        let media_type = content_type.split(';').next()?.trim().to_ascii_lowercase();
        Some(match media_type.as_str() {
            "application/x-protobuf"
            | "application/protobuf"
            | "application/vnd.google.protobuf"
            | "application/vnd.opentelemetry.logs+protobuf" => Format::OtlpProtobuf,
            "text/plain" => Format::Text,
            "application/logfmt" | "text/logfmt" | "application/x-logfmt" => Format::Logfmt,
            "application/syslog" | "text/syslog" => Format::Syslog,
            "application/json"
            | "text/json"
            | "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/json-lines" => Format::Json,
            other if other.ends_with("+protobuf") => Format::OtlpProtobuf,
            other if other.ends_with("+json") => Format::Json,
            _ => return None,
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is no format's word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown format {0:?}; expected one of json, otlp-json, otlp-protobuf, logfmt, syslog, cri, text"
)]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(word: &str) -> Result<Format, UnknownFormat> {
        Format::ALL
            .into_iter()
            .find(|format| format.as_str() == word)
            .ok_or_else(|| UnknownFormat(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_named_by_its_word() {
        for format in Format::ALL {
            assert_eq!(format.as_str().parse(), Ok(format));
        }
        assert!("xml".parse::<Format>().is_err());
    }

    #[test]
    fn a_content_type_is_read_without_its_parameters() {
        for (content_type, format) in [
            ("application/json; charset=utf-8", Some(Format::Json)),
            ("Application/X-NDJSON", Some(Format::Json)),
            ("application/x-protobuf", Some(Format::OtlpProtobuf)),
            ("text/plain", Some(Format::Text)),
            ("image/png", None),
        ] {
            assert_eq!(
                Format::from_content_type(content_type),
                format,
                "{content_type}"
            );
        }
    }
}
