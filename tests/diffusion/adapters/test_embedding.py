import pytest
import torch
from safetensors.torch import save_file

from graphengine.diffusion.adapters.embedding import read_embedding, with_embedding
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.load import load_text_encoder

VECTORS = torch.arange(24.0).reshape(2, 12)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.safetensors", {"emb_params": VECTORS}, {"clip_l": VECTORS}),
        ("a.safetensors", {"clip_l": VECTORS, "clip_g": VECTORS * 2}, {"clip_l": VECTORS, "clip_g": VECTORS * 2}),
        ("a.safetensors", {"<cat>": VECTORS}, {"clip_l": VECTORS}),
        ("a.bin", {"<cat>": VECTORS[0]}, {"clip_l": VECTORS[:1]}),
        ("a.pt", {"string_to_param": {"*": VECTORS}, "string_to_token": {"*": 265}}, {"clip_l": VECTORS}),
    ],
)
def test_every_kind_of_file_gives_its_vectors(tmp_path, name, content, expected):
    (save_file if name.endswith("safetensors") else torch.save)(content, tmp_path / name)
    vectors = read_embedding(tmp_path / name)
    assert vectors.keys() == expected.keys()
    assert all(torch.equal(vectors[tower], expected[tower]) for tower in expected)


@pytest.mark.parametrize("content", [{}, {"a": VECTORS, "b": VECTORS}, [VECTORS], {"a": "text"}])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "a.pt")
    with pytest.raises(WeightsError, match=r"a\.pt is not a textual inversion"):
        read_embedding(tmp_path / "a.pt")


def test_a_text_encoder_learns_an_embedding_by_its_lower_case_name(tiny_checkpoint):
    clip = load_text_encoder(tiny_checkpoint)
    known = with_embedding(clip, "Cat", VECTORS)
    assert torch.equal(known.embeddings["cat"], VECTORS) and not clip.embeddings


def test_an_embedding_of_another_width_is_refused(tiny_checkpoint):
    with pytest.raises(WeightsError, match=r"'cat' has vectors of width 7, but text encoder of .* takes 12"):
        with_embedding(load_text_encoder(tiny_checkpoint), "cat", torch.ones(1, 7))
