//! The metrics there are to choose from.

use super::filters;

/// A metric that a panel can show.
#[derive(Debug)]
pub(super) struct Metric {
    /// As a target.
    pub(super) name: &'static str,
    /// For people.
    pub(super) label: &'static str,
    /// What it can be narrowed by.
    pub(super) filters: &'static [&'static str],
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ErrorCount,
    ErrorByService,
    ErrorByLevel,
    LogCount,
    LogByService,
    LogByLevel,
    ErrorRatio,
    Issues,
    Annotations,
}

/// All metrics, in the order they are offered.
pub(super) const METRICS: [Metric; 9] = [
    metric("error_count", "Errors over time", Kind::ErrorCount),
    metric(
        "error_by_service",
        "Errors by service",
        Kind::ErrorByService,
    ),
    metric("error_by_level", "Errors by level", Kind::ErrorByLevel),
    metric(
        "log_count",
        "Records of every level over time",
        Kind::LogCount,
    ),
    metric("log_by_service", "Records by service", Kind::LogByService),
    metric("log_by_level", "Records by level", Kind::LogByLevel),
    metric(
        "error_ratio",
        "Errors among all records, 0 to 1",
        Kind::ErrorRatio,
    ),
    metric("issues", "Open issues", Kind::Issues),
    metric(
        "annotations",
        "Spikes of errors, as annotations",
        Kind::Annotations,
    ),
];

const fn metric(name: &'static str, label: &'static str, kind: Kind) -> Metric {
    Metric {
        name,
        label,
        filters: &filters::KEYS,
        kind,
    }
}
