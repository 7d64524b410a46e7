"""Services that the nodes of an engine share: one of each class, made when a node first asks for it."""

import importlib
import threading
from collections.abc import Mapping
from typing import Any


class SharedServices:
    """Services by id, ``module:class``.

    Args:
        settings: What the classes' ``create`` gets.
        made: Those that are there already.
    """

    def __init__(self, settings: object, made: Mapping[str, Any]) -> None:
        self._settings = settings
        self._made = dict(made)
        self._lock = threading.RLock()

    def get(self, id: str) -> Any:
        """The service, made if there is none yet."""
        with self._lock:
            if id not in self._made:
                module, _, name = id.partition(":")
                self._made[id] = getattr(importlib.import_module(module), name).create(self._settings)
            return self._made[id]

    def memory(self) -> dict[str, list[dict[str, Any]]]:
        """What they hold in memory: ``models`` (name, bytes) and ``devices`` (name, bytes, free)."""
        holders = [service for service in self._all() if hasattr(service, "held")]
        models = [{"name": name, "bytes": size} for holder in holders for name, size in holder.held()]
        devices = [dict(zip(("name", "bytes", "free"), holder.room(), strict=True)) for holder in holders]
        return {"models": models, "devices": devices}

    def relieve(self) -> None:
        """Have them let go of what they hold and nothing uses now."""
        for service in self._all():
            relieve = getattr(service, "relieve", None)
            if relieve is not None:
                relieve()

    def _all(self) -> list[Any]:
        return list(self._made.values())
