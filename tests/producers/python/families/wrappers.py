"""What container runtimes and shippers put around a line: Docker's json-file, CRI, Fluent Bit, Vector; and Serilog's CLEF.

None of these programs runs here: the wrappers follow their documentation, the lines inside are the ones that the
libraries wrote for the other families.
"""

import json

from golden import TESTDATA, source, write

READ = "2026-11-20T22:15:17.000123456Z"


def line(family, case):
    return (TESTDATA / family / f"{case}.in").read_text().removesuffix("\n")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def by_hand(family, note):
    source(family, note=note)
    path = TESTDATA / family / "SOURCE"
    path.write_text(path.read_text().replace("Written by the standard library (Python 3.11), through", "Put together by"))


def docker():
    by_hand("docker", "The wrapper: by hand after Docker's documentation of the JSON File logging driver. The lines: of the other families.")

    def wrapped(text, stream="stdout", **more):
        return compact({"log": text + "\n", "stream": stream, **more, "time": READ})

    write("docker", "info", wrapped(line("pino", "info")))
    write("docker", "error", wrapped(line("python-json-logger", "error"), "stderr"))
    write("docker", "critical", wrapped(line("pino", "critical")))
    write("docker", "text", wrapped(line("python-logging", "basic-critical"), "stderr"))
    write("docker", "text-no-level", wrapped(line("python-logging", "no-level")))
    write("docker", "logfmt", wrapped(line("logfmt", "go-kit"), "stderr"))
    write("docker", "attrs", wrapped(line("structlog", "no-level"), attrs={"tag": "checkout/7f3a", "env": "prod"}))
    # A brace does not make a JSON object.
    write("docker", "broken-json", wrapped('{"level":"error","msg":"cut of'))


def cri():
    by_hand("cri", "The wrapper: by hand after Kubernetes' design of the CRI log format (time, stream, tag, text). The lines: of the other families.")
    write("cri", "info", f"{READ} stdout F {line('pino', 'info')}")
    write("cri", "error", f"{READ} stderr F {line('structlog', 'error')}")
    write("cri", "critical", f"2026-11-20T23:15:17.000123456+01:00 stderr F {line('python-logging', 'basic-critical')}")
    write("cri", "text", f"{READ} stdout F {line('python-logging', 'no-level')}")
    # The same, parsed by the shipper.
    write("cri", "parsed", compact({"time": READ, "stream": "stderr", "logtag": "F", "log": line("python-json-logger", "error")}))


KUBERNETES = {
    "pod_name": "checkout-6d5f7c9b8-x2x7q",
    "namespace_name": "shop",
    "pod_id": "0c4f1f0e-6a67-4c5c-9d0b-2f2a1a3ce6d5",
    "labels": {"app.kubernetes.io/name": "checkout", "pod-template-hash": "6d5f7c9b8"},
    "host": "node-1",
    "container_name": "app",
    "container_image": "shop/checkout:1.4.2",
}


def fluent_bit():
    by_hand(
        "fluent-bit",
        "By hand after Fluent Bit's documentation of the Kafka output, the tail input and the kubernetes filter. The lines: of the other families.",
    )

    def shipped(text, kubernetes=KUBERNETES, at=1795212917.000123, **more):
        record = {"@timestamp": at, "time": READ, "stream": "stderr", "logtag": "F", "log": text, **more, "kubernetes": kubernetes}
        return compact(record)

    write("fluent-bit", "info", shipped(line("pino", "info")))
    write("fluent-bit", "error", shipped(line("structlog", "error")))
    write("fluent-bit", "critical", shipped(line("python-logging", "basic-critical")))
    no_service = {"app": "checkout", "team": "shop"}
    write("fluent-bit", "label-app", shipped(line("structlog", "no-level"), {**KUBERNETES, "labels": no_service}))
    unlabelled = {"pod_name": "checkout-x2x7q", "namespace_name": "shop", "container_name": "checkout"}
    write("fluent-bit", "container-name", shipped(line("python-logging", "bracket-error"), unlabelled))
    # `Merge_Log On` and `Keep_Log Off`: the members of the line stand beside the metadata.
    merged = {"@timestamp": "2026-11-20T22:15:17.000123Z", "stream": "stdout", **json.loads(line("pino", "error")), "kubernetes": KUBERNETES}
    write("fluent-bit", "merged", compact(merged))
    write("fluent-bit", "systemd", compact({
        "@timestamp": 1795212916.515486, "PRIORITY": "2", "SYSLOG_IDENTIFIER": "postgres", "_HOSTNAME": "db-1", "_PID": "812",
        "message": "could not write block 7",
    }))


