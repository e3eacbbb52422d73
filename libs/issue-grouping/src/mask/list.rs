//! Lists: they may be of any length, so that all of their items together are one.

use super::token::{Shape, Token};

/// Items of a list are this many words and values at most: `node-1 0x1f ok, node-2 0x3f ok`.
const MAX_PERIOD: usize = 3;

/// Adds a token of `text`, unless it continues a list.
pub(super) fn push(text: &[u8], tokens: &mut Vec<Token>, token: Token) {
    if let Some(last) = tokens.last_mut()
        && is_next_item(text, last, &token)
    {
        last.until = token.until;
        return;
    }
    tokens.push(token);
    if let Some(period) = (2..=MAX_PERIOD).find(|period| repeats(tokens, *period)) {
        tokens.truncate(tokens.len() - period);
        if let Some(last) = tokens.last_mut() {
            last.until = token.until;
        }
    }
}

/// Whether the token is one more of what the last one is: a value, the same word with another number, or, behind a
/// comma, any word with a number; likewise paths.
fn is_next_item(text: &[u8], last: &Token, token: &Token) -> bool {
    let gap = &text[last.until as usize..token.start.max(last.until) as usize];
    let separated = || matches!(gap, b"," | b", " | b";" | b"; " | b":");
    match (last.shape, token.shape) {
        (Shape::Masked(_), Shape::Masked(_)) => joins_values(gap),
        (Shape::Numbered, Shape::Numbered) => last.hash == token.hash || separated(),
        (Shape::Path, Shape::Path) => separated(),
        _ => false,
    }
}

/// Whether the values on both sides of `gap` are of one list: no quotes between them, and no bracket that opens there
/// unless one closed first.
fn joins_values(gap: &[u8]) -> bool {
    let telling = gap
        .iter()
        .find(|byte| matches!(byte, b'"' | b'(' | b'[' | b'{' | b')' | b']' | b'}'));
    telling.is_none_or(|byte| matches!(byte, b')' | b']' | b'}'))
}

/// Whether the last tokens say once more what those before them said, with other values: `node-1 up, node-2 up`.
fn repeats(tokens: &[Token], period: usize) -> bool {
    let Some(start) = tokens.len().checked_sub(2 * period) else {
        return false;
    };
    let (before, again) = tokens[start..].split_at(period);
    let mut pairs = before.iter().zip(again).rev();
    pairs.all(|(before, again)| before.is_like(again))
        && again
            .iter()
            .any(|token| token.is_masked() || token.shape == Shape::Numbered)
}
