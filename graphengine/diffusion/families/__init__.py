"""Every model family, as data. A new one is a file of signatures and numbers, and a line here."""

from graphengine.diffusion.families.components import (
    CLIP_G,
    CLIP_H,
    CLIP_L,
    EMBEDDING,
    KL4,
    KL4_THREE_LEVELS,
    KL16,
    T5_ENCODER,
)
from graphengine.diffusion.families.family import Clue, Family, Heads, Signature, clues
from graphengine.diffusion.families.sd1 import SD1
from graphengine.diffusion.families.sd2 import SD2, SD2_DEPTH, SD2_UNCLIP, SD2_UPSCALER
from graphengine.diffusion.families.sdxl import SDXL, SDXL_REFINER, SVD
from graphengine.diffusion.families.transformers import COGVIDEOX, FLUX, SD3, SD35

MODELS = (SD1, SD2, SD2_DEPTH, SD2_UPSCALER, SD2_UNCLIP, SDXL, SDXL_REFINER, SVD, SD3, SD35, FLUX, COGVIDEOX)
COMPONENTS = (KL4, KL4_THREE_LEVELS, KL16, CLIP_L, CLIP_H, CLIP_G, T5_ENCODER, EMBEDDING)
FAMILIES = (*MODELS, *COMPONENTS)

__all__ = ["COMPONENTS", "FAMILIES", "MODELS", "SD1", "Clue", "Family", "Heads", "Signature", "clues"]
