"""Good inputs to begin from: few, small, and of every shape that the readers know."""

import io
import json
from pathlib import Path

from PIL import Image

from graphengine import formats
from graphengine.compat.comfyui.embedded import exif_fields
from graphengine.compat.picture_texts import EXIF_DIRECTORY, PARAMETERS, USER_COMMENT
from graphengine.graph import document
from graphengine.graph.workflow import Exposed, Interface, Link, Node, Workflow
from tests.compat.comfyui.kinds import SPECS
from tests.server.pictures import png

EXAMPLES = Path(__file__).parents[1] / "data/workflows"
INFOTEXT = """a [b:c:0.5] <lora:x:0.5:unet=1>
Negative prompt: d
Steps: 5, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1, Size: 64x64, First pass size: 0x0, Denoising strength: 0.5,\
 Hires upscale: 2, Hires upscaler: Latent, Model: "a: b, c", Clip skip: 2, Hypernet: h"""
KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


def documents():
    inner = Workflow(
        {"a": Node("VAEDecode", {"samples": Link("b", "0"), "vae": Link("c", "2")}), "c": Node("u", {"v": {"x": 1}})},
        Interface({"in": (Exposed("a", "samples"),)}, {"out": Link("a", "image")}),
    )
    outer = Workflow(
        {"s": Node("@sub", {"in": Link("k", "0")}), "k": Node("KSampler", {"seed": 5, "cfg": 7.5}, "T", "bypassed")},
        workflows={"sub": inner},
        layout={"nodes": {"k": {"pos": [1, 2]}}, "links": [{"node": "s", "input": "in", "via": [[1, 2]]}]},
    )
    return [document.save(outer), b'{"graphengine": 1, "nodes": {}}']


def graphs():
    """The smallest example of each format, without what people wrote beside the graph; and every odd part of one."""
    found = [
        min(EXAMPLES.glob(pattern), key=lambda path: path.stat().st_size) for pattern in ("*.api.json", "*.ui.json")
    ]
    slot = {"name": "vae", "type": "VAE", "link": 1, "widget": {"name": "vae"}}
    node = {"id": 1, "type": "VAEDecode", "inputs": [slot], "outputs": [{"name": "IMAGE", "links": [2]}], "pos": [0, 0]}
    odd = {
        "nodes": [
            node,
            {"id": 2, "type": "Reroute", "inputs": [{"link": 3}], "outputs": [{"links": [1]}], "pos": [1, 1]},
            {"id": 3, "type": "PrimitiveNode", "widgets_values": [5, "randomize"], "outputs": [{"links": [3]}]},
            {"id": 4, "type": "workflow>G", "inputs": [slot], "outputs": [], "widgets_values": [1]},
            {"id": 5, "type": "s", "inputs": [{"name": "in", "link": 4}], "outputs": [{"name": "out"}]},
            {"id": 6, "type": "Note", "widgets_values": ["text"], "mode": 4},
        ],
        "links": [[1, 2, 0, 1, 0, "VAE"], [3, 3, 0, 2, 0, "*"], {"id": 4, "origin_id": 1, "origin_slot": 0}],
        "groups": [{"title": "g", "bounding": [0, 0, 1, 1]}],
        "extra": {
            "groupNodes": {"G": {"nodes": [{**node, "widgets_values": [1]}], "links": [[0, 0, 0, 0, 1, "*"]]}},
            "reroutes": [{"id": 1, "parentId": 2, "pos": [0, 0]}, {"id": 2, "pos": [0, 0]}],
            "linkExtensions": [{"id": 1, "parentId": 1}],
        },
        "definitions": {"subgraphs": [{"id": "s", "name": "S", "nodes": [node], "links": [[1, -10, 0, 1, 0, "VAE"]],
            "inputs": [{"name": "in", "linkIds": [1]}], "outputs": [{"name": "out", "linkIds": [2]}]}]},
    }  # fmt: skip
    return [*(path.read_bytes() for path in found), json.dumps(odd).encode(), INFOTEXT.encode()]


def pictures():
    return [_saved(kind, "RGBA" if kind in ("PNG", "WEBP") else "RGB") for kind in KINDS] + [_saved("PNG", "P")]


def pictures_with_workflows():
    texts = formats.embedded_texts(document.load(documents()[0]), SPECS)
    exif = Image.Exif()
    for tag, text in exif_fields(texts).items():
        exif[tag] = text
    comment = Image.Exif()
    comment.get_ifd(EXIF_DIRECTORY)[USER_COMMENT] = b"UNICODE\0" + INFOTEXT.encode("utf-16-be")
    written = [png(texts=texts), _saved("WEBP", exif=exif), _saved("JPEG", exif=exif)]
    return [*written, png(texts={PARAMETERS: INFOTEXT}), _saved("JPEG", exif=comment)]


def _saved(kind, mode="RGB", **options):
    file = io.BytesIO()
    Image.new(mode, (8, 6)).save(file, kind, **options)
    return file.getvalue()


def safetensors():
    entry = {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}
    header = {"__metadata__": {"a": "b"}, "w": entry, "s": {"dtype": "BF16", "shape": [], "data_offsets": [16, 18]}}
    return [json.dumps(header).encode(), b"{}"]


def pickles():
    import torch

    file, old = io.BytesIO(), io.BytesIO()
    content = {"state_dict": {"w": torch.zeros(2, 2)}, "step": 3}
    torch.save(content, file)
    torch.save(content, old, _use_new_zipfile_serialization=False)
    return [file.getvalue(), old.getvalue()]


def bodies():
    submit = {"workflow": json.loads(documents()[1]), "set": {"a.b": 1}, "targets": ["a"], "key": "k", "priority": 0.5}
    command = {"clear": True, "delete": ["a"], "prompt_id": "b"}
    return [
        json.dumps(body).encode() for body in (submit, command, {"name": "a", "new": "b"}, [[{"a": [1.5e3, None]}]])
    ]


def forms():
    def part(name, content, more=b""):
        return b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name, more, content)

    ref = json.dumps({"filename": "a.png", "subfolder": "", "type": "input"}).encode()
    file = part(b"image", png((2, 2)), b'; filename="a.png"')
    return [
        file + part(b"subfolder", b"x/y") + part(b"overwrite", b"true") + b"--x--\r\n",
        part(b"_charset_", b"utf-8") + part(b"image", b"", b'; filename=""') + b"--x--\r\n",
        file + part(b"original_ref", ref) + b"--x--\r\n",
    ]


def frames():
    from graphengine.execution.events import Event
    from graphengine.settings import Settings
    from graphengine.worker import protocol as say

    messages = [
        say.Begin(Settings(home=Path("/home"))),
        say.Run("job", b"{}", ["a"], "name", {"a": "b"}),
        say.Ask(1, "plan", b"{}"),
        say.Reported("job", [Event("started", "node", {"a": 1})]),
        say.Ended("job", "done", {"seconds": 1.0}, {"node": {"images": [{"filename": "a"}]}}),
        say.Answer(1, {"a": [1]}),
    ]
    return [say.frame(message) for message in messages]
