"""Manifests, good and bad."""

import pytest

from graphengine.graph.errors import PackError
from graphengine.graph.migrate import Migration
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
        'family = "lib:family"\nsize = "lib:size"\nweb = "web"\ncomfyui_web = "web/js"\n'
        'describe = "lib:describe"\nlooks = { CURVE = ".looks:curve" }\n'
        '[renamed]\nOld = "New"\n[arrays]\n"torch:Tensor" = "lib.storage"\n',
    )
    assert read_manifest(folder, builtin=True) == Manifest(
        "my-pack", folder, "Größe", "1.2", True, ("lib",), {"Old": "New"}, (), ("lib:Curve",),
        {"torch:Tensor": "lib.storage"}, "lib:family", "lib:describe", web="web", comfyui_web="web/js",
        looks={"CURVE": ".looks:curve"}, size="lib:size",
    )  # fmt: skip
    assert read_manifest(folder, builtin=True).package == "graphengine_packs.my_pack"


def test_migrations_are_read_oldest_first(tmp_path):
    text = (
        '[[migrate]]\nkind = "Blur"\nversion = 3\nremove = ["seed"]\nvalues = { mode = { fast = "box" } }\n'
        '[[migrate]]\nkind = "Blur"\nversion = 2\nrename = { size = "radius" }\nadd = { sigma = 1.0 }\n'
        'outputs = { picture = "image" }\n'
    )
    assert read_manifest(pack(tmp_path, text)).migrations == (
        Migration("Blur", 2, rename={"size": "radius"}, outputs={"picture": "image"}, add={"sigma": 1.0}),
        Migration("Blur", 3, values={"mode": {"fast": "box"}}, remove=["seed"]),
    )


BAD = [
    "name = ", 'name = "a b"', 'name = "../x"', 'name = "1a"', "name = 1", "colour = 1", "builtin = true",
    'folder = "/etc"', 'code = "lib"', "code = [1]", "renamed = [1]", "renamed = {a = 1}", "store = {}",
    "version = 1.2", "arrays = []", "family = []", 'comfyui_web = "../x"', 'comfyui_web = "/etc"', "comfyui_web = 1",
    'web = "../x"', 'web = "/etc"', "web = 1", "migrate = 1", "migrate = [1]", "[migrate]\nkind = 'A'",
    '[[migrate]]\nkind = "A"', '[[migrate]]\nkind = "A"\nversion = "2"', '[[migrate]]\nkind = "A"\nversion = true',
    '[[migrate]]\nkind = "A"\nversion = 2\nrename = ["x"]', '[[migrate]]\nkind = "A"\nversion = 2\nremove = "x"',
    '[[migrate]]\nkind = "A"\nversion = 2\nvalues = { x = 1 }', '[[migrate]]\nkind = "A"\nversion = 2\nodd = 1',
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_a_bad_manifest_is_a_pack_error_that_names_it(tmp_path, text):
    folder = pack(tmp_path, text)
    with pytest.raises(PackError, match=str(folder / "pack.toml")):
        read_manifest(folder)


def test_a_manifest_that_is_not_there_or_no_text_is_a_pack_error(tmp_path):
    with pytest.raises(PackError, match="cannot be read"):
        read_manifest(tmp_path)
    folder = pack(tmp_path, "")
    (folder / "pack.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PackError, match="cannot be read"):
        read_manifest(folder)
