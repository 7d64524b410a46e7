"""The command line, called as a user calls it, with good and bad input; a pack of the user's gives it nodes."""

import io
import json
import os
import subprocess
import sys

import pytest
from PIL import Image

from graphengine.cli import main
from graphengine.cli.display import _Lines, display
from graphengine.execution.events import Event
from graphengine.graph.workflow import Node, Workflow

PACK = '''
import time
from typing import Annotated, Literal

from graphengine.api import Choices, NodeError, Range, Results, Text, node


@node(category="sums")
def Number(value: Annotated[float, Range(-100, 100)] = 1.0) -> float:
    """A number.

    Args:
        value: Which.
    """
    time.sleep(0.03)  # long enough to be worth a file of the cache
    return value


@node(category="sums")
def Divide(a: float, b: float = 2.0) -> float:
    if b == 0:
        raise NodeError("Nothing can be divided by 0.", "Give another number.", input="b")
    return a / b


@node()
def Faulty(a: float = 0.0, file: bool = False) -> float:
    if file:
        open("/proc/nowhere/x", "w")
    return [][3]


@node(output=True)
def Say(value: float, note: Text = "", *, results: Results) -> None:
    results.add("text", f"{note}{value}")
'''

WORKFLOW = {
    "graphengine": 1,
    "nodes": {
        "n": {"kind": "sums/Number", "title": "The number", "inputs": {"value": 3.0}},
        "half": {"kind": "sums/Divide", "inputs": {"a": {"link": {"node": "n", "output": "float"}}}},
        "say": {"kind": "sums/Say", "inputs": {"value": {"link": {"node": "half", "output": "float"}}}},
    },
    "interface": {"inputs": {"number": [{"node": "n", "input": "value"}]}, "outputs": {}},
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    pack = tmp_path / "home/packs/sums"
    pack.mkdir(parents=True)
    (pack / "pack.toml").write_text('name = "sums"')
    (pack / "nodes.py").write_text(PACK)
    (tmp_path / "w.json").write_text(json.dumps(WORKFLOW))
    monkeypatch.setenv("GRAPHENGINE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("graphengine.builtin.NODES", tmp_path / "none")
    return tmp_path


def call(capsys, *arguments):
    status = main(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_run_prints_results_on_stdout_and_the_rest_on_stderr(home, capsys):
    status, out, err = call(capsys, "run", "w.json")
    assert (status, out) == (0, "1.5\n")
    assert "3 run, 0 from the cache" in err


@pytest.mark.parametrize("name", ["n.value", "The number.value", "sums/Number.value", "number"])
def test_a_value_is_set_by_id_title_kind_or_name_of_the_interface(home, capsys, name):
    assert call(capsys, "run", "w.json", "--set", f"{name}=8")[1] == "4.0\n"


def test_text_is_taken_as_it_stands(home, capsys):
    assert call(capsys, "run", "w.json", "--set", "say.note=true ")[1] == "true 1.5\n"


def test_a_second_call_runs_nothing_and_an_edit_only_what_depends_on_it(home, capsys):
    call(capsys, "run", "w.json")
    assert "0 run" in call(capsys, "run", "w.json")[2]
    status, out, _ = call(capsys, "run", "w.json", "--set", "half.b=4", "--plan")
    assert status == 0
    assert out.splitlines()[0].startswith("runs 2 of 3 nodes")
    assert "'b' changed from 2.0 to 4.0" in out or "'b' changed from nothing to 4.0" in out
    assert "half" in out and "  n " not in out


def test_a_target_is_run_to(home, capsys):
    status, out, _ = call(capsys, "run", "w.json", "--target", "half", "--json")
    assert status == 0
    assert json.loads(out)["ran"] == ["n", "half"]


def test_a_failing_node_is_status_1_and_says_where_why_and_what_to_do(home, capsys):
    status, out, err = call(capsys, "run", "w.json", "--set", "half.b=0")
    assert (status, out) == (1, "")
    assert "node 'half' (sums/Divide): input 'b': Nothing can be divided by 0." in err
    assert "Give another number." in err
    assert "Traceback" not in err


def test_a_fault_in_a_nodes_code_shows_a_traceback_only_when_asked(home, capsys):
    nodes = {"f": {"kind": "sums/Faulty", "inputs": {}}}
    (home / "f.json").write_text(json.dumps({"graphengine": 1, "nodes": nodes}))
    status, _, err = call(capsys, "run", "f.json", "--target", "f")
    assert status == 1
    assert "node 'f' (sums/Faulty): IndexError" in err and "Traceback" not in err
    assert "return [][3]" in call(capsys, "run", "f.json", "--target", "f", "--trace")[2]
    err = call(capsys, "run", "f.json", "--target", "f", "--set", "f.file=true")[2]
    assert "No such file or directory: /proc/nowhere/x." in err and "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "nonsuch.json"], "There is no file 'nonsuch.json'."),
        (["run", "w.json", "--set", "x.value=1"], "There is no node 'x'."),
        (["run", "w.json", "--set", "n.size=1"], "has no input 'size'"),
        (["run", "w.json", "--set", "n.value"], "Write NODE.INPUT=VALUE."),
        (["run", "w.json", "--set", "n.value=1000"], "above the highest 100"),
        (["run", "w.json", "--target", "nope"], "There is no node 'nope'."),
        (["nodes", "sums/Devide"], "Did you mean sums/Divide"),
        (["inspect", "nonsuch"], "There is no file 'nonsuch'."),
        (["run", "broken.json"], "not JSON"),
        (["show", "other.json"], "is no workflow"),
    ],
)
def test_a_wrong_call_is_status_2_with_what_was_wrong(home, capsys, arguments, says):
    (home / "broken.json").write_text("{")
    (home / "other.json").write_text("[1, 2]")
    status, out, err = call(capsys, *arguments)
    assert (status, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_validate_prints_every_problem_and_is_status_2(home, capsys):
    nodes = {**WORKFLOW["nodes"], "bad": {"kind": "sums/Nomber", "inputs": {}}}
    nodes["half"] = {"kind": "sums/Divide", "inputs": {"b": "x"}}
    (home / "bad.json").write_text(json.dumps({**WORKFLOW, "nodes": nodes}))
    status, out, _ = call(capsys, "validate", "bad.json")
    assert status == 2
    assert "sums/Number" in out and "'a' is missing" in out and "takes a number, not 'x'" in out
    assert len(json.loads(call(capsys, "validate", "bad.json", "--json")[1])) == 3
    assert call(capsys, "validate", "w.json")[:2] == (0, "no problems: 3 nodes\n")


def test_nodes_lists_and_describes(home, capsys):
    assert "sums/Number" in call(capsys, "nodes")[1]
    described = call(capsys, "nodes", "sums/Number")[1]
    assert "value: FLOAT (= 1.0; -100 to 100)" in described and "Which." in described


def test_a_broken_pack_is_reported_by_name_and_stops_nothing(home, capsys):
    broken = home / "home/packs/broken"
    broken.mkdir()
    (broken / "pack.toml").write_text('name = "broken"')
    (broken / "nodes.py").write_text("import nothing_of_this_name")
    status, out, err = call(capsys, "packs", "check")
    assert status == 2
    assert "sums 0: 4 kinds" in out and "broken: nodes.py: ModuleNotFoundError" in err
    assert call(capsys, "run", "w.json")[1] == "1.5\n"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("def f(x):\n    return ['all is well']", ""),
        ("def f():\n    return []", "pack odd: its doctor = '.tells:f' fails: TypeError: "),
        ("def f(x):\n    return 5", "pack odd: its doctor = '.tells:f' fails: TypeError: 'int' object is not iterable"),
        ("def g(x):\n    return []", "pack odd: its doctor = '.tells:f' fails: AttributeError: "),
        ("import nothing_of_this_name", "pack odd: its doctor = '.tells:f' fails: ModuleNotFoundError: "),
    ],
)
def test_a_doctor_of_a_pack_itself_is_asked_and_one_that_fails_is_told_by_name(home, capsys, code, says):
    odd = home / "home/packs/odd"
    odd.mkdir()
    (odd / "pack.toml").write_text('name = "odd"\ndoctor = ".tells:f"')
    (odd / "tells.py").write_text(code)
    status, out, err = call(capsys, "doctor")
    assert status == 0
    assert ("all is well" in out) == (not says)
    assert says in err
    assert "Traceback" not in err


