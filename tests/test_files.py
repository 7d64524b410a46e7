"""Names from outside become paths in one place, and nothing leads out of its folder."""

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphengine.file_names import _misleads, resolve_in
from graphengine.file_writing import write_aside
from graphengine.files import FileRef, Files
from graphengine.graph.errors import CallError, NodeError
from graphengine.settings import Settings

ROOT = Path(__file__).parent.parent
ATTACKS = [
    "", " ", ".", "./", "..", "../x", "a/../../x", "a/..", "/etc/passwd", "//x", "\\x", "..\\x", "a\\..\\..\\x",
    "C:\\x", "C:x", "x\0", "a\nb", "a\x7fb", "x:stream", "a*", "a?", "<a>", "a|b", '"', "a" * 256, "é" * 128,
    "a/" * 600 + "b",
    "\ud800", "\u202egnp.exe", "\\\\server\\share", "．．/x", "．．／x", "a／../x", "a＼b", "‥", "․․/x", ".. /x", ". .",
    "... ",
    "..\u00a0/x", "a/．．", "℀", "\u2028", "\ufeff", "a/\t/b",
]  # fmt: skip
FINE = ["a", "a/b.png", "a\\b.png", "ä/日本.png", "a b.png", "..a", "a..", ".hidden", "a" * 255, "it's (1) [x] & co~"]


@pytest.fixture(autouse=True)
def no_builtin_models(tmp_path, monkeypatch):
    monkeypatch.setattr("graphengine.builtin.MODELS", tmp_path / "none")


@pytest.fixture
def files(tmp_path):
    return Files(Settings(home=tmp_path / "home"))


def put(path, data=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ATTACKS)
def test_a_name_that_could_lead_out_is_refused(tmp_path, files, name):
    with pytest.raises(CallError):
        resolve_in(tmp_path, name)
    for source in ("input", "latents", "checkpoints", "loras"):
        assert files.find(source, name) is None
        assert files.fingerprint(source, name) == ""


@pytest.mark.parametrize("name", FINE)
def test_a_name_below_the_folder_is_taken(tmp_path, name):
    assert resolve_in(tmp_path, name) == tmp_path.joinpath(*name.replace("\\", "/").split("/"))


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
@pytest.mark.parametrize("name", ["a: b.png", "why?.png", "a*.png", "<a>|b.png", 'say "a".png', "x:y/a.png"])
def test_a_file_with_a_name_that_only_some_systems_have_is_found_as_it_is_offered(files, name):
    inputs, loras = files.settings.input_folder, files.folders("loras")[0]
    picture, model = put(inputs / name), put(loras / f"{name}.safetensors")
    assert (files.names("input"), files.names("loras")) == ([name], [f"{name}.safetensors"])
    assert files.input(name) == picture
    assert files.model("loras", f"{name}.safetensors") == model
    assert files.fingerprint("input", name) != ""
    assert resolve_in(inputs, name) == picture
    for other in (f"{name}x", f"../input/{name}", f"{name}\0"):
        with pytest.raises(CallError):
            resolve_in(inputs, other)


def test_a_name_that_only_some_systems_have_is_refused_with_what_it_has(tmp_path):
    with pytest.raises(CallError, match=r"'16:9 \?\.png' is no file name on all systems: it has ':' '.?'."):
        resolve_in(tmp_path, "16:9 ?.png")


@pytest.mark.skipif(os.name == "nt", reason="no such files there")
@pytest.mark.parametrize("name", ["a\\b.png", "a\nb.png", "\u202egnp.png", "a／b.png", "a\udcff.png"])
def test_a_file_whose_name_cannot_be_asked_for_is_not_offered(files, name):
    put(files.settings.input_folder / name)
    put(files.settings.input_folder / "ä b.png")
    put(files.folders("loras")[0] / f"{name}.safetensors")
    put(files.folders("checkpoints")[0] / name / "model_index.json")
    assert files.names("input") == ["ä b.png"]
    assert files.names("loras") == files.names("checkpoints") == []


@pytest.mark.parametrize(
    "part", ["con", "CON.png", "Aux", "nul.tar.gz", "com1", "LPT9.txt", "com¹", "conin$", "x.", "x "]
)
def test_windows_has_more_names_that_are_others(part):
    assert _misleads(part, windows=True)
    assert not _misleads(part, windows=False)


