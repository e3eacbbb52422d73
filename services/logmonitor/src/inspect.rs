//! `logmonitor inspect`: how one message is decoded, for a person who wonders why a level came out as it did.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::PathBuf;

use log_record::{Decoded, LogRecord, Records, Timestamp, decode, encode};
use rdkafka::Message as _;

use crate::config::{Bootstrap, Config, ConfigError, DecodeConfig};
use crate::kafka::{FetchError, content_type, fetch};

/// Where the message is, and what is known about it.
#[derive(Clone, Debug, clap::Args)]
pub struct InspectArguments {
    /// The file that holds the message; standard input without one
    file: Option<PathBuf>,
    /// The content type that the message has, or would have
    #[arg(long)]
    content_type: Option<String>,
    /// Read the message from this topic instead
    #[arg(long, requires_all = ["partition", "offset"], conflicts_with = "file")]
    topic: Option<String>,
    /// Its partition
    #[arg(long, requires = "topic")]
    partition: Option<i32>,
    /// Its offset
    #[arg(long, requires = "topic")]
    offset: Option<i64>,
    /// The brokers; without them those of KAFKA_BOOTSTRAP_SERVERS
    #[arg(long, requires = "topic")]
    bootstrap_servers: Option<String>,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The broker inside another process holds nothing that could be read from here without its address.
    #[error(
        "KAFKA_BOOTSTRAP_SERVERS is embedded; expected --bootstrap-servers with the address of that broker"
    )]
    Embedded,
    /// The message could not be fetched.
    #[error("the message cannot be read: {0}")]
    Fetch(#[from] FetchError),
    /// The file could not be read, or the answer not be written.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// One message, from wherever it came.
struct Inspected {
    topic: String,
    content_type: Option<Vec<u8>>,
    timestamp: Timestamp,
    payload: Vec<u8>,
}

/// Shows how the message is decoded. `Ok(false)` where it cannot be.
///
/// # Errors
/// The message cannot be read, or the answer not be written.
pub fn inspect(arguments: &InspectArguments, out: &mut impl Write) -> Result<bool, InspectError> {
    let config = DecodeConfig::from_env()?;
    let message = match (&arguments.topic, arguments.partition, arguments.offset) {
        (Some(topic), Some(partition), Some(offset)) => {
            from_kafka(arguments, topic, partition, offset)?
        }
        _ => from_file(arguments)?,
    };
    let content_type = message.content_type.as_deref();
    let mut hints = config.hints(&message.topic, content_type, message.timestamp);
    hints.explain = true;
    if let Some(format) = hints.format {
        writeln!(out, "said to be {format}")?;
    }
    match decode(&message.payload, &hints) {
        Ok(records) => {
            show_all(out, &records)?;
            Ok(true)
        }
        Err(error) => {
            writeln!(
                out,
                "cannot be decoded, goes to the quarantine: {} ({error})",
                error.reason()
            )?;
            Ok(false)
        }
    }
}

fn from_file(arguments: &InspectArguments) -> Result<Inspected, InspectError> {
    let mut payload = Vec::new();
    match &arguments.file {
        Some(path) => File::open(path)
            .and_then(|mut file| file.read_to_end(&mut payload))
            .map_err(|error| {
                io::Error::new(error.kind(), format!("{}: {error}", path.display()))
            })?,
        None => io::stdin().lock().read_to_end(&mut payload)?,
    };
    Ok(Inspected {
        topic: String::new(),
        content_type: arguments.content_type.clone().map(String::into_bytes),
        timestamp: Timestamp::now(),
        payload,
    })
}

fn from_kafka(
    arguments: &InspectArguments,
    topic: &str,
    partition: i32,
    offset: i64,
) -> Result<Inspected, InspectError> {
    let config = Config::from_env_with(arguments.bootstrap_servers.as_deref())?.kafka;
    let Bootstrap::Servers(servers) = &config.bootstrap else {
        return Err(InspectError::Embedded);
    };
    let message = fetch(&config, servers, topic, partition, offset)?;
    let millis = message.timestamp().to_millis();
    Ok(Inspected {
        topic: topic.to_owned(),
        content_type: arguments
            .content_type
            .clone()
            .map(String::into_bytes)
            .or_else(|| content_type(&message).map(<[u8]>::to_vec)),
        timestamp: millis.map_or_else(Timestamp::now, Timestamp::from_millis),
        payload: message.payload().unwrap_or_default().to_vec(),
    })
}

fn show_all(out: &mut impl Write, records: &Records<'_>) -> io::Result<()> {
    let decoded = records.as_slice();
    if let Records::Many(_) = records {
        writeln!(out, "a container of {} records", decoded.len())?;
    }
    for (index, decoded) in decoded.iter().enumerate() {
        if let Records::Many(_) = records {
            writeln!(out, "\nrecord {index}")?;
        }
        show(out, decoded)?;
    }
    Ok(())
}

fn show(out: &mut impl Write, decoded: &Decoded<'_>) -> io::Result<()> {
    let record = &decoded.record;
    write!(out, "read as {}", decoded.format)?;
    match decoded.shape {
        Some(shape) => writeln!(out, ", in the shape of {shape}")?,
        None => writeln!(out)?,
    }
    for source in &decoded.sources {
        writeln!(out, "  {:<14} <- {}", source.field, source.key)?;
    }
    for (field, default) in [
        ("timestamp", "the time of the Kafka record"),
        ("level", "LOG_MONITOR_DEFAULT_LEVEL"),
        ("service", "LOG_MONITOR_DEFAULT_SERVICE"),
    ] {
        if !decoded.sources.iter().any(|source| source.field == field) {
            writeln!(out, "  {field:<14} <- nothing tells it: {default}")?;
        }
    }
    if decoded.is_level_unknown {
        writeln!(
            out,
            "  its level is none that is known: INFO, with the original in fields.original_level"
        )?;
    }
    if let Some(names) = field_names(record) {
        writeln!(out, "  fields         <- {names}")?;
    }
    let mut json = Vec::new();
    encode(record, &mut json);
    json.push(b'\n');
    out.write_all(&json)
}

/// What no row of the table claims.
fn field_names(record: &LogRecord<'_>) -> Option<String> {
    let fields = record.fields.as_ref()?;
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(fields.as_str()).ok()?;
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    Some(names.join(", "))
}
