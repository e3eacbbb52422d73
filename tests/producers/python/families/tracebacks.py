"""Plain text with Python's own tracebacks, as they land on stderr and in loguru's files."""

import io
import subprocess
import sys
import traceback

from loguru import logger

from checkout import charge, failure, refund, settle
from golden import HERE, source, write

FAMILY = "text-python"


def traceback_of(error):
    return "".join(traceback.format_exception(error)).removesuffix("\n")


def uncaught(statement):
    """What an interpreter prints when the exception ends it."""
    run = subprocess.run([sys.executable, "-c", statement], cwd=HERE, capture_output=True, text=True)
    return run.stderr.removesuffix("\n")


def deep(depth):
    return deep(depth - 1) if depth else charge(7)


def loguru_line(log_something, **settings):
    stream = io.StringIO()
    logger.remove()
    logger.add(stream, colorize=False, **settings)
    log_something(logger)
    return stream.getvalue().removesuffix("\n")


def write_all():
    source(FAMILY, "loguru", note="Tracebacks of CPython's own; loguru's default format in the loguru-* records.")
    write(FAMILY, "uncaught", uncaught("import checkout; checkout.refund(7)"))
    write(FAMILY, "simple", traceback_of(failure(lambda: {}["order"])))
    write(FAMILY, "error", "ERROR: payment failed\n" + traceback_of(failure(charge, 1001)))
    write(FAMILY, "critical", "[CRITICAL] worker is going down\n" + traceback_of(failure(refund, 7)))
    write(FAMILY, "three-links", traceback_of(failure(settle, 7)))
    write(FAMILY, "repeated-frames", "ERROR deep call\n" + traceback_of(failure(deep, 12)))
    write(FAMILY, "no-message", "error in worker\n" + traceback_of(failure(lambda: next(iter([])))))
    write(FAMILY, "loguru-info", loguru_line(lambda log: log.info("order {} accepted", 1001)))
    plain = {"backtrace": False, "diagnose": False}
    write(FAMILY, "loguru-error", loguru_line(lambda log: log.opt(exception=failure(charge, 1001)).error("payment failed"), **plain))
