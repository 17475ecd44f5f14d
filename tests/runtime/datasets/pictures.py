"""Writes pictures.json: PNG files of all kinds with their pixels, and JPEG files with what libjpeg makes of them. Pillow 13.0.0."""

import base64
import io
import itertools
import json
import pathlib
import random
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16]}
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
HEIGHT, WIDTH = 6, 9


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(row, depth):
    """One row of samples [width, channels], samples of fewer than 8 bits packed from the high bit on."""
    flat = row.reshape(-1)
    if depth == 16:
        return flat.astype(">u2").tobytes()
    bits = np.unpackbits(flat.astype(np.uint8)[:, None], axis=1)[:, 8 - depth :]
    return np.packbits(bits.reshape(-1)).tobytes()


def filtered(rows, unit, chance):
    """Each row by one of the five filters (PNG specification, 9.2)."""
    out, before = b"", None
    for row in rows:
        before = before or bytes(len(row))
        kind = chance.randrange(5)
        done = bytearray()
        for i, value in enumerate(row):
            left = row[i - unit] if i >= unit else 0
            up, corner = before[i], before[i - unit] if i >= unit else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda p: abs(guess - p))
            done.append((value - [0, left, up, (left + up) // 2, paeth][kind]) % 256)
        out, before = out + bytes([kind]) + bytes(done), row
    return out


def png(samples, colour, depth, interlaced, extra, chance):
    height, width, channels = samples.shape
    unit = max(1, channels * depth // 8)
    parts = [samples]
    if interlaced:
        parts = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES]
    data = b"".join(filtered([packed(row, depth) for row in part], unit, chance) for part in parts if part.size)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    stream = zlib.compress(data)
    middle = len(stream) // 2
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", stream[:middle])
            + chunk(b"IDAT", stream[middle:]) + chunk(b"IEND", b""))


def picture(colour, depth, interlaced, with_alpha, gamma, seed):
    chance = random.Random(seed)
    most = 2**depth - 1
    shape = (HEIGHT, WIDTH, CHANNELS[colour])
    least = 1 if with_alpha and colour != 3 else 0
    samples = np.array([chance.randint(least, most) for _ in range(np.prod(shape))]).reshape(shape)
    extra = chunk(b"gAMA", struct.pack(">I", 100000)) if gamma else b""
    pixels = samples
    if colour in (4, 6):
        samples[..., -1] = most
        pixels = samples[..., :-1]
    if colour == 3:
        palette = np.array([[chance.randint(0, 255) for _ in range(3)] for _ in range(most + 1)])
        extra += chunk(b"PLTE", palette.astype(np.uint8).tobytes())
        pixels = palette[samples[..., 0]]
        if with_alpha:
            extra += chunk(b"tRNS", bytes([255] * (most + 1)))
    elif with_alpha:
        # Black is transparent, and no pixel is black.
        extra += chunk(b"tRNS", bytes(2 * CHANNELS[colour]))
    content = png(samples, colour, depth, interlaced, extra, chance)
    eight = depth if colour != 3 else 8
    scaled = pixels * 255 // (2**eight - 1) if eight < 8 else pixels
    check(content, scaled, eight)
    return content, scaled, 65535 if eight == 16 else 255


def check(content, pixels, depth):
    """Pillow keeps the upper byte alone of coloured pixels of 16 bits."""
    image = Image.open(io.BytesIO(content))
    if depth == 16 and image.mode == "I;16":
        read = np.array(image)[..., None]
    else:
        pixels = pixels // 256 if depth == 16 else pixels
        read = np.array(image.convert("L" if pixels.shape[2] == 1 else "RGB"))
        read = read[..., None] if read.ndim == 2 else read
    assert (read == pixels).all(), image


def encoded(content):
    return base64.b64encode(content).decode()


def jpeg(mode, options, seed, exif=None, size=(41, 23)):
    """A smooth picture, so that the chroma that is shared by pixels is seen."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    waves = [np.sin(x / (3 + k + seed) + y / (5 + 2 * k)) * 100 + 128 for k in range(4)]
    array = np.stack(waves, axis=2).clip(0, 255).astype(np.uint8)
    image = Image.fromarray(array[..., 0] if mode == "L" else array[..., : len(mode)], mode)
    out = io.BytesIO()
    image.save(out, "JPEG", **options, **({"exif": exif} if exif else {}))
    read = np.array(Image.open(io.BytesIO(out.getvalue())))
    return out.getvalue(), read[..., None] if read.ndim == 2 else read


def jpegs():
    kinds = [
        ("grey", "L", {}), ("colour, chroma shared by 2 x 2", "RGB", {}), ("colour, chroma of its own", "RGB", {"subsampling": 0}),
        ("colour, chroma shared by 1 x 2", "RGB", {"subsampling": 1}), ("progressive", "RGB", {"progressive": True}),
        ("progressive grey", "L", {"progressive": True, "quality": 40}), ("restarts", "RGB", {"restart_marker_blocks": 1}),
        ("own Huffman tables, strong compression", "RGB", {"optimize": True, "quality": 10}),
    ]
    for seed, (name, mode, options) in enumerate(kinds):
        yield name, *jpeg(mode, options, seed, size=(20, 13))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        content, _ = jpeg("L", {}, 1, exif=exif, size=(9, 5))
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        yield f"orientation {orientation}", content, np.array(upright)[..., None]


def main():
    pngs = []
    for seed, (colour, depths) in enumerate(DEPTHS.items()):
        for depth, interlaced, alpha in itertools.product(depths, [False, True], [False, True]):
            if alpha and (colour in (4, 6) or (colour == 0 and depth == 1)):
                continue
            content, pixels, most = picture(colour, depth, interlaced, alpha, seed % 2 == 0, 100 * seed + depth)
            name = f"colour type {colour}, {depth} bits{', interlaced' * interlaced}{', tRNS' * alpha}"
            pngs.append({"name": name, "content": encoded(content), "most": most, "shape": pixels.transpose(2, 0, 1).shape,
                         "pixels": pixels.transpose(2, 0, 1).ravel().tolist()})
    seen = [{"name": name, "content": encoded(content), "shape": pixels.transpose(2, 0, 1).shape,
             "pixels": pixels.transpose(2, 0, 1).ravel().tolist()} for name, content, pixels in jpegs()]
    pathlib.Path(__file__).with_name("pictures.json").write_text(json.dumps({"png": pngs, "jpeg": seen, "cmyk": encoded(jpeg("CMYK", {}, 1)[0])}) + "\n")


main()
