//! The kinds of value that a message may hold, and the name each is shown by.

/// What a masked part of a message is. All kinds count as the same value when messages are compared, because the kind
/// of one value may depend on chance: `123456` and `12345f` may both be ids of the same thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Mask {
    /// A number, with sign, fraction, thousands separators or percent sign.
    Num,
    /// `0x1f`, or six or more hex digits of which at least one is a decimal digit.
    Hex,
    /// A UUID, with or without dashes.
    Uuid,
    /// A ULID: 26 characters of Crockford's base 32.
    Ulid,
    /// An IPv4 or IPv6 address, also with a port or a prefix length.
    Ip,
    /// A hardware address.
    Mac,
    /// A host name with a known ending.
    Host,
    /// `someone@somewhere`.
    Email,
    /// A date, a time of day, or both.
    Time,
    /// A span of time with its unit.
    Duration,
    /// A number of bytes with its unit.
    Size,
    /// `true`, `null` and the like, where a value is expected.
    Bool,
    /// A quoted value.
    Quoted,
    /// A JSON object or array, or what Python or Java prints for one.
    Json,
    /// A long word of letters and digits: base64, a key, a signature.
    Token,
    /// Anything else with digits that is not a word with a number.
    Id,
    /// Nothing, where a value is expected: `user= host=a`.
    Empty,
    /// A word that was learned to be variable, or values of several kinds.
    Any,
}

impl Mask {
    /// How it is written in a template.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Mask::Num => "<num>",
            Mask::Hex => "<hex>",
            Mask::Uuid => "<uuid>",
            Mask::Ulid => "<ulid>",
            Mask::Ip => "<ip>",
            Mask::Mac => "<mac>",
            Mask::Host => "<host>",
            Mask::Email => "<email>",
            Mask::Time => "<time>",
            Mask::Duration => "<duration>",
            Mask::Size => "<size>",
            Mask::Bool => "<bool>",
            Mask::Quoted => "<quoted>",
            Mask::Json => "<json>",
            Mask::Token => "<token>",
            Mask::Id => "<id>",
            Mask::Empty => "<empty>",
            Mask::Any => "<*>",
        }
    }
}
