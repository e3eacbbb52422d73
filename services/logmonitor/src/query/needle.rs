//! Substring search that ignores case, at the speed of memory.
//!
//! Case is ignored by the simple mapping of single characters: two characters are the same when their lower-case
//! forms are, provided these take as many bytes as the characters (`Ä` finds `ä`, but not a decomposed one; `ß`
//! does not find `SS`, the Kelvin sign does not find `k`).

use memchr::{memchr2_iter, memmem};

/// Bytes compared per step.
const BLOCK: usize = 64;

/// A text to be found.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    /// Folded by [`fold`].
    text: String,
    search: Search,
}

#[derive(Clone, Debug)]
enum Search {
    /// Nothing in the text has case: exact search will do.
    Exact(Box<memmem::Finder<'static>>),
    /// Two bytes at a distance from the start that are the same in both cases once bit 5 is set.
    Pair { first: Anchor, second: Anchor },
    /// No such byte; the first one in lower and upper case.
    First(u8, u8),
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    at: usize,
    /// With bit 5 set.
    byte: u8,
}

/// The lower-case form of a character if it has one that is a single character of the same length.
pub(crate) fn fold(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(folded), None) if folded.len_utf8() == c.len_utf8() => folded,
        _ => c,
    }
}

/// Whether another character may fold to this folded one.
fn has_case(folded: char) -> bool {
    let mut upper = folded.to_uppercase();
    upper.next() != Some(folded) || upper.next().is_some()
}

impl Needle {
    /// `None` for an empty text, which is everywhere.
    pub(crate) fn new(text: &str) -> Option<Needle> {
        let text: String = text.chars().map(fold).collect();
        let first = text.chars().next()?;
        let search = if !text.chars().any(has_case) {
            Search::Exact(Box::new(memmem::Finder::new(&text).into_owned()))
        } else if let Some((first, second)) = choose_anchors(&text) {
            Search::Pair { first, second }
        } else {
            let upper = first.to_uppercase().next().filter(|u| fold(*u) == first);
            let first_byte = |c: char| c.encode_utf8(&mut [0; 4]).as_bytes()[0];
            Search::First(first_byte(first), first_byte(upper.unwrap_or(first)))
        };
        Some(Needle { text, search })
    }

    /// Length in bytes; that of every match.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// Where the text first occurs.
    pub(crate) fn find(&self, haystack: &[u8]) -> Option<usize> {
        let starts = (haystack.len() + 1).checked_sub(self.len())?;
        match &self.search {
            Search::Exact(finder) => finder.find(haystack),
            Search::Pair { first, second } => self.find_pair(haystack, starts, *first, *second),
            Search::First(lower, upper) => memchr2_iter(*lower, *upper, &haystack[..starts])
                .find(|&start| self.is_at(haystack, start)),
        }
    }

    fn find_pair(
        &self,
        haystack: &[u8],
        starts: usize,
        first: Anchor,
        second: Anchor,
    ) -> Option<usize> {
        let firsts = &haystack[first.at..first.at + starts];
        let seconds = &haystack[second.at..second.at + starts];
        let (first_blocks, first_rest) = firsts.as_chunks::<BLOCK>();
        let (second_blocks, second_rest) = seconds.as_chunks::<BLOCK>();
        for (number, (a, b)) in first_blocks.iter().zip(second_blocks).enumerate() {
            if may_match(a, b, first.byte, second.byte) {
                let start = number * BLOCK;
                let found = self.find_in_block(haystack, start, (a, b), (first.byte, second.byte));
                if found.is_some() {
                    return found;
                }
            }
        }
        let start = first_blocks.len() * BLOCK;
        let rest = (first_rest, second_rest);
        self.find_in_block(haystack, start, rest, (first.byte, second.byte))
    }

    /// The first start in a block whose anchors fit and where all of the text does.
    fn find_in_block(
        &self,
        haystack: &[u8],
        start: usize,
        (firsts, seconds): (&[u8], &[u8]),
        (first, second): (u8, u8),
    ) -> Option<usize> {
        firsts
            .iter()
            .zip(seconds)
            .enumerate()
            .filter(|(_, (a, b))| (**a | 0x20 == first) & (**b | 0x20 == second))
            .map(|(within, _)| start + within)
            .find(|&start| self.is_at(haystack, start))
    }

    fn is_at(&self, haystack: &[u8], start: usize) -> bool {
        let Some(found) = haystack.get(start..start + self.len()) else {
            return false;
        };
        if self.text.is_ascii() {
            return found.eq_ignore_ascii_case(self.text.as_bytes());
        }
        std::str::from_utf8(found).is_ok_and(|found| found.chars().map(fold).eq(self.text.chars()))
    }
}

/// Whether any start of the block has both anchors. A loop without branches over fixed lengths, which the compiler
/// turns into vector instructions.
#[inline(always)]
fn may_match(firsts: &[u8; BLOCK], seconds: &[u8; BLOCK], first: u8, second: u8) -> bool {
    let mut any = 0_u8;
    for (a, b) in firsts.iter().zip(seconds) {
        any |= u8::from(a | 0x20 == first) & u8::from(b | 0x20 == second);
    }
    any != 0
}

/// The two rarest bytes that are the same in every case with bit 5 set; twice the same one if there is only one.
fn choose_anchors(text: &str) -> Option<(Anchor, Anchor)> {
    let mut anchors: Vec<Anchor> = text
        .char_indices()
        .filter(|(_, c)| c.is_ascii() || !has_case(*c))
        .flat_map(|(start, c)| (start..start + c.len_utf8()).map(|at| (at, text.as_bytes()[at])))
        .map(|(at, byte)| Anchor {
            at,
            byte: byte | 0x20,
        })
        .collect();
    anchors.sort_by_key(|anchor| commonness(anchor.byte));
    let rarest = *anchors.first()?;
    // A second anchor with another byte tells more than the same byte again.
    let other = anchors.iter().find(|anchor| anchor.byte != rarest.byte);
    let other = other.or(anchors.get(1)).copied().unwrap_or(rarest);
    Some((rarest, other))
}

/// How common a byte is in log text and JSON, roughly, from rare to common; only the order matters.
fn commonness(byte: u8) -> u8 {
    // `{` stands for `[` too, and so on, as bit 5 is set.
    const FROM_COMMON: &[u8] = b" etaonirs\"_dlcumph:,0123f.-g5467b98wyv/k={}|()'xjqz";
    let from_common = FROM_COMMON.iter().position(|&common| common == byte);
    from_common.map_or(0, |place| (FROM_COMMON.len() - place) as u8)
}
