"""Google's structured logging: what StructuredLogHandler prints for the agent."""

import io

import google.cloud.logging_v2
from google.cloud.logging_v2.handlers import StructuredLogHandler

from checkout import charge, failure
from golden import attached, source, write

FAMILY = "google"
TRACE = {"trace": "projects/shop/traces/5b8efff798038103d269b633813fc60c", "span_id": "eee19b7ec3c1b174"}


def printed(log_something):
    stream = io.StringIO()
    handler = StructuredLogHandler(stream=stream, labels={"app": "checkout"}, project_id="shop")
    with attached(handler, "checkout.orders") as log:
        log_something(log)
    return stream.getvalue().removesuffix("\n")


def write_all():
    # Otherwise the first line would be the library's own about itself.
    google.cloud.logging_v2._instrumentation_emitted = True
    source(
        FAMILY, "google-cloud-logging",
        note="nanoseconds and text-payload: written by hand after Google's documentation of LogEntry and of structured logging.",
    )
    error = failure(charge, 1001)
    write(FAMILY, "info", printed(lambda log: log.info("order %d accepted", 1001)))
    write(FAMILY, "error", printed(lambda log: log.error("payment failed", exc_info=error, extra=TRACE)))
    write(FAMILY, "critical", printed(lambda log: log.critical("database is gone")))
    fields = {"message": "order accepted", "service": "checkout", "order_id": 1001}
    write(FAMILY, "json-fields", printed(lambda log: log.warning(fields)))
    write(
        FAMILY, "nanoseconds",
        '{"severity":"ALERT","time":"2026-11-20T22:15:16.515486123Z","message":"quota exhausted",'
        '"serviceContext":{"service":"checkout","version":"1.4.2"}}',
    )
    write(
        FAMILY, "text-payload",
        '{"textPayload":"order 1001 accepted","insertId":"1abc","resource":{"type":"k8s_container","labels":{"container_name":"checkout"}},'
        '"timestamp":"2026-11-20T22:15:16.515486Z","severity":"NOTICE","logName":"projects/shop/logs/stdout"}',
    )
