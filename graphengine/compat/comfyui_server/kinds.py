"""Node kinds as ``/object_info`` tells them, encoded once for each state of the lists of files."""

import hashlib
from collections.abc import Mapping

from graphengine.compat.comfyui.object_info import node_info
from graphengine.engine import Engine
from graphengine.graph.errors import CallError
from graphengine.server.encoding import to_json

Choices = Mapping[str, tuple[str, ...]]


class Kinds:
    """The kinds of an engine; to be asked in one thread at a time.

    Args:
        engine: Whose kinds and files they are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._choices: Choices | None = None
        self._encoded = b""
        self._tag = ""

    def all(self) -> tuple[bytes, str]:
        """All kinds as JSON, with an ETag; the folders are looked through, the rest is done when something changed."""
        choices = self._list(self._sources())
        if choices != self._choices:
            specs = self._engine.registry.specs
            self._encoded = to_json({kind: node_info(spec, choices.__getitem__) for kind, spec in specs.items()})
            self._tag = f'"{hashlib.sha256(self._encoded).hexdigest()[:32]}"'
            self._choices = choices
        return self._encoded, self._tag

    def one(self, kind: str) -> bytes:
        """One kind as JSON; an empty object when there is none of that name."""
        spec = self._engine.registry.specs.get(kind)
        if spec is None:
            return b"{}"
        choices = self._list({port.source for port in spec.inputs if port.source})
        return to_json({kind: node_info(spec, choices.__getitem__)})

    def _sources(self) -> set[str]:
        return {port.source for spec in self._engine.registry.specs.values() for port in spec.inputs if port.source}

    def _list(self, sources: set[str]) -> Choices:
        return {source: self._names(source) for source in sources}

    def _names(self, source: str) -> tuple[str, ...]:
        try:
            return tuple(self._engine.files.names(source))
        except CallError:  # a pack names a source that is not here
            return ()
