"""How often Python looks for garbage in cycles, in processes that are ours."""

import gc

YOUNG, MIDDLE, OLD = 10_000, 10, 20  # objects made, young collections, middle ones, until each next collection


def collect_seldom() -> None:
    """Have the collector run a tenth as often.

    Graphs are many small objects that live, and collecting goes through them again and again: with Python's defaults
    that is half the time that a graph of 20,000 nodes takes. What engines make is freed by counting references.
    """
    gc.set_threshold(YOUNG, MIDDLE, OLD)
