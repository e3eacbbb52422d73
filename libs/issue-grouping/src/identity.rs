//! What of an error decides: its bucket, its frames or its text.

use crate::error::{Error, Rule};
use crate::frames::{self, Deciding};
use crate::key::IssueKey;

/// The key of what has to be equal in all errors of an issue.
pub(crate) fn bucket_key(error: &Error<'_>) -> IssueKey {
    let (name, value) = match (error.kind, error.target) {
        (Some(kind), _) => ("type", kind),
        (None, Some(target)) => ("target", target),
        (None, None) => ("", ""),
    };
    let (rule, text) = match error.rule {
        Rule::None => ("", ""),
        Rule::Extend(text) => ("extend", text),
        Rule::Replace(text) => {
            return IssueKey::of([
                "replace".as_bytes(),
                error.service.as_bytes(),
                text.as_bytes(),
            ]);
        }
    };
    IssueKey::of([error.service, name, value, rule, text].map(str::as_bytes))
}

/// The issue of an error whose message does not count.
pub(crate) fn without_message(error: &Error<'_>, bucket: IssueKey) -> Option<IssueKey> {
    if let Rule::Replace(_) = error.rule {
        return Some(bucket);
    }
    let frames = deciding_frames(error);
    if frames.is_empty() {
        return None;
    }
    let bucket = bucket.0.to_le_bytes();
    let parts = frames
        .iter()
        .flat_map(|frame| [frame.function.as_bytes(), frame.file.as_bytes()]);
    Some(IssueKey::of(std::iter::once(&bucket[..]).chain(parts)))
}

/// The frames that decide, normalised: the innermost in-app frames of an error with a type.
pub(crate) fn deciding_frames<'a>(error: &Error<'a>) -> Vec<Deciding<'a>> {
    if error.kind.is_none() {
        return Vec::new();
    }
    frames::deciding(error.frames)
}

/// The message with its causes, each unless the text before it says it already.
pub(crate) fn full_text<'a>(error: &'a Error<'_>, scratch: &'a mut String) -> &'a str {
    if error.causes.is_empty() {
        return error.message;
    }
    scratch.clear();
    scratch.push_str(error.message);
    for cause in error.causes {
        if !scratch.contains(cause) {
            scratch.push_str(": ");
            scratch.push_str(cause);
        }
    }
    scratch
}
