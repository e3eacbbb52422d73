"""OTLP: what OpenTelemetry's SDK exports, as protobuf and as JSON. Every case is the same records in both forms."""

import logging
import warnings

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.json.common._log_encoder import encode_logs as encode_json
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs as encode_protobuf
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import TraceFlags

from checkout import charge, failure
from golden import attached, settled, source, write

TIME = 1795212916515486123
TRACE = {
    "trace_id": 0x5B8EFFF798038103D269B633813FC60C,
    "span_id": 0xEEE19B7EC3C1B174,
    "trace_flags": TraceFlags(TraceFlags.SAMPLED),
}
CHECKOUT = {"service.name": "checkout", "service.version": "1.4.2", "host.name": "ip-10-0-12-34"}


class Batch:
    """Collects what the SDK would export in one request."""

    def __init__(self):
        self.exporter = InMemoryLogRecordExporter()

    def provider(self, resource):
        # Not Resource.create(), which adds attributes of this machine.
        provider = LoggerProvider(resource=Resource(resource), shutdown_on_exit=False)
        provider.add_log_record_processor(SimpleLogRecordProcessor(self.exporter))
        return provider

    def emit(self, resource=CHECKOUT, scope="checkout.orders", timestamp=TIME, observed=TIME + 1_000_000, **members):
        logger = self.provider(resource).get_logger(scope)
        logger.emit(LogRecord(timestamp=timestamp, observed_timestamp=observed, **members))
        return self

    def write(self, case, headers=False):
        records = self.exporter.get_finished_logs()
        types = {"protobuf": "application/x-protobuf", "json": "application/json"} if headers else {}
        for form, message in (
            ("protobuf", serialized(encode_protobuf(records))),
            ("json", encode_json(records).to_json()),
        ):
            content_type = {"content-type": types[form]} if headers else None
            write(f"otlp-{form}", case, message, content_type)


def serialized(request):
    """The request as bytes, its paths settled while they are still text."""
    for resource in request.resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                for attribute in record.attributes:
                    if attribute.value.HasField("string_value"):
                        attribute.value.string_value = settled(attribute.value.string_value)
    return request.SerializeToString()


def write_all():
    sdk = ("opentelemetry-sdk",)
    source("otlp-protobuf", *sdk, "opentelemetry-proto", "opentelemetry-exporter-otlp-proto-common")
    source(
        "otlp-json", *sdk, "opentelemetry-proto-json", "opentelemetry-exporter-otlp-json-common",
        note="nanos-as-numbers and unknown-members: written by hand after the OTLP specification's JSON mapping.",
    )
    levels()
    shapes()
    Batch().emit(
        severity_number=SeverityNumber.INFO, severity_text="INFO", body="order 1001 accepted",
        attributes={"order_id": 1001, "code.file.path": "src/orders.py", "code.line.number": 42},
    ).write("info", headers=True)
    Batch().emit(
        severity_number=SeverityNumber.ERROR, severity_text="ERROR", body="payment failed",
        attributes={"order_id": 1001}, exception=failure(charge, 1001), **TRACE,
    ).write("error", headers=True)
    Batch().emit(severity_number=SeverityNumber.FATAL, severity_text="FATAL", body="database is gone").write("critical")
    from_logging()
    several()
    by_hand()


def levels():
    Batch().emit(severity_number=SeverityNumber.ERROR2, body="payment failed").write("number-only")
    Batch().emit(severity_text="Warning", body="stock is low").write("text-only")
    Batch().emit(severity_number=SeverityNumber.ERROR2, severity_text="critical", body="database is gone").write("text-beats-number")
    Batch().emit(severity_number=SeverityNumber.FATAL, severity_text="SUCCESS", body="odd word").write("unknown-text")
    Batch().emit(body="order 1001 accepted").write("no-level")


def shapes():
    Batch().emit(timestamp=None, severity_text="ERROR", body="payment failed").write("observed-only")
    Batch().emit(resource={}, severity_text="ERROR", body="payment failed").write("no-service")
    Batch().emit(
        severity_text="ERROR", body={"message": "payment failed", "order_id": 1001, "items": ["tea", "milk"]}
    ).write("body-kvlist")
    Batch().emit(severity_text="ERROR", exception=failure(charge, 1001)).write("exception-only")
    Batch().emit(
        severity_text="INFO", body="all kinds of values",
        attributes={
            "text": "tea", "count": -3, "large": 9007199254740993, "ratio": 0.25, "open": True,
            "list": ["a", "b"], "digest": b"\xde\xad\xbe\xef", "nested": {"deep": {"er": 1}}, "user.name": "ada",
        },
    ).write("values")


def from_logging():
    """What opentelemetry makes of Python's `logging`."""
    batch = Batch()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        handler = LoggingHandler(level=logging.INFO, logger_provider=batch.provider(CHECKOUT))
    with attached(handler, "checkout.payments") as log:
        log.critical("database of %s is gone", "orders", extra={"shard": 3})
    batch.write("python-logging")


def several():
    batch = Batch()
    for text, number in (("order 1 accepted", SeverityNumber.INFO), ("order 2 failed", SeverityNumber.ERROR)):
        batch.emit(severity_number=number, body=text)
    batch.emit(scope="checkout.stock", severity_text="WARN", severity_number=SeverityNumber.WARN, body="stock is low")
    batch.emit({"service.name": "billing", "region": "eu-1"}, "billing", TIME + 1_000_000_000, severity_text="FATAL", body="ledger is gone", **TRACE)
    batch.write("batch")


def by_hand():
    """JSON that other writers send: numbers where the SDK writes strings, a trace id in capitals, members of a later version."""
    write(
        "otlp-json", "nanos-as-numbers",
        '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}}]},"scopeLogs":[{"logRecords":['
        '{"timeUnixNano":1795212916515486123,"severityNumber":17,"body":{"stringValue":"payment failed"},'
        '"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174"}]}]}]}',
    )
    write(
        "otlp-json", "unknown-members",
        '{\n  "resourceLogs": [\n    {\n      "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "checkout"}}], "entityRefs": []},\n'
        '      "scopeLogs": [\n        {"scope": {}, "logRecords": [{"timeUnixNano": "1795212916515486000", "severityText": "ERROR", '
        '"body": {"stringValue": "payment failed"}, "traceId": "", "spanId": "", "flags": 0, "attributes": []}]},\n'
        '        {"scope": {"name": "empty"}, "logRecords": []}\n      ]\n    },\n    {"scopeLogs": []}\n  ]\n}',
    )
