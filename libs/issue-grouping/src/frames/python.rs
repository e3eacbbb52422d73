//! Python: `File "/app/orders.py", line 12, in save`.

use super::Frame;

pub(super) fn frame(text: &str) -> Option<Frame<'_>> {
    let (file, rest) = text.strip_prefix("File \"")?.split_once('"')?;
    let rest = rest.strip_prefix(", line ")?;
    let (line, function) = rest.split_once(", in ").unwrap_or((rest, "<module>"));
    let library = ["site-packages", "dist-packages", "/lib/python", "\\lib\\"]
        .iter()
        .any(|part| file.contains(part));
    Some(Frame {
        function,
        file: Some(file),
        line: line.parse().ok(),
        in_app: !library && !file.starts_with('<'),
    })
}
