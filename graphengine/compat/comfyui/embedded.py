"""Workflows inside pictures, as ComfyUI writes them, and our own document.

In a PNG they are texts with the keys ``prompt`` (API graph), ``workflow`` (editor graph) and ``graphengine`` (our
document); in WebP and JPEG Exif tags of the main directory, ``key:json``, from 0x0110 down.
"""

import json
from collections.abc import Mapping

from graphengine.compat.comfyui.api_format import write_api
from graphengine.compat.comfyui.editor_format import write_editor
from graphengine.graph import document
from graphengine.graph.errors import DocumentError
from graphengine.graph.spec import NodeSpec
from graphengine.graph.workflow import Workflow

KEYS = ("graphengine", "workflow", "prompt")  # the first that a picture has is the best account of it
EXIF_TAGS = {"prompt": 0x0110, "workflow": 0x010F, "graphengine": 0x010E}


def embedded_texts(workflow: Workflow, specs: Mapping[str, NodeSpec]) -> dict[str, str]:
    """The texts by which a picture tells how it was made; without those formats that cannot say the workflow."""
    texts = {"graphengine": json.dumps(document.to_json(workflow))}
    for key, write in (("prompt", write_api), ("workflow", write_editor)):
        try:
            texts[key] = json.dumps(write(workflow, specs))
        except DocumentError:
            continue
    return texts


def exif_fields(texts: Mapping[str, str]) -> dict[int, str]:
    """The same texts as Exif tags, for WebP and JPEG."""
    return {EXIF_TAGS[key]: f"{key}:{text}" for key, text in texts.items() if key in EXIF_TAGS}
