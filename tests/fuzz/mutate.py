"""Hostile variants of good inputs: bytes changed here and there, and JSON changed where it stays JSON."""

import json
from random import Random
from typing import Any

BITS = (
    b"\0", b"\xff", b"\r\n", b"\r\n\r\n", b"--x", b"--x--", b'"', b"{", b"[" * 2000, b"]", b":", b",", b";", b"%00",
    b"\xed\xa0\x80", b"\\ud800", b"9" * 5000, b"1e999", b"-1", b"null", b"\xff\xff\xff\xff", b"\x80\0\0\0",
    b"Content-Encoding: gzip\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Length: 5\r\n",
    b"Content-Type: multipart/mixed; boundary=x\r\n", b'name="_charset_"', b'filename=""', b'filename="../../a"',
    b"a" * 10_000,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**64, 10**400, -(2**70), 1.5, 1e308, -0.0, "", "\0", "\ud800", "x" * 300,
    "a/../..", [], {}, [[]], {"": None}, [0, 0], ["a", 0], {"link": {"node": "a", "output": "b"}}, {"value": {}},
)  # fmt: skip
LARGEST = 2**16


def mutated(data: bytes, chance: Random) -> bytes:
    """The data with a few changes."""
    try:
        whole = json.loads(data)
    except (ValueError, RecursionError):
        return _bytes(data, chance)
    if chance.random() < 0.2:
        return _bytes(data, chance)
    for _ in range(chance.choice((1, 1, 2, 4))):
        whole = _json(whole, chance, whole)
    return json.dumps(whole).encode()[:LARGEST]


def _bytes(data: bytes, chance: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        start = chance.randint(0, len(changed))
        length = chance.choice((0, 0, 1, 4, 64, len(changed)))
        other = chance.randint(0, len(changed))
        new = chance.choice(
            (chance.choice(BITS), chance.randbytes(chance.choice((0, 1, 4))), changed[other : other + 64])
        )
        changed[start : start + length] = new
    return bytes(changed[:LARGEST])


def _json(whole: Any, chance: Random, value: Any) -> Any:
    """The value with one place in it changed; ``whole`` gives parts to put there."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.15:
        return _other(whole, chance)
    changed: Any = value.copy()
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = chance.choice(keys)
    what = chance.random()
    if what < 0.7:
        changed[key] = _json(whole, chance, value[key])
    elif what < 0.8:
        del changed[key]
    elif isinstance(changed, list):
        changed *= chance.choice((2, 2, 50))
    else:
        changed[chance.choice(("", "a", "id", "\ud800", chance.choice(keys)))] = _other(whole, chance)
    return changed


def _other(whole: Any, chance: Random) -> Any:
    if chance.random() < 0.5:
        return chance.choice(VALUES)
    part = whole
    while isinstance(part, dict | list) and part and chance.random() < 0.8:
        part = chance.choice(list(part.values()) if isinstance(part, dict) else part)
    return part
