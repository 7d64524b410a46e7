"""Values as bytes: what comes back, and that nothing damaged does."""

import collections
import json
from typing import NamedTuple

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from graphengine.execution.codec import Codec, NotReadable, NotStorable
from graphengine.execution.values import Items
from tests.execution.arrays import Curve, Mode, Undeclared

HERE = "tests.execution.arrays"
CODEC = Codec([f"{HERE}:Curve", f"{HERE}:Mode"], {"numpy:ndarray": HERE})
ARRAYS = arrays_of.arrays(
    st.sampled_from(["float32", "float64", "int64", "uint8", "bool"]), arrays_of.array_shapes(min_dims=0, min_side=0)
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    PLAIN | ARRAYS | st.sampled_from(Mode),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple)
    | st.lists(inner, max_size=3).map(Items) | st.dictionaries(st.text(), inner, max_size=3) | st.builds(Curve, inner),
    max_leaves=8,
)  # fmt: skip


def alike(one, other):
    """Equal in types and content throughout; NaN is itself."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, Curve):
        return alike(one.points, other.points) and one.mode is other.mode
    return repr(one) == repr(other)


@settings(max_examples=200)
@given(VALUES)
def test_what_was_encoded_comes_back_the_same(value):
    data = CODEC.encode(value)
    assert alike(CODEC.decode(data), value)


SAMPLE = (np.arange(6, dtype=np.float32).reshape(2, 3), {"a": [Curve(np.ones(2), Mode.EXACT), 1.5]}, 0.25)
DATA = CODEC.encode(SAMPLE)


def test_truncation_at_every_byte_is_noticed():
    for length in range(len(DATA)):
        with pytest.raises(NotReadable):
            CODEC.decode(DATA[:length])
    with pytest.raises(NotReadable):
        CODEC.decode(DATA + b"\0")


def test_damage_of_any_byte_is_noticed_or_does_no_harm():
    for place in range(len(DATA)):
        for change in (1, 0x0F, 0x80, 0xFF):
            damaged = bytearray(DATA)
            damaged[place] ^= change
            try:
                found = CODEC.decode(bytes(damaged))
            except NotReadable:
                continue
            assert alike(found, SAMPLE), f"byte {place} ^ {change}"


def test_another_type_of_the_same_size_is_noticed():
    assert DATA.count(b'"F32"') == 1
    with pytest.raises(NotReadable):
        CODEC.decode(DATA.replace(b'"F32"', b'"I32"'))


@given(st.binary(max_size=200))
def test_random_bytes_are_not_readable(data):
    with pytest.raises(NotReadable):
        CODEC.decode(data)


def framed(header):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text


FOREIGN = {
    "safetensors of others": safetensors.numpy.save({"x": np.ones(3)}, {"format": "pt"}),
    "safetensors without metadata": safetensors.numpy.save({"x": np.ones(3)}),
    "another format": DATA.replace(b"graphengine-value-1", b"graphengine-value-0"),
    "a list": framed([]),
    "metadata a text": framed({"__metadata__": "x"}),
    "no value": framed({"__metadata__": {"format": "graphengine-value-1"}}),
    "deep": framed(b"[" * 100_000),
    "pickle": b"\x80\x04\x95" + b"\0" * 60,
}


@pytest.mark.parametrize("case", FOREIGN)
def test_a_foreign_file_is_not_readable(case):
    with pytest.raises(NotReadable):
        CODEC.decode(FOREIGN[case])


class Point(NamedTuple):
    x: int


def cycle():
    value = []
    value.append(value)
    return value


NOT_STORABLE = {
    "undeclared dataclass": Undeclared(),
    "one deep inside": [{"a": (Undeclared(),)}],
    "object": object(),
    "function": len,
    "set": {1},
    "bytes": b"x",
    "keys that are no texts": {1: 2},
    "named tuple": Point(1),
    "ordered mapping": collections.OrderedDict(a=1),
    "number of another library": np.float64(1.0),
    "a value that contains itself": cycle(),
    "an array of a type that its pack cannot write": np.zeros(2, np.complex64),
    "a number of 5,000 digits": 10**5000,
}


@pytest.mark.parametrize("case", NOT_STORABLE)
def test_what_would_not_come_back_the_same_is_not_stored(case):
    with pytest.raises(NotStorable):
        CODEC.encode(NOT_STORABLE[case])


def test_a_class_that_is_not_declared_is_never_made_of_bytes():
    wide = Codec([f"{HERE}:Undeclared"])
    data = wide.encode(Undeclared(7))
    assert wide.decode(data) == Undeclared(7)
    with pytest.raises(NotReadable):
        CODEC.decode(data)
    with pytest.raises(NotReadable):
        Codec().decode(CODEC.encode(np.ones(1)))


def test_the_digest_of_a_value_is_of_its_content():
    assert CODEC.digest([np.ones(3)]) == CODEC.digest([np.ones(3)])
    assert CODEC.digest([np.ones(3)]) != CODEC.digest([np.zeros(3)])
    thing = object()
    assert CODEC.digest(thing) == CODEC.digest(thing) != CODEC.digest(object())
