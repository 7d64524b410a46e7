"""A problem of a workflow, as data; the text is made last."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a workflow.

    Attributes:
        code: ``unknown_kind``, ``missing_input``, ``unknown_input``, ``wrong_type``, ``needs_link``, ``out_of_range``,
            ``bad_choice``, ``dangling_link``, ``cycle``, ``family``, ``bad_interface``, ``no_output``,
            ``newer_version``, ``bad_lock``.
        node, input: Where; empty when it is about the whole workflow.
        message: What was wrong, with the actual values, as a sentence that begins with the place.
        cure: What to do about it.
        data: The same for programs.
    """

    code: str
    node: str
    input: str
    message: str
    cure: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.message}\n  {self.cure}".rstrip()
