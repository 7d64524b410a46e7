import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from graphengine import formats
from graphengine.compat.comfyui.embedded import embedded_texts, exif_fields
from graphengine.graph.errors import CallError, DocumentError
from graphengine.graph.resolve import resolve
from graphengine.graph.workflow import Link, Node, Workflow
from tests.compat.comfyui.examples import API, EDITOR, name
from tests.compat.comfyui.kinds import SPECS

WORKFLOW = Workflow({
    "1": Node("CheckpointLoaderSimple", {"ckpt_name": "ü.safetensors"}, title="Load"),
    "2": Node("CLIPTextEncode", {"text": "a cat", "clip": Link("1", "clip")}),
})  # fmt: skip


def png(**texts):
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    return saved("PNG", pnginfo=info)


def saved(format, **options):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("format", formats.FORMATS)
def test_what_is_written_is_read_again_whatever_the_file_is_called(format, tmp_path):
    path = tmp_path / "workflow.png"
    path.write_bytes(formats.write(WORKFLOW, format, SPECS))
    for source in (path, str(path), path.read_bytes()):
        assert formats.read(source, SPECS).nodes == WORKFLOW.nodes


@pytest.mark.parametrize("path", [*API, *EDITOR], ids=name)
def test_an_example_survives_every_format(path):
    workflow = formats.read(path, SPECS)
    flat = resolve(workflow, SPECS).nodes
    assert formats.read(formats.write(workflow, "graphengine", SPECS), SPECS) == workflow
    assert resolve(formats.read(formats.write(workflow, "editor", SPECS), SPECS), SPECS).nodes.keys() == flat.keys()
    api = formats.read(formats.write(workflow, "api", SPECS), SPECS).nodes
    assert {id: (node.kind, node.inputs) for id, node in api.items()} == {
        id: (node.kind, node.inputs) for id, node in flat.items()
    }


@pytest.mark.parametrize("form", [dict, json.dumps], ids=["object", "text"])
def test_a_workflow_is_found_under_prompt_or_workflow(form):
    api = json.loads(formats.write(WORKFLOW, "api", SPECS))
    editor = json.loads(formats.write(WORKFLOW, "editor", SPECS))
    assert formats.from_json({"prompt": form(api), "client_id": "x"}, SPECS) == WORKFLOW
    assert formats.from_json({"prompt": form(api), "workflow": form(editor)}, SPECS).nodes == WORKFLOW.nodes


def test_pictures_give_the_best_account_they_have():
    texts = embedded_texts(WORKFLOW, SPECS)
    assert formats.read(png(**texts), SPECS) == WORKFLOW
    assert formats.read(png(prompt=texts["prompt"]), SPECS) == WORKFLOW
    exif = Image.Exif()
    for tag, text in exif_fields(texts).items():
        exif[tag] = text
    assert formats.read(saved("WEBP", exif=exif), SPECS) == WORKFLOW
    assert formats.read(saved("JPEG", exif=exif), SPECS) == WORKFLOW


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (png(), "The picture has no workflow in it: it holds no texts at all. Use the file as it was saved"),
        (png(parameters="a cat"), "has no settings of A1111's web UI in it, only a prompt"),
        (png(comment="a cat"), "it holds the texts 'comment'"),
        (png(workflow="[]"), "What lies under 'workflow' is no workflow: it is a list"),
        (b'{"a": 1}', "The document is no workflow: its fields are 'a'. Understood are"),
        (b"{}", "it is an empty object"),
        (b"\0\1\2safetensors", "The file is not text; it begins with"),
        (b"\xff\xfe", "not UTF-8"),
        (b"hello", "not JSON"),
        (b'{"graphengine": 99}', "reads up to"),
        (b'{"1": {"class_type": "K", "inputs": {"x": 1e999}}}', "too large a number"),
    ],
)
def test_what_is_no_workflow_is_named_for_what_it_is(data, message):
    with pytest.raises(DocumentError, match=message):
        formats.read(data, SPECS)


def test_a_file_that_is_not_there_is_a_document_error(tmp_path):
    with pytest.raises(DocumentError, match=r"gone\.json cannot be read: No such file"):
        formats.read(tmp_path / "gone.json", SPECS)


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(CallError, match=r"There is no format 'yaml'\. Choose one of graphengine, api, editor"):
        formats.write(WORKFLOW, "yaml", SPECS)


def test_half_a_surrogate_pair_survives_every_format():
    data = b'{"1": {"class_type": "CLIPTextEncode", "inputs": {"text": "\\ud83d x"}}}'
    workflow = formats.read(data, SPECS)
    for format in formats.FORMATS:
        assert formats.read(formats.write(workflow, format, SPECS), SPECS).nodes == workflow.nodes


@given(st.binary(max_size=100) | st.text(max_size=100).map(str.encode))
def test_any_bytes_give_a_document_error(data):
    with pytest.raises(DocumentError):
        formats.read(data, SPECS)
