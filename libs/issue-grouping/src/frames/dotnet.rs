//! .NET: `Shop.Orders.Save(Order order) in /src/Orders.cs:line 12`.

use super::Frame;

const LIBRARIES: [&str; 6] = [
    "System.",
    "Microsoft.",
    "Newtonsoft.",
    "Npgsql.",
    "Grpc.",
    "MediatR.",
];

pub(super) fn frame(call: &str) -> Option<Frame<'_>> {
    let (call, file, line) = match call.split_once(" in ") {
        Some((call, place)) => {
            let (file, line) = place.rsplit_once(":line ")?;
            (call, Some(file), line.parse().ok())
        }
        None => (call, None, None),
    };
    let (function, arguments) = call.strip_suffix(')')?.split_once('(')?;
    // JavaScript has a space before the bracket and a place in it.
    if function.is_empty() || function.contains([' ', '/']) || arguments.contains(':') {
        return None;
    }
    let library = LIBRARIES
        .iter()
        .any(|namespace| function.starts_with(namespace));
    Some(Frame {
        function,
        file,
        line,
        in_app: !library,
    })
}
