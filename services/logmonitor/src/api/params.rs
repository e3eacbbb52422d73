//! Query parameters: read strictly, so that a typo never silently widens a search.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use log_record::{Severity, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::ApiState;
use super::error::ApiError;
use crate::issues::{IssueKey, Issues};
use crate::query::{self, Cursor, Filter, Order, Query as Search, TimeBound};

/// The parameters of a request as `T`, a struct of optional strings that refuses unknown fields.
#[derive(Debug)]
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        Query::<T>::try_from_uri(&parts.uri)
            .map(|Query(params)| Params(params))
            .map_err(|rejection| {
                // The only message a struct of optional strings gives: an unknown field, or one that came twice.
                let message = rejection.body_text();
                let reason = message
                    .rsplit_once(": ")
                    .map_or(message.as_str(), |(_, reason)| reason);
                let parameter = reason.split('`').nth(1).unwrap_or_default();
                let readable = reason
                    .replace("unknown field", "unknown parameter")
                    .replace("duplicate field", "repeated parameter");
                let readable = readable
                    .replace("expected one of", "known are")
                    .replace("expected", "known is");
                ApiError::parameter(parameter, readable)
            })
    }
}

/// The one parameter in the path of a route.
#[derive(Debug)]
pub(super) struct InPath(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Path::<String>::from_request_parts(parts, state)
            .await
            .map(|Path(value)| InPath(value))
            .map_err(|rejection| {
                // Names the parameter between back quotes: it is not UTF-8.
                let message = rejection.body_text();
                let parameter = message.split('`').nth(1).unwrap_or_default();
                ApiError::parameter(
                    parameter,
                    format!("{parameter} in the path must be UTF-8, percent-encoded"),
                )
            })
    }
}

/// For routes that take no parameters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoParams {}

/// The filters of a search, as they are written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ErrorsParams {
    /// Services, exact; several by comma.
    service: Option<String>,
    /// Hosts, exact; several by comma.
    host: Option<String>,
    /// ERROR, CRITICAL or both by comma; any case and any alias.
    level: Option<String>,
    /// Search: bare words and "quoted phrases" must all occur; `key:value`, `key:"two words"`, `-word`,
    /// `-key:value`, `key:*`.
    q: Option<String>,
    /// First moment: RFC 3339, epoch milliseconds, or relative to now (`-15m`, `now-1h`).
    from: Option<String>,
    /// The moment after the last, in the same forms.
    to: Option<String>,
    /// W3C trace id.
    trace_id: Option<String>,
    /// The id of an issue.
    issue: Option<String>,
    /// Length of a page, 1 to 1000; default 100.
    limit: Option<String>,
    /// `desc` (newest first, the default) or `asc`.
    order: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The longest `q` that is read.
const MAX_QUERY_LENGTH: usize = 4_096;

impl ErrorsParams {
    /// The query they stand for. `service` is that of the path, where there is one.
    pub(super) fn into_query(
        self,
        service: Option<String>,
        state: &ApiState,
        now: Timestamp,
    ) -> Result<Search, ApiError> {
        if service.is_some() && self.service.is_some() {
            return Err(ApiError::parameter(
                "service",
                "service is given in the path already",
            ));
        }
        let services = match service {
            Some(service) => vec![service],
            None => values("service", self.service.as_deref())?,
        };
        let (from, to) = range(self.from.as_deref(), self.to.as_deref(), now)?;
        let filter = Filter {
            services,
            hosts: values("host", self.host.as_deref())?,
            levels: levels(self.level.as_deref())?,
            terms: issue_terms(
                self.q.as_deref(),
                self.issue.as_deref(),
                state.ingest.issues(),
            )?,
            from,
            to,
            trace_id: trace_id(self.trace_id)?,
        };
        Ok(Search {
            filter,
            order: order(self.order.as_deref())?,
            limit: limit(self.limit.as_deref())?,
            cursor: self.cursor.as_deref().map(cursor).transpose()?,
        })
    }
}

impl ErrorsParams {
    /// The same, of one issue.
    pub(super) fn of_issue(mut self, issue: IssueKey) -> Result<ErrorsParams, ApiError> {
        if self.issue.is_some() {
            return Err(ApiError::parameter(
                "issue",
                "issue is given in the path already",
            ));
        }
        self.issue = Some(issue.to_string());
        Ok(self)
    }
}

/// The id of an issue.
pub(super) fn issue_key(text: &str) -> Result<IssueKey, ApiError> {
    IssueKey::parse(text).ok_or_else(|| {
        ApiError::parameter(
            "issue",
            format!("issue must be 32 hex digits, got {text:?}"),
        )
    })
}

