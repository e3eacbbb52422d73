"""Python's `logging` without a library: the text formats of its documentation, and JSON by a dozen lines of one's own."""

import json
import logging

from checkout import charge, failure, refund, settle
from golden import logged, source, write

FAMILY = "python-logging"


LEFT_OUT = ("args", "exc_info", "relativeCreated", "taskName")


class DictFormatter(logging.Formatter):
    """The formatter found in many services: the attributes of the record as they are."""

    def format(self, record):
        text = super().format(record)
        attributes = {key: value for key, value in record.__dict__.items() if key not in LEFT_OUT}
        return json.dumps({**attributes, "message": text.splitlines()[0]}, default=str)


def write_all():
    source(FAMILY, note="`logging` of the standard library; json-*: a formatter of a few lines, as many services have one.")
    error = failure(charge, 1001)
    common = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    write(FAMILY, "info", logged(common, lambda log: log.info("order %d accepted", 1001)))
    write(FAMILY, "error", logged(common, lambda log: log.error("payment failed", exc_info=error)))
    dashes = logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s")
    write(FAMILY, "critical", logged(dashes, lambda log: log.critical("database is gone")))
    write(FAMILY, "during-handling", logged(dashes, lambda log: log.error("refund failed", exc_info=failure(refund, 7))))
    # What logging.basicConfig() gives.
    basic = logging.Formatter(logging.BASIC_FORMAT)
    write(FAMILY, "basic-info", logged(basic, lambda log: log.info("order 1001 accepted")))
    write(FAMILY, "basic-error", logged(basic, lambda log: log.error("payment failed", exc_info=error)))
    write(FAMILY, "basic-critical", logged(basic, lambda log: log.critical("database is gone")))
    bracket = logging.Formatter("[%(levelname)s] %(message)s")
    write(FAMILY, "bracket-error", logged(bracket, lambda log: log.error("settlement failed", exc_info=failure(settle, 7))))
    multi = "two things went wrong:\n- the disk is full\n- nobody noticed"
    write(FAMILY, "multi-line", logged(bracket, lambda log: log.warning(multi)))
    located = logging.Formatter("%(levelname)-8s %(filename)s:%(lineno)d %(message)s")
    write(FAMILY, "padded", logged(located, lambda log: log.warning("stock is low")))
    # The word stands in the text, and is not its level.
    bare = logging.Formatter("%(message)s")
    write(FAMILY, "no-level", logged(bare, lambda log: log.info("the last error was an hour ago")))

    attributes = DictFormatter()
    write(FAMILY, "json-info", logged(attributes, lambda log: log.info("order %d accepted", 1001)))
    write(FAMILY, "json-error", logged(attributes, lambda log: log.error("payment failed", exc_info=error)))
    write(FAMILY, "json-critical", logged(attributes, lambda log: log.critical("database is gone")))