def test_what_a_pack_raises_when_it_describes_a_file_is_told_by_its_name(home, capsys, tmp_path):
    odd = home / "home/packs/a_odd"
    odd.mkdir()
    (odd / "pack.toml").write_text('name = "a_odd"\ndescribe = ".tells:f"')
    (odd / "tells.py").write_text("def f(path):\n    return {}[path]")
    model = tmp_path / "m.safetensors"
    model.write_bytes(b"x")
    status, _out, err = call(capsys, "inspect", str(model))
    assert status == 2
    assert "The pack 'a_odd' cannot describe" in err and "KeyError" in err and "Mend its describe" in err


def test_convert_writes_other_formats_that_run_the_same(home, capsys):
    for format in ("api", "editor", "graphengine"):
        assert call(capsys, "convert", "w.json", "out.json", "--format", format)[0] == 0
        assert call(capsys, "run", "out.json", "--no-cache")[1] == "1.5\n"


def test_a_lock_tells_what_differs_later(home, capsys):
    call(capsys, "convert", "w.json", "locked.json", "--lock")
    assert call(capsys, "validate", "locked.json")[2] == ""
    (home / "home/packs/sums/nodes.py").write_text(PACK + "\n# changed\n")
    assert "the pack sums 0; here its code differs" in call(capsys, "validate", "locked.json")[2]


