"""The child process that opens what strangers send: `python -I decoder.py [logo] < upload > answer`.

It imports nothing of ours and no Django. The answer is one line of JSON, then bare pixels (red, green, blue, a filler; one
byte each, row by row): a file can only come back as what it looks like. Or the line holds the code of a refusal. Of a logo,
the fourth byte says how opaque it is.
"""

import io
import json
import os
import resource
import signal
import struct
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator

# Whatever Pillow would load when first needed is loaded here: once the limits stand, no file can be opened.
from PIL import Image, ImageChops, ImageCms, ImageFile, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401

MAX_PIXELS = 50_000_000
SMALLEST_SIDE = 600
LONGEST_RATIO = 4
MASTER_SIDE = 2400
ENOUGH_SIDE = 1500
"""A shorter side of this many pixels holds a frame of 1,200 × 1,500: a JPEG is not decoded finer than that needs."""
LOGO_SIDE = 800
SMALLEST_LOGO, LONGEST_LOGO = 120, 10
"""Its longer side in pixels at least; how many times as long as high at most."""
MEMORY = 1024**3
CPU_SECONDS = 10
SECONDS = 15
ANSWER_BYTES = MASTER_SIDE * MASTER_SIDE * 4 + 1000

HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What puts a picture upright, by its EXIF orientation."""
ORIENTATION = 0x0112
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
END_OF_JPEG = b"\xff\xd9"
PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


class Refused(Exception):
    """str() is the code."""


def sniff(data: bytes) -> str | None:
    """Pillow's name of the format, by the first bytes and never by a name or a declared type; None if it is not ours."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(PNG_SIGNATURE):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        return "HEIF"
    return None


def load_heif() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise Refused("no-heic") from None
    # An embedded thumbnail may show more than the picture does; it is never taken for it.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def limit() -> None:
    """From here on: bounded memory and time, no core file, no new descriptor (so no file and no network), and too many
    pixels are an error where Pillow would only warn.
    """
    for kind, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, ANSWER_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
    signal.alarm(SECONDS)
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False


def check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Refused("too-many-pixels")
    if min(width, height) < SMALLEST_SIDE:
        raise Refused("too-small")
    if max(width, height) > LONGEST_RATIO * min(width, height):
        raise Refused("too-long")


def check_logo_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Refused("too-many-pixels")
    if max(width, height) < SMALLEST_LOGO:
        raise Refused("too-small")
    if max(width, height) > LONGEST_LOGO * min(width, height):
        raise Refused("too-long")


