//! The store against the naive model.

use std::collections::HashSet;
use std::time::Duration;

use log_record::{LogRecord, Timestamp};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::super::open_chunk::Shape;
use super::super::*;
use super::filters::{filter, order};
use super::model::{Model, Stored};
use super::records::{Made, NOW, made, now};
use crate::query::{Filter, Order, Query};

/// Appends to both and checks that they agree on what was new.
fn append(store: &Store, model: &mut Model, batch: &[Made]) {
    let mut offsets = Vec::new();
    let mut expected = 0;
    for made in batch {
        let offset = model.offset(made);
        expected += u64::from(model.append(made, offset));
        offsets.push(offset);
    }
    let payloads: Vec<Vec<u8>> = batch.iter().map(|made| vec![made.payload]).collect();
    let arrivals: Vec<Arrival<'_>> = batch
        .iter()
        .zip(&offsets)
        .zip(&payloads)
        .map(|((made, &offset), payload)| Arrival {
            record: made.record.clone(),
            coordinates: Coordinates {
                topic: made.topic,
                partition: made.partition,
                offset,
                index: made.index,
            },
            received_at: Timestamp::from_micros(NOW + offset * 1_000_000_000),
            payload,
        })
        .collect();
    let appended = store.append(&arrivals, now());
    assert_eq!(appended.stored(), expected);
    assert_eq!(appended.stored() + appended.duplicates, batch.len() as u64);
}

fn check_event(event: &Event, stored: &Stored) {
    assert_eq!(event.record(), stored.made.record);
    assert_eq!(event.topic(), stored.made.topic);
    assert_eq!(event.partition(), stored.made.partition);
    assert_eq!(event.offset(), stored.offset);
    assert_eq!(event.index(), stored.made.index);
    let received = Timestamp::from_micros(NOW + stored.offset * 1_000_000_000);
    assert_eq!(event.received_at(), received);
}

