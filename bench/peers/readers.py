"""The three readers: each is started as a process, reads the topic from its beginning, is checked and stopped."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
# Seconds after which a reader that is not done has failed.
PATIENCE = 600


@dataclass
class Run:
    """One reader, once through the topic."""

    # Between the first record that was seen to be done and the last.
    records_per_second: float
    # From the start of the process to the last record.
    seconds: float
    # User and system time of the whole process, its start included, until the last record.
    cpu_seconds: float


@contextmanager
def process(command, **options):
    """A program that is gone afterwards, whatever happens."""
    child = subprocess.Popen(command, **options)
    try:
        yield child
        child.terminate()
        child.wait(30)
    finally:
        child.kill()
        child.wait()


def cpu_seconds(pid):
    """User and system time so far, of all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def watch(child, wanted, progress):
    """Asks for the progress until all is done: when and how far it was first seen, and when it was done."""
    deadline = time.monotonic() + PATIENCE
    begun = None
    while True:
        done = progress()
        now = time.monotonic()
        if done and begun is None:
            begun, at_begin = now, done
        if done >= wanted:
            return begun, at_begin, now
        if child.poll() is not None:
            raise SystemExit(f"{child.args[0]} ended with {child.returncode} after {done} of {wanted}")
        if now > deadline:
            raise SystemExit(f"{child.args[0]} has done {done} of {wanted} after {PATIENCE} s")
        # Asking costs logmonitor processor time; a reader takes seconds.
        time.sleep(0.05)


def rate(total, at_begin, begun, ended):
    return (total - at_begin) / (ended - begun)


def logmonitor(binary, records, group, directory):
    """The whole service: both topics, group, commits, archive, API."""
    port = free_port()
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": records.bootstrap,
        "KAFKA_TOPIC_LOGS": records.logs,
        "KAFKA_TOPIC_ERRORS": records.errors_topic,
        "KAFKA_GROUP_ID": group,
        "LOG_MONITOR_SERVER_PORT": str(port),
        "LOG_MONITOR_DATA_DIR": str(directory / "data"),
        # Its records would be read by the others too.
        "LOG_MONITOR_CANARY_INTERVAL": "none",
        "RUST_LOG": "warn",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(path):
        try:
            connection.request("GET", path)
            return json.load(connection.getresponse())
        except (ConnectionError, http.client.HTTPException):
            connection.close()
            return None

    def consumed():
        status = ask("/api/v1/status")
        return status["counters"]["records_consumed"] if status else 0

    wanted = records.number + records.errors
    started = time.monotonic()
    with process([binary], env=environment) as child:
        begun, at_begin, ended = watch(child, wanted, consumed)
        cpu = cpu_seconds(child.pid)
        stats = ask("/api/v1/logs/stats")
        archive = ask("/api/v1/status")["archive"]
    services = stats["logs"]["by_service"].items()
    counts = Counter({(service, level): n for service, levels in services for level, n in levels.items() if n})
    check("logmonitor", counts, records.counts)
    check("logmonitor's archive", archive["records"], records.errors)
    return Run(rate(wanted, at_begin, begun, ended), ended - started, cpu)


def python(records, group):
    """confluent-kafka and json.loads."""
    command = [sys.executable, HERE / "python_consumer.py", records.bootstrap, records.logs, group, str(records.number)]
    started = time.monotonic()
    with process(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        report = child.stdout.readline()
        if not report:
            raise SystemExit("the Python consumer ended without a report")
        cpu = cpu_seconds(child.pid)
        report = json.loads(report)
    counts = Counter({tuple(key.split()): count for key, count in report["counts"].items()})
    check("the Python consumer", counts, records.counts)
    check("the Python consumer's list", report["errors"], records.errors)
    per_second = rate(records.number, report["at_begin"], report["begun"], report["ended"])
    return Run(per_second, report["ended"] - started, cpu)


def rsyslog(records, group, directory):
    """imkafka -> mmjsonparse -> omfile."""
    output, configuration = directory / "records.log", directory / "rsyslog.conf"
    text = (HERE / "rsyslog.conf").read_text()
    values = {"OUTPUT": output, "BOOTSTRAP": records.bootstrap, "TOPIC": records.logs, "GROUP": group}
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    configuration.write_text(text)

    def written():
        return output.stat().st_size if output.exists() else 0

    command = ["rsyslogd", "-n", "-f", configuration, "-i", directory / "rsyslog.pid"]
    started = time.monotonic()
    with process(command) as child:
        begun, at_begin, ended = watch(child, records.line_bytes, written)
        cpu = cpu_seconds(child.pid)
    counts = Counter()
    with output.open() as lines:
        for line in lines:
            level, service, _ = line.split()
            counts[service, level] += 1
    check("rsyslog", counts, records.counts)
    # Lines are equally long but for a digit or two.
    share = rate(records.line_bytes, at_begin, begun, ended) / records.line_bytes
    return Run(share * records.number, ended - started, cpu)


def check(who, found, expected):
    """A reader that is fast and wrong is no peer."""
    if found != expected:
        raise SystemExit(f"{who} found {found}, expected {expected}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
