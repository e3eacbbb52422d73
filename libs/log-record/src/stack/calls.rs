//! Traces of Java, Node and .NET: a line for each call with `at` in front, errors and their causes as headings.

use std::borrow::Cow;

use super::{Frame, Lines, Summary, Trace, line_number, names_error, typed};

/// A heading of more lines than this is no error's message any more.
const MAX_HEADING: usize = 30;

/// `at com.acme.Foo.bar(Foo.java:42)`: of prose that happens to start with the word, this is not so.
pub(super) fn is_frame(line: &str) -> bool {
    let trimmed = line.trim_start();
    let Some(call) = trimmed.strip_prefix("at ") else {
        return false;
    };
    let call = call.trim_end().trim_end_matches(" {");
    if trimmed.len() == line.len() {
        return is_certain(call);
    }
    call.ends_with([')', ']'])
        || place(call).is_some()
        || call.contains(" in ")
        || !call.contains(' ')
}

/// Whether this is a call even where nothing is in front of `at`, because what passed it on has cut that off: it names
/// a line of a file. `at 10.0.0.1:5432` and `at 22:15:16` are prose.
fn is_certain(call: &str) -> bool {
    let (function, inside) = match without_jar(call)
        .strip_suffix(')')
        .and_then(|call| call.rsplit_once('('))
    {
        Some((function, inside)) => (Some(function.trim_end()), inside),
        None => (None, call),
    };
    let Some((file, _)) = place(inside) else {
        return call.contains(" in ") && call.contains(":line ");
    };
    let has_column = inside[file.len() + 1..].contains(':');
    let is_named = function.is_some_and(|function| !function.contains(' '));
    (has_column || is_named) && file.contains(['.', '/', '\\'])
}

/// Where the trace whose first call stands at `at` begins: with the heading in front of it, and with the lines of source
/// that Node shows before that.
pub(super) fn start(text: &str, at: usize) -> usize {
    let before: Vec<(usize, &str)> = Lines::new(&text[..at]).collect();
    let recent = &before[before.len().saturating_sub(MAX_HEADING)..];
    let heading = recent
        .iter()
        .position(|(_, line)| {
            typed(unprefixed(line.trim_start())).is_some() && marker(line.trim_start()).is_none()
        })
        // The line of a logger may have the error at its end.
        .or_else(|| {
            recent
                .iter()
                .rposition(|(_, line)| typed_inside(line).is_some())
        });
    let Some(heading) = heading else {
        return at;
    };
    let is_marked =
        |line: &str| line.contains('^') && line.trim_matches([' ', '^', '~']).is_empty();
    let source = recent[..heading]
        .iter()
        .rposition(|(_, line)| is_marked(line));
    recent[source.map_or(heading, |marked| marked.saturating_sub(2))].0
}

/// `payment failed PaymentError: no such order`: the error at the end of a line.
fn typed_inside(line: &str) -> Option<(&str, Option<&str>)> {
    let mut start = 0;
    for word in line.split(' ') {
        if word.strip_suffix(':').is_some_and(names_error) {
            return typed(&line[start..]);
        }
        start += word.len() + 1;
    }
    None
}

/// An error of the chain: its heading and its calls.
#[derive(Debug, Default)]
struct Block<'a> {
    heading: Vec<&'a str>,
    frames: Vec<Frame<'a>>,
}

pub(super) fn read(text: &str) -> Trace<'_> {
    let mut blocks = vec![Block::default()];
    // Where calls go: .NET comes back to the outer error after the inner one.
    let mut current = 0;
    let mut skipped_indent = None;
    let mut is_root_cause_first = false;
    for (_, line) in Lines::new(text) {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if skipped_indent.is_some_and(|skipped| indent > skipped) {
            continue;
        }
        skipped_indent = trimmed.starts_with("Suppressed: ").then_some(indent);
        if skipped_indent.is_some() {
            continue;
        }
        if is_frame(line) {
            blocks[current].frames.push(frame(trimmed));
        } else if trimmed.starts_with("--- End of inner exception") {
            current = usize::saturating_sub(current, 1);
        } else if let Some(heading) = marker(trimmed) {
            is_root_cause_first |= trimmed.starts_with("Wrapped by: ");
            blocks.push(Block {
                heading: vec![heading],
                ..Block::default()
            });
            current = blocks.len() - 1;
        } else if blocks[current].frames.is_empty() && blocks[current].heading.len() < MAX_HEADING {
            blocks[current].heading.push(line);
        }
    }
    if is_root_cause_first {
        blocks.reverse();
    }
    let mut blocks = blocks.into_iter();
    let outermost = blocks.next().unwrap_or_default();
    let heading = describe(&outermost.heading);
    let mut chain: Vec<Cow<'_, str>> = heading.inner.map(Cow::Borrowed).into_iter().collect();
    chain.extend(blocks.filter_map(|block| {
        let cause = describe(&block.heading);
        match (cause.kind, cause.message) {
            (Some(kind), Some(message)) => Some(Cow::Owned(format!("{kind}: {message}"))),
            (Some(kind), None) => Some(Cow::Borrowed(kind)),
            (None, message) => message,
        }
    }));
    Trace {
        summary: Summary {
            kind: heading.kind.map(Cow::Borrowed),
            message: heading.message,
            chain,
            heading: heading.line.map(Cow::Borrowed),
        },
        frames: outermost.frames,
    }
}

/// What stands behind the words that introduce a cause.
fn marker(trimmed: &str) -> Option<&str> {
    [
        "Caused by: ",
        "caused by: ",
        "Wrapped by: ",
        "[cause]: ",
        "---> ",
    ]
    .into_iter()
    .find_map(|marker| trimmed.strip_prefix(marker))
}

