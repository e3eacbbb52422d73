//! Which of two versions of a service is older.

use std::cmp::Ordering;

/// Compares versions part by part: numbers by value, words by their letters, and a pre-release (`1.2.0-rc.1`) before
/// its release, as semantic versioning has it. A leading `v` and what follows a `+` do not count.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    let (left, right) = (Version::of(left), Version::of(right));
    compare_parts(left.release, right.release).then_with(|| match (left.pre, right.pre) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(left), Some(right)) => compare_parts(left, right),
    })
}

struct Version<'a> {
    release: &'a str,
    pre: Option<&'a str>,
}

impl Version<'_> {
    fn of(text: &str) -> Version<'_> {
        let text = text.trim();
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.split('+').next().unwrap_or(text);
        match text.split_once('-') {
            Some((release, pre)) => Version {
                release,
                pre: Some(pre),
            },
            None => Version {
                release: text,
                pre: None,
            },
        }
    }
}

fn compare_parts(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let ordering = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            // 1.2 is 1.2.0.
            (None, Some(part)) => compare_part("0", part),
            (Some(part), None) => compare_part(part, "0"),
            (Some(left), Some(right)) => compare_part(left, right),
        };
        if ordering != Ordering::Equal {
            return ordering;
        }
    }
}

fn compare_part(left: &str, right: &str) -> Ordering {
    match (left.parse::<u64>(), right.parse::<u64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        // A number comes before a word.
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => left.cmp(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_people_read_them() {
        let ascending = [
            "0.9",
            "1.2.0-alpha",
            "1.2.0-rc.1",
            "1.2.0-rc.2",
            "1.2.0-rc.10",
            "v1.2",
            "1.2.1",
            "1.10.0",
            "2024.11.20",
            "2026.1.3",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for (left, right) in [
            ("1.2", "1.2.0"),
            ("v1.2.0", "1.2.0+build.7"),
            ("a1b2", "a1b2"),
        ] {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} {right}");
        }
    }
}
