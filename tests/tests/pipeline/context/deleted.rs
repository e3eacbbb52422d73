//! What Kafka has deleted is missing, or was copied in time.

use super::*;
use crate::loss::delete_before;

#[test]
fn what_kafka_has_deleted_is_said_to_be_missing() {
    // Without an archive, no copy is kept either.
    let (bootstrap, topics, monitor) = start_with(1, 1, &[("LOG_MONITOR_DATA_DIR", "none")]);
    let writer = Writer::new(&bootstrap);
    interleaved(&writer, &topics.logs, 100, 50);
    let id = format!("{}-50", instance_id(3));
    wait_for_id(&monitor, &id);
    let before = context(&monitor, &id, "?before=60&after=0");
    // From number 0 on it is all there is, and it is there.
    assert_eq!(seqs(&before["before"]), range(0, 50));
    assert_eq!(before["complete_before"], true);

    delete_before(&bootstrap, &topics.logs, 400);
    let found = context(&monitor, &id, "");
    assert_eq!(seqs(&found["before"]), range(40, 50));
    assert_eq!(seqs(&found["after"]), range(51, 100));
    assert_eq!(
        (&found["complete_before"], &found["complete_after"]),
        (&false.into(), &true.into())
    );
    let missing = &found["missing"]["before"];
    assert_eq!(
        (&missing["reason"], &missing["lines"]),
        (&"deleted".into(), &40.into())
    );
    let message = missing["message"].as_str().unwrap();
    assert!(
        message.contains("partition 0") && message.contains("offset 400"),
        "{message}"
    );
    let of_service = context(&monitor, &id, "?scope=service&before=500");
    assert_eq!(of_service["before"].as_array().unwrap().len(), 103);
    assert_eq!(of_service["missing"]["before"]["reason"], "deleted");
    // Fewer are asked for than are left.
    assert_eq!(
        context(&monitor, &id, "?before=10")["complete_before"],
        true
    );

    delete_before(&bootstrap, &topics.logs, 600);
    let gone = context(&monitor, &id, "");
    let nothing = Value::Array(vec![]);
    assert_eq!((&gone["before"], &gone["after"]), (&nothing, &nothing));
    for side in ["before", "after"] {
        assert_eq!(gone[format!("complete_{side}")], false);
        assert_eq!(gone["missing"][side]["reason"], "deleted");
    }
}

#[test]
fn the_lines_around_an_error_that_began_an_issue_outlive_kafkas_retention() {
    // The records happened 600 seconds ago.
    let (bootstrap, topics, monitor) = start_with(1, 1, &[("LOG_MONITOR_RETENTION", "620s")]);
    let writer = Writer::new(&bootstrap);
    interleaved(&writer, &topics.logs, 100, 60);
    let id = format!("{}-60", instance_id(3));
    wait_for_id(&monitor, &id);
    let issue = monitor.get(&format!("/api/v1/logs/events/{id}"))["issue_id"].clone();
    let path = format!("/api/v1/issues/{}", issue.as_str().unwrap());
    wait_for("the lines were copied", || {
        let snapshots = monitor.get(&path)["snapshots"].clone();
        (snapshots[0]["event_id"] == *id).then_some(())
    });
    // Kafka has them still, and more of them.
    let fresh = context(&monitor, &id, "?before=55");
    assert_eq!(
        (&fresh["source"], fresh["before"].as_array().unwrap().len()),
        (&"kafka".into(), 55)
    );
    // Some have gone, then the error's own place.
    for offset in [400, 700] {
        delete_before(&bootstrap, &topics.logs, offset);
        let kept = context(&monitor, &id, "");
        assert_eq!(kept["source"], "snapshot", "{kept}");
        assert_eq!(kept["event"]["id"], *id);
        assert_eq!(seqs(&kept["before"]), range(10, 60));
        assert_eq!(seqs(&kept["after"]), range(61, 100));
        assert_eq!(kept["missing"], Value::Null);
    }
    let less = context(&monitor, &id, "?before=2&after=1");
    assert_eq!(
        (seqs(&less["before"]), seqs(&less["after"])),
        (range(58, 60), vec![61])
    );
    let more = context(&monitor, &id, "?before=60");
    assert_eq!(seqs(&more["before"]), range(10, 60));
    assert_eq!(more["missing"]["before"]["reason"], "deleted");
    // Of the whole service no copy was kept.
    assert_eq!(context(&monitor, &id, "?scope=service")["source"], "kafka");

    wait_for("the error is too old to be kept", || {
        let status = monitor.status(&format!("/api/v1/logs/events/{id}"));
        (status == Some(404)).then_some(())
    });
    let outlived = context(&monitor, &id, "");
    assert_eq!(
        (&outlived["event"]["id"], &outlived["source"]),
        (&(*id).into(), &"snapshot".into())
    );
}
