//! How long Kafka keeps the records of a topic: asked now and then, because it can be changed at any time.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, ResourceSpecifier};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tracing::debug;

use super::client::Quiet;
use crate::pipeline::Pipeline;

const REFRESH: Duration = Duration::from_secs(60);
/// Between two attempts as long as nobody knows.
const RETRY: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(5);

/// Tells the pipeline the retention of a topic, until it is aborted.
pub(super) async fn watch(client: ClientConfig, topic: String, pipeline: Pipeline) {
    let create = || client.create_with_context(Quiet);
    let mut admin: AdminClient<Quiet> = match create() {
        Ok(admin) => admin,
        Err(error) => {
            debug!(topic, %error, "the topic's retention stays unknown");
            return;
        }
    };
    loop {
        let pause = match retention(&admin, &topic).await {
            Ok(retention) => {
                pipeline.set_retention(&topic, retention);
                // A topic that has just been created may not be known everywhere yet.
                if retention.is_some() { REFRESH } else { RETRY }
            }
            // The embedded broker does not say, and others may refuse to.
            Err(error) => {
                debug!(topic, %error, "the topic's retention is unknown");
                // One that has heard nothing may never hear anything again.
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::OperationTimedOut)
                    && let Ok(another) = create()
                {
                    let old = std::mem::replace(&mut admin, another);
                    // Closing waits for librdkafka's threads. A panic there leaves nothing to be done here.
                    tokio::task::spawn_blocking(move || drop(old)).await.ok();
                }
                RETRY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// `None` when records are kept for ever.
async fn retention(
    admin: &AdminClient<Quiet>,
    topic: &str,
) -> Result<Option<Duration>, KafkaError> {
    let options = AdminOptions::new().request_timeout(Some(TIMEOUT));
    let resources = [ResourceSpecifier::Topic(topic)];
    let answers = admin.describe_configs(&resources, &options).await?;
    let answer = answers.into_iter().next();
    let resource = match answer {
        Some(Ok(resource)) => resource,
        Some(Err(code)) => return Err(KafkaError::AdminOp(code)),
        None => return Ok(None),
    };
    let millis = resource
        .get("retention.ms")
        .and_then(|entry| entry.value.as_ref()?.parse::<i64>().ok());
    let millis = millis.and_then(|millis| u64::try_from(millis).ok());
    Ok(millis.map(Duration::from_millis))
}
