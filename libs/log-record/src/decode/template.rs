//! Message templates of Serilog (`Order {OrderId} took {Elapsed:0.00} ms`), filled in from the record's properties
//! where the logger has not done so itself.

use super::candidates::Key;
use super::value::Value;

/// Further holes of a template stay as they are, which bounds the work.
const MAX_HOLES: usize = 64;
/// The longest name and format of a property.
const MAX_HOLE: usize = 128;

/// The template with every property that is known in its place.
pub(super) fn render(template: &str, properties: &[(Key<'_>, Value<'_>)]) -> String {
    let mut rendered = String::with_capacity(template.len() * 2);
    let mut holes = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        rendered.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        // A doubled brace stands for one.
        if let Some(behind) = rest.strip_prefix(brace) {
            rendered.push_str(brace);
            rest = behind;
            continue;
        }
        holes += 1;
        let is_hole = brace == "{" && holes <= MAX_HOLES;
        let end = rest.bytes().take(MAX_HOLE).position(|byte| byte == b'}');
        let value = end.filter(|_| is_hole).and_then(|end| {
            let hole = &rest[..end];
            let name = hole
                .split([':', ','])
                .next()?
                .trim_start_matches(['@', '$']);
            let found = properties.iter().find(|(key, _)| key.dotted() == name)?;
            Some((&found.1, &rest[end + 1..]))
        });
        match value {
            Some((value, behind)) => {
                match value.text() {
                    Some(text) => rendered.push_str(&text),
                    None => {
                        let mut json = Vec::new();
                        value.write(&mut json);
                        rendered.push_str(&String::from_utf8_lossy(&json));
                    }
                }
                rest = behind;
            }
            None => rendered.push_str(brace),
        }
    }
    rendered.push_str(rest);
    rendered
}
