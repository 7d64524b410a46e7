import re
from datetime import datetime

import numpy as np
import pytest
import torch
from PIL import Image

from graphengine.api import FileRef, NodeError, Provenance, Results


@pytest.fixture
def load(nodes, files):
    def load_(name, picture, **options):
        picture.save(files.settings.input_folder / name, **options)
        return nodes("image", "load").LoadImage(name, files=files)

    return load_


def noise(*shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def test_a_picture_is_loaded_exactly_and_its_mask_is_empty_without_transparency(load):
    pixels = noise(5, 7, 3)
    image, mask = load("a.png", Image.fromarray(pixels))
    assert torch.equal(image[0], torch.from_numpy(pixels).float() / 255)
    assert mask.shape == (1, 5, 7) and not mask.any()


def test_the_mask_is_one_where_the_picture_is_transparent(load):
    pixels = noise(5, 7, 4)
    image, mask = load("a.png", Image.fromarray(pixels))
    assert torch.equal(image[0], torch.from_numpy(pixels[..., :3]).float() / 255)
    assert torch.allclose(mask[0], 1 - torch.from_numpy(pixels[..., 3]).float() / 255)


def test_a_grey_png_of_16_bits_keeps_them(load):
    pixels = noise(5, 7, dtype=np.uint16)
    image, _ = load("a.png", Image.fromarray(pixels))
    assert torch.equal((image[0, ..., 1] * 65535).round().int(), torch.from_numpy(pixels.astype(np.int32)))


def test_a_photo_is_turned_as_its_exif_says(load):
    pixels = noise(5, 7, 3)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    image, _ = load("a.png", Image.fromarray(pixels), exif=exif)
    assert torch.equal(image[0], torch.from_numpy(np.rot90(pixels, -1).copy()).float() / 255)


def test_all_frames_of_an_animation_are_a_batch(load):
    frames = [Image.fromarray(frame) for frame in noise(3, 5, 7, 3)]
    image, mask = load("a.webp", frames[0], save_all=True, append_images=frames[1:], lossless=True)
    assert torch.equal(image, torch.stack([torch.from_numpy(np.array(frame)) for frame in frames]).float() / 255)
    assert mask.shape == (3, 5, 7)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.webp", {"lossless": True, "exact": True}), ("a.gif", {"disposal": 2}), ("a.png", {"blend": 0})],
)
def test_each_frame_of_an_animation_has_its_own_mask(nodes, files, load, name, options):
    pixels = noise(3, 5, 7, 4)
    pixels[..., 3] = np.where(pixels[..., 3] > 127, 255, 0)  # a GIF knows no more
    frames = [Image.fromarray(frame) for frame in pixels]
    image, mask = load(name, frames[0], save_all=True, append_images=frames[1:], **options)
    assert image.shape == (3, 5, 7, 3)
    assert torch.equal(mask, 1 - torch.from_numpy(pixels[..., 3]).float() / 255)
    assert torch.equal(nodes("image", "load").LoadImageMask(name, files=files), mask)


def test_palette_transparency_becomes_a_mask(load):
    picture = Image.new("P", (2, 1))
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putdata([0, 1])
    _, mask = load("a.png", picture, transparency=1)
    assert mask.tolist() == [[[0.0, 1.0]]]


def test_a_channel_is_loaded_as_a_mask(nodes, files):
    pixels = noise(5, 7, 4)
    Image.fromarray(pixels).save(files.settings.input_folder / "a.png")
    load = nodes("image", "load").LoadImageMask
    expected = torch.from_numpy(pixels).float() / 255
    assert torch.equal(load("a.png", "green", files=files)[0], expected[..., 1])
    assert torch.allclose(load("a.png", "alpha", files=files)[0], 1 - expected[..., 3])


def test_a_broken_picture_is_named_and_not_the_folders_of_the_machine(nodes, files):
    (files.settings.input_folder / "a.png").write_bytes(b"nothing")
    with pytest.raises(NodeError, match=r"a\.png cannot be read") as caught:
        nodes("image", "load").LoadImage("a.png", files=files)
    assert caught.value.input == "image" and str(files.settings.home) not in str(caught.value)


def test_an_animation_that_is_cut_within_a_frame_is_named(nodes, files):
    frames = [Image.fromarray(frame) for frame in noise(2, 5, 7, 3)]
    path = files.settings.input_folder / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    data, place = path.read_bytes(), b",\0\0\0\0\x07\0\x05\0"  # where a frame begins, and what it covers
    path.write_bytes(data[: data.rindex(place) + len(place) + 1])
    with pytest.raises(NodeError, match=r"a\.gif cannot be read"):
        nodes("image", "load").LoadImage("a.gif", files=files)


