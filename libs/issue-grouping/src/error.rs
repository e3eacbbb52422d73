//! An error to be grouped: the parts of a record that decide which issue it belongs to.

use log_record::Frame;

/// An error, borrowed from the record it came in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Error<'a> {
    /// The service that logged it.
    pub service: &'a str,
    /// The error's type, where the record names one. Taken as it is: different types are never one issue.
    pub kind: Option<&'a str>,
    /// The logger's name. Decides in place of the type where there is none.
    pub target: Option<&'a str>,
    /// The text for people.
    pub message: &'a str,
    /// The messages of the error and its sources, outermost first: they say more than `request failed` does.
    pub causes: &'a [&'a str],
    /// Its stack, innermost first, as [`log_record::frames`] returns it.
    pub frames: &'a [Frame<'a>],
    /// What a user's rule says about it.
    pub rule: Rule<'a>,
}

/// What a user's rule makes of an error. To mask more, change the message before it is grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule<'a> {
    /// No rule applies.
    #[default]
    None,
    /// Errors with different texts here are different issues, even if they would be one otherwise.
    Extend(&'a str),
    /// This text alone decides, within a service.
    Replace(&'a str),
}
