"""What people are shown of the values of this pack."""

import math

from graphengine.api import Look


def odd(value: str) -> Look:
    """Fails without a text; shows more than anybody reads with one."""
    facts = {"first": value[0], "text": value * 1000, "number": math.nan, "list": list(range(1000)), "odd": object}
    facts |= {f"fact {number}": number for number in range(1000)}
    grey = memoryview(bytes(12)).cast("B", (3, 4))
    return Look(facts, value * 100_000, [float(len(value))] * 1000, grey)
