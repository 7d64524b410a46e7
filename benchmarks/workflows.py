"""The workflows that benchmarks run, in ComfyUI's API format."""

from typing import Any

Document = dict[str, dict[str, Any]]


def text_to_picture(model: str, size: int, steps: int) -> Document:
    """Text to one square picture."""
    return {
        "load": _node("CheckpointLoaderSimple", ckpt_name=model),
        "positive": _node("CLIPTextEncode", clip=["load", 1], text="a red circle on a blue background"),
        "negative": _node("CLIPTextEncode", clip=["load", 1], text=""),
        "empty": _node("EmptyLatentImage", width=size, height=size, batch_size=1),
        "sample": _node(
            "KSampler",
            model=["load", 0],
            positive=["positive", 0],
            negative=["negative", 0],
            latent_image=["empty", 0],
            seed=0,
            steps=steps,
            cfg=5.0,
            sampler_name="euler",
            scheduler="normal",
            denoise=1.0,
        ),
        "decode": _node("VAEDecode", samples=["sample", 0], vae=["load", 2]),
        "save": _node("SaveImage", images=["decode", 0], filename_prefix="benchmark"),
    }


def many_prompts(model: str, nodes: int) -> Document:
    """As ``text_to_picture``, with as many texts joined into one condition as make this many nodes."""
    document = text_to_picture(model, 256, 20)
    joined = "positive"
    for index in range((nodes - len(document)) // 2):
        document[f"text{index}"] = _node("CLIPTextEncode", clip=["load", 1], text=f"thing {index}")
        document[f"join{index}"] = _node(
            "ConditioningConcat", conditioning_to=[joined, 0], conditioning_from=[f"text{index}", 0]
        )
        joined = f"join{index}"
    document["sample"]["inputs"]["positive"] = [joined, 0]
    return document


def _node(kind: str, **inputs: object) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}
