"""Run every golden case of the folder ``GRAPHENGINE_GOLDEN`` (or the argument; else the copy beside the tests).

Prints case, largest measured error and tolerance; cases of families that are not built yet are listed as such. The
last line is ``N passed, N failed``; the exit status is 1 on any miss.
"""

import argparse
import os
import sys
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parent))

import checks  # noqa: F401  registers every check
from harness import CHECKS, cases, check


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "folder", nargs="?", default=os.environ.get("GRAPHENGINE_GOLDEN") or Path(__file__).parent / "data"
    )
    parser.add_argument("--only", help="only cases whose name contains this")
    parser.add_argument("--verbose", action="store_true", help="print every output")
    arguments = parser.parse_args()
    torch.manual_seed(0)
    passed = failed = 0
    waiting = []
    for case in cases(Path(arguments.folder)):
        if arguments.only and arguments.only not in case.name:
            continue
        if case.name not in CHECKS:
            waiting.append(case.name)
            continue
        results = list(check(case))
        misses = [result for result in results if not result.passed]
        worst = max(results, key=lambda r: r.error / (r.tolerance or 1e-300) if r.error else 0.0)
        print(
            f"{'ok  ' if not misses else 'MISS'} {case.name}: {len(results)} outputs, worst {worst.output}: "
            f"{worst.error:.2e} of {worst.tolerance:.1e}"
        )
        for result in results if arguments.verbose else misses:
            mark = "ok  " if result.passed else "MISS"
            print(f"     {mark} {result.output}: {result.error:.3e} of {result.tolerance:.1e} {result.note}")
        passed += not misses
        failed += bool(misses)
    for name in waiting:
        print(f"not built yet: {name}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
