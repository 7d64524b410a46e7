"""Settings are one frozen value, whoever makes them."""

from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from graphengine import Engine, Settings


def test_a_text_is_taken_where_a_path_belongs(tmp_path):
    texts: dict[str, Any] = {"home": "h", "output": "o", "model_paths": ["a.yaml", Path("b.yaml")], "packs": ("p", "q")}
    paths = Settings(Path("h"), Path("o"), (Path("a.yaml"), Path("b.yaml")), (Path("p"), Path("q")))
    given = Settings(**texts)
    assert given == paths and hash(given) == hash(paths)
    assert (given.output_folder, given.input_folder) == (Path("o"), Path("h/input"))
    one: dict[str, Any] = {"packs": "mine", "model_paths": Path("a.yaml")}
    assert replace(paths, **one) == replace(paths, packs=(Path("mine"),), model_paths=(Path("a.yaml"),))
    text: Any = str(tmp_path)
    assert Engine(Settings(home=text)).files.names("input") == []
    assert Settings(home=tmp_path).output is None


def test_settings_stay_as_they_were_made():
    with pytest.raises(FrozenInstanceError):
        Settings().home = Path("elsewhere")  # type: ignore[misc]
