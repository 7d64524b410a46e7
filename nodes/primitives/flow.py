"""Values passed on, chosen between, and shown."""

from typing import Annotated, Any, TypeVar

from graphengine.api import LAZY, LINK_ONLY, Results, Same, node

T = TypeVar("T")


@node(category="utils")
def Reroute(value: Annotated[T, LINK_ONLY]) -> Annotated[T, Same("value")]:
    """Passes a value on, to lead a link around."""
    return value


def _chosen(switch: bool, **evaluated: object) -> list[str]:
    return ["on_true" if switch else "on_false"]


@node(category="utils/logic", needs=_chosen)
def Switch(
    switch: bool = True,
    on_false: Annotated[T | None, LAZY, LINK_ONLY] = None,
    on_true: Annotated[T | None, LAZY, LINK_ONLY] = None,
) -> Annotated[T | None, Same("on_true if switch else on_false")]:
    """Choose one of two values; the other one is not computed.

    Args:
        switch: Which of them.
        on_false: Given when the switch is off.
        on_true: Given when the switch is on.
    """
    return on_true if switch else on_false


@node(category="utils", title="Preview as Text", output=True, resource="io")
def PreviewAny(source: Annotated[Any, LINK_ONLY], *, results: Results) -> None:
    """Show any value as text.

    Args:
        source: Tensors are shown by their shape, range and mean.
    """
    results.add("text", describe(source))


def describe(value: Any) -> str:
    """A value as text for people; long ones are cut."""
    if hasattr(value, "shape") and value.numel():
        low, high, mean = (float(x) for x in (value.min(), value.max(), value.float().mean()))
        size = " x ".join(str(length) for length in value.shape)
        return f"{size} {value.dtype}, {low:.4g} to {high:.4g}, mean {mean:.4g}"
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 10_000 else f"{text[:10_000]}… ({len(text)} characters)"
