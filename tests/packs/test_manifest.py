"""Manifests, good and bad."""

import pytest

from graphengine.graph.errors import PackError
from graphengine.packs.manifest import Manifest, read_manifest


def pack(tmp_path, text, name="mine"):
    folder = tmp_path / name
    folder.mkdir()
    (folder / "pack.toml").write_text(text, encoding="utf-8")
    return folder


def test_an_empty_manifest_takes_its_name_from_the_folder(tmp_path):
    folder = pack(tmp_path, "")
    assert read_manifest(folder) == Manifest("mine", folder, title="mine")


def test_everything_a_manifest_says_is_read(tmp_path):
    folder = pack(
        tmp_path,
        'name = "my-pack"\ntitle = "Größe"\nversion = "1.2"\ncode = ["lib"]\nstore = ["lib:Curve"]\n'
