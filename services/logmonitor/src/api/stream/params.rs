//! What can be asked of a live stream: the filters of a search, without what needs an end.

use log_record::Severity;
use serde::Deserialize;
use utoipa::IntoParams;

use super::super::error::ApiError;
use super::super::params::{issue_terms, levels, trace_id, values};
use crate::issues::Issues;
use crate::query::Filter;

/// The filters of a stream, as they are written.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamParams {
    /// Services, exact; several by comma.
    service: Option<String>,
    /// Hosts, exact; several by comma.
    host: Option<String>,
    /// Levels, several by comma; any case and any alias. Without `scope=all` ERROR, CRITICAL or both.
    level: Option<String>,
    /// Search: bare words and "quoted phrases" must all occur; `key:value`, `key:"two words"`, `-word`,
    /// `-key:value`, `key:*`.
    q: Option<String>,
    /// W3C trace id.
    trace_id: Option<String>,
    /// The id of an issue.
    issue: Option<String>,
    /// `errors` (the default) or `all`: every line of the logs topic, of any level.
    scope: Option<String>,
    /// As the header `Last-Event-ID`, for clients that cannot set one; the header is stronger.
    pub(super) last_event_id: Option<String>,
}

/// What is streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Errors, as they are stored.
    Errors,
    /// Every line of the logs topic.
    All,
}

impl StreamParams {
    pub(super) fn scope(&self) -> Result<Scope, ApiError> {
        match self.scope.as_deref() {
            None | Some("errors") => Ok(Scope::Errors),
            Some("all") => Ok(Scope::All),
            Some(other) => Err(ApiError::parameter(
                "scope",
                format!("scope must be errors or all, got {other}"),
            )),
        }
    }

    pub(super) fn into_filter(self, scope: Scope, issues: &Issues) -> Result<Filter, ApiError> {
        let level = self.level.as_deref();
        Ok(Filter {
            services: values("service", self.service.as_deref())?,
            hosts: values("host", self.host.as_deref())?,
            levels: match scope {
                Scope::Errors => levels(level)?,
                Scope::All => any_levels(level)?,
            },
            terms: issue_terms(self.q.as_deref(), self.issue.as_deref(), issues)?,
            trace_id: trace_id(self.trace_id)?,
            ..Filter::default()
        })
    }
}

fn any_levels(text: Option<&str>) -> Result<Vec<Severity>, ApiError> {
    let level = |word: String| {
        Severity::from_text(&word).ok_or_else(|| {
            ApiError::parameter(
                "level",
                format!(
                    "level must be one of TRACE, DEBUG, INFO, WARN, ERROR, CRITICAL, got {word}"
                ),
            )
        })
    };
    values("level", text)?.into_iter().map(level).collect()
}
