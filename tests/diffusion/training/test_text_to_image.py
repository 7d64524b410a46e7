from dataclasses import replace

import torch

from graphengine.diffusion.text.tokenizer import CLIPTokenizer
from graphengine.diffusion.training.loop import Budget, Settings
from graphengine.diffusion.training.text_to_image import (
    TextToImageTraining,
    encode_scenes,
    spread_timesteps,
    train_text_to_image,
)
from graphengine.diffusion.training.vocabulary import CompactVocabulary
from graphengine.diffusion.training.world.scene import numbered_scene


def test_training_moves_both_networks_and_can_go_on_from_what_it_left(model, autoencoder, tmp_path):
    config = TextToImageTraining(
        unet=model.unet.config, text=model.text.config, scenes=8, batch=4, settings=Settings(warm_up=1)
    )
    small = train_text_to_image(config, tmp_path / "small", autoencoder=autoencoder, budget=Budget(steps=3))
    large = train_text_to_image(
        replace(config, size=128), tmp_path / "large", autoencoder=autoencoder, start=small, budget=Budget(steps=1)
    )
    first, second = (torch.load(path, weights_only=True) for path in (small, large))
    assert first.keys() == second.keys() == model.state_dict().keys()
    for name in ("unet.input_blocks.1.0.in_layers.2.weight", "text.text_model.encoder.layers.0.mlp.fc1.weight"):
        assert not torch.equal(first[name], second[name])
        torch.testing.assert_close(first[name], second[name], atol=0.05, rtol=0)


def test_steps_are_spread_over_the_whole_range_one_from_each_part():
    steps = spread_timesteps(20, 1000, torch.Generator().manual_seed(1))
    assert (steps // 50).tolist() == list(range(20))


def test_latents_are_the_scaled_means_whatever_the_chunk(autoencoder):
    scenes = [numbered_scene(1, number) for number in range(5)]
    whole, parts = (encode_scenes(autoencoder, scenes, 64, chunk) for chunk in (5, 2))
    assert whole.shape == (5, 4, 8, 8)
    torch.testing.assert_close(whole, parts, atol=2e-2, rtol=0)


def test_known_words_have_rows_of_their_own_and_all_others_share_the_last():
    words = CompactVocabulary(["red", "star"])
    rows = words.encode(["a red star", "red red"])
    assert rows.shape == (2, 77)
    start, unknown, red, star, end = rows[0, :5].tolist()
    assert unknown == len(words) - 1
    assert len({start, unknown, red, star, end}) == 5
    assert rows[1, :4].tolist() == [start, red, red, end]
    assert rows[1, 3:].unique().tolist() == [end]


def test_the_spread_embedding_gives_every_text_what_the_compact_one_does():
    words = CompactVocabulary(["red", "star", ","])
    table = torch.randn(len(words), 5, generator=torch.Generator().manual_seed(2))
    full = words.expand(table)
    assert full.shape == (49408, 5)
    tokenizer = CLIPTokenizer()
    text = "a red, red star over the castle"
    assert torch.equal(full[tokenizer.row(tokenizer.ids(text))], table[words.encode([text])[0]])
