"""The Python peer: reads a topic from its beginning, counts by service and level, keeps the errors in a list.

What anyone would write with confluent-kafka and json.loads, in the faster of its two forms (batches), with the one
setting that matters most. Prints what it found as JSON and waits until its standard input is closed.
"""

import json
import sys
import time
from collections import Counter

from confluent_kafka import Consumer

bootstrap, topic, group, records = sys.argv[1:]
records = int(records)

consumer = Consumer(
    {
        "bootstrap.servers": bootstrap,
        "group.id": group,
        "auto.offset.reset": "earliest",
        # Offsets are committed in the background: the default.
        "enable.auto.commit": True,
        # What logmonitor sets too: the default pauses a consumer that is faster than its fetches for a second.
        "fetch.queue.backoff.ms": 5,
    }
)
consumer.subscribe([topic])

counts = Counter()
errors = []
seen = 0
begun = None
while seen < records:
    for message in consumer.consume(10_000, 0.1):
        if message.error():
            sys.exit(str(message.error()))
        record = json.loads(message.value())
        counts[record["service"], record["level"]] += 1
        if record["level"] in ("ERROR", "CRITICAL"):
            errors.append(record)
        seen += 1
    if begun is None and seen:
        begun, at_begin = time.monotonic(), seen
ended = time.monotonic()

report = {
    "begun": begun,
    "ended": ended,
    "at_begin": at_begin,
    "errors": len(errors),
    "counts": {f"{service} {level}": count for (service, level), count in counts.items()},
}
print(json.dumps(report), flush=True)
sys.stdin.read()
consumer.close()
