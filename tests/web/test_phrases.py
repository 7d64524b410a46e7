"""The palette edits: what it offers says what it would do, and Enter does it as one step."""

import json

import pytest

from tests.web.editing import document, link

SAMPLER = {
    "graphengine": 1,
    "nodes": {
        "loader": {"kind": "CheckpointLoaderSimple", "inputs": {}},
        "sampler": {
            "kind": "KSampler",
            "inputs": {"steps": 20, "model": {"link": {"node": "loader", "output": "model"}}},
        },
        "decode": {"kind": "VAEDecode", "inputs": {"samples": {"link": {"node": "sampler", "output": "latent"}}}},
    },
}


def say(editor, phrase):
    """Type into the palette; the first line."""
    editor.page.keyboard.press("Control+k")
    editor.page.keyboard.type(phrase)
    return editor.page.locator('.palette [role="option"]').first


def saved_nodes(editor):
    """What the document is now, as the page would download it."""
    with editor.page.expect_download() as told:
        editor.page.keyboard.press("Control+k")
        editor.page.keyboard.type("download as json")
        editor.page.keyboard.press("Enter")
    return json.loads(told.value.path().read_text("utf-8"))["nodes"]


@pytest.mark.parametrize(
    ("phrase", "offer", "node", "input", "value"),
    [
        ("steps 30", "Set steps of KSampler to 30", "sampler", "steps", 30),
        ("cfg 6,5 on sampler", "Set cfg of KSampler to 6.5", "sampler", "cfg", 6.5),
        ("scheduler karr", "Set scheduler of KSampler to karras", "sampler", "scheduler", "karras"),
        ("connect vae of loader to decode", "Connect vae of Load Checkpoint to vae of VAE Decode", "decode", "vae",
         {"link": {"node": "loader", "output": "vae"}}),
    ],
)  # fmt: skip
def test_a_phrase_says_what_it_would_do_and_enter_does_it_as_one_step(editor, phrase, offer, node, input, value):
    editor.open("phrases/edit", SAMPLER)
    line = say(editor, phrase)
    editor.page.wait_for_function(
        "offer => document.querySelector('.palette [role=option] .title')?.textContent === offer", arg=offer
    )
    assert "edit" in line.inner_text()
    editor.page.keyboard.press("Enter")
    assert editor.page.locator("dialog").count() == 0
    assert editor.page.locator(".toasts [role=status]").first.inner_text() == offer
    assert saved_nodes(editor)[node]["inputs"][input] == value
    editor.page.get_by_role("button", name="Undo", exact=True).click()
    assert editor.page.get_by_role("button", name="Undo", exact=True).is_disabled()
    assert saved_nodes(editor) == SAMPLER["nodes"]


def test_nodes_are_added_shown_and_gone_to_by_name_and_workflows_opened(editor):
    editor.open("phrases/other", document(say=("Say", {})))
    editor.open("phrases/places", SAMPLER)
    say(editor, "add empty latent").filter(has_text="Add Empty Latent Image").wait_for()
    editor.page.keyboard.press("Enter")
    editor.page.locator('.node-card[data-node="empty_latent_image"]').wait_for()
    assert saved_nodes(editor)["empty_latent_image"]["kind"] == "EmptyLatentImage"
    say(editor, "ksmapler").filter(has_text="Go to KSampler").wait_for()
    editor.page.keyboard.press("Enter")
    editor.page.locator('.node-card[data-node="sampler"]').wait_for()
    say(editor, "phrases/other").filter(has_text="Open phrases/other").wait_for()
    editor.page.keyboard.press("Enter")
    editor.page.locator('.tab[data-current="true"]', has_text="other").wait_for()
    assert editor.page.locator(".surface-place:not([hidden]) .node").count() == 1


def test_errors_are_framed_by_a_phrase(editor):
    broken = document(first=("Say", {}), second=("Say", {"text": link("nobody")}))
    editor.open("phrases/errors", broken)
    editor.page.locator(".outlook.bad").wait_for()
    say(editor, "frame errors").filter(has_text="Show Say (second)").wait_for()
    editor.page.keyboard.press("Enter")
    editor.page.locator('.node-card[data-node="second"]').wait_for()
    assert editor.page.locator(".node-card").count() == 1


def test_chinese_words_are_understood(editors):
    editor = editors(locale="zh-CN").open("phrases/chinese", SAMPLER)
    say(editor, "连接 vae 到 decode").filter(has_text="将 Load Checkpoint 的 vae 连接到 VAE Decode 的 vae").wait_for()
    editor.page.keyboard.press("Enter")
    editor.page.locator(".palette").wait_for(state="detached")
    saved = editor.saved("phrases/chinese")["nodes"]
    assert saved["decode"]["inputs"]["vae"] == {"link": {"node": "loader", "output": "vae"}}
