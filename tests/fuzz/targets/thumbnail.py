"""Pictures from anyone, looked into and made anew."""

import contextlib
import tempfile
from pathlib import Path

from graphengine.server.answers import Refusal
from graphengine.server.media import KINDS, head_of
from graphengine.server.pictures import channel, encoded, masked, shrunk
from graphengine.server.uploads import check_file
from tests.fuzz import seeds as good
from tests.fuzz.served import only_ours

ERRORS = ()
PIXELS = 2**16


def seeds():
    return good.pictures()


def take(data):
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder, only_ours():
        path = Path(folder) / "picture"
        path.write_bytes(data)
        kind = next((kind for kind in KINDS if kind.fits(head_of(path))), KINDS[0])
        for work in (
            lambda: check_file(path, f"a{kind.suffixes[0]}", PIXELS),
            lambda: shrunk(path, 64, PIXELS),
            lambda: encoded(path, "webp", 80, PIXELS),
            lambda: encoded(path, "jpeg", 80, PIXELS),
            lambda: channel(path, "rgb", PIXELS),
            lambda: channel(path, "a", PIXELS),
            lambda: masked(path, path, PIXELS),
        ):
            with contextlib.suppress(Refusal):
                work()
        assert [one.name for one in Path(folder).iterdir()] == ["picture"]
