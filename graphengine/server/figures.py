"""How the server does, in figures."""

import os

from graphengine.server.metrics import Figures
from graphengine.server.service import Service


async def figures(service: Service) -> Figures:
    """What Prometheus is told."""
    places = service.runner.places
    pids = {f"worker{number}": place.worker.pid for number, place in enumerate(places) if place.worker.alive}
    resident = [(name, resident_bytes(pid)) for name, pid in {"server": os.getpid(), **pids}.items()]
    return Figures(
        jobs={str(state): count for state, count in (await service.jobs.counts()).items()},
        durations=service.runner.durations,
        workers=[(place.worker.settings.device, place.worker.alive) for place in places],
        restarts=sum(place.restarts for place in places),
        events=service.hub.newest,
        resident=[(name, size) for name, size in resident if size],
    )


def resident_bytes(pid: int | None) -> int:
    """Memory that a process (this one: None) holds; 0 when it is no more."""
    import psutil  # here, so that a start does not wait for it

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
