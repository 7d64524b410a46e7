"""Fuzz the targets for minutes: ``python -m tests.fuzz.run [--seconds N | --runs N] [target ...]``.

atheris leads the bytes by what the code does with them. What makes a target fail is kept in ``cases`` as a file, which
is a test from then on; the corpus grows in ``.fuzz``. libFuzzer ends its process, so each target has one of its own.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from random import Random

from .mutate import LARGEST, mutated
from .targets import NAMES, load

HERE = Path(__file__).parent
CORPUS = HERE.parents[1] / ".fuzz"
LIMITS = ("-timeout=25", "-rss_limit_mb=3072", "-malloc_limit_mb=1024", f"-max_len={LARGEST}")


def main() -> int:
    """Fuzz each target in turn; 1 when one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--runs", type=int, default=0, help="for each target, the same ones each time")
    parser.add_argument("--here", action="store_true", help="in this process; one target only")
    parser.add_argument("targets", nargs="*", default=NAMES, metavar="target", help=", ".join(NAMES))
    given = parser.parse_args()
    if given.here:
        fuzz(given.targets[0], given.seconds, given.runs)
    ends = {name: _apart(name, given.seconds, given.runs) for name in given.targets}
    failed = [name for name, status in ends.items() if status]
    each = f"{given.runs} times" if given.runs else f"for {given.seconds} s"
    print(f"fuzzed {len(ends)} targets {each} each; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _apart(name: str, seconds: int, runs: int) -> int:
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz.run", "--here"]
    command += ["--seconds", str(seconds), "--runs", str(runs), name]
    return subprocess.run(command, check=False, timeout=seconds + 300).returncode


def fuzz(name: str, seconds: int, runs: int) -> None:
    """Fuzz a target in this process, which it ends."""
    import atheris

    with atheris.instrument_imports(include=["graphengine"], enable_loader_override=False):
        target = load(name)

    def take(data: bytes) -> None:
        try:
            target.take(data)
        except target.ERRORS:
            return

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = Random(seed)
        made = mutated(data, chance) if chance.random() < 0.5 else atheris.Mutate(data, most)
        return made[:most]

    bound = ("-seed=1", f"-runs={runs}") if runs else (f"-max_total_time={seconds}",)
    options = [*LIMITS, *bound, f"-artifact_prefix={_folder(HERE / 'cases' / name)}/"]
    atheris.Setup([sys.argv[0], *options, str(_corpus(name, target.seeds()))], take, custom_mutator=mutate)
    atheris.Fuzz()


def _corpus(name: str, seeds: list[bytes]) -> Path:
    folder = _folder(CORPUS / name)
    for number, seed in enumerate(seeds):
        (folder / f"seed{number}").write_bytes(seed)
    return folder


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
