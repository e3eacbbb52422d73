//! Substring search that ignores case, at the speed of memory.
//!
//! Case is ignored for characters that have one lower and one upper form, each the other's, of as many bytes: `Ä`
//! finds `ä` (but not a decomposed one); `ß` does not find `SS`, and the Kelvin sign does not find `k`.

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

/// The lower-case form of a character, if the two are each other's only forms and of the same length.
pub(crate) fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let folded = only(c.to_lowercase()).unwrap_or(c);
    let leads_back = only(folded.to_uppercase()) == Some(c);
    if leads_back && folded.len_utf8() == c.len_utf8() {
        folded
    } else {
        c
    }
}

/// The upper-case form of a folded character that folds to it.
fn unfold(folded: char) -> Option<char> {
    only(folded.to_uppercase()).filter(|&upper| upper != folded && fold(upper) == folded)
}

fn only(mut forms: impl Iterator<Item = char>) -> Option<char> {
    let first = forms.next();
    first.filter(|_| forms.next().is_none())
}

impl Needle {
    /// `None` for an empty text, which is everywhere.
    pub(crate) fn new(text: &str) -> Option<Needle> {
        let text: String = text.chars().map(fold).collect();
        let first = text.chars().next()?;
        let search = if !text.chars().any(|c| unfold(c).is_some()) {
            Search::Exact(Box::new(memmem::Finder::new(&text).into_owned()))
        } else if let Some((first, second)) = choose_anchors(&text) {
            Search::Pair { first, second }
        } else {
            let upper = unfold(first);
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
        let rest = first_blocks.len() * BLOCK;
        first_rest
            .iter()
            .zip(second_rest)
            .enumerate()
            .filter(|(_, (a, b))| (**a | 0x20 == first.byte) & (**b | 0x20 == second.byte))
            .map(|(within, _)| rest + within)
            .find(|&start| self.is_at(haystack, start))
    }

    /// The first start in a block whose anchors fit and where all of the text does.
    fn find_in_block(
        &self,
        haystack: &[u8],
        start: usize,
        (firsts, seconds): (&[u8; BLOCK], &[u8; BLOCK]),
        (first, second): (u8, u8),
    ) -> Option<usize> {
        // Vector instructions again, then eight starts at a glance.
        let mut fits = [0_u8; BLOCK];
        for ((fit, a), b) in fits.iter_mut().zip(firsts).zip(seconds) {
            *fit = u8::from(a | 0x20 == first) & u8::from(b | 0x20 == second);
        }
        for (number, eight) in fits.as_chunks::<8>().0.iter().enumerate() {
            let mut left = u64::from_le_bytes(*eight);
            while left != 0 {
                let within = left.trailing_zeros() as usize / 8;
                let candidate = start + number * 8 + within;
                if self.is_at(haystack, candidate) {
                    return Some(candidate);
                }
                left &= left - 1;
            }
        }
        None
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
        .filter(|(_, c)| c.is_ascii() || unfold(*c).is_none())
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn folded(text: &str) -> String {
        text.chars().map(fold).collect()
    }

    /// The naive search: both folded, which changes no length.
    fn naive(haystack: &str, needle: &str) -> Option<usize> {
        folded(haystack).find(&folded(needle))
    }

    fn find(haystack: &str, needle: &str) -> Option<usize> {
        Needle::new(needle).unwrap().find(haystack.as_bytes())
    }

    #[test]
    fn it_finds_at_every_position_of_every_block() {
        for length in [1, 2, 3, 7, 63, 64, 65] {
            let needle: String = "Xyz".chars().cycle().take(length).collect();
            for before in 0..140 {
                let haystack = format!(
                    "{}{}{}",
                    ".".repeat(before),
                    needle.to_lowercase(),
                    "x".repeat(70)
                );
                assert_eq!(
                    find(&haystack, &needle),
                    Some(before),
                    "{length} at {before}"
                );
                assert_eq!(find(&haystack[..before + length], &needle), Some(before));
                assert_eq!(find(&haystack[..before + length - 1], &needle), None);
            }
        }
    }

    #[test]
    fn case_is_ignored_where_the_bytes_are_as_many() {
        for (haystack, needle, found) in [
            ("Connection REFUSED", "refused", Some(11)),
            ("x ÄRGER", "ärger", Some(2)),
            ("x ärger", "ÄRGER", Some(2)),
            ("РУБЛЬ", "рубль", Some(0)),
            ("р", "Р", Some(0)),
            ("ΣΊΣΥΦΟΣ", "σίσυφοσ", Some(0)),
            ("ǆ", "Ǆ", Some(0)),
            ("ǅ", "Ǆ", None),
            ("日本語", "本", Some(3)),
            ("[", "{", None),
            ("@", "`", None),
            ("straße", "STRASSE", None),
            ("\u{212A}", "k", None),
            ("a", "ab", None),
            ("", "a", None),
        ] {
            assert_eq!(find(haystack, needle), found, "{haystack} {needle}");
        }
        assert!(Needle::new("").is_none());
    }

    #[test]
    fn every_character_is_found_in_all_its_cases() {
        let mut by_fold: HashMap<char, Vec<char>> = HashMap::new();
        for c in '\0'..=char::MAX {
            by_fold.entry(fold(c)).or_default().push(c);
        }
        by_fold.retain(|_, cases| cases.len() > 1);
        assert!(by_fold.len() > 1_000);
        for (folded, cases) in by_fold {
            assert_eq!(cases.len(), 2, "{folded}");
            for c in &cases {
                for other in &cases {
                    let haystack = format!("..{c}..");
                    assert_eq!(find(&haystack, &other.to_string()), Some(2), "{c} {other}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_the_naive_search_finds(
            haystack in "[abAB.äÄрР日{\\[\u{1}]{0,200}",
            needle in "[abAB.äÄрР日{\\[]{1,4}",
        ) {
            prop_assert_eq!(find(&haystack, &needle), naive(&haystack, &needle));
        }

        #[test]
        fn it_finds_any_part_of_any_text(text in "\\PC{1,100}", from in 0..100_usize, count in 1..20_usize) {
            let needle: String = text.chars().skip(from).take(count).collect();
            if !needle.is_empty() {
                prop_assert_eq!(find(&text, &needle), naive(&text, &needle));
                prop_assert!(find(&text, &needle).is_some());
            }
        }
    }
}
