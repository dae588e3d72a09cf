"""A photo becomes eight renditions: CPU and memory against libvips, or against plain Pillow where there is none (P5).

Each measure is a process of its own: `python -m bench.photos WAY FILE` prints [seconds of CPU, MiB grown].
"""

import ctypes
import ctypes.util
import io
import json
import math
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops, ImageOps, ImageStat

from portraits import decoder, photos

ROUNDS = 3
SIZES = {"12 MP": (4032, 3024), "48 MP": (8064, 6048)}
LIBVIPS = ctypes.util.find_library("vips")
REFERENCE = "libvips" if LIBVIPS else "pillow"


def synthetic_photo(width, height):
    """Clouds of three grains in each colour: about as hard to compress as a photo, the same each time."""
    chance, colours = random.Random(5), []
    for _colour in range(3):
        picture = None
        for grain, weight in ((256, 0), (32, 0.4), (4, 0.2)):
            size = (width // grain, height // grain)
            cloud = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
            cloud = cloud.resize((width, height), Image.Resampling.BICUBIC)
            picture = Image.blend(picture, cloud, weight) if picture else cloud
        colours.append(picture)
    return Image.merge("RGB", colours)


# The ways ---------------------------------------------------------------------------------------


def whole_way(path):
    """As the application does it: the upload is opened in a child process, a master is kept."""
    with path.open("rb") as upload:
        master = photos.clean(upload)
    photos.render(master.data, photos.default_crop(master.width, master.height))


def pixels_alone(path):
    """The same work on pixels, without the child process that keeps it from harm."""
    picture = decoder.pixels(path.read_bytes(), "JPEG")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92, subsampling=0)
    frame = photos.default_crop(*picture.size)
    del picture
    photos.render(out.getvalue(), frame)


def decoding(path):
    """What the child process does."""
    for _strip in decoder.strips(decoder.pixels(path.read_bytes(), "JPEG")):
        pass


def pillow(path):
    """Pillow as it comes: decode all of it, then make each size from that."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    for width in photos.WIDTHS:
        framed = ImageOps.fit(
            picture, (width, width * 5 // 4), Image.Resampling.LANCZOS, centering=(0.5, 0.35)
        )
        framed.save(io.BytesIO(), "WEBP", quality=80)
        framed.save(io.BytesIO(), "JPEG", quality=82, progressive=True)


def libvips(path):
    """libvips at its best: shrink while loading, then each size from the next larger one."""
    number, end, picture = ctypes.c_int, ctypes.c_void_p(None), None
    for width in photos.WIDTHS:
        made = ctypes.c_void_p()
        size = (number(width), b"height", number(width * 5 // 4), b"crop", number(1), end)
        if picture is None:
            _done(VIPS.vips_thumbnail(bytes(path), ctypes.byref(made), *size))
        else:
            _done(VIPS.vips_thumbnail_image(picture, ctypes.byref(made), *size))
            VIPS.g_object_unref(picture)
        picture = ctypes.c_void_p(VIPS.vips_image_copy_memory(made))
        VIPS.g_object_unref(made)
        for save, *options in (
            (VIPS.vips_webpsave_buffer, b"Q", number(80)),
            (VIPS.vips_jpegsave_buffer, b"Q", number(82), b"interlace", number(1)),
        ):
            data, length = ctypes.c_void_p(), ctypes.c_size_t()
            _done(save(picture, ctypes.byref(data), ctypes.byref(length), *options, b"strip", number(1), end))
            VIPS.g_free(data)


def _load_libvips():
    library = ctypes.CDLL(LIBVIPS)
    library.vips_image_copy_memory.restype = ctypes.c_void_p
    _done(library.vips_init(b"bench"))
    library.vips_cache_set_max(0)
    return library


def _done(status):
    if status:
        raise RuntimeError("libvips failed")


VIPS = _load_libvips() if LIBVIPS else None
WAYS = {way.__name__: way for way in (whole_way, pixels_alone, decoding, pillow, libvips)}


# Measuring --------------------------------------------------------------------------------------


def cpu_seconds():
    """Of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def memory(kind):
    """VmRSS or VmHWM (the most so far) of this process, in MiB. Linux only: getrusage() counts the parent in."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(kind):
            return int(line.split()[1]) / 1024
    raise LookupError(kind)


def measure(way, path):
    Image.preinit()
    seconds, before = cpu_seconds(), memory("VmRSS")
    WAYS[way](Path(path))
    return [cpu_seconds() - seconds, memory("VmHWM") - before]


def measured(path):
    """Medians of each way on this file, the ways taken in turn so that a busy machine is busy for all of them."""
    ways = ["whole_way", "pixels_alone", "decoding", REFERENCE]
    found = {way: [] for way in ways}
    for _round in range(ROUNDS):
        for way in ways:
            command = [sys.executable, "-m", "bench.photos", way, path]
            answer = subprocess.run(
                command, capture_output=True, check=True, cwd=Path(__file__).parent.parent
            )
            found[way].append(json.loads(answer.stdout))
    return {
        way: [statistics.median(column) for column in zip(*rounds, strict=True)]
        for way, rounds in found.items()
    }


def decibels(picture, other):
    """Peak signal-to-noise ratio of two pictures."""
    statistic = ImageStat.Stat(ImageChops.difference(picture, other))
    return 10 * math.log10(255**2 * sum(statistic.count) / max(sum(statistic.sum2), 1))


def quality(picture, method):
    """Of a WebP made by this method, against the picture it was made from, in dB."""
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=80, method=method)
    return decibels(picture, Image.open(out).convert("RGB"))


def row(name, value, reference, aim):
    return {
        "name": f"P5 {name}",
        "value": value,
        "reference": reference,
        "ratio": value / reference,
        "aim": aim,
    }


def run():
    """Rows for the table: seconds of CPU, MiB grown, decibels; each with its reference, their ratio, the aim."""
    note = "" if LIBVIPS else " of libvips (not here: against plain Pillow)"
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, size in SIZES.items():
            path = Path(folder) / "photo.jpg"
            synthetic_photo(*size).save(path, quality=90)
            found = measured(path)
            seconds, grown = found[REFERENCE]
            rows += [
                row(f"{name} → 8 renditions, CPU s", found["whole_way"][0], seconds, f"≤ 0.60{note}"),
                row(f"{name}, without the child process", found["pixels_alone"][0], seconds, f"≤ 0.60{note}"),
                row(f"{name}, MiB grown, web process", found["whole_way"][1], grown, "≤ 25 MiB"),
                row(f"{name}, MiB grown, decoder", found["decoding"][1], grown, "≤ 25 MiB"),
            ]
    picture = synthetic_photo(1200, 1500)
    fast, thorough = (quality(picture, method) for method in (photos.WEBP_METHOD, 4))
    rows.append(row("WebP as we make it and by the default, dB", fast, thorough, "at most 0.5 dB less"))
    return rows


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*sys.argv[1:])))