def test_the_cache_is_shown_and_cleared(home, capsys):
    call(capsys, "run", "w.json")
    assert "files" in call(capsys, "cache")[1]
    assert call(capsys, "cache", "--clear")[0] == 0
    assert "3 run" in call(capsys, "run", "w.json")[2]


def test_show_draws_every_node(home, capsys):
    out = call(capsys, "show", "w.json")[1]
    assert out.startswith("<svg") and "The number" in out


def test_inspect_says_what_a_picture_is_and_what_it_carries(home, tmp_path, capsys):
    bare, carrying = tmp_path / "bare.png", tmp_path / "carrying.webp"
    Image.new("RGB", (30, 20)).save(bare)
    exif = Image.Exif()
    exif[0x010E] = f"graphengine:{json.dumps(WORKFLOW)}"
    Image.new("RGB", (8, 8)).save(carrying, exif=exif)
    assert main(["inspect", str(bare), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["what"], told["format"], told["size"]) == ("picture", "PNG", "30 x 20")
    assert "no workflow" in told["workflow"]
    assert main(["inspect", str(carrying), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["what"], told["format"], told["nodes"]) == ("picture with a workflow", "WEBP", 3)
    bare.write_bytes(b"none at all")
    assert main(["inspect", str(bare)]) == 2
    assert "no picture that can be read" in capsys.readouterr().err


def test_a_node_that_takes_long_says_now_and_then_how_far_it_is(capsys):
    lines = _Lines(Workflow({"a": Node("KSampler", {}, "Sample")}))
    lines(Event("started", "a", {}, time=1.0))
    for step in range(1, 41):
        lines(Event("progress", "a", {"done": step, "total": 40}, time=1.0 + step))
    assert capsys.readouterr().err.splitlines() == [
        "Sample: 10 of 40",
        "Sample: 20 of 40",
        "Sample: 30 of 40",
        "Sample: 40 of 40",
    ]


def test_a_workflow_is_read_from_a_pipe(home, capsys):
    end, start = os.pipe()
    os.write(start, (home / "w.json").read_bytes())
    os.close(start)
    assert call(capsys, "run", f"/dev/fd/{end}")[1] == "1.5\n"
    os.close(end)


@pytest.mark.parametrize("command", [["nodes"], ["nodes", "sums/Number", "--json"], ["nodes", "nonsuch"]])
def test_a_reader_that_has_had_enough_is_no_error(home, command):
    program = (
        "import sys; from pathlib import Path; from graphengine import builtin; builtin.NODES = Path('none')\n"
        "from graphengine.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    end, start = os.pipe()
    os.close(end)
    both = {"stdout": start, "stderr": start if "nonsuch" in command else subprocess.PIPE}
    ended = subprocess.run([sys.executable, "-c", program, *command], text=True, timeout=60, check=False, **both)
    os.close(start)
    assert (ended.returncode, ended.stderr or "") == (141, "")


def test_brackets_in_a_title_are_shown_as_they_stand(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with display(Workflow({"a": Node("Scale", {}, "scale [/2] [bold]")})) as listen:
        listen(Event("planned", "", {"run": ["a"], "waiting": []}))
        listen(Event("progress", "a", {"done": 1, "total": 2}))
    assert "scale [/2] [bold]" in terminal.getvalue()


def test_half_of_a_surrogate_pair_is_printed_as_an_escape(home, capsys):
    nodes = {"say": {"kind": "sums/Say", "inputs": {"value": 1.0, "note": "half \ud83d"}}}
    (home / "half.json").write_text(json.dumps({"graphengine": 1, "nodes": nodes}))
    assert call(capsys, "run", "half.json")[:2] == (0, "half \\ud83d1.0\n")
    status, out, _ = call(capsys, "run", "half.json", "--json")
    assert (status, json.loads(out)["results"]["say"]["text"]) == (0, ["half \ud83d1.0"])


def test_a_file_whose_name_is_no_text_is_run(home, capsys):
    name = os.fsdecode(b"w\xff.json")
    (home / name).write_text(json.dumps(WORKFLOW))
    assert call(capsys, "run", name)[:2] == (0, "1.5\n")


@pytest.mark.parametrize(
    ("lock", "says"),
    [
        ({"packs": ["sums"]}, "packs: ['sums'], which is no object of objects"),
        ({"packs": {"sums": "1"}}, "packs: {'sums': '1'}, which is no object of objects"),
        ({"files": {"a": {}}}, "files: {'a': {}}, which is no list of objects"),
        ({"files": ["a"]}, "files: ['a'], which is no list of objects"),
        ({"engine": 1}, "engine: 1, which is no text"),
    ],
)
def test_a_lock_of_another_form_is_a_problem(home, capsys, lock, says):
    (home / "locked.json").write_text(json.dumps({**WORKFLOW, "lock": lock}))
    status, out, err = call(capsys, "validate", "locked.json")
    assert status == 2
    assert says in out and "remove it" in out
    assert err == "1 problem\n"
    (problem,) = json.loads(call(capsys, "validate", "locked.json", "--json")[1])
    assert problem["code"] == "bad_lock"
    assert call(capsys, "run", "locked.json")[0] == 0


NESTED = {
    "graphengine": 1,
    "nodes": {
        "outer": {"kind": "@outer", "title": "All of it", "inputs": {}},
        "off": {"kind": "sums/Say", "title": "Quiet", "mode": "muted", "inputs": {"value": 1.0}},
    },
    "interface": {
        "inputs": {"prompt": [{"node": "outer", "input": "words"}], "size": [{"node": "outer", "input": "number"}]},
        "outputs": {},
    },
    "workflows": {
        "outer": {
            "nodes": {"inner": {"kind": "@inner", "inputs": {}}},
            "interface": {
                "inputs": {
                    "words": [{"node": "inner", "input": "note"}], "number": [{"node": "inner", "input": "number"}],
                },
                "outputs": {},
            },
        },
        "inner": {
            "nodes": {"say": {"kind": "sums/Say", "inputs": {"value": 2.0}}},
            "interface": {
                "inputs": {
                    "note": [{"node": "say", "input": "note"}], "number": [{"node": "say", "input": "value"}],
                },
                "outputs": {},
            },
        },
    },
}  # fmt: skip


def test_a_value_for_a_sub_workflow_is_taken_as_the_type_of_the_input_that_it_leads_to(home, capsys):
    (home / "nested.json").write_text(json.dumps(NESTED))
    for name in ("prompt", "outer.words", "All of it.words"):
        assert call(capsys, "run", "nested.json", "--set", f"{name}=1e5")[1] == "1e52.0\n"
    assert call(capsys, "run", "nested.json", "--set", "size=1e1")[1] == "10.0\n"
    status, _, err = call(capsys, "run", "nested.json", "--set", "outer.nothing=1")
    assert status == 2
    assert "'outer' (@outer) has no input 'nothing'. It has: words, number." in err


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("off", "Node 'off' is muted, so it does not run. Name another, or switch it on."),
        ("Quiet", "Node 'Quiet' is muted"),
        ("outer", "Node 'outer' is a sub-workflow, which is not run as one. Name a node in it: 'outer:inner:say'."),
        ("nowhere", "There is no node 'nowhere'."),
    ],
)
def test_a_target_that_does_not_run_is_told_what_it_is(home, capsys, target, says):
    (home / "nested.json").write_text(json.dumps(NESTED))
    status, out, err = call(capsys, "run", "nested.json", "--target", target)
    assert (status, out) == (2, "")
    assert says in err
    assert call(capsys, "run", "nested.json", "--target", "outer:inner:say")[0] == 0
