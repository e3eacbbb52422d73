"""logmonitor against a Python consumer and rsyslog, in turn, over the same topic of a real Kafka, as a table.

`run` starts it with everything it needs.
"""

import os
import statistics
import sys
import tempfile
from pathlib import Path

import readers
from records import RECORD_BYTES, Records

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
RECORDS = int(os.environ.get("BENCH_RECORDS", "1000000"))
# What we want: microseconds of CPU a record, and how many times as fast as the others.
CPU_BAR = 1.5
BARS = {"Python": 4, "rsyslog": 5}


def main(binary, scratch):
    records = Records(os.environ["KAFKA_TEST_BOOTSTRAP"], f"peers-{os.getpid()}", RECORDS)
    records.create_topics()
    records.produce()
    runs = {"logmonitor": [], "Python": [], "rsyslog": []}
    for number in range(ROUNDS):
        # Another one begins each time: what the machine does meanwhile hits all alike.
        names = list(runs)
        for name in names[number % 3 :] + names[: number % 3]:
            with tempfile.TemporaryDirectory(dir=scratch) as directory:
                runs[name].append(read(name, binary, records, f"{name}-{number}", Path(directory).resolve()))
            print(f"round {number + 1}: {name} {runs[name][-1]}", file=sys.stderr, flush=True)
    print_table(runs)


def read(name, binary, records, group, directory):
    group = f"{records.logs}-{group}"
    if name == "logmonitor":
        return readers.logmonitor(binary, records, group, directory)
    if name == "Python":
        return readers.python(records, group)
    return readers.rsyslog(records, group, directory)


def print_table(runs):
    print(f"{RECORDS} records of {RECORD_BYTES} bytes, 1 % errors, medians of {ROUNDS} rounds in turn\n")
    print("| reader | records/s | logmonitor is so many times as fast | wanted | start to last record | CPU a record |")
    print("|---|---|---|---|---|---|")
    for name, of_name in runs.items():
        median = lambda value: statistics.median(value(run) for run in of_name)
        ratio = statistics.median(
            ours.records_per_second / theirs.records_per_second for ours, theirs in zip(runs["logmonitor"], of_name)
        )
        times, wanted = (f"{ratio:.1f}", f">= {BARS[name]}") if name in BARS else ("", "")
        cpu = median(lambda run: run.cpu_seconds) / RECORDS * 1e6
        bar = "" if name in BARS else f" (wanted: {CPU_BAR})"
        print(
            f"| {name} | {median(lambda run: run.records_per_second):.0f} | {times} | {wanted} "
            f"| {median(lambda run: run.seconds):.1f} s | {cpu:.2f} µs{bar} |"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
