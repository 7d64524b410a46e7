import random
from dataclasses import replace

import pytest
import torch

from graphengine.diffusion.autoencoders.kl import KLConfig
from graphengine.diffusion.training.decoder import DecoderTask, DecoderTraining, train_decoder
from graphengine.diffusion.training.fresh import fresh_autoencoder
from graphengine.diffusion.training.loop import RESULT, Budget, Settings
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.world.dataset import World
from graphengine.diffusion.weights.build import materialize
from graphengine.diffusion.weights.read import open_weights

TINY = DecoderTraining(size=64, pictures=12, batch=2, settings=Settings(learning_rate=4e-3, warm_up=4))
WORLD = World(110)


def network():
    part = fresh_autoencoder(KLConfig(channels=(4, 4, 8, 8), res_blocks=1, norm_groups=2), 0).part
    return materialize(part, torch.float32, torch.device("cpu"), copy=True)


def test_only_what_lies_behind_the_latents_is_trained_and_the_error_falls(tmp_path):
    losses = []

    def note(progress):
        losses.append(progress.loss)
        return True

    for steps in (6, 30):  # the second goes on from the first
        train_decoder(TINY, network(), WORLD, tmp_path, scale=0.2, budget=Budget(steps=steps), on_progress=note)
    assert len(losses) == 30
    assert sum(losses[-6:]) < 0.9 * sum(losses[:6])
    before = network().state_dict()
    after = {name: tensor.read() for name, tensor in open_weights(tmp_path / RESULT).tensors.items()}
    moved = {name for name in before if not torch.equal(before[name], after[f"first_stage_model.{name}"])}
    assert len(after) == len(before)
    assert moved and all(name.startswith(("decoder.", "post_quant_conv.")) for name in moved)


@pytest.mark.parametrize("latent_noise", [0.0, 0.5])
def test_latents_are_decoded_with_noise_of_the_spread_asked_for(latent_noise):
    autoencoder, decoded = network(), []
    task = DecoderTask(replace(TINY, batch=3, latent_noise=latent_noise), autoencoder, WORLD, 0.2, Peers())
    decode = autoencoder.decode
    autoencoder.decode = lambda latents: decoded.append(latents) or decode(latents)
    spreads = []
    for seed in range(40):
        task.loss(random.Random(seed))
        images = next(images for images in task.images.values() if images.shape[-1] == 8 * decoded[-1].shape[-1])
        clean = autoencoder.encode(images.float() / 127.5 - 1).mode()
        for latents in decoded[-1]:  # of the picture that it is nearest to
            spreads.append(0.2 * float((latents - clean).flatten(1).std(dim=1).min()))
    assert max(spreads) == pytest.approx(latent_noise, rel=0.2, abs=1e-5)
    assert sum(spreads) / len(spreads) == pytest.approx(latent_noise / 2, rel=0.2, abs=1e-5)
