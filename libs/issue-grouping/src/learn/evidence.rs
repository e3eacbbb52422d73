//! How much a word says that its place in the message is variable.
//!
//! A place is variable once the distinct words seen there, all else being equal, weigh [`ENOUGH`] together. What looks
//! like a value weighs much, so that two or three different ones do; ordinary words weigh little, because `opened` and
//! `closed` are different events, while a dozen different words in one place are names of something.

use crate::mask::{Shape, Token};

/// The weight that makes a place variable.
pub(crate) const ENOUGH: u8 = 48;
/// Two different ones: a value by its form. Numbers and addresses, paths, words with a number in them.
pub(crate) const VALUE: u8 = ENOUGH / 2;
/// Three: a word that the noun before it announces as a name (`user alice`).
const NAMED: u8 = ENOUGH / 3;
/// Four: a name from code, and what is assigned (`owner=alice`). Both may also be one of a few states.
const CODE: u8 = ENOUGH / 4;
/// Six: a word behind a preposition that names follow (`from alice`).
const FOLLOWS: u8 = ENOUGH / 6;
/// Twelve: an ordinary word.
const WORD: u8 = ENOUGH / 12;
/// Sixteen: capitals are states and codes, of which there are more than a few.
const STATE: u8 = ENOUGH / 16;
/// Never: different types of error are never one issue.
const ERROR_TYPE: u8 = 0;

/// From this weight on a word is likely a value: it does not have to be equal for two messages to be compared, and
/// several of them may vary at once.
pub(crate) const LIKELY_VALUE: u8 = CODE;

/// Whether the weight is that of a word announced by a noun.
pub(crate) fn is_named(weight: u8) -> bool {
    weight == NAMED
}

/// The weight of the token at `at`. `named_before` says whether the token before was itself announced by a noun.
pub(crate) fn weight(text: &[u8], tokens: &[Token], at: usize, named_before: bool) -> u8 {
    let token = &tokens[at];
    match token.shape {
        Shape::Masked(_) => VALUE,
        Shape::ErrorType => ERROR_TYPE,
        Shape::Caps if is_assigned_value(text, tokens, at) => CODE,
        Shape::Caps | Shape::Plain if is_process(text, token) => CODE,
        Shape::Caps if is_announced(text, tokens, at) => CODE,
        Shape::Caps => STATE,
        // A message begins with what it is about.
        Shape::Name if at == 0 => WORD,
        Shape::Numbered if at == 0 => CODE,
        Shape::Numbered | Shape::Path => VALUE,
        Shape::Name => CODE,
        Shape::Plain => plain(text, tokens, at, named_before),
    }
}

fn plain(text: &[u8], tokens: &[Token], at: usize, named_before: bool) -> u8 {
    let word = word(text, &tokens[at]);
    let Some(before) = at.checked_sub(1).map(|before| &tokens[before]) else {
        return WORD;
    };
    if is_description(word) {
        return WORD;
    }
    if is_assigned_value(text, tokens, at) {
        return CODE;
    }
    if before.shape != Shape::Plain || tokens[at].assigned {
        return WORD;
    }
    let key = word_before(text, before);
    let key = key.as_slice();
    let beside = text[before.until as usize..tokens[at].start as usize] == *b" ";
    if !beside {
        WORD
    } else if !named_before && is_noun(key) {
        NAMED
    } else if matches!(key, b"for" | b"from" | b"by" | b"via") {
        FOLLOWS
    } else {
        WORD
    }
}

/// Whether the token is the value of a key that is not one of states: `owner=alice`, `country=DE`.
fn is_assigned_value(text: &[u8], tokens: &[Token], at: usize) -> bool {
    let Some(key) = at.checked_sub(1).map(|before| &tokens[before]) else {
        return false;
    };
    let key = word_before(text, key);
    // `event_type` is a type, `order.status` a status.
    let mut parts = key
        .as_slice()
        .rsplit(|byte| matches!(byte, b'_' | b'.' | b'-'));
    tokens[at].assigned && !parts.next().is_some_and(is_state_key)
}

/// Whether a noun that a name follows stands before the token, and it is not what became of that: `currency EUR`, but not
/// `node DOWN`.
fn is_announced(text: &[u8], tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| &tokens[before]) else {
        return false;
    };
    let beside = text[before.until as usize..tokens[at].start as usize] == *b" ";
    let announces = is_noun(word_before(text, before).as_slice());
    let lower = word_before(text, &tokens[at]);
    beside && announces && !is_description(lower.as_slice())
}

