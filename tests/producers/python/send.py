"""send.py <logging|structlog> <bootstrap servers> <service>: logs an INFO, an ERROR with an exception and a CRITICAL."""

import logging
import sys

import structlog

import kafka_logging
import kafka_structlog
from checkout import PaymentError, charge

TRACE = {"trace_id": "5b8efff798038103d269b633813fc60c", "span_id": "eee19b7ec3c1b174"}


def with_logging(bootstrap_servers, service):
    kafka_logging.log_to_kafka(bootstrap_servers, service)
    log = logging.getLogger("checkout")
    log.info("order 1001 accepted", extra={"order_id": 1001})
    try:
        charge(1001)
    except PaymentError:
        log.exception("payment failed", extra={"order_id": 1001, **TRACE})
    log.critical("database is gone")


def with_structlog(bootstrap_servers, service):
    kafka_structlog.log_to_kafka(bootstrap_servers, service)
    log = structlog.get_logger().bind(logger="checkout")
    log.info("order 1001 accepted", order_id=1001)
    try:
        charge(1001)
    except PaymentError:
        log.exception("payment failed", order_id=1001, **TRACE)
    log.critical("database is gone")


if __name__ == "__main__":
    programs = {"logging": with_logging, "structlog": with_structlog}
    if len(sys.argv) != 4 or sys.argv[1] not in programs:
        sys.exit(__doc__)
    programs[sys.argv[1]](sys.argv[2], sys.argv[3])
