"""Which output fits which input, as a table."""

import pytest

from graphengine.graph.types import fits, generic, is_generic

FITS = [
    ("IMAGE", "IMAGE"), ("INT", "FLOAT"), ("STRING", "COMBO"), ("COMBO", "STRING"), ("*", "IMAGE"), ("IMAGE", "*"),
    ("~T", "IMAGE"), ("IMAGE", "~T"), ("INT,FLOAT", "FLOAT"), ("FLOAT", "INT,FLOAT"), ("IMAGE,MASK", "MASK,LATENT"),
    ("INT", "FLOAT,STRING"),
]  # fmt: skip
DOES_NOT_FIT = [
    ("IMAGE", "MASK"), ("FLOAT", "INT"), ("BOOLEAN", "INT"), ("INT", "BOOLEAN"), ("INT", "STRING"), ("STRING", "INT"),
    ("IMAGE,MASK", "LATENT"), ("IMAGE", "IMAGES"), ("COMBO", "INT"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "target"), FITS)
def test_it_fits(source, target):
    assert fits(source, target)


@pytest.mark.parametrize(("source", "target"), DOES_NOT_FIT)
def test_it_does_not_fit(source, target):
    assert not fits(source, target)


def test_a_generic_is_told_from_other_types():
    assert is_generic(generic("T"))
    assert not is_generic("T")
