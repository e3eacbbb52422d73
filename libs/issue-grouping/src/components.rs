//! Why an error belongs to its issue, for people to read.

use crate::error::{Error, Rule};
use crate::frames::Deciding;
use crate::learn::Piece;
use crate::mask::{MARK, Mask, Shape, Token, write_masked};

/// A template that is shown is cut behind this many bytes.
const MAX_SHOWN: usize = 2_000;

/// One part of what an issue's errors have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// `service`, `type`, `target`, `fingerprint`, `frame` (innermost first) or `message`.
    pub name: &'static str,
    /// What is equal in all of them. A message is shown with its masks.
    pub value: String,
}

impl Component {
    fn new(name: &'static str, value: impl Into<String>) -> Component {
        Component {
            name,
            value: value.into(),
        }
    }
}

/// What has to be equal in any case.
pub(crate) fn of_bucket(error: &Error<'_>) -> Vec<Component> {
    let mut components = vec![Component::new("service", error.service)];
    if let Rule::Replace(text) = error.rule {
        components.push(Component::new("fingerprint", text));
        return components;
    }
    if let Some(kind) = error.kind {
        components.push(Component::new("type", kind));
    } else if let Some(target) = error.target {
        components.push(Component::new("target", target));
    }
    if let Rule::Extend(text) = error.rule {
        components.push(Component::new("fingerprint", text));
    }
    components
}

/// The frames that decide.
pub(crate) fn of_frames(frames: &[Deciding<'_>]) -> impl Iterator<Item = Component> {
    frames.iter().map(|Deciding { function, file }| {
        let value = if file.is_empty() {
            function.to_string()
        } else {
            format!("{function} ({file})")
        };
        Component::new("frame", value)
    })
}

/// The message with its masks. `pieces` belong to `tokens`, with any value where a place is variable.
pub(crate) fn of_message(text: &str, tokens: &[Token], pieces: &[Piece]) -> Component {
    let mut shown = Vec::with_capacity(text.len().min(MAX_SHOWN));
    let mut end = 0;
    for (token, piece) in tokens.iter().zip(pieces) {
        let start = token.start as usize;
        let gap = &text.as_bytes()[end.min(start)..start];
        if shown.len() + gap.len() > MAX_SHOWN {
            break;
        }
        shown.extend_from_slice(gap);
        let word = &text.as_bytes()[start..token.end as usize];
        write_token(word, token, *piece, &mut shown);
        end = token.until as usize;
    }
    let rest = &text[end..];
    let line = rest.lines().next().unwrap_or_default();
    let closes = !line.contains(char::is_alphanumeric) && line.len() < 8;
    shown.extend_from_slice(if closes {
        line.as_bytes()
    } else {
        " …".as_bytes()
    });
    Component::new("message", String::from_utf8_lossy(&shown))
}

fn write_token(word: &[u8], token: &Token, piece: Piece, shown: &mut Vec<u8>) {
    match token.shape {
        Shape::Masked(kind) => shown.extend_from_slice(kind.name().as_bytes()),
        _ if piece.is_value() => shown.extend_from_slice(Mask::Any.name().as_bytes()),
        Shape::Numbered | Shape::Path | Shape::ErrorType => {
            let mut masked = Vec::with_capacity(word.len());
            write_masked(word, &mut masked);
            for byte in masked {
                if byte == MARK {
                    shown.extend_from_slice(Mask::Id.name().as_bytes());
                } else {
                    shown.push(byte);
                }
            }
        }
        _ => shown.extend_from_slice(word),
    }
}
