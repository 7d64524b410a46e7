"""The command line: parse, call one function of the engine, print. Results go to stdout, all else to stderr.

Exit status: 0 done, 1 a node failed, 2 the workflow or the call was wrong, 130 cancelled.
"""

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
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        return options.command(options)
    except NodeError as error:
        return _report(error, 1)
    except GraphengineError as error:
        return _report(error, 2)
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        return _report(f"{error.strerror or error}:{where}", 2)
    except KeyboardInterrupt:
        return _report("Cancelled.", 130)
    except BrokenPipeError:
        return 0


def _report(error: object, status: int) -> int:
    print(f"graphengine: {error}", file=sys.stderr)  # noqa: T201
    return status
