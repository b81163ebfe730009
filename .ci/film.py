"""Film the drawing sheet at work for README.md, and draw the icon of the site: the real sheet, the course's weights.

`python .ci/film.py` writes index_files/sheet.gif (needs Chromium, which `CHROMIUM` may name) and quarto/favicon.png.
"""
import io
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from PIL import Image
from playwright.sync_api import sync_playwright

from softmax_mnist.live import course_model, page

THREE = [(.3, .24), (.42, .19), (.58, .2), (.66, .3), (.6, .43), (.45, .48), (.62, .53), (.7, .65), (.62, .78), (.45, .82), (.3, .76)]
CLOSING = [[(.3, .24), (.29, .36), (.36, .45), (.47, .48)], [(.45, .5), (.34, .56), (.27, .66), (.3, .76)]]  # makes an 8 of it


def film(target):
    "A 3 is drawn, and then closed to an 8; the answer follows every movement."
    frames, waits = [], []
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"])
        Path(scratch, "page.html").write_text(page("draw"), encoding="utf-8")
        tab = browser.new_page(viewport={"width": 880, "height": 900}, color_scheme="light")
        tab.goto(Path(scratch, "page.html").as_uri())
        view = tab.locator('.live[data-view="draw"]')
        sheet = view.locator("canvas.sheet").bounding_box()
        clip = view.bounding_box() | {"height": sheet["height"] + 34, "y": sheet["y"] - 4}
        def shoot(wait):
            frames.append(Image.open(io.BytesIO(tab.screenshot(clip=clip))).convert("RGB"))
            waits.append(wait)
        shoot(700)
        for stroke, pause in ((THREE, 1800), (CLOSING[0], 300), (CLOSING[1], 3000)):
            places = [(sheet["x"] + x * sheet["width"], sheet["y"] + y * sheet["height"]) for x, y in stroke]
            tab.mouse.move(*places[0])
            tab.mouse.down()
            for place in places[1:]:
                tab.mouse.move(*place, steps=4)
                shoot(120)
            tab.mouse.up()
            waits[-1] = pause
        browser.close()
    palette = frames[-1].quantize(48)
    first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    first.save(target, save_all=True, append_images=rest, duration=waits, loop=0, optimize=True)


def icon(target):
    "The templates as the keys of a telephone."
    images = course_model().weight.reshape(10, 28, 28).numpy()
    picture = np.zeros((112, 112, 4), np.uint8)  # transparent at the sides
    for digit in range(10):
        row, column = divmod(digit - 1, 3) if digit else (3, 1)
        ink = colormaps["RdBu"](.5 + images[digit] / (2 * abs(images).max()), bytes=True)
        picture[28 * row:28 * (row + 1), 14 + 28 * column:14 + 28 * (column + 1)] = ink
    Image.fromarray(picture).quantize(64).save(target, optimize=True)


film(Path("index_files/sheet.gif"))
icon(Path("quarto/favicon.png"))
