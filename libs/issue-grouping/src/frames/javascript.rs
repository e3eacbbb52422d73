//! JavaScript: `save (/app/orders.js:12:34)`, `/app/orders.js:12:34`.

use super::Frame;
use super::parse::path_and_line;

pub(super) fn frame(call: &str) -> Option<Frame<'_>> {
    // Properties of the error follow.
    let call = call.strip_suffix(" {").unwrap_or(call);
    let (function, place) = match call
        .strip_suffix(')')
        .and_then(|call| call.rsplit_once(" ("))
    {
        Some((function, place)) => (function, place),
        None => ("<anonymous>", call.strip_prefix("async ").unwrap_or(call)),
    };
    let Some((file, line)) = path_and_line(place) else {
        let built_in = matches!(place, "<anonymous>" | "native" | "index 0");
        return built_in.then_some(Frame {
            function,
            file: None,
            line: None,
            in_app: false,
        });
    };
    let library = file.contains("node_modules")
        || ["node:", "internal/", "webpack/"]
            .iter()
            .any(|start| file.starts_with(start));
    // Node's own modules had no directory before they had `node:`.
    let own = file.contains(['/', '\\']);
    Some(Frame {
        function,
        file: Some(file),
        line: Some(line),
        in_app: own && !library,
    })
}
