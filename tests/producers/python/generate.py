"""generate.py [family module ...]: writes libs/log-record/testdata/<family>/<case>.in; without arguments all families.

The expected records beside them are written by people, who read what the library wrote and say what it means.
"""

import importlib
import sys

import golden

# Wrappers come last: they are put around lines that the others wrote.
FAMILIES = [
    "logging_text", "json_logger", "structured", "ecs", "gelf", "google", "logfmt", "tracebacks", "otlp", "wrappers",
]

if __name__ == "__main__":
    for family in sys.argv[1:] or FAMILIES:
        with golden.still_world():
            importlib.import_module(f"families.{family}").write_all()
