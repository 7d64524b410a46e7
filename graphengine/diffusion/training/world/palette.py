"""The colours of the world, as display RGB in 0..1."""

from collections.abc import Mapping

RGB = tuple[float, float, float]

COLOURS: Mapping[str, RGB] = {
    "red": (0.88, 0.12, 0.12),
    "orange": (1.0, 0.52, 0.05),
    "yellow": (0.98, 0.87, 0.12),
    "green": (0.12, 0.66, 0.20),
    "cyan": (0.10, 0.80, 0.85),
    "blue": (0.12, 0.25, 0.90),
    "purple": (0.52, 0.15, 0.72),
    "pink": (1.0, 0.50, 0.72),
    "white": (0.96, 0.96, 0.96),
    "black": (0.07, 0.07, 0.07),
}


def background_rgb(colour: str) -> RGB:
    """The colour as a background: paler, so that a thing of another colour always stands out."""
    red, green, blue = COLOURS[colour]
    return 0.82 * red + 0.09, 0.82 * green + 0.09, 0.82 * blue + 0.09
