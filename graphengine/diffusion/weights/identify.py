"""Tell what a weights file is from the names and shapes of its tensors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphengine.diffusion.families import FAMILIES
from graphengine.diffusion.families.family import Family, Shapes, Signature
from graphengine.diffusion.weights.errors import WeightsError


@dataclass(frozen=True)
class Found:
    """One network (or adapter) in a file.

    Attributes:
        family: Whose it is.
        signature: That fitted: gives role, layout, title and key map.
        prefix: Under which its tensors lie.
    """

    family: Family
    signature: Signature
    prefix: str

    @property
    def role(self) -> str:
        return self.signature.role

    def shapes(self, shapes: Shapes) -> dict[str, tuple[int, ...]]:
        """Its tensors among those of the file, without the prefix."""
        return {name[len(self.prefix) :]: shape for name, shape in shapes.items() if name.startswith(self.prefix)}


@dataclass(frozen=True)
class Identified:
    """What a file is.

    Attributes:
        parts: Every network in it, at least one.
    """

    parts: tuple[Found, ...]

    @property
    def kind(self) -> str:
        """``checkpoint`` for a file with networks of several roles, else the role: lora, controlnet, ..."""
        roles = {part.role for part in self.parts}
        return roles.pop() if len(roles) == 1 else "checkpoint"

    @property
    def main(self) -> Found:
        """The part that gives the file its family: the denoiser where there is one."""
        return next((part for part in self.parts if part.role == "denoiser"), self.parts[0])

    @property
    def family(self) -> Family:
        return self.main.family

    @property
    def layout(self) -> str:
        return self.main.signature.layout

    def part(self, role: str) -> Found | None:
        """The first part of this role."""
        return next((part for part in self.parts if part.role == role), None)


def identify(shapes: Mapping[str, tuple[int, ...]], source: str = "these tensors") -> Identified:
    """Find every network in a file.

    Args:
        shapes: Shape of every tensor by its name in the file.
        source: Names the file in errors.

    Raises:
        WeightsError: Nothing is recognised, or two signatures claim the same network.
    """
    fitting = [found for found in _candidates() if not found.signature.misses(shapes, found.prefix)]
    if not fitting:
        raise WeightsError(_unknown(shapes, source))
    taken: dict[tuple[str, str], Found] = {}
    for found in fitting:
        rival = taken.setdefault((found.role, found.prefix), found)
        if rival is not found:
            raise WeightsError(
                f"{source} fits two signatures: {rival.signature.title} ({rival.family.name}) and "
                f"{found.signature.title} ({found.family.name}). Please report its list of tensors."
            )
    return Identified(tuple(fitting))


def _candidates() -> Iterator[Found]:
    for family in FAMILIES:
        for signature in family.signatures:
            for prefix in signature.prefixes:
                yield Found(family, signature, prefix)


def _unknown(shapes: Shapes, source: str, at_most: int = 5) -> str:
    """Why the nearest signatures did not fit: those of which something was found, the fewest misses first."""
    near = []
    for found in _candidates():
        misses = found.signature.misses(shapes, found.prefix)
        if any(clue.found(shapes, found.prefix) for clue in found.signature.present):
            near.append((len(misses), f"not a {found.signature.title} ({found.signature.layout} layout): {misses[0]}"))
    near.sort(key=lambda reason: reason[0])
    reasons = [reason for _, reason in near[:at_most]] or ["no known network shares a tensor name with it"]
    names = ", ".join(sorted(shapes)[:3]) or "nothing"
    return "\n  ".join(
        [f"{source} ({len(shapes)} tensors: {names}, ...) is not recognised. Check that it is a model file.", *reasons]
    )