/// Type and message in a line of a heading.
fn typed_of(line: &str) -> Option<(&str, Option<&str>)> {
    typed(unprefixed(line.trim_start())).or_else(|| typed_inside(line))
}

/// What the lines in front of the calls tell.
#[derive(Debug, Default)]
struct Heading<'a> {
    /// The first line that names a type.
    line: Option<&'a str>,
    kind: Option<&'a str>,
    message: Option<Cow<'a, str>>,
    /// A cause on the same line.
    inner: Option<&'a str>,
}

fn describe<'a>(heading: &[&'a str]) -> Heading<'a> {
    let found = heading
        .iter()
        .enumerate()
        .find_map(|(at, line)| Some((at, typed_of(line)?)));
    let Some((at, (kind, message))) = found else {
        let first = heading
            .iter()
            .map(|line| line.trim())
            .find(|line| !line.is_empty());
        return Heading {
            message: first.map(Cow::Borrowed),
            ..Heading::default()
        };
    };
    let (message, inner) = match message.and_then(|message| message.split_once(" ---> ")) {
        Some((message, inner)) => (Some(message), Some(inner)),
        None => (message, None),
    };
    let more = &heading[at + 1..];
    let is_more = more.iter().any(|line| !line.trim().is_empty());
    let message = match message {
        Some(message) if is_more => {
            let lines: Vec<&str> = std::iter::once(message)
                .chain(more.iter().copied())
                .collect();
            Some(Cow::Owned(lines.join("\n").trim_end().to_owned()))
        }
        // Node's inspection opens a brace for the members that follow.
        message => message.map(|message| Cow::Borrowed(message.trim_end_matches(" {"))),
    };
    Heading {
        line: Some(heading[at]),
        kind: Some(kind),
        message,
        inner,
    }
}

/// The heading without what runtimes write in front of an error that nobody caught.
fn unprefixed(line: &str) -> &str {
    if let Some(rest) = line.strip_prefix("Exception in thread \"")
        && let Some((_, rest)) = rest.split_once("\" ")
    {
        return rest;
    }
    [
        "Unhandled exception. ",
        "Unhandled Exception: ",
        "Uncaught ",
        "Unhandled rejection ",
    ]
    .into_iter()
    .find_map(|prefix| line.strip_prefix(prefix))
    .unwrap_or(line)
}

/// Reads one call.
fn frame(trimmed: &str) -> Frame<'_> {
    let call = trimmed.strip_prefix("at ").unwrap_or(trimmed).trim_end();
    // Node's inspection opens a brace for the members of the error.
    let call = call.strip_suffix(" {").unwrap_or(call);
    let call = call.strip_prefix("async ").unwrap_or(call);
    // .NET: `at Shop.Cart.Load(Int32 id) in /src/Cart.cs:line 42`.
    if call.ends_with(|last: char| last.is_ascii_digit())
        && let Some((function, place)) = call.rsplit_once(" in ")
        && let Some((file, line)) = place.rsplit_once(":line ")
    {
        return Frame {
            function: Some(Cow::Borrowed(without_arguments(function))),
            file: Some(Cow::Borrowed(file)),
            line: line_number(line),
        };
    }
    let call = without_jar(call);
    if let Some(inside) = call.strip_suffix(')')
        && let Some((function, inside)) = inside.rsplit_once('(')
    {
        let (file, line) = match place(inside) {
            Some((file, line)) => (Some(file), Some(line)),
            None => (is_file(inside).then_some(inside), None),
        };
        return Frame {
            function: Some(Cow::Borrowed(without_module(function.trim_end()))),
            file: file.map(Cow::Borrowed),
            line,
        };
    }
    match place(call) {
        Some((file, line)) => Frame {
            function: None,
            file: Some(Cow::Borrowed(file)),
            line: Some(line),
        },
        None => Frame {
            function: Some(Cow::Borrowed(call)),
            ..Frame::default()
        },
    }
}

/// logback writes the jar behind the call: `at .. (Foo.java:42) ~[app.jar:1.0]`.
fn without_jar(call: &str) -> &str {
    let jar = call.strip_suffix(']').and_then(|call| {
        call.rfind(" ~[")
            .or_else(|| call.rfind(") [").map(|at| at + 1))
    });
    jar.map_or(call, |at| &call[..at])
}

/// Whether what stands in the parentheses is a file, or says that there is none, and is not .NET's parameters.
fn is_file(inside: &str) -> bool {
    match inside.split_once(' ') {
        None => !inside.is_empty(),
        Some(words) => matches!(
            words,
            ("Native", "Method") | ("Unknown", "Source") | ("index", _)
        ),
    }
}

/// `java.base/java.lang.Thread.run` without the module. What stands behind the slash of `Orders$$Lambda/0x7f.run` is no
/// name.
fn without_module(function: &str) -> &str {
    match function.rsplit_once('/') {
        Some((module, name))
            if !module.contains([' ', ':']) && name.starts_with(|c: char| !c.is_ascii_digit()) =>
        {
            name
        }
        _ => function,
    }
}

fn without_arguments(function: &str) -> &str {
    function.split_once('(').map_or(function, |(name, _)| name)
}

/// `Foo.java:42`, or `/app/server.js:10:15` with a column.
fn place(text: &str) -> Option<(&str, u32)> {
    let (rest, last) = text.rsplit_once(':')?;
    let last = line_number(last)?;
    match rest.rsplit_once(':') {
        Some((file, line)) if line_number(line).is_some() => Some((file, line_number(line)?)),
        _ => Some((rest, last)),
    }
}
