"""logfmt: logfmter for `logging`, structlog's renderer, and lines as Go's kit and Heroku write them, by hand."""

import structlog
from logfmter import Logfmter

from checkout import charge, failure
from golden import logged, source, write

FAMILY = "logfmt"


def write_all():
    source(
        FAMILY, "logfmter", "structlog",
        note="go-kit, heroku and prometheus: written by hand after the logfmt descriptions of Brandur Leach and of go-kit/log.",
    )
    error = failure(charge, 1001)
    full = Logfmter(
        keys=["ts", "level", "logger", "service"],
        mapping={"ts": "created", "level": "levelname", "logger": "name", "service": "name"},
    )
    trace = {"trace_id": "5b8efff798038103d269b633813fc60c", "span_id": "eee19b7ec3c1b174"}
    write(FAMILY, "info", logged(full, lambda log: log.info("order accepted", extra={"order_id": 1001, "note": 'said "thanks"'})))
    write(FAMILY, "error", logged(full, lambda log: log.error("payment failed", exc_info=error, extra=trace)))
    write(FAMILY, "critical", logged(full, lambda log: log.critical("database is gone")))

    p = structlog.processors
    processors = [p.add_log_level, p.TimeStamper(fmt="iso"), p.LogfmtRenderer(key_order=["timestamp", "level", "event"])]
    log = structlog.wrap_logger(structlog.ReturnLogger(), processors=processors, wrapper_class=structlog.BoundLogger)
    write(FAMILY, "structlog", log.error("payment failed", service="checkout", order_id=1001, retry=True))

    write(
        FAMILY, "go-kit",
        'ts=2026-11-20T22:15:16.515486123Z caller=main.go:142 level=error service=checkout '
        'msg="payment failed" err="connection timeout: dial tcp 10.0.0.7:5432" elapsed=12.5ms',
    )
    write(FAMILY, "prometheus", 'time=2026-11-20T22:15:16.515+01:00 level=WARN source=db.go:88 msg="Compaction is slow" component=tsdb duration=1m2s')
    write(FAMILY, "heroku", 'at=error code=H12 desc="Request timeout" method=GET path="/orders?page=2" dyno=web.1 status=503 level=crit app=checkout')