def decoded(data: bytes, form: str, check: Callable[[int, int], None] = check_size) -> Image.Image:
    """The first frame: its size is checked before it is decoded, and a file that ends too early is refused."""
    try:
        picture = Image.open(io.BytesIO(data), formats=[form])
        check(*picture.size)
        if form == "JPEG":
            # A JPEG decodes at a half, a quarter, an eighth of its size for a fraction of the time and memory.
            picture.draft(None, (ENOUGH_SIDE, ENOUGH_SIDE))
        picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused("too-many-pixels") from None
    except (Refused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - a decoder may raise anything; the file is at fault
        raise Refused("truncated") from None
    return picture


def is_short_jpeg(picture: Image.Image, data: bytes) -> bool:
    """Does the scan end before the picture does? libjpeg then paints the rest in middle grey, and says nothing.

    If the last pixel is that grey: bytes put in before the end marker change the picture if the scan still wants some.
    """
    corner = picture.getpixel((picture.width - 1, picture.height - 1))
    if any(value not in (127, 128) for value in (corner if isinstance(corner, tuple) else (corner,))):
        return False
    end = data.rfind(END_OF_JPEG)
    again = decoded(data[:end] + bytes(range(255)) * 16 + data[end:], "JPEG")
    return ImageChops.difference(picture, again).getbbox() is not None


def is_short_png(picture: Image.Image, data: bytes) -> bool:
    """Do the rows end before the picture does? Pillow then leaves the rest black, and says nothing."""
    corner = picture.getpixel((picture.width - 1, picture.height - 1))
    if any(corner if isinstance(corner, tuple) else (corner,)):
        return False
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    missing = height + width * height * depth * PNG_CHANNELS[kind] // 8
    inflate, place = zlib.decompressobj(), len(PNG_SIGNATURE)
    try:
        while missing > 0 and place < len(data):
            length = int.from_bytes(data[place : place + 4])
            if data[place + 4 : place + 8] == b"IDAT":
                rest = data[place + 8 : place + 8 + length]
                while rest and not inflate.eof:
                    missing -= len(inflate.decompress(rest, 1 << 20))
                    rest = inflate.unconsumed_tail
            place += length + 12
        return missing > len(inflate.flush())
    except zlib.error:
        return True


def turn(picture: Image.Image) -> Image.Transpose | None:
    try:
        return TURNS.get(picture.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001 - EXIF that cannot be read says nothing
        return None


def in_plain_mode(picture: Image.Image) -> Image.Image:
    """As L, RGB, RGBA or CMYK, 8 bits a channel."""
    if picture.mode.startswith("I"):
        # Sixteen bits of grey: scaled, where a plain convert() would cut off all that is above 255.
        return picture.point(lambda value: value * (1 / 257)).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in ("L", "RGB", "CMYK") else picture.convert("RGB")


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours its profile means, as sRGB. A profile that is broken or not for this picture is left out of account."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001
            pass
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def pixels(data: bytes, form: str) -> Image.Image:
    """An upright RGB picture in sRGB, at most MASTER_SIDE px long, transparent parts white. Raises Refused."""
    picture = decoded(data, form)
    if (form == "JPEG" and is_short_jpeg(picture, data)) or (form == "PNG" and is_short_png(picture, data)):
        raise Refused("truncated")
    profile, transpose = picture.info.get("icc_profile"), turn(picture)
    picture = in_plain_mode(picture)
    picture.thumbnail((MASTER_SIDE, MASTER_SIDE), Image.Resampling.LANCZOS)
    if picture.mode == "RGBA":
        alpha = picture.getchannel("A")
        white = Image.new("RGB", picture.size, "white")
        picture = Image.composite(in_srgb(picture.convert("RGB"), profile), white, alpha)
    else:
        picture = in_srgb(picture, profile)
    return picture if transpose is None else picture.transpose(transpose)


def logo_pixels(data: bytes, form: str) -> Image.Image:
    """A logo in sRGB with its transparency, at most LOGO_SIDE px long. Raises Refused."""
    picture = decoded(data, form, check_logo_size)
    if form == "PNG" and is_short_png(picture, data):
        raise Refused("truncated")
    profile = picture.info.get("icc_profile")
    picture = in_plain_mode(picture)
    picture.thumbnail((LOGO_SIDE, LOGO_SIDE), Image.Resampling.LANCZOS)
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else 255
    picture = in_srgb(picture.convert("RGB") if picture.mode == "RGBA" else picture, profile)
    picture.putalpha(alpha)
    return picture


def strips(picture: Image.Image) -> Iterator[bytes]:
    """The pixels in pieces, which takes a third of the memory of all at once."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGBX"
    for top in range(0, picture.height, 64):
        bottom = min(top + 64, picture.height)
        yield picture.crop((0, top, picture.width, bottom)).tobytes("raw", mode)


def main() -> None:
    data = sys.stdin.buffer.read()
    answer, picture = {}, None
    try:
        form = sniff(data)
        if form is None:
            raise Refused("not-an-image")
        if form == "HEIF":
            load_heif()
        Image.preinit()
        limit()
        picture = (logo_pixels if sys.argv[1:] == ["logo"] else pixels)(data, form)
        answer["width"], answer["height"] = picture.size
    except Refused as refused:
        answer["refused"] = str(refused)
    except MemoryError:
        answer["refused"] = "too-heavy"
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    if picture is not None:
        for strip in strips(picture):
            sys.stdout.buffer.write(strip)
    sys.stdout.buffer.flush()
    # Ending without Python's tidying up takes a tenth of the time off.
    os._exit(0)


if __name__ == "__main__":
    main()
