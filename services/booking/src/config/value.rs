//! How the value of a variable is read, and what is said when it is wrong.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::Uri;

/// A variable has a wrong value.
#[derive(Debug, thiserror::Error)]
#[error("{variable} is {value:?}; expected {expected}")]
pub struct ConfigError {
    /// Its name.
    pub variable: &'static str,
    /// What it says.
    pub value: String,
    /// What it should say.
    pub expected: &'static str,
}

/// The variable's value as `parse` understands it; none if it is unset or empty.
pub(super) fn read<T>(
    lookup: impl Fn(&str) -> Option<String>,
    variable: &'static str,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ConfigError> {
    let Some(value) = lookup(variable).filter(|value| !value.trim().is_empty()) else {
        return Ok(None);
    };
    match parse(value.trim()) {
        Some(parsed) => Ok(Some(parsed)),
        None => Err(ConfigError {
            variable,
            value,
            expected,
        }),
    }
}

/// Where usermanagement is, for all who call it.
pub(super) fn usermanagement_url(
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<String, ConfigError> {
    let url = read(lookup, "USERMANAGEMENT_URL", EXPECTED_URL, base_url)?;
    Ok(url.unwrap_or_else(|| "http://127.0.0.1:5001".to_owned()))
}

pub(super) const EXPECTED_URL: &str = "a URL such as http://127.0.0.1:5001";

/// `http://host:port`, to which paths can be appended.
pub(super) fn base_url(text: &str) -> Option<String> {
    let url: Uri = text.parse().ok()?;
    let is_base =
        url.scheme_str() == Some("http") && url.authority().is_some() && url.query().is_none();
    is_base.then(|| text.trim_end_matches('/').to_owned())
}

pub(super) fn ip(text: &str) -> Option<IpAddr> {
    match text {
        "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        _ => text.parse().ok(),
    }
}

pub(super) fn share(text: &str) -> Option<f64> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
}
