"""The built-in packs in a whole run: checked, planned, executed and found again in the cache."""

import pytest
from PIL import Image

from graphengine.api import Link, Node, Workflow
from graphengine.engine import Engine
from graphengine.settings import Settings


def text_to_image(seed=1):
    given = {"seed": seed, "steps": 2, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal"}
    return Workflow(
        {
            "model": Node("CheckpointLoaderSimple", {"ckpt_name": "tiny.safetensors"}),
            "wanted": Node("CLIPTextEncode", {"clip": Link("model", "clip"), "text": "a red ball"}),
            "unwanted": Node("CLIPTextEncode", {"clip": Link("model", "clip"), "text": ""}),
            "empty": Node("EmptyLatentImage", {"width": 64, "height": 64, "batch_size": 2}),
            "sampled": Node(
                "KSampler",
                {
                    "model": Link("model", "model"),
                    "positive": Link("wanted", "conditioning"),
                    "negative": Link("unwanted", "conditioning"),
                    "latent_image": Link("empty", "latent"),
                    **given,
                },
            ),
            "decoded": Node("VAEDecode", {"samples": Link("sampled", "latent"), "vae": Link("model", "vae")}),
            "saved": Node("SaveImage", {"images": Link("decoded", "image"), "filename_prefix": "ball"}),
        }
    )


@pytest.fixture
def engine(home, tmp_path):
    return Engine(
        Settings(home=home, output=tmp_path, device="cpu", precision="fp32", cache_seconds=0.0, metadata=False)
    )


def test_a_workflow_makes_pictures(engine):
    workflow = text_to_image()
    assert not engine.check(workflow).problems
    saved = engine.saved(engine.run(workflow))
    assert [path.name for path in saved] == ["ball_00001_.png", "ball_00002_.png"]
    with Image.open(saved[0]) as picture:
        assert picture.size == (64, 64)


def test_another_engine_finds_the_latents_on_disk(engine):
    engine.run(text_to_image(seed=2))
    events = []
    other = Engine(engine.settings)
    other.run(text_to_image(seed=2), ["sampled"], on_event=events.append)
    assert not [event for event in events if event.kind == "started"]
