//! What is in the way, and where partitions stand.

use std::time::Duration;

use log_record::Timestamp;

use super::*;

#[test]
fn a_pipeline_runs_once_every_topic_is_connected_and_assigned() {
    let pipeline = Pipeline::new(&["logs", "errors"]);
    assert_eq!(pipeline.obstacles().len(), 2);
    for topic in ["logs", "errors"] {
        assert!(pipeline.set_connected(topic, true));
        assert!(!pipeline.set_connected(topic, true));
    }
    assert!(
        pipeline
            .obstacles()
            .iter()
            .all(|obstacle| obstacle.contains("assign"))
    );
    pipeline.assign("logs", &[0, 1]);
    pipeline.assign("errors", &[0]);
    assert_eq!(pipeline.obstacles(), Vec::<String>::new());
    assert!(pipeline.set_problem("errors", "the broker went away"));
    assert!(!pipeline.set_problem("errors", "the broker went away"));
    assert_eq!(pipeline.obstacles(), ["topic errors: the broker went away"]);
    assert!(!pipeline.is_connected());
}

#[test]
fn what_cannot_be_kept_is_in_the_way_until_it_can() {
    let pipeline = Pipeline::new(&["logs"]);
    pipeline.set_connected("logs", true);
    pipeline.assign("logs", &[0]);
    for is_dropped in [false, true] {
        pipeline.set_refusal("logs", Some("the disk is full".to_owned()));
        // A broker that answers does not make room.
        pipeline.set_connected("logs", true);
        assert!(pipeline.obstacles()[0].ends_with("the disk is full"));
        if is_dropped {
            pipeline.set_refusal("logs", None);
        } else {
            pipeline.advance("logs", 0, 1, Timestamp::from_millis(0));
        }
        assert_eq!(pipeline.obstacles(), Vec::<String>::new());
    }
}

#[test]
fn lag_is_what_kafka_has_and_we_have_not_read() {
    let pipeline = Pipeline::new(&["logs"]);
    let now = Timestamp::from_millis(100_000);
    pipeline.assign("logs", &[3]);
    assert_eq!(pipeline.partitions(now)[0].lag, None);
    pipeline.set_watermark("logs", 3, 50, Some(40));
    assert_eq!(pipeline.partitions(now)[0].lag, Some(10));
    pipeline.advance("logs", 3, 45, Timestamp::from_millis(98_500));
    let status = pipeline.partitions(now).remove(0);
    assert_eq!((status.lag, status.lag_seconds), (Some(5), Some(1.5)));
    pipeline.advance("logs", 3, 60, Timestamp::from_millis(98_500));
    let status = pipeline.partitions(now).remove(0);
    assert_eq!(
        (status.lag, status.lag_seconds, status.high_watermark),
        (Some(0), Some(0.0), Some(60))
    );
}

#[test]
fn headroom_is_what_the_retention_leaves_beside_the_lag() {
    let pipeline = Pipeline::new(&["logs"]);
    let now = Timestamp::from_millis(100_000);
    let headroom = || pipeline.partitions(now)[0].headroom_seconds;
    pipeline.assign("logs", &[0]);
    pipeline.set_watermark("logs", 0, 50, Some(40));
    pipeline.advance("logs", 0, 45, Timestamp::from_millis(98_500));
    assert_eq!(headroom(), None);
    pipeline.set_retention("logs", Some(Duration::from_secs(10)));
    assert_eq!(headroom(), Some(8.5));
    pipeline.set_retention("logs", Some(Duration::from_secs(1)));
    assert_eq!(headroom(), Some(0.0));
    pipeline.advance("logs", 0, 50, Timestamp::from_millis(98_500));
    assert_eq!(headroom(), Some(1.0));
}

#[test]
fn a_revoked_partition_is_no_longer_shown() {
    let pipeline = Pipeline::new(&["logs"]);
    pipeline.assign("logs", &[0, 1]);
    pipeline.assign("logs", &[1]);
    assert_eq!(pipeline.partitions(Timestamp::from_millis(0)).len(), 1);
    pipeline.revoke("logs");
    assert_eq!(pipeline.partitions(Timestamp::from_millis(0)), []);
}