fn store() -> Store {
    let limits = StoreLimits {
        max_bytes: 1 << 40,
        max_age: Duration::from_secs(3_600),
        max_services: 10,
    };
    let shape = Shape {
        chunk_records: 8,
        large_chunk_records: 20,
        chunks_per_segment: 3,
    };
    Store::with_shape(limits, shape)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_store_answers_as_a_list_that_is_filtered_and_sorted(
        batches in vec(vec(made(), 1..20), 1..8),
        searches in vec((filter(), order(), 1_usize..40), 1..6),
        has_weak_hashes in prop::bool::weighted(0.2),
    ) {
        let store = store();
        if has_weak_hashes {
            store.weaken_hashes(1);
        }
        let mut model = Model::default();
        for batch in &batches {
            append(&store, &mut model, batch);
        }
        prop_assert_eq!(store.size().records, model.stored.len() as u64);
        for (filter, order, limit) in searches {
            let expected = model.query(&filter, order);
            let mut query = Query { filter: filter.clone(), order, limit, cursor: None };
            let mut found = Vec::new();
            loop {
                let page = store.query(&query, now()).unwrap();
                prop_assert_eq!(page.total, expected.len() as u64, "{:?}", filter);
                prop_assert!(page.total_is_exact);
                prop_assert!(page.events.len() <= limit);
                found.extend(page.events);
                let Some(next) = page.next else { break };
                query.cursor = Some(next.to_string().parse().unwrap());
            }
            prop_assert_eq!(found.len(), expected.len());
            for (event, &number) in found.iter().zip(&expected) {
                check_event(event, &model.stored[number]);
                let again = store.find(&event.id().to_string().parse().unwrap());
                prop_assert_eq!(again.unwrap().id(), event.id());
                let matcher = crate::query::Matcher::new(&filter);
                prop_assert!(matcher.matches(event));
            }
        }
        let tail = store.tail(0, usize::MAX);
        prop_assert_eq!(tail.events.len(), model.stored.len());
        for (event, stored) in tail.events.iter().zip(&model.stored) {
            check_event(event, stored);
        }
    }

    #[test]
    fn pages_neither_double_nor_skip_while_records_arrive(
        before in vec(made(), 1..60),
        between in vec(vec(made(), 1..10), 1..12),
        filter in filter(),
        order in order(),
        limit in 1_usize..7,
    ) {
        let store = store();
        let mut model = Model::default();
        append(&store, &mut model, &before);
        let expected = model.query(&filter, order);
        let mut query = Query { filter, order, limit, cursor: None };
        let mut places = Vec::new();
        for number in 0.. {
            let page = store.query(&query, now()).unwrap();
            places.extend(page.events.iter().map(|event| {
                let coordinates = (event.topic(), event.partition(), event.offset(), event.index());
                model.stored.iter().position(|stored| {
                    let made = &stored.made;
                    (made.topic, made.partition, stored.offset, made.index) == coordinates
                }).unwrap()
            }));
            let Some(next) = page.next else { break };
            query.cursor = Some(next);
            if let Some(batch) = between.get(number) {
                append(&store, &mut model, batch);
            }
        }
        let distinct: HashSet<usize> = places.iter().copied().collect();
        prop_assert_eq!(distinct.len(), places.len());
        let from_first: Vec<usize> = places.into_iter().filter(|place| expected.contains(place)).collect();
        prop_assert_eq!(from_first, expected);
    }

    #[test]
    fn statistics_are_those_of_the_list(
        batches in vec(vec(made(), 1..30), 1..5),
        services in vec(prop::sample::select(vec!["booking", "user", "nobody"]), 0..2),
        from in option::of(-25_i64..25),
        to in option::of(-25_i64..25),
    ) {
        let store = store();
        let mut model = Model::default();
        for batch in &batches {
            append(&store, &mut model, batch);
        }
        let at = |micros: i64| Timestamp::from_micros(NOW + micros);
        let services: Vec<String> = services.into_iter().map(str::to_owned).collect();
        let (from, to) = (from.map(at), to.map(at));
        let query = StatsQuery {
            services: services.clone(), from, to, interval: Some(Duration::from_millis(1)),
        };
        let stats = store.stats(&query, now());
        let filter = Filter {
            services, from: from.map(Into::into), to: to.map(Into::into), ..Filter::default()
        };
        let found: Vec<&LogRecord<'_>> = model.query(&filter, Order::Ascending)
            .into_iter().map(|number| &model.stored[number].made.record).collect();
        prop_assert_eq!(stats.total_errors, found.len() as u64);
        prop_assert_eq!(stats.oldest, found.first().map(|record| record.timestamp));
        prop_assert_eq!(stats.newest, found.last().map(|record| record.timestamp));
        let mut expected = Stats::default();
        for record in &found {
            expected.by_level[record.level.index()] += 1;
            *expected.by_service.entry(record.service.to_string()).or_default() += 1;
            if let Some(host) = &record.host {
                *expected.by_host.entry(host.to_string()).or_default() += 1;
            }
        }
        prop_assert_eq!(stats.by_level, expected.by_level);
        prop_assert_eq!(stats.by_service, expected.by_service);
        prop_assert_eq!(stats.by_host, expected.by_host);
        let buckets = &stats.timeline.buckets;
        for pair in buckets.windows(2) {
            prop_assert_eq!(pair[1].time.as_micros() - pair[0].time.as_micros(), 1_000);
        }
        let summed: u64 = buckets.iter().flat_map(|bucket| bucket.by_level).sum();
        prop_assert_eq!(summed, found.len() as u64);
        for bucket in buckets {
            let start = bucket.time.as_micros();
            let inside = found.iter().filter(|record| {
                (start..start + 1_000).contains(&record.timestamp.as_micros())
            });
            prop_assert_eq!(bucket.by_level.iter().sum::<u64>(), inside.count() as u64);
        }
    }
}
