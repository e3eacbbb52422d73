"""Where golden records are written, and the world that holds still while they are: clock, process id, host."""

import contextlib
import io
import logging
import os
import pathlib
import socket
from importlib.metadata import version
from unittest import mock

import time_machine

HERE = pathlib.Path(__file__).parent.resolve()
TESTDATA = HERE.parents[2] / "libs/log-record/testdata"
MAIN_THREAD = 140245366220608
NOW = "2026-11-20T22:15:16.515486Z"


@contextlib.contextmanager
def still_world():
    os.environ["TZ"] = "UTC"
    logging.setLogRecordFactory(record_of_main_thread)
    with (
        time_machine.travel(NOW, tick=False),
        mock.patch.object(os, "getpid", lambda: 4711),
        mock.patch.object(socket, "gethostname", lambda: "ip-10-0-12-34"),
        mock.patch.object(socket, "getfqdn", lambda *_: "ip-10-0-12-34"),
    ):
        yield


def record_of_main_thread(*arguments, **keywords):
    record = logging.LogRecord(*arguments, **keywords)
    record.thread = MAIN_THREAD
    return record


def settled(text):
    """The text of a service that lives in /srv/checkout instead of this checkout of the repository."""
    return text.replace(str(HERE), "/srv/checkout")


def write(family, case, message, headers=None):
    """Keeps one Kafka message; bytes as they are, because text in them cannot change its length unnoticed."""
    if isinstance(message, str):
        message = settled(message).encode()
    elif str(HERE).encode() in message:
        raise ValueError(f"{family}/{case} names a path of this machine")
    folder = TESTDATA / family
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{case}.in").write_bytes(message)
    if headers:
        text = "".join(f"{key}: {value}\n" for key, value in headers.items())
        (folder / f"{case}.headers").write_text(text)


def source(family, *libraries, note=""):
    """Says who wrote the records of a family."""
    written_by = ", ".join(f"{name} {version(name)}" for name in libraries) or "the standard library"
    text = f"Written by {written_by} (Python 3.11), through tests/producers/python.\n"
    if note:
        text += note + "\n"
    folder = TESTDATA / family
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "SOURCE").write_text(text)


def logged(formatter, log_something, name="checkout"):
    """What `logging` writes with that formatter, one line or several; without the line feed of the stream."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    with attached(handler, name) as log:
        log_something(log)
    return stream.getvalue().removesuffix("\n")


@contextlib.contextmanager
def attached(handler, name="checkout"):
    """A logger that has this handler and no other."""
    log = logging.getLogger(name)
    log.handlers, log.propagate = [handler], False
    log.setLevel(1)
    yield log
    log.handlers = []


class Recorder:
    """Stands where the Kafka producer stands, and keeps what would have been sent."""

    def __init__(self):
        self.messages = []

    def produce(self, _topic, value, key=None):
        self.messages.append(value)

    def poll(self, _timeout):
        return 0

    def flush(self, _timeout):
        return 0