/// Whether the number of a process or thread stands behind the word: `sshd[123]`, `mail(123)`.
fn is_process(text: &[u8], token: &Token) -> bool {
    let rest = &text[token.until as usize..];
    let close = match rest.first() {
        Some(b'[') => b']',
        Some(b'(') => b')',
        _ => return false,
    };
    let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit());
    let digits = digits.count();
    digits > 0 && rest.get(1 + digits) == Some(&close)
}

fn word<'a>(text: &'a [u8], token: &Token) -> &'a [u8] {
    token.word(text)
}

/// The word in lower case; empty where it is longer than any that counts.
fn word_before(text: &[u8], token: &Token) -> Lower {
    Lower::new(word(text, token))
}

/// A short word in lower case, without an allocation.
struct Lower {
    bytes: [u8; Lower::MAX],
    len: usize,
}

impl Lower {
    const MAX: usize = 16;

    fn new(word: &[u8]) -> Lower {
        let mut lower = Lower {
            bytes: [0; Lower::MAX],
            len: 0,
        };
        if word.len() <= Lower::MAX {
            lower.len = word.len();
            lower.bytes[..word.len()].copy_from_slice(word);
            lower.bytes.make_ascii_lowercase();
        }
        lower
    }

    fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Nouns that a name follows.
#[rustfmt::skip]
fn is_noun(word: &[u8]) -> bool {
    matches!(
        word,
        b"user" | b"username" | b"login" | b"account" | b"customer" | b"tenant" | b"member" | b"owner" | b"group"
            | b"role" | b"host" | b"hostname" | b"node" | b"server" | b"domain" | b"zone" | b"region" | b"cluster"
            | b"namespace" | b"device" | b"interface" | b"volume" | b"disk" | b"file" | b"directory" | b"folder"
            | b"class" | b"module" | b"plugin" | b"library" | b"database" | b"schema" | b"table"
            | b"column" | b"index" | b"key" | b"topic" | b"queue" | b"bucket" | b"container" | b"pod" | b"image"
            | b"process" | b"program" | b"application" | b"app" | b"package" | b"command" | b"flag" | b"currency"
            | b"country" | b"language" | b"city" | b"warehouse" | b"store" | b"shop"
    )
}

/// Keys whose values are a few states, and those differ in meaning.
#[rustfmt::skip]
fn is_state_key(word: &[u8]) -> bool {
    matches!(
        word,
        b"status" | b"state" | b"result" | b"outcome" | b"reason" | b"cause" | b"error" | b"err" | b"action"
            | b"op" | b"operation" | b"method" | b"phase" | b"stage" | b"step" | b"level" | b"kind" | b"type"
            | b"event"
    )
}

/// Whether the word says what happened or how something is, so that it is no name, whatever stands before it.
fn is_description(word: &[u8]) -> bool {
    let lower = Lower::new(word);
    let word = lower.as_slice();
    [&b"ed"[..], b"ing", b"able", b"ible", b"ive", b"ful", b"ly"]
        .iter()
        .any(|ending| word.ends_with(ending))
        || is_function_word(word)
        || is_condition(word)
}

/// Verbs, articles, conjunctions and prepositions that hold sentences together.
#[rustfmt::skip]
fn is_function_word(word: &[u8]) -> bool {
    matches!(
        word,
        b"is" | b"are" | b"was" | b"were" | b"be" | b"been" | b"has" | b"have" | b"had" | b"does" | b"do" | b"did"
            | b"can" | b"cannot" | b"could" | b"will" | b"would" | b"must" | b"should" | b"may" | b"not" | b"no"
            | b"and" | b"or" | b"but" | b"the" | b"a" | b"an" | b"this" | b"that" | b"it" | b"its" | b"already"
            | b"for" | b"from" | b"to" | b"by" | b"at" | b"on" | b"in" | b"of" | b"with" | b"via" | b"into"
            | b"as" | b"if" | b"than" | b"when" | b"while" | b"after" | b"before" | b"during" | b"because"
    )
}

/// What becomes of servers, files and accounts, where it does not end like a participle.
#[rustfmt::skip]
fn is_condition(word: &[u8]) -> bool {
    matches!(
        word,
        b"ok" | b"up" | b"down" | b"full" | b"empty" | b"missing" | b"unknown" | b"invalid" | b"ready" | b"lost"
            | b"found" | b"sent" | b"done" | b"busy" | b"idle" | b"online" | b"offline" | b"corrupt" | b"dead"
            | b"alive" | b"late" | b"error" | b"failure" | b"timeout" | b"shutdown" | b"startup" | b"reset"
            | b"quit" | b"left" | b"gone" | b"hung" | b"stuck" | b"broke" | b"broken" | b"became" | b"went"
    )
}
