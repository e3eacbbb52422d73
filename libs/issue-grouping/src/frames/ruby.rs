//! Ruby: ``/app/orders.rb:12:in `save'``.

use super::Frame;

pub(super) fn frame(text: &str) -> Option<Frame<'_>> {
    let text = text.strip_prefix("from ").unwrap_or(text);
    let (place, function) = text.split_once(":in ")?;
    let (file, line) = place.rsplit_once(':')?;
    let line = line.parse().ok()?;
    let function = function.trim_matches(['`', '\'']);
    let library = file.starts_with('<')
        || ["/gems/", "/lib/ruby/"]
            .iter()
            .any(|part| file.contains(part));
    Some(Frame {
        function,
        file: Some(file),
        line: Some(line),
        in_app: !library,
    })
}
