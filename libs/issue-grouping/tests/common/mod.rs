//! What the tests of grouping share.
#![expect(dead_code, reason = "each test binary uses a part of it")]

use issue_grouping::{Error, Grouper, IssueKey};

pub(crate) fn error(message: &str) -> Error<'_> {
    Error {
        service: "shop",
        message,
        ..Error::default()
    }
}

/// The masked message, as it is shown.
pub(crate) fn template(message: &str) -> String {
    let components = Grouper::default().explain(&error(message));
    components[components.len() - 1].value.clone()
}

/// The issues of messages once all have arrived.
pub(crate) fn issues_at_end<M: AsRef<str>>(messages: &[M]) -> Vec<IssueKey> {
    let mut grouper = Grouper::default();
    let issues: Vec<IssueKey> = messages
        .iter()
        .map(|message| grouper.group(&error(message.as_ref())).issue)
        .collect();
    let redirects: std::collections::HashMap<_, _> = grouper.redirects().collect();
    issues
        .into_iter()
        .map(|issue| *redirects.get(&issue).unwrap_or(&issue))
        .collect()
}

/// How many issues the messages are.
pub(crate) fn count<M: AsRef<str>>(messages: &[M]) -> usize {
    let mut issues = issues_at_end(messages);
    issues.sort_unstable();
    issues.dedup();
    issues.len()
}
