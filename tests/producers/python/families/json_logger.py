"""python-json-logger, as kafka_logging.py configures it and as others do."""

import logging

from pythonjsonlogger.json import JsonFormatter

from checkout import charge, failure, refund
from golden import Recorder, attached, logged, source, write
from kafka_logging import KafkaHandler

FAMILY = "python-json-logger"
TRACE = {"trace_id": "5b8efff798038103d269b633813fc60c", "span_id": "eee19b7ec3c1b174"}


def sent(log_something):
    """What the handler of the guide hands to Kafka."""
    producer = Recorder()
    with attached(KafkaHandler(producer, "checkout"), "checkout.orders") as log:
        log_something(log)
    (message,) = producer.messages
    return message


def write_all():
    source(FAMILY, "python-json-logger")
    paid = failure(charge, 1001)
    write(FAMILY, "info", sent(lambda log: log.info("order %d accepted", 1001, extra={"order_id": 1001, "total": 12.5})))
    write(FAMILY, "error", sent(lambda log: log.error("payment failed", exc_info=paid, extra={"order_id": 1001, **TRACE})))
    write(FAMILY, "critical", sent(lambda log: log.critical("database is gone")))
    logging.addLevelName(25, "SUCCESS")
    write(FAMILY, "unknown-level", sent(lambda log: log.log(25, "order 1001 delivered")))

    # The names of `logging` itself; asctime has a comma and no zone.
    asctime = JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    write(FAMILY, "asctime", logged(asctime, lambda log: log.warning("stock of %s is low", "tea", extra={"left": 3})))
    numbers = JsonFormatter("%(created)f %(levelno)d %(name)s %(message)s %(process)d %(threadName)s")
    write(FAMILY, "numeric-level", logged(numbers, lambda log: log.error("payment failed")))
    renamed = JsonFormatter(
        "%(asctime)s %(levelname)s %(message)s", rename_fields={"levelname": "severity", "asctime": "timestamp"},
        static_fields={"app": "checkout", "host": "ip-10-0-12-34"}, datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    write(FAMILY, "renamed", logged(renamed, lambda log: log.critical("database is gone")))
    array = JsonFormatter(
        "%(levelname)s %(message)s", timestamp="@timestamp", exc_info_as_array=True, static_fields={"service": {"name": "checkout"}}
    )
    write(FAMILY, "exception-as-array", logged(array, lambda log: log.error("payment failed", exc_info=paid)))
    refused = failure(refund, 1001)
    write(FAMILY, "during-handling", sent(lambda log: log.exception("refund failed", exc_info=refused)))
    # What opentelemetry's instrumentation of `logging` adds; it writes "0" where there is no trace.
    traced = JsonFormatter(
        "%(levelname)s %(name)s %(message)s %(otelServiceName)s %(otelTraceID)s %(otelSpanID)s", timestamp=True
    )
    ids = {"otelTraceID": TRACE["trace_id"].upper(), "otelSpanID": TRACE["span_id"], "otelServiceName": "checkout"}
    write(FAMILY, "otel-ids", logged(traced, lambda log: log.error("payment failed", extra=ids)))
    none = {"otelTraceID": "0", "otelSpanID": "0", "otelServiceName": "checkout"}
    write(FAMILY, "otel-no-trace", logged(traced, lambda log: log.info("started", extra=none)))

    def two_lines(log):
        log.info("first", extra={"order_id": 1})
        log.error("second", extra={"order_id": 2})

    plain = JsonFormatter("%(levelname)s %(name)s %(message)s", timestamp=True, static_fields={"service": "checkout"})
    write(FAMILY, "batch", logged(plain, two_lines) + "\n")
    write(FAMILY, "stack-info", logged(plain, log_stack_info))


def log_stack_info(log):
    record = logging.LogRecord("checkout", logging.WARNING, "checkout.py", 12, "slow payment", None, None)
    record.stack_info = 'Stack (most recent call last):\n  File "/srv/checkout/checkout.py", line 14, in charge\n    connect("payments")'
    log.handle(record)
