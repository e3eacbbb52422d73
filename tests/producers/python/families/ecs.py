"""ecs-logging for `logging` and for structlog."""

import ecs_logging
import structlog

from checkout import charge, failure
from golden import logged, source, write

FAMILY = "ecs"
TRACE = {"trace.id": "5b8efff798038103d269b633813fc60c", "span.id": "eee19b7ec3c1b174"}


def write_all():
    source(FAMILY, "ecs-logging", note="The node-* records: by @elastic/ecs-pino-format 1.5.0 (Node 20.20.2), through tests/producers/node.")
    error = failure(charge, 1001)
    named = ecs_logging.StdlibFormatter(extra={"service.name": "checkout", "service.version": "1.4.2"})
    info = logged(named, lambda log: log.info("order %d accepted", 1001, extra={"order": {"id": 1001}}), "checkout.orders")
    write(FAMILY, "info", info)
    write(FAMILY, "error", logged(named, lambda log: log.error("payment failed", exc_info=error, extra=TRACE)))
    write(FAMILY, "critical", logged(named, lambda log: log.critical("database is gone")))
    # Without the process and the original text, and with no service.
    short = ecs_logging.StdlibFormatter(exclude_fields=["process", "log.original", "log.origin"])
    write(FAMILY, "no-service", logged(short, lambda log: log.warning("stock is low")))

    processors = [structlog.processors.add_log_level, structlog.processors.format_exc_info, ecs_logging.StructlogFormatter()]
    log = structlog.wrap_logger(structlog.ReturnLogger(), processors=processors, wrapper_class=structlog.BoundLogger)
    line = log.error("payment failed", **{"service": {"name": "checkout"}, "order.id": 1001}, **TRACE)
    write(FAMILY, "structlog", line)
