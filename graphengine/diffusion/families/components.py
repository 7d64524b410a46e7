"""Networks that several families share: autoencoders and text encoders, told apart by structure alone."""

from graphengine.diffusion.families.family import Family, Signature, clues
from graphengine.diffusion.families.layouts import AUTOENCODER, CLIP, OPENCLIP, T5
from graphengine.diffusion.weights.keymap import AUTOENCODER_DIFFUSERS, CLIP_FLAT

KL4 = Family(
    "kl4",
    "4-channel autoencoder",
    supported=True,
    signatures=(
        Signature(
            "autoencoder",
            "ldm",
            "4-channel autoencoder (Stable Diffusion 1, 2, XL)",
            present=clues(
                "encoder.down.3.block.0.norm1.weight", "decoder.conv_in.weight [* 4 3 3]", "quant_conv.weight"
            ),
            absent=clues("encoder.down.4.*"),
            prefixes=AUTOENCODER,
        ),
        Signature(
            "autoencoder",
            "diffusers",
            "4-channel autoencoder (Stable Diffusion 1, 2, XL)",
            present=clues(
                "encoder.down_blocks.3.resnets.0.norm1.weight", "decoder.conv_in.weight [* 4 3 3]", "quant_conv.weight"
            ),
            absent=clues("encoder.down_blocks.4.*"),
            prefixes=AUTOENCODER,
            key_map=AUTOENCODER_DIFFUSERS,
        ),
    ),
)

KL4_THREE_LEVELS = Family(
    "kl4-f4",
    "4-channel autoencoder of three levels",
    latent_scale=0.08333,
    signatures=(
        Signature(
            "autoencoder",
            "ldm",
            "4-channel autoencoder of the x4 upscaler",
            present=clues(
                "encoder.down.2.block.0.norm1.weight", "decoder.conv_in.weight [* 4 3 3]", "quant_conv.weight"
            ),
            absent=clues("encoder.down.3.*"),
            prefixes=AUTOENCODER,
        ),
    ),
)

KL16 = Family(
    "kl16",
    "16-channel autoencoder",
    latent_channels=16,
    signatures=(
        Signature(
            "autoencoder",
            "ldm",
            "16-channel autoencoder (Stable Diffusion 3 or Flux.1: the same shapes)",
            present=clues("encoder.down.3.block.0.norm1.weight", "decoder.conv_in.weight [* 16 3 3]"),
            absent=clues("post_quant_conv.*"),
            prefixes=AUTOENCODER,
        ),
        Signature(
            "autoencoder",
            "diffusers",
            "16-channel autoencoder (Stable Diffusion 3 or Flux.1: the same shapes)",
            present=clues("encoder.down_blocks.3.resnets.0.norm1.weight", "decoder.conv_in.weight [* 16 3 3]"),
            absent=clues("post_quant_conv.*"),
            prefixes=AUTOENCODER,
            key_map=AUTOENCODER_DIFFUSERS,
        ),
    ),
)


def _clip(title: str, has: int, lacks: int) -> tuple[Signature, ...]:
    """A CLIP text tower with layer ``has`` but not layer ``lacks``, in Hugging Face's names, old and new."""
    nested = Signature(
        "text_encoder",
        "transformers",
        title,
        present=clues(
            "text_model.embeddings.token_embedding.weight", f"text_model.encoder.layers.{has}.mlp.fc1.weight"
        ),
        absent=clues(f"text_model.encoder.layers.{lacks}.*"),
        prefixes=CLIP,
    )
    flat = Signature(
        "text_encoder",
        "transformers 5",
        title,
        present=clues("embeddings.token_embedding.weight", f"encoder.layers.{has}.mlp.fc1.weight"),
        absent=clues(f"encoder.layers.{lacks}.*"),
        prefixes=CLIP,
        key_map=CLIP_FLAT,
    )
    return nested, flat


def _openclip(title: str, has: int, lacks: int) -> Signature:
    return Signature(
        "text_encoder",
        "openclip",
        title,
        present=clues("token_embedding.weight", f"transformer.resblocks.{has}.attn.in_proj_weight"),
        absent=clues(f"transformer.resblocks.{lacks}.*"),
        prefixes=OPENCLIP,
    )


CLIP_L = Family("clip_l", "CLIP-L text encoder", _clip("CLIP-L text encoder", has=0, lacks=12), supported=True)
CLIP_H = Family(
    "clip_h",
    "OpenCLIP-H text encoder",
    (*_clip("OpenCLIP-H text encoder", has=22, lacks=24), _openclip("OpenCLIP-H text encoder", has=0, lacks=24)),
)
CLIP_G = Family(
    "clip_g",
    "OpenCLIP-G text encoder",
    (*_clip("OpenCLIP-G text encoder", has=31, lacks=32), _openclip("OpenCLIP-G text encoder", has=31, lacks=32)),
)
T5_ENCODER = Family(
    "t5xxl",
    "T5-XXL text encoder",
    (
        Signature(
            "text_encoder",
            "transformers",
            "T5-XXL text encoder",
            present=clues("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"),
            prefixes=T5,
        ),
    ),
)
EMBEDDING = Family(
    "embedding",
    "textual inversion",
    supported=True,
    signatures=(
        Signature("embedding", "plain", "textual inversion for CLIP-L", present=clues("emb_params [* *]")),
        Signature(
            "embedding",
            "towers",
            "textual inversion for several text encoders",
            present=clues("clip_l [* *]", "clip_g [* *]"),
        ),
    ),
)
