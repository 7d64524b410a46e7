"""What the server says of workflows, in the page's other language: no sentence of checks and plans stays English."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from graphengine.engine import Engine
from graphengine.graph.literals import Unfit, convert
from graphengine.graph.spec import InputSpec
from graphengine.graph.workflow import Exposed, Interface, Link, Node, Workflow
from graphengine.settings import Settings
from tests.execution import test_explain

TEXTS = Path(__file__).parents[2] / "web/js/text"
NODE = shutil.which("node")
TRANSLATE = f"""
import {{ translating }} from "{(TEXTS / "said.js").as_uri()}";
import {{ zhSaid }} from "{(TEXTS / "said_zh.js").as_uri()}";
let text = "";
for await (const part of process.stdin) text += part;
console.log(JSON.stringify(JSON.parse(text).map(translating(zhSaid))));
"""
NOTHING = Link("nowhere", "out")
BROKEN = Workflow(
    {
        "kind": Node("KSampel"),
        "strange": Node("Nothing like it at all"),
        "missing": Node("VAEDecode"),
        "dangling": Node("VAEDecode", {"samples": NOTHING, "vae": Link("load", "wrong"), "more": Link("load", "vae")}),
        "wrong": Node("VAEDecode", {"samples": Link("load", "vae"), "vae": Link("empty", "latent")}),
        "load": Node("CheckpointLoaderSimple", {"ckpt_name": "none.safetensors"}),
        "empty": Node("EmptyLatentImage", {"width": 1, "height": 10**9, "batch_size": "many"}, version=1),
        "newer": Node("EmptyLatentImage", {"width": 1.5}, version=99),
        "sampler": Node("KSampler", {"model": 5, "cfg": "high", "denoise": 2**70 + 1, "sampler_name": "none"}),
        "text": Node("CLIPTextEncode", {"text": [1], "clip": Link("text", "conditioning")}),
        "one": Node("LatentFlip", {"samples": Link("two", "latent"), "flip_method": "none"}),
        "two": Node("LatentFlip", {"samples": Link("one", "latent")}),
    },
    Interface({"a": (Exposed("gone", "x"), Exposed("load", "x"))}, {"b": Link("gone", "x"), "c": Link("load", "x")}),
)


def translated(sentences):
    found = subprocess.run(
        [NODE, "--input-type=module", "-e", TRANSLATE],
        input=json.dumps(sentences), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return json.loads(found.stdout)


def unfit():
    """What a literal can be told, by inputs of every type."""
    source = InputSpec("file", "CHOICE", source="checkpoints")
    for port, value, choose in [
        (InputSpec("on", "BOOLEAN"), "maybe", None), (InputSpec("both", "INT,FLOAT"), "x", None),
        (source, "a", lambda name: []), (source, "a", lambda name: ["b"]),
    ]:  # fmt: skip
        with pytest.raises(Unfit) as caught:
            convert(port, value, choose)
        message, cure = caught.value.args[0], caught.value.cure
        yield from (message, cure)


@pytest.mark.skipif(NODE is None, reason="needs Node")
def test_every_reason_and_problem_has_its_chinese_sentence(tmp_path):
    problems = Engine(Settings(home=tmp_path)).check(BROKEN).problems
    assert {problem.code for problem in problems} >= {
        "unknown_kind", "missing_input", "unknown_input", "dangling_link", "wrong_type", "out_of_range", "bad_choice",
        "needs_link", "newer_version", "cycle", "bad_interface",
    }  # fmt: skip
    reasons = [
        "it always runs", "it has not run before", "its kind changed from Number to Count",
        "'value' changed from 1.0 to 5.0", "'a' is linked to other.float, was n.float", "the file of 'name' changed",
        "'n' runs", "its result is no longer kept", "its code changed", "it failed the last time",
        "it was not reached the last time", "the device or precision changed from cpu/float32 to cpu/bfloat16",
    ]  # fmt: skip
    source = Path(test_explain.__file__).read_text()
    assert all(f'"{reason}"' in source for reason in reasons[:4] + reasons[5:11])
    said = [*reasons, *unfit(), *(text for problem in problems for text in (problem.message, problem.cure))]
    english = [text for text, own in zip(said, translated(said), strict=True) if text == own]
    assert english == []
    told = dict(zip(said, translated(said), strict=True))
    assert told["'value' changed from 1.0 to 5.0"] == "“value”由 1.0 改为 5.0"
    assert [own for text, own in told.items() if "input 'vae' is missing" in text] == [
        "节点“missing”（VAEDecode）：输入“vae”缺失。"
    ]
    assert translated(["Nobody says this."]) == ["Nobody says this."]
