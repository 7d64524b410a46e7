"""A network that is a formula, with which ComfyUI 0.8.0 computed what is in tests/data/comfyui.

It was a UNet of which all weights but a few were zero, so that what it predicts can be written out here: the four
channels of the input, each in a group of its own of 32, moved by a number that the text came to, normalised, through
a SiLU. The seed was 3.
"""

import torch
from torch.nn import functional as F

POSITIVE = (0.51146253, 0.13077232, 1.78922181, -0.02194663)  # "a cat" moves the channels so far
NEGATIVE = (-0.28728695, -0.30147444, 1.99721212, -0.02078487)  # "blurry"
EMPTY = (-0.31934611, -0.44345185, 1.96219161, -0.05772774)  # no text
OWN = [0, 10, 20, 30]  # channels, in as many groups


def estimate(x, sigma, moved):
    level = sigma.view(-1, 1, 1, 1)
    features = x.new_zeros(len(x), 320, *x.shape[-2:])
    features[:, OWN] = x / (level**2 + 1).sqrt() + torch.tensor(moved).view(1, 4, 1, 1)
    return x - 0.4 * F.silu(F.group_norm(features, 32))[:, OWN] * level
