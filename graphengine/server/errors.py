"""What the server's own parts raise, below ``GraphengineError``.

GraphengineError
├── StoreError    the file of what lasts cannot be opened, read or written
├── Conflict      the request was made against a state that is no longer, or a name that is taken
├── Busy          what could answer has something else to do
└── CallError
    └── NotFound  there is no job, document, kind or file of that name
"""

from graphengine.graph.errors import CallError, GraphengineError


class StoreError(GraphengineError):
    """The file of what lasts cannot be opened, read or written."""


class NotFound(CallError):
    """There is nothing of that name."""


class Busy(GraphengineError):
    """What could answer has something else to do."""


class Conflict(GraphengineError):
    """The request does not fit the state that there is now.

    Args:
        message: What was asked, and what is there instead.
        cure: What to do about it.
        current: The version that is there now, where the conflict is about one.
    """

    def __init__(self, message: str, cure: str = "", current: int | None = None) -> None:
        super().__init__(message, cure)
        self.current = current
