#[test]
fn smoke() {
    use super::*;
    use log_record::*;
    let store = Store::new(StoreLimits::default());
    let now = Timestamp::from_millis(1_800_000_000_000);
    let mut arrivals = vec![];
    for i in 0..20_000u64 {
        let mut r = LogRecord::new(
            now.saturating_add_micros(-(i as i64 * 37 % 10_000)),
            if i % 5 == 0 {
                Severity::Critical
            } else {
                Severity::Error
            },
            format!("svc{}", i % 7),
            format!("Boom number {i}"),
        );
        r.instance = Some(Instance(5));
        r.seq = Some(i);
        r.host = Some("h".into());
        arrivals.push(Arrival {
            record: r,
            coordinates: Coordinates {
                topic: "t",
                partition: 0,
                offset: i as i64,
                index: None,
            },
            received_at: now,
            payload: b"",
        });
    }
    for c in arrivals.chunks(500) {
        let a = store.append(c, now);
        assert_eq!(a.stored(), 500);
    }
    let q = crate::query::Query {
        filter: crate::query::Filter {
            terms: crate::query::parse("boom level:critical \"BER 15\" -9").unwrap(),
            services: vec!["svc3".into()],
            ..Default::default()
        },
        ..Default::default()
    };
    let p = store.query(&q, now).unwrap();
    println!(
        "{} {:?} {:?}",
        p.total,
        p.events.first(),
        p.next.map(|c| c.to_string())
    );
    let id = p.events[0].id();
    assert_eq!(store.find(&id).unwrap().id(), id);
    let s = store.stats(&StatsQuery::default(), now);
    println!("{s:?}");
    println!("{:?} {:?}", store.services(now)[0], store.size());
}
