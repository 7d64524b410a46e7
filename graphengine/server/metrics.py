"""Figures for Prometheus, in its text format (version 0.0.4)."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)  # seconds


@dataclass(eq=False)
class Durations:
    """A histogram of seconds, since the process began."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    sum: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one; a clock that was set back counts as nothing."""
        seconds = max(0.0, seconds)
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds


@dataclass(frozen=True)
class Figures:
    """What is told.

    Attributes:
        jobs: State -> how many are kept in it.
        durations: Of jobs that ended.
        workers: Device of each worker process, and whether it runs.
        restarts: How often one was started again.
        events: Number of the newest event.
        resident: Bytes of memory of each process, by name.
    """

    jobs: Mapping[str, int]
    durations: Durations
    workers: Sequence[tuple[str, bool]]
    restarts: int
    events: int
    resident: Sequence[tuple[str, int]]


def exposition(figures: Figures) -> str:
    """All figures as text."""
    return "".join(f"{line}\n" for line in _lines(figures))


def _lines(figures: Figures) -> Iterator[str]:
    yield from _metric("jobs", "gauge", "Jobs kept, by state.")
    yield from (f'graphengine_jobs{{state="{state}"}} {count}' for state, count in figures.jobs.items())
    yield from _single("queue_length", "gauge", "Jobs that wait.", figures.jobs.get("queued", 0))
    yield from _histogram(figures.durations)
    yield from _metric("worker_alive", "gauge", "Whether a worker process runs.")
    for number, (device, alive) in enumerate(figures.workers):
        yield f'graphengine_worker_alive{{worker="{number}",device="{device}"}} {int(alive)}'
    yield from _single("worker_restarts_total", "counter", "Workers started again after they died.", figures.restarts)
    yield from _single("event_number", "counter", "Number of the newest event.", figures.events)
    yield from _metric("resident_memory_bytes", "gauge", "Memory of each process.")
    yield from (f'graphengine_resident_memory_bytes{{process="{name}"}} {size}' for name, size in figures.resident)


def _histogram(durations: Durations) -> Iterator[str]:
    yield from _metric("job_seconds", "histogram", "From when jobs were taken to their end.")
    total = 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), durations.counts, strict=True):
        total += count
        yield f'graphengine_job_seconds_bucket{{le="{bound}"}} {total}'
    yield f"graphengine_job_seconds_sum {durations.sum}"
    yield f"graphengine_job_seconds_count {total}"


def _single(name: str, kind: str, help: str, value: float) -> Iterator[str]:
    yield from _metric(name, kind, help)
    yield f"graphengine_{name} {value}"


def _metric(name: str, kind: str, help: str) -> Iterator[str]:
    yield f"# HELP graphengine_{name} {help}"
    yield f"# TYPE graphengine_{name} {kind}"
