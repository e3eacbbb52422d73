//! How an error arrives: its type, message and chain, and how severe it is.

use std::error::Error;

use serde_json::{Value, json};
use tracing::{error, info, info_span};
use tracing_kafka::critical;

use crate::records::{Failure, record_of, records_of};

#[test]
fn an_error_value_gives_type_message_and_chain() {
    let record = record_of(|| {
        let source = Failure::new("broken pipe", None);
        let failure = Failure::new("cannot charge", source);
        error!(cause = &failure as &dyn Error, "payment failed");
    });
    let expected = json!({"type": "Failure", "message": "cannot charge", "chain": ["broken pipe"]});
    assert_eq!(record["error"], expected);
    assert!(record.get("fields").is_none(), "{record}");
}

#[test]
fn an_error_logged_as_text_gives_a_message() {
    let record = record_of(|| error!(error = %"disk full", "cannot save"));
    assert_eq!(record["error"], json!({"message": "disk full"}));
}

#[test]
fn severity_raises_a_level_and_never_lowers_it() {
    let levels: Vec<_> = records_of(|| {
        info!(severity = "CRITICAL", "raised");
        error!(severity = "info", "not lowered");
        info!(severity = "spicy", "not a severity");
    })
    .into_iter()
    .map(|received| {
        (
            received.record["level"].clone(),
            received.record["fields"]["severity"].clone(),
        )
    })
    .collect();
    let expected = [
        (json!("CRITICAL"), Value::Null),
        (json!("ERROR"), json!("info")),
        (json!("INFO"), json!("spicy")),
    ];
    assert_eq!(levels, expected);
}

#[test]
fn critical_takes_every_form_that_error_takes() {
    let received = records_of(|| {
        let (order_id, reason) = (7, "timeout");
        let span = info_span!("charge");
        critical!("plain");
        critical!("with {reason}");
        critical!("with {}", reason);
        critical!(order_id, "payment failed: {reason}");
        critical!(order_id = 7, ?reason, "failed");
        critical!(%reason);
        critical!(target: "billing", "failed");
        critical!(target: "billing", order_id, "failed");
        critical!(parent: &span, "failed");
        critical!(target: "billing", parent: &span, order_id, "failed");
        critical!(name: "payment", "failed");
        critical!(name: "payment", target: "billing", parent: &span, order_id, "failed");
        critical!({ order_id }, "failed: {}", reason);
        critical!(target: "billing", { order_id, "x" = 1 }, "failed");
    });
    assert_eq!(received.len(), 14);
    for received in &received {
        assert_eq!(received.record["level"], "CRITICAL", "{}", received.text);
        assert!(
            received.record["fields"].get("severity").is_none(),
            "{}",
            received.text
        );
    }
    assert_eq!(received[3].record["message"], "payment failed: timeout");
    assert_eq!(received[6].record["target"], "billing");
    assert_eq!(received[9].record["span"], "charge");
    assert_eq!(
        received[13].record["fields"],
        json!({"order_id": 7, "x": 1})
    );
}