@pytest.mark.parametrize("part", ["console", "com", "com10", "nully.png", "x.con", "aux1", ".hidden"])
def test_windows_takes_names_that_only_look_like_those(part):
    assert not _misleads(part, windows=True)


@given(st.text("./\\．․‥／∕⁄＼ a\0:~%2eC", max_size=12))
def test_no_mixture_of_dots_and_slashes_leads_out(tmp_path_factory, name):
    root = tmp_path_factory.getbasetemp()
    try:
        path = resolve_in(root, name)
    except CallError:
        return
    assert path.is_relative_to(root) and path != root


@given(st.text(max_size=30))
def test_any_text_gives_a_path_inside_or_a_call_error(tmp_path_factory, name):
    root = tmp_path_factory.getbasetemp()
    try:
        path = resolve_in(root, name)
    except CallError:
        return
    assert str(path).startswith(f"{root}{os.sep}")


def test_a_symbolic_link_does_not_lead_out_nor_round_in_circles(tmp_path):
    (tmp_path / "out").symlink_to("/etc")
    (tmp_path / "loop").symlink_to("loop")
    put(tmp_path / "real" / "x")
    (tmp_path / "in").symlink_to("real")
    for name in ("out", "out/passwd", "loop/x"):
        with pytest.raises(CallError):
            resolve_in(tmp_path, name)
    assert resolve_in(tmp_path, "in/x") == tmp_path / "real" / "x"


def test_model_folders_may_be_kept_behind_symbolic_links_even_in_circles(tmp_path, files):
    put(tmp_path / "elsewhere" / "sub" / "a.safetensors")
    put(tmp_path / "elsewhere" / "readme.txt")
    loras = tmp_path / "home" / "models" / "loras"
    loras.mkdir(parents=True)
    (loras / "more").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "loop1").symlink_to(loras)
    (tmp_path / "elsewhere" / "loop2").symlink_to(tmp_path / "elsewhere")
    assert files.names("loras") == ["more/sub/a.safetensors"]
    assert files.model("loras", "more/sub/a.safetensors").read_bytes() == b"x"


def test_a_missing_model_is_told_with_where_to_put_it(files):
    with pytest.raises(NodeError, match=r"no file 'x.ckpt' among the checkpoints. Put it into .*models/checkpoints"):
        files.model("checkpoints", "x.ckpt")
    with pytest.raises(CallError, match="no source 'lora'"):
        files.names("lora")


def test_pictures_of_the_output_folder_are_found_by_their_annotation(files):
    wanted = put(files.settings.output_folder / "a" / "x.png")
    assert files.input("a/x.png [output]") == wanted
    with pytest.raises(NodeError):
        files.input("a/x.png")


def names(reserved):
    return [ref.filename for _, ref in reserved]


def test_counters_go_on_from_the_highest_there_is(files):
    put(files.settings.output_folder / "cat_00007_.png")
    put(files.settings.output_folder / "cat_00009_.tar.gz")
    put(files.settings.output_folder / "cats_00050_.png")
    put(files.settings.output_folder / "cat_x_00060_.png")
    assert names(files.reserve("cat", ".png", 2)) == ["cat_00010_.png", "cat_00011_.png"]


def test_a_number_is_given_out_once_even_before_its_file_is_there(files):
    found, barrier = [], threading.Barrier(8)

    def reserve():
        barrier.wait()
        found.extend(names(files.reserve("a/cat", ".png", 3)))

    threads = [threading.Thread(target=reserve) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"cat_{i:05d}_.png" for i in range(1, 25)]


def test_two_processes_never_get_the_same_name(files):
    other = Files(files.settings)
    found = [name for _ in range(4) for one in (files, other) for name in names(one.reserve("cat", ".png", 2))]
    assert found == [f"cat_{number:05d}_.png" for number in range(1, 17)]


def test_a_name_is_given_back_when_its_file_cannot_be_written(files):
    ((path, _),) = files.reserve("cat", ".png")
    with pytest.raises(TypeError):
        write_aside(path, "no bytes")
    assert list(path.parent.iterdir()) == []
    path.write_bytes(b"something")
    with pytest.raises(TypeError):
        write_aside(path, "no bytes")
    assert path.read_bytes() == b"something" and len(list(path.parent.iterdir())) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_pipe_is_written_into_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    write_aside(pipe, b"through it")
    reader.join()
    assert heard == [b"through it"] and pipe.is_fifo()


