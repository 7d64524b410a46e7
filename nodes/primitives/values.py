"""Values that people type in once and link to several nodes."""

import sys
from typing import Annotated

from graphengine.api import Range, Text, node

Whole = Annotated[int, Range(-sys.maxsize, sys.maxsize)]
Number = Annotated[float, Range(-sys.maxsize, sys.maxsize)]


@node(category="utils/primitive", title="Int")
def PrimitiveInt(value: Whole = 0) -> int:
    """A whole number."""
    return value


@node(category="utils/primitive", title="Float")
def PrimitiveFloat(value: Number = 0.0) -> float:
    """A number."""
    return value


@node(category="utils/primitive", title="String")
def PrimitiveString(value: str = "") -> str:
    """A line of text."""
    return value


@node(category="utils/primitive", title="String (Multiline)")
def PrimitiveStringMultiline(value: Text = "") -> str:
    """Text of several lines."""
    return value


@node(category="utils/primitive", title="Boolean")
def PrimitiveBoolean(value: bool = False) -> bool:
    """Yes or no."""
    return value
