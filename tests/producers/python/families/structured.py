"""structlog, as kafka_structlog.py configures it and as others do."""

import structlog

from checkout import charge, failure
from golden import Recorder, source, write
from kafka_structlog import KafkaLogger, configure

FAMILY = "structlog"
TRACE = {"trace_id": "5b8efff798038103d269b633813fc60c", "span_id": "eee19b7ec3c1b174"}


def sent(log_something):
    producer = Recorder()
    configure(KafkaLogger(producer, "checkout"), "checkout")
    log_something(structlog.get_logger().bind(logger="checkout.orders"))
    (message,) = producer.messages
    return message


def chain(*processors):
    """The line a logger with these processors writes."""

    def line(log_something):
        log = structlog.wrap_logger(structlog.ReturnLogger(), processors=processors, wrapper_class=structlog.BoundLogger)
        return log_something(log)

    return line


def write_all():
    source(FAMILY, "structlog")
    error = failure(charge, 1001)
    p = structlog.processors
    write(FAMILY, "info", sent(lambda log: log.info("order accepted", order_id=1001, items=["tea", "milk"])))
    write(FAMILY, "error", sent(lambda log: log.error("payment failed", exc_info=error, order_id=1001, **TRACE)))
    write(FAMILY, "critical", sent(lambda log: log.critical("database is gone")))

    tracebacks = p.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
    structured = chain(p.add_log_level, p.TimeStamper(fmt="iso"), tracebacks, p.JSONRenderer())
    write(FAMILY, "dict-tracebacks", structured(lambda log: log.error("payment failed", exc_info=error, service="checkout")))
    unix = chain(p.add_log_level, p.TimeStamper(), p.JSONRenderer(sort_keys=True))
    write(FAMILY, "unix-time", unix(lambda log: log.warning("stock is low", app="checkout", left=3)))
    callsite = p.CallsiteParameterAdder(
        [p.CallsiteParameter.FILENAME, p.CallsiteParameter.LINENO, p.CallsiteParameter.FUNC_NAME, p.CallsiteParameter.THREAD_NAME]
    )
    located = chain(
        p.add_log_level, p.TimeStamper(fmt="%Y-%m-%d %H:%M:%S"), callsite, p.EventRenamer("message", "_event"), p.JSONRenderer()
    )
    write(FAMILY, "callsite", located(lambda log: log.info("order accepted", service_name="checkout")))
    # `event` is the text and `message` a field of the user's: the table puts `message` first.
    write(FAMILY, "message-beside-event", sent(lambda log: log.info("mail received", message="hello")))
    numbered = chain(p.add_log_level, structlog.stdlib.add_log_level_number, p.TimeStamper(key="ts"), p.JSONRenderer())
    write(FAMILY, "level-number", numbered(lambda log: log.critical("database is gone", service="checkout")))
    no_level = chain(p.TimeStamper(fmt="iso"), p.JSONRenderer())
    write(FAMILY, "no-level", no_level(lambda log: log.info("order accepted", order_id=1001)))
