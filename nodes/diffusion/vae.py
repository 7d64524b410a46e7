"""Between pictures and latents."""

from typing import Annotated, NamedTuple

from torch import Tensor

from graphengine.api import Memory, NodeError, Range, Size, node
from graphengine.diffusion import types
from graphengine.diffusion.autoencoders.pictures import Tiles, decode, encode, whole_cells
from graphengine.diffusion.conditioning import each
from graphengine.diffusion.inpainting import dilate, hide, hole, inpainting_channels
from graphengine.diffusion.residency import Residency
from graphengine.ports import Conditioning, Image, Latents, Mask, Vae

from .values import filled, masks, pictures

TileSize = Annotated[int, Range(64, 4096, 32)]
Overlap = Annotated[int, Range(0, 4096, 32)]
Frames = Annotated[int, Range(8, 4096, 4)]
FrameOverlap = Annotated[int, Range(4, 4096, 4)]
Decoded = Annotated[Image, Size("samples")]
Encoded = Annotated[Latents, Size("pixels.width // 8 * 8", "pixels.height // 8 * 8")]


@node(category="latent", title="VAE Decode", resource="device")
def VAEDecode(samples: Latents, vae: Vae, *, devices: Residency, memory: Memory) -> Decoded:
    """Turn latents into pictures; in tiles when memory is short."""
    return decode(_decodable(samples, vae), vae, devices, Tiles() if memory.tight else None)


@node(category="_for_testing", title="VAE Decode (Tiled)", resource="device")
def VAEDecodeTiled(
    samples: Latents,
    vae: Vae,
    tile_size: TileSize = 512,
    overlap: Overlap = 64,
    temporal_size: Frames = 64,
    temporal_overlap: FrameOverlap = 8,
    *,
    devices: Residency,
) -> Decoded:
    """Turn latents into pictures, tile by tile: less memory, nearly the same picture.

    Args:
        tile_size: Side of a tile, in pixels.
        overlap: Of neighbouring tiles, in pixels; at most a quarter of a tile.
        temporal_size: Frames of a video at a time; without effect on pictures.
        temporal_overlap: Frames that two times share; without effect on pictures.
    """
    return decode(_decodable(samples, vae), vae, devices, _tiles(tile_size, overlap))


@node(category="latent", title="VAE Encode", resource="device")
def VAEEncode(pixels: Image, vae: Vae, *, devices: Residency, memory: Memory) -> Encoded:
    """Turn pictures into latents; in tiles when memory is short. What does not fill a cell is cut off the sides."""
    tiles = Tiles() if memory.tight else None
    return types.Latents(encode(_encodable(pixels, vae), vae, devices, tiles))


@node(category="_for_testing", title="VAE Encode (Tiled)", resource="device")
def VAEEncodeTiled(
    pixels: Image,
    vae: Vae,
    tile_size: TileSize = 512,
    overlap: Overlap = 64,
    temporal_size: Frames = 64,
    temporal_overlap: FrameOverlap = 8,
    *,
    devices: Residency,
) -> Encoded:
    """Turn pictures into latents, tile by tile: less memory, nearly the same latents.

    Args:
        tile_size: Side of a tile, in pixels.
        overlap: Of neighbouring tiles, in pixels; at most a quarter of a tile.
        temporal_size: Frames of a video at a time; without effect on pictures.
        temporal_overlap: Frames that two times share; without effect on pictures.
    """
    return types.Latents(encode(_encodable(pixels, vae), vae, devices, _tiles(tile_size, overlap)))


@node(category="latent/inpaint", title="VAE Encode (for Inpainting)", resource="device")
def VAEEncodeForInpaint(
    pixels: Image, vae: Vae, mask: Mask, grow_mask_by: Annotated[int, Range(0, 64)] = 6, *, devices: Residency
) -> Encoded:
    """Turn pictures with a hole into latents whose hole is to be filled, as inpainting models take them.

    Args:
        mask: 1 where the hole is; of any size.
        grow_mask_by: Fill so many more pixels around it, so that no seam shows.
    """
    whole, soft = _with_hole(pixels, mask, vae)
    missing = soft.round()
    latents = encode(hide(whole, missing), vae, devices)
    return types.Latents(latents, mask=dilate(missing, grow_mask_by))


class Inpainting(NamedTuple):
    positive: Conditioning
    negative: Conditioning
    latent: Encoded


@node(category="conditioning/inpaint", resource="device")
def InpaintModelConditioning(
    positive: Conditioning,
    negative: Conditioning,
    vae: Vae,
    pixels: Image,
    mask: Mask,
    noise_mask: bool = True,
    *,
    devices: Residency,
) -> Inpainting:
    """Show an inpainting model the picture and the hole to be filled.

    Args:
        mask: 1 where the hole is; of any size. Shown to the model rounded to 0 and 1.
        noise_mask: Keep everything outside of the hole as it is, as far as the mask says; otherwise the model may
            repaint it.
    """
    whole, soft = _with_hole(pixels, mask, vae)
    missing = soft.round()
    format = vae.latent_format
    masked = (encode(hide(whole, missing), vae, devices) - format.shift) * format.scale
    channels = inpainting_channels(missing, masked)
    latents = types.Latents(encode(whole, vae, devices), mask=soft if noise_mask else None)
    return Inpainting(each(positive, concat=channels), each(negative, concat=channels), latents)


def _with_hole(pixels: Image, mask: Mask, vae: Vae) -> tuple[Image, Mask]:
    """Pictures and their hole, cut to whole cells."""
    image = _encodable(pixels, vae)
    missing = hole(masks(mask), image)
    cell = vae.latent_format.downscale
    return whole_cells(image.movedim(-1, 1), cell).movedim(1, -1), whole_cells(missing, cell)


def _encodable(pixels: Image, vae: Vae) -> Image:
    image = pictures(pixels, "pixels")
    height, width = image.shape[1:3]
    cell = vae.latent_format.downscale
    if min(height, width) < cell:
        raise NodeError(
            f"Pictures of {width} x {height} are smaller than a latent cell of {cell} x {cell} pixels.",
            "Use larger pictures.",
            input="pixels",
        )
    return image


def _decodable(samples: Latents, vae: Vae) -> Tensor:
    channels, wanted = filled(samples).samples.shape[1], vae.latent_format.channels
    if channels != wanted:
        raise NodeError(
            f"The latents have {channels} channels; {vae.part.name} decodes {wanted}.",
            "Use the autoencoder of the model that made the latents.",
            input="samples",
        )
    return samples.samples


def _tiles(size: int, overlap: int) -> Tiles:
    return Tiles(size, min(overlap, size // 4))
