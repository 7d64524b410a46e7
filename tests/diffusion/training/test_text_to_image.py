import random

import pytest
import torch

from graphengine.diffusion.text.tokenizer import CLIPTokenizer
from graphengine.diffusion.training.loop import RESULT, Budget, Settings
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.text_to_image import (
    TextToImageTask,
    TextToImageTraining,
    encode_pictures,
    spread_timesteps,
    train_text_to_image,
)
from graphengine.diffusion.training.vocabulary import CompactVocabulary
from graphengine.diffusion.training.world.dataset import World
from graphengine.diffusion.weights.read import open_weights


def test_training_moves_both_networks_and_words_it_never_saw_stay(model, space, tmp_path):
    config = TextToImageTraining(pictures=8, batch=4, settings=Settings(warm_up=1))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    train_text_to_image(config, model, space, World(200), tmp_path, budget=Budget(steps=3))
    after = {name: tensor.read() for name, tensor in open_weights(tmp_path / RESULT).tensors.items()}
    for prefix, name in (
        ("model.diffusion_model.", "unet.input_blocks.1.0.in_layers.2.weight"),
        ("cond_stage_model.transformer.", "text.text_model.encoder.layers.0.mlp.fc1.weight"),
    ):
        trained = after[prefix + name.partition(".")[2]]
        assert not torch.equal(trained, before[name])
        torch.testing.assert_close(trained, before[name], atol=0.05, rtol=0)
    embedding = after["cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"]
    moved = (embedding != before["text.text_model.embeddings.token_embedding.weight"]).any(1)
    assert set(moved.nonzero().flatten().tolist()) <= {0, *CompactVocabulary(World(200).words).known}


def test_steps_are_spread_over_the_whole_range_one_from_each_part():
    steps = spread_timesteps(20, 1000, torch.Generator().manual_seed(1))
    assert (steps // 50).tolist() == list(range(20))


@pytest.mark.parametrize("offset", [0.0, 0.5])
def test_the_noise_of_a_channel_has_a_mean_of_the_spread_asked_for(model, space, offset):
    config = TextToImageTraining(pictures=8, batch=8, noise_offset=offset)
    task, drawn = TextToImageTask(config, model, space, World(200), Peers()), []
    noisy = task.objective.noisy
    task.objective.noisy = lambda latents, noise, timestep: drawn.append(noise) or noisy(latents, noise, timestep)
    for seed in range(12):
        task.loss(random.Random(seed))
    noise = torch.cat(drawn)
    means = noise.mean((2, 3))
    expected = (offset**2 + 1 / noise[0, 0].numel()) ** 0.5
    assert float(means.std()) == pytest.approx(expected, rel=0.15)
    assert float((noise - means[:, :, None, None]).std()) == pytest.approx(1, rel=0.03)


def test_latents_are_the_scaled_means_whatever_the_chunk(space):
    whole, parts = (encode_pictures(space, World(1), range(5), 64, chunk) for chunk in (5, 2))
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


def test_rows_cut_down_and_put_back_are_the_embedding_that_they_came_from():
    words = CompactVocabulary(["red", "star"])
    table = torch.randn(len(words), 5, generator=torch.Generator().manual_seed(2))
    shared, own = words.expand(table), torch.randn(49408, 5, generator=torch.Generator().manual_seed(3))
    for full in (shared, own):
        assert torch.equal(words.restore(full, words.compress(full)), full)
    trained = table + 1
    assert torch.equal(words.restore(shared, trained), words.expand(trained))
    moved = (words.restore(own, trained) != own).any(1)
    assert int(moved.sum()) == len(words)
