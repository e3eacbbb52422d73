"""structlog to Kafka, sent by confluent-kafka."""

# snippet: structlog
import atexit
import socket

import structlog
from confluent_kafka import Producer


class KafkaLogger:
    """The end of structlog's chain: takes the finished JSON and lets the producer send it in the background."""

    def __init__(self, producer, service, topic="application-logs"):
        self.producer, self.topic = producer, topic
        self.key = f"{service}/{socket.gethostname()}"  # the lines of one instance stay in order

    def msg(self, line):
        try:
            self.producer.produce(self.topic, line, key=self.key)
        except BufferError:  # the queue is full: the service goes on without this line
            pass
        self.producer.poll(0)

    debug = info = warning = error = critical = exception = msg


def configure(logger, service):
    origin = {"service": service, "host": socket.gethostname()}
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            lambda _, __, event: {**event, **origin},
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: logger,
    )


def log_to_kafka(bootstrap_servers, service):
    """Call it once when the service starts."""
    producer = Producer({"bootstrap.servers": bootstrap_servers, "linger.ms": 50})
    atexit.register(producer.flush, 10)
    configure(KafkaLogger(producer, service), service)
# end snippet