def test_pictures_are_saved_as_png_with_the_workflow_and_read_back_exactly(nodes, files):
    images = torch.from_numpy(noise(2, 5, 7, 3)).float() / 255
    results = Results()
    texts = {"prompt": '{"1": "ä"}', "workflow": "{}"}
    nodes("image", "save").SaveImage(images, "sub/x", files=files, results=results, provenance=Provenance(texts))
    assert results.items["images"] == [FileRef("x_00001_.png", "sub"), FileRef("x_00002_.png", "sub")]
    for reference, image in zip(results.items["images"], images, strict=True):
        with Image.open(files.path(reference)) as saved:
            assert saved.text == texts
            assert torch.equal(torch.from_numpy(np.array(saved)).float() / 255, image)


def test_values_out_of_range_and_no_numbers_are_saved_as_black_or_white(nodes, files):
    results = Results()
    image = torch.tensor([-1.0, 2.0, float("nan")]).repeat(1, 1, 1, 1)
    nodes("image", "save").SaveImage(image, files=files, results=results, provenance=Provenance())
    with Image.open(files.path(results.items["images"][0])) as saved:
        assert saved.getpixel((0, 0)) == (0, 255, 0)


def test_previews_go_to_the_temporary_folder(nodes, files):
    results = Results()
    save = nodes("image", "save")
    save.PreviewImage(torch.zeros(1, 4, 4, 3), files=files, results=results, provenance=Provenance())
    save.MaskPreview(torch.ones(1, 4, 4), files=files, results=results, provenance=Provenance())
    assert [reference.type for reference in results.items["images"]] == ["temp", "temp"]
    assert re.fullmatch(r"ComfyUI_temp_[a-z]{5}_00001_\.png", results.items["images"][0].filename)
    with Image.open(files.path(results.items["images"][1])) as saved:
        assert saved.getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["SaveAnimatedWEBP", "SaveAnimatedPNG"])
def test_an_animation_holds_every_frame(nodes, files, kind):
    images = torch.from_numpy(noise(3, 8, 8, 3)).float() / 255
    results = Results()
    save = getattr(nodes("image", "save"), kind)
    save(images, fps=10.0, files=files, results=results, provenance=Provenance({"prompt": "{}"}))
    with Image.open(files.path(results.items["images"][0])) as saved:
        assert saved.n_frames == 3
        saved.seek(2)
        assert torch.equal(torch.from_numpy(np.array(saved.convert("RGB"))).float() / 255, images[2])
    assert results.items["animated"] == [True]


def test_an_animated_webp_has_the_graphs_under_the_tags_where_readers_look(nodes, files):
    results, texts = Results(), {"graphengine": "{}", "prompt": "{1}", "workflow": "{2}", "extra": "[]"}
    save = nodes("image", "save").SaveAnimatedWEBP
    save(torch.zeros(2, 4, 4, 3), fps=10.0, files=files, results=results, provenance=Provenance(texts))
    with Image.open(files.path(results.items["images"][0])) as saved:
        exif = saved.getexif()
    assert (exif[0x0110], exif[0x010F], exif[0x010E]) == ("prompt:{1}", "workflow:{2}", "extra:[]")
    assert "graphengine:{}" in exif.values()


def test_an_empty_batch_is_refused(nodes, files):
    with pytest.raises(NodeError, match="empty: 0 pictures of 4 x 4"):
        nodes("image", "save").SaveImage(
            torch.zeros(0, 4, 4, 3), files=files, results=Results(), provenance=Provenance()
        )


def test_placeholders_of_file_names_are_filled(nodes):
    fill = nodes("image", "filenames").fill
    now = datetime(2026, 3, 4, 5, 6, 7)
    assert fill("%year%-%month%/%width%x%height%", now, 512, 768) == "2026-03/512x768"
    assert fill("%date:yyyy-MM-dd%_%date:h-mm-ss%", now, 1, 1) == "2026-03-04_5-06-07"
    assert fill("%batch_num%_%seed%_100%", now, 1, 1, 3) == "3_%seed%_100%"


def test_pictures_that_were_saved_are_listed_and_loaded_by_their_folder(nodes, files):
    saved = files.settings.output_folder / "sub" / "a.png"
    saved.parent.mkdir(parents=True)
    Image.new("RGBA", (3, 2), (255, 0, 51, 0)).save(saved)
    (saved.parent / "a.txt").write_text("no picture")
    assert files.names("output") == ["sub/a.png [output]"]
    assert "sub/a.png [output]" in files.names("output") and "sub/a.png" not in files.names("output")
    loaded = nodes("image", "load").LoadImageOutput("sub/a.png [output]", files=files)
    assert loaded.image[0, 0, 0].tolist() == pytest.approx([1.0, 0.0, 0.2])
    assert loaded.mask.tolist() == [[[1.0] * 3] * 2]
