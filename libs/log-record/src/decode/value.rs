//! One JSON value of a record, still as text, and the coercions a tolerant reader makes.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A well-formed JSON value as its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value<'a>(&'a str);

/// A JSON number as exactly as it can be held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Integer(i64),
    Float(f64),
}

impl<'a> Value<'a> {
    pub(super) fn new(raw: &'a RawValue) -> Self {
        Value(raw.get())
    }

    /// The text, as it stood in the record.
    pub(super) fn raw(self) -> &'a str {
        self.0
    }

    fn first(self) -> u8 {
        self.0.as_bytes().first().copied().unwrap_or_default()
    }

    pub(super) fn is_null(self) -> bool {
        self.first() == b'n'
    }

    pub(super) fn is_object(self) -> bool {
        self.first() == b'{'
    }

    pub(super) fn is_array(self) -> bool {
        self.first() == b'['
    }

    /// A string's content: borrowed unless it has an escape. `None` for any other type.
    pub(super) fn string(self) -> Option<Cow<'a, str>> {
        let inner = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
            return Some(Cow::Borrowed(inner));
        }
        serde_json::from_str::<String>(self.0).ok().map(Cow::Owned)
    }

    /// Text: a string's content, or a number or boolean as it is written. `None` for null, objects, arrays and
    /// the empty string, which say nothing.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self.first() {
            b'"' => self.string().filter(|text| !text.is_empty()),
            b'n' | b'{' | b'[' => None,
            _ => Some(Cow::Borrowed(self.0)),
        }
    }

    /// A number, or a string that holds one.
    pub(super) fn number(self) -> Option<Number> {
        let text = match self.first() {
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => Cow::Borrowed(self.0),
            _ => return None,
        };
        if let Ok(integer) = text.parse::<i64>() {
            return Some(Number::Integer(integer));
        }
        // `parse` takes `inf` and `nan` too, which no logger means as a number here.
        let number: f64 = text.parse().ok()?;
        number.is_finite().then_some(Number::Float(number))
    }

    /// A whole number that is not negative, or a string that holds one.
    pub(super) fn unsigned<T: TryFrom<u64>>(self) -> Option<T> {
        let text = match self.first() {
            b'"' => self.string()?,
            b'0'..=b'9' => Cow::Borrowed(self.0),
            _ => return None,
        };
        T::try_from(text.parse::<u64>().ok()?).ok()
    }

    /// The members of an object, in order. `None` for any other type.
    pub(super) fn members(self) -> Option<Members<'a>> {
        if !self.is_object() {
            return None;
        }
        serde_json::from_str::<Members<'a>>(self.0).ok()
    }

    /// The items of an array. `None` for any other type.
    pub(super) fn items(self) -> Option<Vec<Value<'a>>> {
        if !self.is_array() {
            return None;
        }
        let items: Vec<&'a RawValue> = serde_json::from_str(self.0).ok()?;
        Some(items.into_iter().map(Value::new).collect())
    }
}

/// The members of a JSON object in the order they were written, repeated keys included.
#[derive(Debug)]
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, Value<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Self::Value, A::Error> {
                let mut members = Vec::with_capacity(24);
                while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
                    members.push((key, Value::new(map.next_value::<&'de RawValue>()?)));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

/// A key, borrowed unless it has an escape.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
