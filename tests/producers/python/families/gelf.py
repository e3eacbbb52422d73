"""GELF as pygelf writes it: the JSON it would send to Graylog."""

from pygelf import GelfHttpHandler

from checkout import charge, failure
from golden import attached, source, write

FAMILY = "gelf"


def sent(log_something, **settings):
    messages = []
    handler = GelfHttpHandler(host="127.0.0.1", port=9, compress=False, **settings)
    handler.emit = lambda record: messages.append(handler.convert_record_to_gelf(record))
    with attached(handler, "checkout.orders") as log:
        log_something(log)
    (message,) = messages
    return message.decode()


def write_all():
    source(FAMILY, "pygelf", note="level-missing and string-timestamp: written by hand after the GELF 1.1 payload specification.")
    error = failure(charge, 1001)
    full = {"debug": True, "include_extra_fields": True, "_service": "checkout"}
    trace = {"trace_id": "5b8efff798038103d269b633813fc60c", "span_id": "eee19b7ec3c1b174"}
    write(FAMILY, "info", sent(lambda log: log.info("order 1001 accepted", extra={"order_id": 1001}), **full))
    write(FAMILY, "error", sent(lambda log: log.error("payment failed", exc_info=error, extra=trace), **full))
    write(FAMILY, "critical", sent(lambda log: log.critical("database is gone"), **full))
    write(FAMILY, "warning-bare", sent(lambda log: log.warning("stock is low")))
    write(FAMILY, "level-missing", '{"version":"1.1","host":"ip-10-0-12-34","short_message":"started","timestamp":1795212916}')
    write(
        FAMILY, "string-timestamp",
        '{"version":"1.1","host":"ip-10-0-12-34","short_message":"kernel panic","timestamp":"1795212916.515","level":0,"_app":"init"}',
    )
