"""The workflow as a command: what is copied runs as it stands in a shell, with the whole workflow."""

import json
import subprocess

from tests.web.editing import document
from tests.web.test_clipboard import NO_CLIPBOARD

KEPT = "navigator.clipboard.writeText = async (text) => void (globalThis.copied = text);"
ODD = "it's \"odd\" $HOME `ls` \\ \n'WORKFLOW'\nWORKFLOW\n"


def copied(editor, name):
    editor.page.keyboard.press("Control+k")
    editor.page.locator(".dialog.palette input").fill(name)
    editor.page.keyboard.press("Enter")
    editor.page.wait_for_function("() => globalThis.copied")
    return editor.page.evaluate("globalThis.copied")


def given(command, program, tmp_path):
    """What a command gives a program that it calls: its arguments, and what it reads."""
    shim = tmp_path / program
    shim.write_text('#!/bin/sh\nprintf "%s\\n" "$*" >&2\ncat\n')
    shim.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr.strip(), json.loads(done.stdout)


def test_the_command_gives_the_command_line_the_whole_workflow(editor, tmp_path):
    editor.page.add_init_script(KEPT)
    editor.open("scripts/command", document(say=("Say", {"text": ODD})))
    arguments, read = given(copied(editor, "Copy the command"), "graphengine", tmp_path)
    assert arguments == "run /dev/stdin"
    assert read["nodes"]["say"]["inputs"] == {"text": ODD}


def test_the_request_gives_the_server_the_whole_workflow(editor, tmp_path):
    editor.page.add_init_script(KEPT)
    editor.open("scripts/curl", document(say=("Say", {"text": ODD})))
    arguments, read = given(copied(editor, "Copy as a curl command"), "curl", tmp_path)
    assert f"{editor.base}/api/v1/jobs" in arguments and arguments.endswith("--data-binary @-")
    assert read["workflow"]["nodes"]["say"]["inputs"] == {"text": ODD}


def test_where_the_browser_lets_no_page_copy_people_are_told(editor):
    editor.page.add_init_script(NO_CLIPBOARD)
    editor.open("scripts/plain", document(say=("Say", {})))
    editor.page.keyboard.press("Control+k")
    editor.page.locator(".dialog.palette input").fill("Copy as curl")
    editor.page.keyboard.press("Enter")
    editor.page.locator(".toast.bad", has_text="The browser lets a page copy only").wait_for()
    assert editor.page.locator(".toast", has_text="Copied").count() == 0