def test_the_longest_names_that_a_folder_takes_are_written(tmp_path):
    path = tmp_path / ("猫" * 83 + ".json")
    write_aside(path, b"{}")
    assert path.read_bytes() == b"{}"


def links(folder):
    return {path.name: os.readlink(path) for path in folder.iterdir() if path.is_symlink()}


@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_stays_one_and_what_it_leads_to_is_written(tmp_path, there, monkeypatch):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.mkdir(), theirs.mkdir()
    (mine / "x.json").symlink_to("y.json")
    (mine / "y.json").symlink_to(theirs / "z.json")
    if there:
        put(theirs / "z.json", b"old")
    before, asides, replace = links(mine), [], os.replace
    monkeypatch.setattr(os, "replace", lambda aside, path: (asides.append(Path(aside)), replace(aside, path)))
    write_aside(mine / "x.json", b"new")
    assert (theirs / "z.json").read_bytes() == (mine / "x.json").read_bytes() == b"new"
    assert links(mine) == before and len(before) == 2
    assert [aside.parent for aside in asides] == [theirs]
    assert [path.name for path in theirs.iterdir()] == ["z.json"]
    monkeypatch.setattr(os, "replace", lambda *paths: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_aside(mine / "x.json", b"newer")
    assert (theirs / "z.json").read_bytes() == b"new" and [path.name for path in theirs.iterdir()] == ["z.json"]
    assert links(mine) == before


def test_a_symbolic_link_that_leads_nowhere_or_round_in_circles_is_told_by_its_name(tmp_path):
    (tmp_path / "round").symlink_to("about")
    (tmp_path / "about").symlink_to("round")
    (tmp_path / "nowhere").symlink_to("no/folder")
    before = links(tmp_path)
    for name, words in {"round": "Too many levels of symbolic links", "nowhere": "No such file or directory"}.items():
        with pytest.raises(OSError, match=words) as caught:
            write_aside(tmp_path / name, b"x")
        assert str(tmp_path) in str(caught.value.filename)
    assert links(tmp_path) == before and len(list(tmp_path.iterdir())) == 3


def test_no_reserved_name_is_a_symbolic_link(tmp_path, files):
    outside = tmp_path / "outside"
    files.settings.output_folder.mkdir(parents=True)
    (files.settings.output_folder / "cat_00001_.png").symlink_to(outside)
    ((path, _),) = files.reserve("cat", ".png")
    write_aside(path, b"x")
    assert not outside.exists() and not path.is_symlink()


@pytest.mark.parametrize(("prefix", "subfolder"), [("cat", ""), ("a/b/cat", "a/b"), (".a/cat", ".a"), ("a\\cat", "a")])
def test_a_reserved_name_is_found_again_by_its_reference(files, prefix, subfolder):
    ((path, ref),) = files.reserve(prefix, ".png")
    assert ref == FileRef("cat_00001_.png", subfolder)
    write_aside(path, b"1")
    assert files.path(ref).read_bytes() == b"1"


@pytest.mark.parametrize(
    ("prefix", "name"), [("at 12:30", "at 12_30_00001_.png"), ('a?b/<c>"|*', "_c_____00001_.png"), ("", "_00001_.png")]
)
def test_a_prefix_that_some_systems_cannot_have_in_names_costs_no_picture(files, prefix, name):
    ((path, ref),) = files.reserve(prefix, ".png")
    assert path.name == ref.filename == name and files.path(ref) == path


@pytest.mark.parametrize("prefix", ["../x", "/x", "a/../../x"])
def test_a_prefix_never_leads_out_of_the_output_folder(files, prefix):
    with pytest.raises(NodeError) as caught:
        files.reserve(prefix, ".png")
    assert caught.value.input == "filename_prefix"


def test_a_fingerprint_changes_with_the_file_or_with_any_file_of_a_folder(files):
    path = put(files.settings.input_folder / "x.png")
    before = files.fingerprint("input", "x.png")
    assert files.fingerprint("input", "x.png") == before
    put(path, b"longer")
    assert files.fingerprint("input", "x.png") != before
    inner = put(files.settings.home / "models" / "diffusers" / "m" / "unet" / "w.safetensors")
    put(files.settings.home / "models" / "diffusers" / "m" / "model_index.json")
    before = files.fingerprint("diffusers", "m")
    put(inner, b"longer")
    assert files.fingerprint("diffusers", "m") != before


def test_extra_model_paths_are_read_as_comfyui_writes_them(tmp_path):
    config = put(
        tmp_path / "conf" / "extra.yaml",
        b"# comment\na111:\n  base_path: ../webui\n  checkpoints: models/sd\n  loras: |\n    models/Lora\n"
        b"    models/LyCORIS\n"
        b"  unet: models/unet\n  new_kind: here\nmain:\n  is_default: true\n  base_path: /absolute\n  vae: vae\n"
        b"empty:\n",
    )
    put(tmp_path / "webui" / "models" / "LyCORIS" / "b.safetensors")
    found = Files(Settings(home=tmp_path / "home", model_paths=(config,)))
    assert found.names("loras") == ["b.safetensors"]
    assert found.folders("checkpoints")[-1].resolve() == tmp_path / "webui" / "models" / "sd"
    assert [path.name for path in found.folders("loras")[-2:]] == ["Lora", "LyCORIS"]
    assert found.folders("clip") == found.folders("text_encoders")
    assert found.folders("unet")[-1].resolve() == tmp_path / "webui" / "models" / "unet"
    assert str(found.folders("vae")[0]) == "/absolute/vae"
    assert found.names("new_kind") == []


@pytest.mark.parametrize("data", [b"- a list", b"a: [", b"\xff\xfe", b"text"])
def test_bad_extra_model_paths_are_a_call_error_that_names_the_file(tmp_path, data):
    config = put(tmp_path / "extra.yaml", data)
    with pytest.raises(CallError, match=r"extra.yaml cannot be read"):
        Files(Settings(home=tmp_path, model_paths=(config,))).names("loras")


def test_a_file_written_aside_is_whole_or_not_there(tmp_path, monkeypatch):
    path = put(tmp_path / "x", b"old")

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_aside(path, b"new")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("x", b"old")]


