"""Pictures for tests, honest and hostile."""

import io
import struct
import zlib

from PIL import Image
from PIL.PngImagePlugin import PngInfo


def png(size=(8, 6), color=(255, 0, 0, 128), texts=None, mode="RGBA"):
    info = PngInfo()
    for key, value in (texts or {}).items():
        info.add_itxt(key, value)
    file = io.BytesIO()
    Image.new(mode, size, color).save(file, "PNG", pnginfo=info)
    return file.getvalue()


def bomb(width=60_000, height=60_000):
    """A PNG of a kilobyte that claims gigabytes."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture
