//! Addresses: IPv4, IPv6, hardware addresses, host names.

use super::class::{COLON, DIGIT, LOWER, class_at, is_alphanumeric};
use super::kind::Mask;

/// Longest IPv6 address in text, and longest run of hardware address pairs that is looked at.
const MAX_ADDRESS: usize = 40;

/// The IPv6 or hardware address that starts at `at`, and where it ends.
pub(super) fn colon_address(text: &[u8], at: usize) -> Option<(Mask, usize)> {
    let len = text[at..]
        .iter()
        .take(MAX_ADDRESS)
        .take_while(|byte| byte.is_ascii_hexdigit() || **byte == b':')
        .count();
    // As words do.
    if !text[at..at + len].contains(&b':') {
        return None;
    }
    let mut end = at + len;
    while end > at && text[end - 1] == b':' && text.get(end.wrapping_sub(2)) != Some(&b':') {
        end -= 1;
    }
    let word = &text[at..end];
    let colons = word.iter().filter(|byte| **byte == b':').count();
    if colons < 2 || is_alphanumeric(class_at(text, end)) {
        return None;
    }
    let mut groups = word.split(|byte| *byte == b':');
    if colons >= 5 && groups.clone().all(|group| group.len() == 2) {
        return Some((Mask::Mac, end));
    }
    let short = memchr::memmem::find(word, b"::").is_some();
    let fits = groups.all(|group| group.len() <= 4) && (short || colons == 7) && colons <= 8;
    // `a::b` is a name in some languages.
    let telling = word.iter().any(u8::is_ascii_digit) || colons > 2;
    (fits && telling).then_some((Mask::Ip, end))
}

/// `10.0.0.1`, with a port or a prefix length.
pub(super) fn is_ipv4(word: &[u8]) -> bool {
    let address = word
        .iter()
        .position(|byte| matches!(byte, b':' | b'/'))
        .map_or(word, |at| &word[..at]);
    let mut parts = 0;
    for part in address.split(|byte| *byte == b'.') {
        parts += 1;
        let value = part.iter().try_fold(0u32, |value, byte| {
            let digit = byte.is_ascii_digit() && value < 256;
            digit.then(|| value * 10 + u32::from(byte - b'0'))
        });
        if part.is_empty() || value.is_none_or(|value| value > 255) {
            return false;
        }
    }
    parts == 4
}

/// Top-level domains, public and of private networks, that are no file ending and no part of a package.
fn is_generic_domain(label: &[u8]) -> bool {
    matches!(
        label,
        b"com"
            | b"org"
            | b"net"
            | b"edu"
            | b"gov"
            | b"mil"
            | b"int"
            | b"local"
            | b"internal"
            | b"lan"
            | b"localdomain"
            | b"cluster"
    )
}

/// What packages of Java and its kin begin with: `org.example.Main` is no host.
fn begins_package(label: &[u8]) -> bool {
    matches!(
        label,
        b"com" | b"org" | b"net" | b"edu" | b"io" | b"java" | b"javax" | b"sun" | b"android"
    )
}

/// Second-level labels below which countries give out names.
fn is_second_level(label: &[u8]) -> bool {
    matches!(
        label,
        b"com" | b"co" | b"ac" | b"net" | b"ne" | b"org" | b"or" | b"edu" | b"gov" | b"gob"
    )
}

/// A host name that its ending tells.
pub(super) fn is_host(word: &[u8]) -> bool {
    let in_label = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let mut labels = word.rsplit(|byte| *byte == b'.');
    let (Some(top), Some(second)) = (labels.next(), labels.next()) else {
        return false;
    };
    let first = word.split(|byte| *byte == b'.').next().unwrap_or(word);
    let well_formed = word
        .split(|byte| *byte == b'.')
        .all(|label| !label.is_empty() && label.iter().all(in_label));
    if !well_formed || begins_package(first) {
        return false;
    }
    if is_generic_domain(top) {
        return true;
    }
    let country =
        top.len() == 2 && top.iter().all(u8::is_ascii_lowercase) && labels.next().is_some();
    country
        && (is_second_level(second)
            || word
                .iter()
                .any(|byte| byte.is_ascii_digit() || *byte == b'-'))
}

/// Whether a port stands behind the dotted word, which is then a host. Behind a source file stands a line.
pub(super) fn has_port(text: &[u8], word: &[u8], end: usize) -> bool {
    if class_at(text, end) != COLON || class_at(text, end + 1) != DIGIT {
        return false;
    }
    let ending = word.rsplit(|byte| *byte == b'.').next().unwrap_or(word);
    let source = matches!(
        ending,
        b"c" | b"cc"
            | b"cpp"
            | b"cs"
            | b"cxx"
            | b"ex"
            | b"go"
            | b"h"
            | b"hpp"
            | b"java"
            | b"js"
            | b"jsx"
            | b"kt"
            | b"m"
            | b"mjs"
            | b"php"
            | b"py"
            | b"rb"
            | b"rs"
            | b"scala"
            | b"swift"
            | b"ts"
            | b"tsx"
            | b"vue"
    );
    let in_host = |byte: &u8| {
        super::class::class(*byte) & (LOWER | DIGIT) != 0 || matches!(byte, b'.' | b'-')
    };
    !source && word.iter().all(in_host)
}