def test_a_process_killed_while_it_writes_leaves_a_file_whole(tmp_path):
    path, size = tmp_path / "a.bin", 2**23
    code = (
        "import sys; from pathlib import Path; from graphengine.file_writing import write_aside\n"
        f"while True:\n    for byte in (b'a', b'b'):\n        write_aside(Path(sys.argv[1]), byte * {size})\n"
    )
    chance = random.Random(3)
    for _ in range(8):
        path.unlink(missing_ok=True)
        with subprocess.Popen([sys.executable, "-c", code, path], cwd=ROOT) as process:
            while not path.exists():
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.05))
            process.kill()
        assert path.read_bytes() in (b"a" * size, b"b" * size)


def test_threads_that_write_one_file_leave_one_of_their_contents(tmp_path):
    path, failed = tmp_path / "x", []

    def write(data):
        try:
            for _ in range(50):
                write_aside(path, data * 10_000)
        except OSError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(bytes([i]),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(set(path.read_bytes())) == 1
    assert len(path.read_bytes()) == 10_000
    assert [found.name for found in tmp_path.iterdir()] == ["x"]


def test_a_picture_that_a_run_made_is_a_choice_though_it_is_not_listed(files):
    put(files.settings.output_folder / "a" / "x.png")
    put(files.settings.input_folder / "clipspace" / "mask.png")
    put(files.settings.output_folder / "notes.txt")
    offered = files.names("input")
    assert offered == ["clipspace/mask.png"]
    for name in ("clipspace/mask.png", "a/x.png [output]", "clipspace/mask.png [input]"):
        assert name in offered
    for name in ("a/x.png", "a/y.png [output]", "notes.txt [output]", "../x.png [output]", "a [output]", 5):
        assert name not in offered


def test_model_paths_in_the_home_and_models_that_a_run_saved_are_found(tmp_path):
    home = tmp_path / "home"
    put(home / "extra_model_paths.yaml", b"theirs:\n  loras: ../theirs\n  odd: odd\n")
    put(tmp_path / "theirs" / "a.safetensors")
    put(home / "odd" / "x.anything")
    put(home / "output" / "checkpoints" / "merged.safetensors")
    found = Files(Settings(home=home))
    assert "a.safetensors" in found.names("loras")
    assert found.names("odd") == ["x.anything"]
    assert "merged.safetensors" in found.names("checkpoints")
