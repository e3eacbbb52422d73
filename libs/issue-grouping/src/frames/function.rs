//! Names of functions without what compilers number or generate.

use std::borrow::Cow;

/// Takes out closures, hashes, generated suffixes and type arguments.
pub(super) fn normalise(function: &str) -> Cow<'_, str> {
    let function = function.strip_prefix("new ").unwrap_or(function);
    if !may_hold_generated(function) {
        return Cow::Borrowed(function);
    }
    let mut name = without_generated_class(function);
    for closure in ["::{{closure}}", "::{closure}", "{{closure}}"] {
        name = name.replace(closure, "");
    }
    // Rust's hash of a function: `h` and 16 digits.
    if let Some((head, hash)) = name.rsplit_once("::h")
        && hash.len() == 16
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
    {
        name.truncate(head.len());
    }
    Cow::Owned(without_counters(&without_type_arguments(&name)))
}

/// All that is taken out has one of these characters, which few names have.
fn may_hold_generated(function: &str) -> bool {
    function
        .bytes()
        .any(|byte| matches!(byte, b'0'..=b'9' | b'$' | b'<' | b'{'))
}

/// Spring and others: `Orders$$EnhancerBySpringCGLIB$$1a2b.save`; Java's own: `Orders$$Lambda/0x7f.run`.
fn without_generated_class(function: &str) -> String {
    let Some((class, generated)) = function.split_once("$$") else {
        return function.to_owned();
    };
    match generated.rsplit_once('.') {
        Some((_, method)) => format!("{class}.{method}"),
        None => class.to_owned(),
    }
}

/// `Vec<T>::push` is `Vec::push`. What begins with `<` is not arguments: `<Foo as Bar>::run`, `<anonymous>`.
fn without_type_arguments(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut depth = 0usize;
    for character in name.chars() {
        let begins_name = out.is_empty() || out.ends_with(['.', ' ', '(', '&', '/']);
        match character {
            '<' if depth > 0 || !begins_name => depth += 1,
            '>' if depth > 0 => depth -= 1,
            _ if depth == 0 => out.push(character),
            _ => {}
        }
    }
    out.replace("::::", "::")
}

/// Numbers that compilers give: `lambda$run$0`, `Orders$1.call`, Go's `func1`, C#'s `b__0_1` and `d__5`.
fn without_counters(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut in_counter = false;
    for character in name.chars() {
        let is_digit = character.is_ascii_digit();
        let begins = is_digit
            && ["$", "func", "b__", "d__", "g__"]
                .iter()
                .any(|before| out.ends_with(before));
        in_counter = begins || (in_counter && (is_digit || matches!(character, '_' | '-')));
        if !in_counter {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn what_compilers_add_is_taken_out_of_function_names() {
        for (function, expected) in [
            ("shop::orders::save", "shop::orders::save"),
            (
                "shop::orders::save::{{closure}}::{{closure}}",
                "shop::orders::save",
            ),
            (
                "shop::orders::save::h0123456789abcdef",
                "shop::orders::save",
            ),
            ("shop::list::List<T>::push", "shop::list::List::push"),
            (
                "<shop::Orders as core::ops::Fn<(u8,)>>::call",
                "<shop::Orders as core::ops::Fn>::call",
            ),
            (
                "com.shop.Orders.lambda$save$0",
                "com.shop.Orders.lambda$save$",
            ),
            ("com.shop.Orders$1.call", "com.shop.Orders$.call"),
            (
                "com.shop.Orders$$EnhancerBySpringCGLIB$$1a2b3c.save",
                "com.shop.Orders.save",
            ),
            (
                "com.shop.Orders$$Lambda/0x00007f.run",
                "com.shop.Orders.run",
            ),
            ("main.(*Orders).save.func1.2", "main.(*Orders).save.func.2"),
            ("Shop.Orders.<Save>b__0_1", "Shop.Orders.<Save>b__"),
            ("new Orders", "Orders"),
            ("Object.<anonymous>", "Object.<anonymous>"),
            ("handle_v2", "handle_v2"),
        ] {
            assert_eq!(normalise(function), expected, "{function}");
        }
    }
}
