"""The command line: parse, call one function of the engine, print. Results go to stdout, all else to stderr.

Exit status: 0 done, 1 a node failed, 2 the workflow or the call was wrong, 130 cancelled, 141 nobody reads the output
any more, as shells know these two from signals.
"""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence

from graphengine.cli.parser import build_parser
from graphengine.garbage import collect_seldom
from graphengine.graph.errors import GraphengineError, NodeError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    # OpenMP's threads spin while they wait; beside other work that costs many times what it saves (measured: 7 times)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    collect_seldom()
    if isinstance(sys.stdout, io.TextIOWrapper):  # results may hold what cannot be encoded: half of a surrogate pair
        sys.stdout.reconfigure(errors="backslashreplace")
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        status = _done(options)
        sys.stdout.flush()  # here, and not when Python ends, which would complain
    except BrokenPipeError:
        _leave_pipe()
        return 141
    return status


def _done(options: argparse.Namespace) -> int:
    """Do what was asked for; what goes wrong is told."""
    try:
        return options.command(options)
    except BrokenPipeError:
        raise
    except NodeError as error:
        return _report(error, 1)
    except GraphengineError as error:
        return _report(error, 2)
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        return _report(f"{error.strerror or error}:{where}", 2)
    except KeyboardInterrupt:
        return _report("Cancelled.", 130)


def _leave_pipe() -> None:
    """Let what is still to be written go nowhere: the reader of ``graphengine nodes | head -1`` has had enough."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BrokenPipeError, io.UnsupportedOperation):
            os.dup2(nowhere, stream.fileno())
            stream.flush()


def _report(error: object, status: int) -> int:
    print(f"graphengine: {error}", file=sys.stderr)  # noqa: T201
    return status
