"""Weights of words, against what A1111's web UI itself reads and, where it has no case, its rules."""

import json
import time
from pathlib import Path

import pytest

from graphengine.compat.a1111.emphasis import read, weighted, written
from graphengine.compat.a1111.workflow import workflow_of
from graphengine.diffusion.text.prompt import segments

CASES = json.loads((Path(__file__).parent / "numbers.json").read_text("utf-8"))["attention"]
SETTINGS = "Steps: 5, Sampler: Euler, CFG scale: 7"


def letters(pieces):
    """Every letter with its weight; a BREAK is a command, not text, and has none."""
    return [
        (letter, 1.0 if weight == -1 else round(weight, 4))
        for text, weight in pieces
        for letter in "".join(text.split())
    ]


def rewritten(text, mode=None):
    return written(read(text, mode))


def read_here(text):
    return letters((segment.text, segment.weight) for segment in segments(text))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["prompt"])
def test_every_word_weighs_what_it_weighs_there(case):
    assert letters(weighted(case["prompt"])) == letters(case["attention"])
    assert read_here(rewritten(case["prompt"])) == letters(case["attention"])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a (red) circle", "a (red:1.1) circle"),
        ("((x)), [y]", "(x:1.21), (y:0.9091)"),
        (r"a \(b\) \[c\]", r"a \(b\) [c]"),
        ("round) and a:1.3)", r"round\) and a:1.3\)"),  # nothing is open there
        ("(one [two", "(one:1.1) two"),  # 1.1 / 1.1, to the end
        ("(a:-.7) (b:+2.)", "(a:-0.7) (b:2)"),
        (r"a\b \\(c)", r"ab \ (c:1.1)"),  # what follows a backslash is no bracket here
        ("a, BREAK b", "a, BREAK b"),
        ("(a BREAK b:1.2)", "(a:1.2) (break:-1.2) (b:1.2)"),
        ("(a BREAK b:1.0)", "a BREAK b"),
    ],
)
def test_prompts_are_written_as_they_are_read_here(text, wanted):
    assert rewritten(text) == wanted


def test_modes_that_read_no_weights_write_none():
    assert rewritten("(a:1.2) [b]", "Ignore") == "a b"
    assert read_here(rewritten("(a:1.2) [b]", "None")) == letters([("(a:1.2) [b]", 1.0)])


def test_all_prompts_of_a_picture_are_written_so():
    second = "Denoising strength: 0.5, Hires upscale: 2, Hires prompt: ((ring))"
    workflow = workflow_of(f"((circle))\nNegative prompt: [star]\n{SETTINGS}, {second}")
    texts = [workflow.nodes[id].inputs["text"] for id in ("prompt", "negative", "hires_positive")]
    assert texts == ["(circle:1.21)", "(star:0.9091)", "(ring:1.21)"]
    unweighted = workflow_of(f"((x))\n{SETTINGS}, Emphasis: Ignore")
    assert unweighted.nodes["prompt"].inputs["text"] == "x"


@pytest.mark.parametrize(
    "text", ["(" * 500_000, "(a:" + "1" * 500_000, ":1" * 500_000, "a" + " " * 900_000 + "(a)", "[(" * 200_000 + "a)]"]
)
def test_hostile_prompts_take_no_time(text):
    began = time.process_time()
    rewritten(text)
    assert time.process_time() - began < 10
