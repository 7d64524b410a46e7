"""Values that people type in once and link to several nodes."""

import sys
from typing import Annotated

from graphengine.api import Range, Same, Text, node

Whole = Annotated[int, Range(-sys.maxsize, sys.maxsize)]
Number = Annotated[float, Range(-sys.maxsize, sys.maxsize)]


@node(category="utils/primitive", title="Int")
def PrimitiveInt(value: Whole = 0) -> Annotated[int, Same("value")]:
    """A whole number."""
    return value


@node(category="utils/primitive", title="Float")
def PrimitiveFloat(value: Number = 0.0) -> Annotated[float, Same("value")]:
    """A number."""
    return value


@node(category="utils/primitive", title="String")
def PrimitiveString(value: str = "") -> Annotated[str, Same("value")]:
    """A line of text."""
    return value


@node(category="utils/primitive", title="String (Multiline)")
def PrimitiveStringMultiline(value: Text = "") -> Annotated[str, Same("value")]:
    """Text of several lines."""
    return value


@node(category="utils/primitive", title="Boolean")
def PrimitiveBoolean(value: bool = False) -> Annotated[bool, Same("value")]:
    """Yes or no."""
    return value
