//! Looks a path up in the JSON text of a record's fields, without building the value.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::needle::fold;

/// Whether the object has something at `path` (names joined by dots; a name may hold dots itself) that is wanted:
/// anything for `None`, else a text, number, boolean or null whose text is `wanted` in any case, or a list with
/// such an item.
pub(crate) fn has(json: &str, path: &str, wanted: Option<&str>) -> bool {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let lookup = Lookup {
        path: Some(path),
        wanted,
    };
    // Fields were well-formed JSON when they came; if they are not, nothing can be found in them.
    lookup.deserialize(&mut deserializer).unwrap_or(false)
}

/// Whether two texts are the same in any case.
pub(crate) fn same_text(a: &str, b: &str) -> bool {
    a == b || a.chars().map(fold).eq(b.chars().map(fold))
}

#[derive(Clone, Copy)]
struct Lookup<'a> {
    /// What is left of the path; `None` at the value itself.
    path: Option<&'a str>,
    wanted: Option<&'a str>,
}

impl Lookup<'_> {
    fn scalar(self, text: &str) -> bool {
        self.path.is_none() && self.wanted.is_none_or(|wanted| same_text(text, wanted))
    }
}

impl<'de> DeserializeSeed<'de> for Lookup<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Lookup<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(self.scalar(if value { "true" } else { "false" }))
    }

    fn visit_i64<E>(self, value: i64) -> Result<bool, E> {
        Ok(self.scalar(&value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<bool, E> {
        Ok(self.scalar(&value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<bool, E> {
        // As JSON writers write it: 12.5, and 1.0 rather than 1.
        Ok(self.scalar(
            &serde_json::Number::from_f64(value)
                .map_or_else(|| value.to_string(), |number| number.to_string()),
        ))
    }

    fn visit_str<E>(self, value: &str) -> Result<bool, E> {
        Ok(self.scalar(value))
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(self.scalar("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut found = self.path.is_none() && self.wanted.is_none();
        while let Some(item) = items.next_element_seed(self)? {
            found |= item;
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<bool, A::Error> {
        let Some(path) = self.path else {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(self.wanted.is_none());
        };
        let mut found = false;
        while let Some(below) = entries.next_key_seed(Step { path })? {
            match below {
                Below::Nothing => {
                    entries.next_value::<IgnoredAny>()?;
                }
                Below::Value => found |= entries.next_value_seed(Lookup { path: None, ..self })?,
                Below::Path(rest) => {
                    let path = Some(rest);
                    found |= entries.next_value_seed(Lookup { path, ..self })?;
                }
            }
        }
        Ok(found)
    }
}

/// Compares a key with the start of the path.
struct Step<'a> {
    path: &'a str,
}

enum Below<'a> {
    Nothing,
    Value,
    Path(&'a str),
}

impl<'de, 'a> DeserializeSeed<'de> for Step<'a> {
    type Value = Below<'a>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Below<'a>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Step<'a> {
    type Value = Below<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Below<'a>, E> {
        Ok(match self.path.strip_prefix(key) {
            Some("") => Below::Value,
            Some(rest) => rest.strip_prefix('.').map_or(Below::Nothing, Below::Path),
            None => Below::Nothing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_through_names_with_and_without_dots() {
        let json = r#"{"order_id":7,"http":{"status":500,"url":"A\"b"},"http.method":"POST","ok":true,"none":null,
            "f":12.5,"neg":-3,"tags":["Red",{"deep":"x"}],"a.b":{"c.d":"e"},"":1}"#;
        for (path, wanted, found) in [
            ("order_id", None, true),
            ("order_id", Some("7"), true),
            ("order_id", Some("70"), false),
            ("order", None, false),
            ("http", None, true),
            ("http", Some("500"), false),
            ("http.status", Some("500"), true),
            ("http.url", Some("a\"B"), true),
            ("http.method", Some("post"), true),
            ("http.nothing", None, false),
            ("httpstatus", None, false),
            ("ok", Some("true"), true),
            ("none", Some("null"), true),
            ("f", Some("12.5"), true),
            ("neg", Some("-3"), true),
            ("tags", Some("red"), true),
            ("tags", Some("x"), false),
            ("tags.deep", Some("x"), true),
            ("a.b.c.d", Some("E"), true),
            ("a.b", None, true),
            ("a.b.c", None, false),
        ] {
            assert_eq!(has(json, path, wanted), found, "{path} {wanted:?}");
        }
        for broken in ["", "7", "[1]", "{", "{\"a\":1", "\"order_id\""] {
            assert!(!has(broken, "order_id", None), "{broken}");
        }
    }
}
