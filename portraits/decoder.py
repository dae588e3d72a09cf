"""The child process that opens what strangers send: `python decoder.py < upload > answer`.

It imports nothing of ours and no Django. The answer is one line of JSON, then the master's bytes; or the code of a refusal.
Its limits of memory and time are set by the parent (photos.py) before it starts.
"""

import hashlib
import io
import json
import os
import sys
import warnings

sys.path[:0] = os.environ.get("SITE", "").split(os.pathsep)

from PIL import Image, ImageCms, ImageFile, ImageOps  # noqa: E402

MAX_PIXELS = 50_000_000
MASTER_SIDE = 2400
SMALLEST_SIDE = 600
LONGEST_RATIO = 4
FORMATS = ["JPEG", "PNG", "WEBP"]


class Refused(Exception):
    pass


def open_picture(data):
    """The first frame of an allowed format, not decoded yet."""
    formats = list(FORMATS)
    if data[4:8] == b"ftyp":
        try:
            import pillow_heif
        except ImportError:
            raise Refused("not-a-photo") from None
        pillow_heif.register_heif_opener(thumbnails=False)
        formats = ["HEIF"]
    try:
        return Image.open(io.BytesIO(data), formats=formats)
    except Image.DecompressionBombWarning:
        raise Refused("too-many-pixels") from None
    except Image.DecompressionBombError:
        raise Refused("too-many-pixels") from None
    except MemoryError:
        raise Refused("too-heavy") from None
    except Exception:  # noqa: BLE001 - whatever a decoder raises, the file is not a photo for us
        raise Refused("not-a-photo") from None


def check_size(size):
    width, height = size
    if width * height > MAX_PIXELS:
        raise Refused("too-many-pixels")
    if min(width, height) < SMALLEST_SIDE:
        raise Refused("too-small")
    if max(width, height) > LONGEST_RATIO * min(width, height):
        raise Refused("too-long")


def load(picture):
    """Decode, whole or not at all: a file cut short is refused, never shown half grey."""
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if picture.format in ("JPEG", "MPO"):
        # A JPEG can be decoded at a half, a quarter… of its size for a fraction of the work.
        picture.draft(None, (MASTER_SIDE, MASTER_SIDE))
    try:
        picture.load()
    except MemoryError:
        raise Refused("too-heavy") from None
    except Exception:  # noqa: BLE001
        raise Refused("truncated") from None


def upright(picture):
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001 - EXIF that cannot be read says nothing
        return picture


def to_srgb(picture):
    """8-bit RGB in sRGB, whatever it was: profile applied, transparency on white."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I;16") or picture.mode in ("I", "F"):
        low, high = picture.getextrema()
        scale = 255 / 65535 if high > 255 else 1
        picture = picture.convert("I") if picture.mode != "F" else picture
        return picture.point(lambda value: value * scale).convert("L").convert("RGB")
    if picture.mode == "P" or "transparency" in picture.info:
        picture = picture.convert("RGBA")
    alpha = None
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        picture = picture.convert("RGBA")
        alpha = picture.getchannel("A")
        picture = picture.convert("RGB")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            picture = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except Exception:  # noqa: BLE001 - a broken profile is left out of account
            pass
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    if alpha is not None:
        white = Image.new("RGB", picture.size, (255, 255, 255))
        white.paste(picture, mask=alpha)
        picture = white
    return picture


def master(data):
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    picture = open_picture(data)
    check_size(picture.size)
    load(picture)
    picture = to_srgb(upright(picture))
    picture.thumbnail((MASTER_SIDE, MASTER_SIDE), Image.Resampling.LANCZOS)
    # A new image holds pixels and nothing else: no EXIF, no comment, no profile, no second frame.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue(), bare.size


def main():
    data = sys.stdin.buffer.read()
    try:
        picture, (width, height) = master(data)
    except Refused as refused:
        answer, picture = {"refused": str(refused)}, b""
    except MemoryError:
        answer, picture = {"refused": "too-heavy"}, b""
    else:
        answer = {"width": width, "height": height, "sha256": hashlib.sha256(data).hexdigest()}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + picture)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
