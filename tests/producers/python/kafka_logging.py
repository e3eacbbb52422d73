"""Python's own `logging` to Kafka: JSON by python-json-logger, sent by confluent-kafka."""

# snippet: python-logging
import logging
import socket

from confluent_kafka import Producer
from pythonjsonlogger.json import JsonFormatter


class KafkaHandler(logging.Handler):
    """Hands each record to the producer, which sends in the background: logging never waits for Kafka."""

    def __init__(self, producer, service, topic="application-logs"):
        super().__init__()
        host = socket.gethostname()
        self.producer, self.topic = producer, topic
        self.key = f"{service}/{host}"  # the lines of one instance stay in order
        self.setFormatter(
            JsonFormatter(
                ["levelname", "name", "message", "pathname", "lineno", "threadName"],
                timestamp=True,
                static_fields={"service": service, "host": host},
            )
        )

    def emit(self, record):
        try:
            self.producer.produce(self.topic, self.format(record), key=self.key)
            self.producer.poll(0)
        except Exception:  # a full queue, say
            self.handleError(record)

    def flush(self):
        self.producer.flush(10)


def log_to_kafka(bootstrap_servers, service):
    """Call it once when the service starts; Python flushes the handler at exit."""
    producer = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 50})
    logging.basicConfig(level=logging.INFO, handlers=[KafkaHandler(producer, service)])
# end snippet
