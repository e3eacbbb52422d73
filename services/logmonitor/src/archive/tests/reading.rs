//! What has left the memory is read from the archive, and nobody can tell.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::query::{Filter, Page, parse};
use crate::reader::Reader;
use crate::store::{EventId, StatsQuery};

/// Enough for every block there is.
const LONG: Duration = Duration::from_secs(60);
/// So little memory that most records are in the archive only.
const SMALL: u64 = 60_000;

fn reader(monitor: &Monitor) -> Reader {
    Reader::new(monitor.store.clone(), Some(monitor.archive.clone()))
}

/// One record: its time in seconds before now, its service, whether it has an identity and is CRITICAL.
type Made = (i64, usize, bool, bool);

fn payload(number: usize, &(age, service, is_own, is_critical): &Made) -> Vec<u8> {
    let at = now().saturating_add_micros(-age * 1_000_000);
    let level = if is_critical { "CRITICAL" } else { "ERROR" };
    let identity = if is_own {
        format!(r#""instance":"{:032x}","seq":{number},"#, 7)
    } else {
        String::new()
    };
    format!(
        r#"{{"timestamp":"{at}","level":"{level}","service":"service-{service}","host":"host-{}",{identity}"message":"number {number} of {}","fields":{{"order_id":{number}}}}}"#,
        number % 3,
        "words ".repeat(40)
    )
    .into_bytes()
}

/// Everything that matches, page by page.
fn pages(reader: &Reader, filter: &Filter, order: Order, limit: usize) -> (Vec<String>, Vec<Page>) {
    let mut query = Query {
        filter: filter.clone(),
        order,
        limit,
        cursor: None,
    };
    let (mut ids, mut pages) = (Vec::new(), Vec::new());
    loop {
        let page = reader.query(&query, now(), LONG).unwrap();
        ids.extend(page.events.iter().map(|event| event.id().to_string()));
        query.cursor = page.next;
        pages.push(page);
        if query.cursor.is_none() {
            return (ids, pages);
        }
    }
}

fn filters() -> Vec<Filter> {
    let time = |text: &str| crate::query::time::parse(text, now()).ok();
    vec![
        Filter::default(),
        Filter {
            services: vec!["service-1".to_owned()],
            ..Filter::default()
        },
        Filter {
            levels: vec![Severity::Critical],
            hosts: vec!["host-0".to_owned(), "host-2".to_owned()],
            ..Filter::default()
        },
        Filter {
            terms: parse("\"number 1\" -order_id:15").unwrap(),
            ..Filter::default()
        },
        Filter {
            from: time("now-400s"),
            to: time("now-100s"),
            ..Filter::default()
        },
    ]
}

fn stats_queries() -> Vec<StatsQuery> {
    let ago = |seconds: i64| Some(now().saturating_add_micros(-seconds * 1_000_000));
    vec![
        StatsQuery::default(),
        StatsQuery {
            services: vec!["service-2".to_owned()],
            from: ago(800),
            to: ago(50),
            interval: Some(Duration::from_secs(7)),
        },
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn memory_and_archive_together_answer_as_memory_alone_would(
        made in vec((0..900_i64, 0..3_usize, any::<bool>(), prop::bool::weighted(0.2)), 1..700),
        batch in 1..200_usize,
        limit in 1..120_usize,
        compacts in any::<bool>(),
        restarts in any::<bool>(),
    ) {
        let (directory, whole_directory) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let mut small = Monitor::with(&directory, archive_limits(), SMALL);
        let whole = Monitor::start(&whole_directory);
        let records: Vec<Vec<u8>> = made.iter().enumerate().map(|(n, made)| payload(n, made)).collect();
        for (number, chunk) in records.chunks(batch).enumerate() {
            let payloads: Vec<&[u8]> = chunk.iter().map(Vec::as_slice).collect();
            let first = (number * batch) as i64;
            small.read(ERRORS, first, &payloads).unwrap();
            whole.read(ERRORS, first, &payloads).unwrap();
        }
        if compacts {
            small.archive.compact().unwrap();
        }
        if restarts {
            drop(small);
            small = Monitor::with(&directory, archive_limits(), SMALL);
        }
        let across = reader(&small);
        let memory_only = Reader::new(whole.store.clone(), None);
        for filter in filters() {
            for order in [Order::Descending, Order::Ascending] {
                let (found, of_archive) = pages(&across, &filter, order, limit);
                let (expected, of_memory) = pages(&memory_only, &filter, order, limit);
                prop_assert_eq!(&found, &expected);
                let totals = |pages: &[Page]| -> Vec<(u64, bool)> {
                    pages.iter().map(|page| (page.total, page.total_is_exact)).collect()
                };
                prop_assert_eq!(totals(&of_archive), totals(&of_memory));
            }
        }
        prop_assert_eq!(
            across.services(now()).unwrap(),
            memory_only.services(now()).unwrap()
        );
        for query in stats_queries() {
            let found = across.stats(&query, now(), LONG).unwrap();
            prop_assert_eq!(found, memory_only.stats(&query, now(), LONG).unwrap());
        }
        for id in pages(&across, &Filter::default(), Order::Ascending, 1_000).0 {
            let id: EventId = id.parse().unwrap();
            let found = across.find(&id, now()).unwrap().unwrap();
            let expected = memory_only.find(&id, now()).unwrap().unwrap();
            prop_assert_eq!(found.id(), id);
            prop_assert_eq!(found.record(), expected.record());
            prop_assert_eq!((found.topic(), found.offset()), (expected.topic(), expected.offset()));
        }
    }
}

/// 20,000 records, of which some hundreds are in memory.
fn mostly_archived(directory: &TempDir) -> Monitor {
    let monitor = Monitor::with(directory, archive_limits(), SMALL * 10);
    for batch in 0..20_usize {
        let made = (batch * 1_000..(batch + 1) * 1_000)
            .map(|number| payload(number, &(20_000 - number as i64, number % 3, true, false)));
        let records: Vec<Vec<u8>> = made.collect();
        let payloads: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
        monitor
            .read(ERRORS, batch as i64 * 1_000, &payloads)
            .unwrap();
    }
    assert!(monitor.store.size().records < 5_000);
    monitor
}

#[test]
fn a_search_that_takes_too_long_ends_with_what_it_has_and_can_be_continued() {
    let directory = TempDir::new().unwrap();
    let monitor = mostly_archived(&directory);
    let filter = Filter {
        terms: parse("\"number 1007 \"").unwrap(),
        ..Filter::default()
    };
    let mut query = Query {
        filter,
        ..Query::default()
    };
    let reader = reader(&monitor);
    let mut pages = 0;
    let found = loop {
        // No time at all: a block a page.
        let page = reader.query(&query, now(), Duration::ZERO).unwrap();
        pages += 1;
        if let Some(event) = page.events.first() {
            break event.record().message.to_string();
        }
        assert!(!page.total_is_exact);
        assert_eq!(page.total, 0);
        query.cursor = Some(page.next.expect("there is more to look through"));
    };
    assert!(found.starts_with("number 1007 "), "{found}");
    assert!(pages > 5, "{pages}");
}

#[test]
fn what_the_summaries_tell_is_counted_without_opening_a_block() {
    let directory = TempDir::new().unwrap();
    let monitor = mostly_archived(&directory);
    let filter = Filter {
        services: vec!["service-1".to_owned()],
        hosts: vec!["host-1".to_owned()],
        levels: vec![Severity::Error],
        ..Filter::default()
    };
    let query = Query {
        filter,
        limit: 10,
        ..Query::default()
    };
    let page = reader(&monitor)
        .query(&query, now(), Duration::ZERO)
        .unwrap();
    assert_eq!((page.total, page.events.len()), (6_667, 10));
    // One block is partly in memory, and has to be opened.
    assert!(page.total_is_exact);
}

#[test]
fn statistics_without_time_have_the_totals_and_say_what_is_missing() {
    let directory = TempDir::new().unwrap();
    let monitor = mostly_archived(&directory);
    // Blocks of several appends, of which the store has evicted a part.
    monitor.archive.compact().unwrap();
    let reader = reader(&monitor);
    let query = StatsQuery::default();
    let (whole, is_exact) = reader.stats(&query, now(), LONG).unwrap();
    assert!(is_exact);
    assert_eq!(whole.total_errors, 20_000);
    let (hurried, is_exact) = reader.stats(&query, now(), Duration::ZERO).unwrap();
    assert!(!is_exact);
    // All but the block that is partly in memory.
    assert!(
        (12_000..20_000).contains(&hurried.total_errors),
        "{}",
        hurried.total_errors
    );
    assert!(hurried.by_host["host-1"] > 5_000);
}

#[test]
fn a_damaged_block_leaves_the_others_readable() {
    let directory = TempDir::new().unwrap();
    let monitor = mostly_archived(&directory);
    let database = rusqlite::Connection::open(directory.path().join("logmonitor.db")).unwrap();
    let sql = "UPDATE blocks SET data = zeroblob(100) WHERE arrival = 5000";
    assert_eq!(database.execute(sql, ()).unwrap(), 1);
    let (ids, of_archive) = pages(
        &reader(&monitor),
        &Filter::default(),
        Order::Ascending,
        1_000,
    );
    assert_eq!(ids.len(), 19_000);
    assert!(of_archive.iter().any(|page| !page.total_is_exact));
}
