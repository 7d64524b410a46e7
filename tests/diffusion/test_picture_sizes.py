"""Sizes told from headers, against the pictures that are loaded."""

import subprocess
import sys

import pytest
from PIL import Image

from graphengine.diffusion.picture_files import read_picture
from graphengine.diffusion.picture_sizes import ORIENTATION, size_of

FORMATS = ("png", "jpg", "webp", "tiff", "gif", "bmp", "avif")


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("format", FORMATS)
def test_a_file_has_the_size_that_it_loads_with(tmp_path, format, orientation):
    path = tmp_path / f"picture.{format}"
    picture = Image.new("RGB", (31, 17))
    exif = picture.getexif()
    exif[ORIENTATION] = orientation
    picture.save(path, exif=exif)
    height, width = read_picture(path).image.shape[1:3]
    assert size_of(path) == (width, height)


def move_behind_pixels(path, late):
    """Move chunks of a PNG to its end."""
    data = path.read_bytes()
    begin = 8
    chunks = []
    while begin < len(data):
        end = begin + 12 + int.from_bytes(data[begin : begin + 4], "big")
        chunks.append(data[begin:end])
        begin = end
    moved = [chunk for chunk in chunks if chunk[4:8] in late]
    rest = [chunk for chunk in chunks if chunk not in moved]
    assert moved and rest[-1][4:8] == b"IEND"
    path.write_bytes(data[:8] + b"".join([*rest[:-1], *moved, rest[-1]]))


@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_what_a_png_says_behind_its_pixels_counts_as_much_as_when_it_is_loaded(tmp_path, orientation, frames):
    path = tmp_path / "late.png"
    picture = Image.effect_noise((310, 170), 90)
    exif = picture.getexif()
    exif[ORIENTATION] = orientation
    more = [Image.effect_noise((310, 170), 90) for _ in range(frames - 1)]
    picture.save(path, exif=exif, **({"save_all": True, "append_images": more} if more else {}))
    move_behind_pixels(path, (b"eXIf",))
    height, width = read_picture(path).image.shape[1:3]
    assert size_of(path) == (width, height) == ((170, 310) if orientation > 4 and frames == 1 else (310, 170))


def test_of_an_animation_the_first_frame_counts(tmp_path):
    path = tmp_path / "film.webp"
    Image.new("RGB", (20, 10)).save(path, save_all=True, append_images=[Image.new("RGB", (20, 10), "red")])
    assert size_of(path) == (20, 10)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0"])
def test_what_is_no_picture_has_no_size(tmp_path, data):
    (tmp_path / "no.png").write_bytes(data)
    assert size_of(tmp_path / "no.png") is None
    assert size_of(tmp_path / "gone.png") is None
    assert size_of(tmp_path) is None


def test_asking_for_a_size_loads_no_torch_and_decodes_nothing(tmp_path):
    path = tmp_path / "large.png"
    Image.new("RGB", (64, 48)).save(path)
    path.write_bytes(path.read_bytes()[:60])  # the header is whole, the pixels are not
    code = (
        "import sys, pathlib; from graphengine.diffusion.picture_sizes import size_of; "
        "print(size_of(pathlib.Path(sys.argv[1])), 'torch' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    assert told == "(64, 48) False\n"
