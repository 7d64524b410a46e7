"""The errors of graphengine, in one tree.

    GraphengineError
    ├── DocumentError    a file is not a workflow that can be read
    ├── CheckError       a workflow has problems; carries all of them as data
    ├── PackError        a pack of nodes cannot be loaded, or declares something that cannot be
    ├── NodeError        a node cannot do its work with these inputs
    │   └── Cancelled    the run was cancelled while it worked
    └── CallError        the caller asked for something that is not there (a node, a file, a setting)

A message says where, what was wrong with the actual values, and what to do; ``cure`` holds the last part by itself.
"""

from collections.abc import Sequence

from graphengine.graph.problem import Problem


class GraphengineError(Exception):
    """Any error of ours."""

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(f"{message} {cure}".strip())
        self.message = message
        self.cure = cure


class DocumentError(GraphengineError):
    """A file is not a workflow that can be read."""


class CheckError(GraphengineError):
    """A workflow has problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class PackError(GraphengineError):
    """A pack of nodes cannot be loaded, or declares something that cannot be."""


class NodeError(GraphengineError):
    """A node cannot do its work with these inputs.

    Args:
        message: What was wrong, with the actual values.
        cure: What to do about it.
        input: The input at fault, if one is.
    """

    def __init__(self, message: str, cure: str = "", input: str = "") -> None:
        super().__init__(message, cure)
        self.input = input


class Cancelled(NodeError):
    """The run was cancelled while the node worked."""

    def __init__(self) -> None:
        super().__init__("The run was cancelled.")


class CallError(GraphengineError):
    """The caller asked for something that is not there."""
