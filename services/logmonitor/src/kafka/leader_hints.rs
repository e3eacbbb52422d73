//! Keeps librdkafka from believing the hints about new leaders that brokers add to an answer (KIP-951). Where some
//! partitions have a new leader and others none, as while a broker starts, librdkafka reads hints that it has never
//! written, and with them past the end of its arrays: the process dies (confluentinc/librdkafka#5280, in every version
//! since 2.5). Without hints it asks who the leaders are, as it does anyway.

#![expect(
    unsafe_code,
    reason = "a function that librdkafka calls has no mangled name"
)]

use std::ffi::{c_int, c_void};

/// `RD_KAFKA_OP_RES_HANDLED`: librdkafka frees the hints.
const HANDLED: c_int = 1;

/// The linker puts it in the place of librdkafka's own, because `build.rs` says `--wrap`.
#[unsafe(no_mangle)]
extern "C" fn __wrap_rd_kafka_metadata_update_op(
    _client: *mut c_void,
    _hints: *mut c_void,
) -> c_int {
    HANDLED
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::sync::Mutex;
    use std::time::{Duration, Instant};

    use rdkafka::bindings::{
        rd_kafka_handle_mock_cluster, rd_kafka_mock_partition_push_leader_response,
    };
    use rdkafka::config::RDKafkaLogLevel;
    use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
    use rdkafka::message::Message as _;
    use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer as _, ThreadedProducer};
    use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
    use rdkafka::{ClientConfig, ClientContext};

    const TOPIC: &str = "application-logs";
    const PARTITIONS: i32 = 10;
    const TIMEOUT: Duration = Duration::from_secs(30);

    /// What librdkafka says of the hints that it believes.
    #[derive(Default)]
    struct Context {
        believed: Mutex<Vec<String>>,
    }

    impl ClientContext for Context {
        fn log(&self, _level: RDKafkaLogLevel, facility: &str, message: &str) {
            if facility == "METADATAUPDATE" {
                self.believed.lock().unwrap().push(message.to_owned());
            }
        }
    }

    impl ConsumerContext for Context {}

    type Producer = ThreadedProducer<DefaultProducerContext>;

    /// One record to each partition.
    fn produce(producer: &Producer) {
        for partition in 0..PARTITIONS {
            let record = BaseRecord::<(), str>::to(TOPIC)
                .partition(partition)
                .payload("a line");
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(TIMEOUT).unwrap();
    }

    fn read_one_of_each(consumer: &BaseConsumer<Context>) {
        let deadline = Instant::now() + TIMEOUT;
        let mut seen = vec![false; PARTITIONS as usize];
        while !seen.iter().all(|seen| *seen) {
            assert!(Instant::now() < deadline, "{seen:?}");
            if let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) {
                seen[message.partition() as usize] = true;
            }
        }
    }

    #[test]
    fn partitions_without_a_leader_beside_those_with_a_new_one_do_no_harm() {
        let producer: Producer = ClientConfig::new()
            .set("test.mock.num.brokers", "2")
            .set("topic.metadata.refresh.interval.ms", "-1")
            .create()
            .unwrap();
        let cluster = producer.client().mock_cluster().unwrap();
        cluster.create_topic(TOPIC, PARTITIONS, 2).unwrap();
        let lead = |broker| {
            for partition in 0..PARTITIONS {
                cluster
                    .partition_leader(TOPIC, partition, Some(broker))
                    .unwrap();
            }
        };
        lead(1);
        produce(&producer);
        let consumer: BaseConsumer<Context> = ClientConfig::new()
            .set("bootstrap.servers", cluster.bootstrap_servers())
            .set("group.id", "test")
            .set("topic.metadata.refresh.interval.ms", "-1")
            .set("debug", "metadata")
            .set_log_level(RDKafkaLogLevel::Debug)
            .create_with_context(Context::default())
            .unwrap();
        let mut partitions = TopicPartitionList::new();
        for partition in 0..PARTITIONS {
            partitions
                .add_partition_offset(TOPIC, partition, Offset::Beginning)
                .unwrap();
        }
        consumer.assign(&partitions).unwrap();
        read_one_of_each(&consumer);

        // The consumer asks the broker that led all of them, and is told of one new leader.
        consumer.pause(&partitions).unwrap();
        let topic = CString::new(TOPIC).unwrap();
        for partition in 1..PARTITIONS {
            // SAFETY: the cluster is the producer's, and lives as long.
            unsafe {
                let cluster = rd_kafka_handle_mock_cluster(producer.client().native_ptr());
                rd_kafka_mock_partition_push_leader_response(
                    cluster,
                    topic.as_ptr(),
                    partition,
                    -1,
                    -1,
                );
            }
        }
        lead(2);
        consumer.resume(&partitions).unwrap();
        produce(&producer);
        read_one_of_each(&consumer);
        let believed = consumer.context().believed.lock().unwrap();
        assert!(believed.is_empty(), "{believed:#?}");
    }
}