/// The values of a parameter that takes several by comma.
pub(super) fn values(parameter: &str, text: Option<&str>) -> Result<Vec<String>, ApiError> {
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    let values: Vec<String> = text
        .split(',')
        .map(|value| value.trim().to_owned())
        .collect();
    if values.iter().any(String::is_empty) {
        return Err(ApiError::parameter(
            parameter,
            format!("{parameter} must not be empty; leave it out for all"),
        ));
    }
    Ok(values)
}

/// `from` and `to`, which must not be the wrong way round.
pub(super) fn range(
    from: Option<&str>,
    to: Option<&str>,
    now: Timestamp,
) -> Result<(Option<TimeBound>, Option<TimeBound>), ApiError> {
    let time = |parameter, text: Option<&str>| {
        text.map(|text| {
            query::time::parse(text, now)
                .map_err(|error| ApiError::parameter(parameter, format!("{parameter}: {error}")))
        })
        .transpose()
    };
    let (from_time, to_time) = (time("from", from)?, time("to", to)?);
    if let (Some(first), Some(last)) = (from_time, to_time)
        && first.at > last.at
    {
        return Err(ApiError::parameter(
            "from",
            format!(
                "from must not be after to, got {} and {}",
                first.at, last.at
            ),
        ));
    }
    Ok((from_time, to_time))
}

pub(super) fn levels(text: Option<&str>) -> Result<Vec<Severity>, ApiError> {
    let level = |word: String| match Severity::from_text(&word) {
        Some(level) if level.is_error() => Ok(level),
        _ => Err(ApiError::parameter(
            "level",
            format!("level must be ERROR or CRITICAL, got {word}"),
        )),
    };
    values("level", text)?.into_iter().map(level).collect()
}

/// The terms of `q` and `issue`. An issue stands for those that were merged with it.
pub(super) fn issue_terms(
    q: Option<&str>,
    issue: Option<&str>,
    issues: &Issues,
) -> Result<Vec<query::Term>, ApiError> {
    let mut terms = terms(q)?;
    if let Some(issue) = issue {
        let key = issue_key(issue)?;
        terms.push(query::Term::Key {
            key: query::Key::Issue,
            wanted: query::Wanted::Value(key.to_string()),
            negated: false,
        });
    }
    for term in &mut terms {
        if let query::Term::Key {
            key: query::Key::Issue,
            wanted: query::Wanted::Value(ids),
            ..
        } = term
        {
            let asked = ids.split(',').filter_map(IssueKey::parse);
            let all: Vec<String> = asked
                .flat_map(|key| issues.keys(key))
                .map(|key| key.to_string())
                .collect();
            *ids = all.join(",");
        }
    }
    Ok(terms)
}

pub(super) fn terms(text: Option<&str>) -> Result<Vec<query::Term>, ApiError> {
    let text = text.unwrap_or_default();
    if text.len() > MAX_QUERY_LENGTH {
        let message = format!(
            "q must have at most {MAX_QUERY_LENGTH} bytes, got {}",
            text.len()
        );
        return Err(ApiError::parameter("q", message));
    }
    query::parse(text).map_err(|error| ApiError::parameter("q", format!("q: {error}")))
}

pub(super) fn trace_id(text: Option<String>) -> Result<Option<String>, ApiError> {
    let Some(text) = text else {
        return Ok(None);
    };
    if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ApiError::parameter(
            "trace_id",
            format!("trace_id must be 32 hex digits, got {text:?}"),
        ));
    }
    Ok(Some(text.to_ascii_lowercase()))
}

pub(super) fn limit(text: Option<&str>) -> Result<usize, ApiError> {
    let Some(text) = text else {
        return Ok(Search::DEFAULT_LIMIT);
    };
    let limit = text
        .parse()
        .ok()
        .filter(|limit| (1..=Search::MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| {
        ApiError::parameter(
            "limit",
            format!(
                "limit must be between 1 and {}, got {text}",
                Search::MAX_LIMIT
            ),
        )
    })
}

fn order(text: Option<&str>) -> Result<Order, ApiError> {
    match text {
        None | Some("desc") => Ok(Order::Descending),
        Some("asc") => Ok(Order::Ascending),
        Some(other) => Err(ApiError::parameter(
            "order",
            format!("order must be asc or desc, got {other}"),
        )),
    }
}

fn cursor(text: &str) -> Result<Cursor, ApiError> {
    text.parse()
        .map_err(|error: query::CursorError| ApiError::parameter("cursor", error.to_string()))
}
