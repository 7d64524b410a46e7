"""Hold the running service to its own description: ``python -m tests.fuzz.interface [--seconds N]``.

schemathesis makes requests from the OpenAPI document, good ones and bad ones. No answer may tell a fault of ours, and
each must be one that the document declares.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance"
)
STREAMS = "^/api/v1/events"  # never end
START = 120  # seconds that a first start may take: it looks through the packs


def main() -> int:
    """Run schemathesis against a service of an empty home; 0 when it found nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    with served() as address:
        command = [
            sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run", f"{address}api/v1/openapi.json",
            "--max-time", str(seconds), "--checks", CHECKS, "--exclude-path-regex", STREAMS,
            "--phases", "coverage,fuzzing", "--request-timeout", "30", "--warnings", "off",
        ]  # fmt: skip
        return subprocess.run(command, check=False, timeout=seconds + 300).returncode


@contextlib.contextmanager
def served() -> Iterator[str]:
    """The address of a service that runs meanwhile."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as home:
        command = [sys.executable, "-m", "graphengine", "serve", "--home", home, "--port", "0", "--log-format", "json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            limit = threading.Timer(START, process.kill)
            limit.start()
            try:
                assert process.stdout is not None
                ready = process.stdout.readline()
                limit.cancel()
                yield next(word for word in ready.split() if word.startswith("http"))
            finally:
                limit.cancel()
                process.terminate()


if __name__ == "__main__":
    sys.exit(main())
