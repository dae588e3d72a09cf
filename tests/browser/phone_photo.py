"""A photo as a phone takes it: lying on its side, the turn in EXIF, with the place where it was taken."""

import io

from PIL import Image, ImageDraw

RED, BLUE = (200, 30, 30), (40, 60, 160)


def taken_sideways():
    """JPEG bytes. Upright it is 1500×2000, red above and blue below with something sharp in the middle; stored it lies on its side (orientation 6), with GPS."""
    upright = Image.new("RGB", (1500, 2000), BLUE)
    ImageDraw.Draw(upright).rectangle((0, 0, 1500, 999), fill=RED)
    for place in range(0, 1500, 60):
        ImageDraw.Draw(upright).rectangle((place, 800, place + 30, 1200), fill="white")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "A telephone"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 43.0, 36.0), 3: "W", 4: (3.0, 58.0, 48.0)})
    out = io.BytesIO()
    upright.transpose(Image.Transpose.ROTATE_90).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()
