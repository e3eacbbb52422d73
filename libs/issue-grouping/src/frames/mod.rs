//! Stack frames: which of them are the application's own, and what of them decides. How they are read from the text of a
//! stack is `log_record`'s.
//!
//! A frame counts by its function and the name of its file, without directories (they differ from build to build),
//! without line numbers (they differ from version to version), and without what compilers number or generate.

mod function;
mod in_app;

use std::borrow::Cow;

use log_record::Frame;

use crate::mask::{MARK, Mask, write_masked};

/// How many in-app frames decide. More would split an issue by who called; fewer would merge what a shared function
/// such as `check` or `unwrap_or_log` reports for many.
const DECIDING: usize = 5;

/// A frame that decides, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deciding<'a> {
    pub(crate) function: Cow<'a, str>,
    /// Empty where the stack names none.
    pub(crate) file: Cow<'a, str>,
}

/// The innermost in-app frames. A function that calls itself counts once.
pub(crate) fn deciding<'a>(frames: &'a [Frame<'a>]) -> Vec<Deciding<'a>> {
    let mut deciding: Vec<Deciding<'_>> = Vec::new();
    for frame in frames.iter().filter(|frame| in_app::is_in_app(frame)) {
        let frame = Deciding {
            function: function::normalise(frame.function.as_deref().unwrap_or("<anonymous>")),
            file: file_name(frame.file.as_deref().unwrap_or_default()),
        };
        if deciding.last() != Some(&frame) {
            deciding.push(frame);
        }
        if deciding.len() == DECIDING {
            break;
        }
    }
    deciding
}

/// The file's name without directories, with what a bundler puts into it masked (`main.3f2a1b.js`).
fn file_name(path: &str) -> Cow<'_, str> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.split('?').next().unwrap_or(name);
    if !name.bytes().any(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(name);
    }
    let mut masked = Vec::with_capacity(name.len());
    write_masked(name.as_bytes(), &mut masked);
    let masked = String::from_utf8_lossy(&masked);
    Cow::Owned(masked.replace(char::from(MARK), Mask::Id.name()))
}
