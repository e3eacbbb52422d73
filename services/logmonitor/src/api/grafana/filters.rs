//! What a query is narrowed to: ad hoc filters and a target's payload, resolved into names the store knows.

use regex::Regex;
use serde_json::Value;

use super::request::{AdHocFilter, Target, unescape};
use crate::api::error::ApiError;
use crate::store::Store;

/// What a metric can be filtered by.
pub(super) const KEYS: [&str; 2] = ["service", "level"];

/// One condition on one key.
#[derive(Debug)]
pub(super) struct Condition {
    key: &'static str,
    negated: bool,
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// One of these, exactly.
    Exact(Vec<String>),
    /// The whole value matches.
    Pattern(Regex),
}

impl Condition {
    /// From a filter of the dashboard.
    pub(super) fn from_filter(filter: &AdHocFilter) -> Result<Condition, ApiError> {
        let key = known_key(&filter.key)?;
        let (negated, is_pattern) = match filter.operator.as_str() {
            "=" | "==" => (false, false),
            "!=" => (true, false),
            "=~" => (false, true),
            "!~" => (true, true),
            other => {
                let message = format!(
                    "unknown operator {other:?} in a filter on {key}; known: =, !=, =~, !~"
                );
                return Err(ApiError::parameter("filters", message));
            }
        };
        let values = if is_pattern {
            let whole = format!("^(?:{})$", filter.value);
            let pattern = Regex::new(&whole).map_err(|error| {
                ApiError::parameter(
                    "filters",
                    format!("the filter on {key} is no regular expression: {error}"),
                )
            })?;
            Values::Pattern(pattern)
        } else {
            Values::Exact(vec![filter.value.clone()])
        };
        Ok(Condition {
            key,
            negated,
            values,
        })
    }

    /// From the parameters of a target; keys that are no filters are the plugin's own.
    pub(super) fn from_target(target: &Target) -> Vec<Condition> {
        let objects = [&target.payload, &target.data]
            .into_iter()
            .flatten()
            .filter_map(Value::as_object);
        let pairs = objects
            .flatten()
            .filter_map(|(key, value)| Some((known_key(key).ok()?, names(value))));
        pairs
            .filter(|(_, names)| !names.is_empty())
            .map(|(key, names)| Condition {
                key,
                negated: false,
                values: Values::Exact(names),
            })
            .collect()
    }

    /// From a pair such as `level=ERROR`.
    pub(super) fn exact(key: &str, value: &str) -> Result<Condition, ApiError> {
        Ok(Condition {
            key: known_key(key)?,
            negated: false,
            values: Values::Exact(vec![value.to_owned()]),
        })
    }

    fn accepts(&self, value: &str) -> bool {
        let matches = match &self.values {
            Values::Exact(names) if self.key == "level" => {
                names.iter().any(|name| name.eq_ignore_ascii_case(value))
            }
            Values::Exact(names) => names.iter().any(|name| name == value),
            Values::Pattern(pattern) => pattern.is_match(value),
        };
        matches != self.negated
    }
}

fn known_key(key: &str) -> Result<&'static str, ApiError> {
    KEYS.into_iter().find(|known| *known == key).ok_or_else(|| {
        ApiError::parameter(
            "filters",
            format!("unknown filter key {key:?}; known: {}", KEYS.join(", ")),
        )
    })
}

/// The names in a parameter: a string with commas, a list, or several joined by Grafana as `(a|b)` or `{a,b}`.
fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => split(text),
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_str)
            .flat_map(split)
            .collect(),
        _ => Vec::new(),
    }
}

fn split(text: &str) -> Vec<String> {
    let joined = |open, close| {
        text.strip_prefix(open)
            .and_then(|rest: &str| rest.strip_suffix(close))
    };
    let (inner, separator) = match (joined('(', ')'), joined('{', '}')) {
        (Some(inner), _) => (inner, '|'),
        (_, Some(inner)) => (inner, ','),
        _ => (text, ','),
    };
    inner
        .split(separator)
        .map(unescape)
        .filter(|name| !name.is_empty() && name != "$__all")
        .collect()
}

/// The values of `key` that the store knows.
pub(super) fn known_values(store: &Store, key: &str, now: log_record::Timestamp) -> Vec<String> {
    match key {
        "service" => store
            .services(now)
            .into_iter()
            .map(|service| service.name)
            .collect(),
        _ => ["ERROR", "CRITICAL"].map(str::to_owned).to_vec(),
    }
}

/// The values that every condition on `key` accepts; `None` when there is no such condition.
pub(super) fn accepted(
    conditions: &[&Condition],
    key: &str,
    known: impl FnOnce() -> Vec<String>,
) -> Option<Vec<String>> {
    let relevant: Vec<&&Condition> = conditions
        .iter()
        .filter(|condition| condition.key == key)
        .collect();
    if relevant.is_empty() {
        return None;
    }
    Some(
        known()
            .into_iter()
            .filter(|value| relevant.iter().all(|condition| condition.accepts(value)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(key: &str, operator: &str, value: &str) -> AdHocFilter {
        AdHocFilter {
            key: key.to_owned(),
            operator: operator.to_owned(),
            value: value.to_owned(),
        }
    }

    fn services(filters: &[AdHocFilter]) -> Option<Vec<String>> {
        let conditions: Vec<Condition> = filters
            .iter()
            .map(|filter| Condition::from_filter(filter).unwrap())
            .collect();
        accepted(&conditions.iter().collect::<Vec<_>>(), "service", || {
            ["checkout", "pay", "payments"].map(str::to_owned).to_vec()
        })
    }

    #[test]
    fn conditions_on_one_key_must_all_hold() {
        assert_eq!(services(&[filter("level", "!=", "WARN")]), None);
        assert_eq!(
            services(&[filter("service", "=~", "pay.*")]).unwrap(),
            ["pay", "payments"]
        );
        assert_eq!(
            services(&[filter("service", "=~", "pay")]).unwrap(),
            ["pay"]
        );
        assert_eq!(
            services(&[filter("service", "!~", "pay.*")]).unwrap(),
            ["checkout"]
        );
        let both = [
            filter("service", "=", "checkout"),
            filter("service", "=~", "pay.*"),
        ];
        assert_eq!(services(&both).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_filter_is_named() {
        for (wrong, named) in [
            (filter("colour", "=", "red"), "colour"),
            (filter("service", ">", "1"), "\">\""),
            (filter("service", "=~", "("), "service"),
        ] {
            let error = Condition::from_filter(&wrong).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn several_values_come_joined_or_as_a_list() {
        assert_eq!(split(r"(a\.b|c)"), ["a.b", "c"]);
        assert_eq!(split("{a,c}"), ["a", "c"]);
        assert_eq!(split("a,c"), ["a", "c"]);
        assert_eq!(split("a|c"), ["a|c"]);
        assert_eq!(split("$__all"), Vec::<String>::new());
        assert_eq!(names(&serde_json::json!(["x", "y"])), ["x", "y"]);
    }
}
