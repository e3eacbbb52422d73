"""The topics that all peers read, and the records in them: as the layer writes them, a hundredth of them errors."""

from collections import Counter
from datetime import datetime, timezone

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

RECORD_BYTES = 500
SERVICES = 7
ERROR_EVERY = 100
INSTANCE = "0af7651916cd43dd8448eb211c80319c"
FILLING = "the quick brown fox jumps over the lazy dog " * 12


class Records:
    """What was sent, and where."""

    def __init__(self, bootstrap, name, number):
        self.bootstrap = bootstrap
        self.logs = name
        self.errors_topic = f"{name}-errors"
        self.number = number
        self.errors = 0
        self.counts = Counter()
        # The lines that rsyslog writes for them.
        self.line_bytes = 0

    def create_topics(self):
        """As kafka/topics defines them: six partitions, and three."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        topics = [NewTopic(self.logs, 6, 1), NewTopic(self.errors_topic, 3, 1)]
        for future in admin.create_topics(topics).values():
            future.result()

    def produce(self):
        """Sends all of them and waits until the broker has them."""
        failures = []
        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                "compression.type": "lz4",
                "linger.ms": 20,
                "enable.idempotence": True,
                "on_delivery": lambda error, _: failures.append(error) if error else None,
            }
        )
        now = datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
        for seq in range(self.number):
            level = "ERROR" if seq % ERROR_EVERY == 0 else "INFO"
            # Not a multiple of 100: every service has errors.
            service = f"service-{seq % SERVICES}"
            record = text(now, level, service, seq).encode()
            send(producer, self.logs, f"{service}/{INSTANCE}", record)
            if level == "ERROR":
                send(producer, self.errors_topic, service, record)
                self.errors += 1
            self.counts[service, level] += 1
            self.line_bytes += len(f"{level} {service} {seq}\n")
        producer.flush()
        if failures:
            raise SystemExit(f"the broker did not take a record: {failures[0]}")


def text(now, level, service, seq):
    head = (
        f'{{"timestamp":"{now}","level":"{level}","service":"{service}","host":"ip-10-0-12-34",'
        f'"instance":"{INSTANCE}","seq":{seq},"schema":1,"version":"1.4.2",'
        f'"target":"shop::orders","file":"src/orders.rs","line":142,"thread":"tokio-runtime-worker",'
        f'"message":"order {seq} was taken to the next step","fields":{{"order_id":{seq},"note":"'
    )
    return head + FILLING[: RECORD_BYTES - len(head) - 3] + '"}}'


def send(producer, topic, key, value):
    while True:
        try:
            producer.produce(topic, value, key)
            producer.poll(0)
            return
        except BufferError:
            producer.poll(0.05)
