"""Textual inversions of A1111's web UI."""

import pytest
import torch
from safetensors.torch import save_file

from graphengine.compat.a1111.workflow import workflow_of
from graphengine.engine import Engine
from graphengine.settings import Settings

SETTINGS = "Steps: 1, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64, Model: tiny_world"


def read(prompt, negative="", hashes="EasyNegative: 66a7279a88dd, bad-hands-5: aa7651be154c"):
    return workflow_of(f'{prompt}\nNegative prompt: {negative}\n{SETTINGS}, TI hashes: "{hashes}", Version: v1.10.1')


def text_of(workflow, id="prompt"):
    return workflow.nodes[id].inputs["text"]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("EasyNegative", "embedding:EasyNegative"),
        ("easynegative, (bad-hands-5:1.2)", "embedding:EasyNegative, (embedding:bad-hands-5:1.2)"),
        ("[EasyNegative]|x", "(embedding:EasyNegative:0.9091)|x"),
        ("EasyNegative|x", "embedding:EasyNegative |x"),
        ("EasyNegativeV2, notEasyNegative", "EasyNegativeV2, notEasyNegative"),  # other words
        ("embedding:EasyNegative", "embedding:EasyNegative"),
    ],
)
def test_words_that_name_inversions_are_written_as_such(written, wanted):
    workflow = read("x", written)
    assert text_of(workflow, "negative") == wanted
    assert text_of(read(written)) == wanted


def test_the_longest_name_counts():
    assert text_of(read("bad hands", hashes="bad: 00")) == "embedding:bad hands"
    assert text_of(read("ab-c, ab", hashes="ab: 00, ab-c: 11")) == "embedding:ab-c, embedding:ab"


def test_the_note_says_which_files_must_be_there():
    note = read("EasyNegative, (bad-hands-5)").layout["notes"][0]["text"]
    assert "folder 'embeddings': EasyNegative, bad-hands-5." in note
    assert "Not taken over" not in note
    assert "inversion" not in read("neither of them").layout["notes"][0]["text"]


def test_a_name_that_no_prompt_can_say_is_told():
    workflow = read("my style", hashes="my style: 00")
    assert text_of(workflow) == "my style"
    assert "the textual inversion 'my style'" in workflow.layout["notes"][0]["text"]


def test_an_inversion_that_is_there_is_used(tmp_path):
    engine = Engine(Settings(home=tmp_path, device="cpu"))
    folder = tmp_path / "models" / "embeddings"
    folder.mkdir(parents=True)
    outcome = engine.run(read("a circle", "EasyNegative"))
    assert "EasyNegative" in str(outcome.failures)
    save_file({"emb_params": torch.zeros(2, 64)}, folder / "EasyNegative.safetensors")
    outcome = engine.run(read("a circle", "EasyNegative"))
    assert outcome.status == "done", outcome.failures
