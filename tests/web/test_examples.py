"""Large workflows of ComfyUI's people: they open whole, can be read, and run the same when they leave again."""

import json
from pathlib import Path

import pytest

from graphengine import formats
from graphengine.engine import Engine, Settings
from tests.compat.comfyui.examples import HERE

LARGEST = sorted(HERE.glob("*.ui.json"), key=lambda path: path.stat().st_size)[-5:]

BOXES = """() => [...document.querySelectorAll(".surface-place:not([hidden]) .node")].map((one) => {
  const { left, top, right, bottom } = one.getBoundingClientRect();
  return [one.dataset.id, left, top, right, bottom];
})"""


@pytest.fixture(scope="module")
def specs():
    return Engine(Settings()).registry.specs


def overlapping(boxes):
    """Pairs of nodes that cover each other by more than a hair."""
    return [
        (one[0], other[0])
        for index, one in enumerate(boxes)
        for other in boxes[:index]
        if min(one[3], other[3]) - max(one[1], other[1]) > 1 and min(one[4], other[4]) - max(one[2], other[2]) > 1
    ]


@pytest.mark.parametrize("path", LARGEST, ids=lambda path: path.name)
def test_a_large_workflow_opens_without_overlaps_and_leaves_as_the_same_graph(editor, specs, path):
    editor.open()
    editor.page.get_by_role("button", name="Open…").click()
    editor.page.locator('.dialog input[type="file"]').set_input_files(path)
    editor.page.locator('.tab[data-current="true"]', has_text=path.name.removesuffix(".json")).wait_for()
    direct = formats.read(path.read_bytes(), specs)
    editor.page.locator(".surface-place:not([hidden]) .node").nth(len(direct.nodes) - 1).wait_for()
    boxes = editor.page.evaluate(BOXES)
    assert len(boxes) == len(direct.nodes)
    assert overlapping(boxes) == []
    editor.page.keyboard.press("Control+k")
    editor.page.locator(".dialog.palette input").fill("Download as JSON")
    with editor.page.expect_download() as download:
        editor.page.keyboard.press("Enter")
    back = formats.read(Path(download.value.path()).read_bytes(), specs)
    written = [json.loads(formats.write(workflow, "api", specs)) for workflow in (direct, back)]
    assert written[0] == written[1]
