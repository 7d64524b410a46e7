"""What is sent of the editor's modules is their code."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from graphengine.server.own_page import without_comments

WEB = Path(__file__).parents[2] / "web"
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="needs Node")


def tokens(codes: list[str]) -> Any:
    command = [str(NODE), "--expose-internals", str(Path(__file__).parent / "core" / "tokens.mjs")]
    done = subprocess.run(command, input=json.dumps(codes), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_without_their_comments_modules_have_the_same_tokens_in_the_same_lines() -> None:
    codes = [path.read_bytes() for path in sorted(WEB.rglob("*.js"))]
    sent = [without_comments(code) for code in codes]
    assert sum(map(len, sent)) < 0.8 * sum(map(len, codes))
    assert tokens([code.decode() for code in sent]) == tokens([code.decode() for code in codes])