def vector():
    by_hand(
        "vector",
        "By hand after Vector's documentation of the sources kubernetes_logs, docker_logs and file and of the kafka sink with its JSON codec."
        " The lines: of the other families.",
    )
    pod = {
        "container_id": "containerd://f24c81dcd531c5d353751c77fe0556a4f602f7714c72b9a58f9b26c0628f1fa5",
        "container_image": "shop/checkout:1.4.2",
        "container_name": "checkout",
        "pod_labels": {"app": "checkout", "pod-template-hash": "6d5f7c9b8"},
        "pod_name": "checkout-6d5f7c9b8-x2x7q",
        "pod_namespace": "shop",
        "pod_node_name": "node-1",
    }
    path = "/var/log/pods/shop_checkout-6d5f7c9b8-x2x7q_0c4f1f0e/checkout/0.log"

    def from_pod(text, stream="stdout"):
        return compact({
            "file": path, "kubernetes": pod, "message": text, "source_type": "kubernetes_logs", "stream": stream, "timestamp": READ,
        })

    write("vector", "info", from_pod(line("pino", "info")))
    write("vector", "error", from_pod(line("python-json-logger", "error"), "stderr"))
    write("vector", "critical", from_pod(line("python-logging", "basic-critical"), "stderr"))
    write("vector", "docker", compact({
        "container_id": "9b6247364a03", "container_name": "checkout", "host": "ip-10-0-12-34", "image": "shop/checkout:1.4.2",
        "message": line("structlog", "critical"), "source_type": "docker_logs", "stream": "stderr", "timestamp": READ,
    }))
    write("vector", "file", compact({
        "file": "/var/log/checkout.log", "host": "ip-10-0-12-34", "message": line("python-logging", "bracket-error"), "source_type": "file",
        "timestamp": READ,
    }))
    # After `. |= parse_json!(.message)` in a remap transform.
    write("vector", "remapped", compact({
        **json.loads(line("structlog", "error")), "source_type": "docker_logs", "stream": "stderr", "host": "ip-10-0-12-34",
    }))


DOTNET_TRACE = (
    "System.InvalidOperationException: payment of order 1001 failed\n"
    " ---> System.TimeoutException: connection to payments timed out\n"
    "   at Shop.Payments.Gateway.Connect(String host) in /src/Shop/Gateway.cs:line 18\n"
    "   at Shop.Payments.Gateway.Charge(Int32 orderId) in /src/Shop/Gateway.cs:line 31\n"
    "   --- End of inner exception stack trace ---\n"
    "   at Shop.Payments.Gateway.Charge(Int32 orderId) in /src/Shop/Gateway.cs:line 35\n"
    "   at Shop.Orders.OrderService.Accept(Order order) in /src/Shop/OrderService.cs:line 57\n"
    "   at Program.<Main>$(String[] args)"
)


def clef():
    by_hand("serilog-clef", "By hand after Serilog's documentation of the compact log event format (CLEF); .NET does not run here.")
    time = "2026-11-20T22:15:16.5154861Z"

    def event(**members):
        return compact({key.replace("at_", "@", 1): value for key, value in members.items()})

    write("serilog-clef", "info", event(
        at_t=time, at_mt="Order {OrderId} accepted", OrderId=1001, SourceContext="Shop.Orders.OrderService", service="checkout"))
    write("serilog-clef", "error", event(
        at_t=time, at_mt="Payment of order {OrderId} failed", at_l="Error", at_x=DOTNET_TRACE,
        at_tr="5b8efff798038103d269b633813fc60c", at_sp="eee19b7ec3c1b174", OrderId=1001, SourceContext="Shop.Payments.Gateway", service="checkout"))
    write("serilog-clef", "critical", event(at_t=time, at_m="Database is gone", at_i="7c3c0e2d", at_l="Fatal", service="checkout"))
    write("serilog-clef", "rendered", event(
        at_t=time, at_m="Order 1001 took 12.50 ms", at_mt="Order {OrderId} took {Elapsed:0.00} ms", at_r=["12.50"], at_l="Warning",
        OrderId=1001, Elapsed=12.5, MachineName="ip-10-0-12-34", ThreadId=7))
    write("serilog-clef", "verbose", event(at_t="2026-11-20T23:15:16.5154861+01:00", at_m="cache hit", at_l="Verbose"))
    # A property whose name begins with @ is written with two of them.
    write("serilog-clef", "escaped-property", event(at_t=time, at_m="mail received", **{"@@l": "not the level", "User": {"Name": "ada"}}))


def write_all():
    docker()
    cri()
    fluent_bit()
    vector()
    clef()
