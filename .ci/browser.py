"""Draw, play and read back in a real Chromium: the page by itself, pages as the site serves them, and JupyterLab.

Without Chromium (`CHROMIUM` names one) it says so in one line and ends well. With `--stills` it takes the still pictures anew.
"""
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from playwright.sync_api import Error, sync_playwright
from views import CHECKS, STROKES, draw, press, sound, view, wait_for

import softmax_mnist
from softmax_mnist.live import VIEWS, page

PACKAGE = Path(softmax_mnist.__file__).parent
STATIC = PACKAGE / "static"
SCREENS = [(320, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass


def site(folder):
    "Notebooks as bare HTML with the script that real pages load; the address where they are served."
    for name in ("live.js", "live.css", "live-site.js", "live.json", "digits.gz"): shutil.copyfile(STATIC / name, folder / name)
    for source in sorted(Path("nbs").rglob("*.ipynb")):
        if ".ipynb_checkpoints" in source.parts: continue
        notebook = nbformat.read(source, 4)
        outputs = (output.get("data", {}).get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", []))
        if not any('class="live"' in html for html in outputs): continue
        target = folder / source.relative_to("nbs").with_suffix(".html")
        target.parent.mkdir(exist_ok=True)
        body = HTMLExporter(template_name="basic").from_notebook_node(notebook)[0]
        up = "../" * (len(target.relative_to(folder).parts) - 1) or "./"
        target.write_text(f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
                          f'<link rel="icon" href="data:,"><title>{source.stem}</title><body><main>{body}</main>'
                          f'<script type="module" src="{up}live-site.js"></script></body></html>', encoding="utf-8")
    return served(folder)


def served(folder):
    "The address of a folder, served from the loopback interface."
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def opened(browser, address, origins, width, scheme):
    "A page, with lists of what went wrong in it and of what it asked other origins for."
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    tab, faults, requests = context.new_page(), [], []
    tab.on("pageerror", lambda error: faults.append(str(error)))
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(address)
    tab.faults, tab.asked = faults, requests
    tab.foreign = lambda: [url for url in requests if not url.startswith((*origins, "data:", "blob:"))]
    return tab


def printed(tab, touched):
    "On paper a view is its still picture, until somebody has touched it."
    tab.emulate_media(media="print")
    for name in VIEWS:
        found = tab.locator(f'.live[data-view="{name}"]')
        assert found.locator(".said").is_visible() == touched, name
        assert [image.is_visible() for image in found.locator("img").all()] == [True] * (not touched), name
    ink = tab.locator("main").evaluate("element => getComputedStyle(element.querySelector('.live')).color")
    assert ink == "rgb(0, 0, 0)", ink
    tab.emulate_media(media="screen")


def on_one_screen(tab):
    "On a phone the buttons and all that they change are seen together."
    for name in ("learn", "plane"):
        height = view(tab, name).bounding_box()["height"]
        assert height <= 844, (name, height)


def by_itself(browser, folder):
    "The page that is one file, from the disk, on four screens."
    (folder / "page.html").write_text(page(), encoding="utf-8")
    address = (folder / "page.html").as_uri()
    for width, scheme in SCREENS:
        tab = opened(browser, address, [address], width, scheme)
        for name in VIEWS:
            assert not view(tab, name).locator("img").is_visible(), name
            assert view(tab, name).locator("output").bounding_box()["width"] == 1, "heard, not seen"
        assert view(tab, "draw").locator(".said").inner_text() == "The sheet is empty. Draw a digit."
        printed(tab, touched=False)
        still = tab.locator('.live[data-view="draw"] img')
        for key, left in ("Tab", 1), ("Tab", 1), ("ArrowUp", 0):  # a key is a touch too, but not one that goes by
            tab.keyboard.press(key)
            assert still.count() == left, key
        sound(tab)
        if (width, scheme) in SCREENS[1:3]:
            for check in CHECKS.values(): check(tab)
            printed(tab, touched=True)
            sound(tab)
        if width == 390: on_one_screen(tab)
        print(f"ok    one file, {width} px, {scheme}: {len(tab.asked)} request")
        tab.context.close()


def waits(browser, folder):
    "On the front page a digit is drawn already; the first stroke of a hand takes its place. An empty sheet invites."
    marked = page("draw").replace('data-view="draw"', 'data-view="draw" data-example')
    (folder / "front.html").write_text(marked, encoding="utf-8")
    tab = opened(browser, (folder / "front.html").as_uri(), [], 390, "light")
    drawn = view(tab, "draw")
    sheet, said = drawn.locator("canvas.sheet"), drawn.locator(".said")
    wait_for(said, "It says 3,")
    wait_for(said, "Now draw your own digit here.")
    draw(tab, sheet, STROKES[1])
    wait_for(said, "It says 1,")
    assert "Now draw" not in said.inner_text()
    drawn.get_by_role("button", name="undo").click()
    wait_for(said, "The sheet is empty")
    inked = "canvas => canvas.getContext('2d').getImageData(0, 0, 280, 280).data.some(value => value < 200)"
    assert sheet.evaluate(inked), "no words on an empty sheet"
    tab.locator("main").evaluate("element => getSelection().selectAllChildren(element)")  # all is selected; and yet it draws
    draw(tab, sheet, STROKES[0])
    wait_for(said, "It says 0,")
    print("ok    a digit waits on the sheet, and makes room")
    tab.context.close()


def disagrees(browser, folder):
    "Learn says so where its loss is not the notebook's."
    other = re.sub(r'(\{"train_loss": [^,]*, "val_loss": )[\d.]+', r"\g<1>1.8762", page("learn"), count=1)
    (folder / "learn.html").write_text(other, encoding="utf-8")
    tab = opened(browser, (folder / "learn.html").as_uri(), [], 390, "light")
    press(view(tab, "learn"), "one epoch")
    wait_for(view(tab, "learn").locator("[data-id=agreement]"), "the notebook 1.8762000, here 1.87523")
    wait_for(view(tab, "learn").locator("[data-id=agreement]"), "they differ!")
    print("ok    a loss that is not the notebook's is called so")
    tab.context.close()


def late_pictures(browser, folder):
    "Pictures that are loaded late come at once where there may be a printer, and elsewhere when somebody prints."
    shutil.copyfile(STATIC / "live-site.js", folder / "live-site.js")
    (folder / "late.html").write_text('<img loading="lazy" src="data:,"><script type="module" src="live-site.js"></script>')
    origin = served(folder)
    for mobile in False, True:
        tab = browser.new_context(is_mobile=mobile, has_touch=mobile).new_page()
        tab.goto(origin + "late.html")
        def loading(): return tab.locator("img").get_attribute("loading")
        assert loading() == ("lazy" if mobile else "eager"), (mobile, loading())
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert loading() == "eager"
        tab.context.close()
    print("ok    pictures that are loaded late are there on paper")


def on_the_site(browser, folder):
    "Every notebook with a view, as HTML, from a server."
    origin = site(folder)
    for path in sorted(folder.rglob("*.html")):
        name = path.relative_to(folder).as_posix()
        tab = opened(browser, origin + name, [origin], *SCREENS[1])
        tab.locator(".live output").first.wait_for()
        if name == "02_manual.html": assert not [url for url in tab.asked if "digits.gz" in url], "fetched before it is needed"
        present = [found for found in CHECKS if tab.locator(f'.live[data-view="{found}"] .said').count()]
        if name in ("index.html", "tools/live.html"):
            for found in present: CHECKS[found](tab)
        assert present and not tab.faults and not tab.foreign(), (name, present, tab.faults, tab.foreign())
        print(f"ok    {name}: {', '.join(present)}")
        tab.context.close()
    for page_name, lost, place, words in (
            ("08_your_digit.html", "live.json", ".live [role=alert]", "(live.json: 404). Load the page again."),
            ("02_manual.html", "digits.gz", '.live[data-view="learn"] output', "(digits.gz: 404). Load the page again.")):
        tab = browser.new_context().new_page()
        tab.route(f"**/{lost}", lambda route: route.fulfill(status=404))
        tab.goto(origin + page_name)
        if lost == "digits.gz": view(tab, "learn").scroll_into_view_if_needed()
        wait_for(tab.locator(place).first, words)
        assert lost == "digits.gz" or tab.locator(".live img").first.is_visible()
        print(f"ok    {page_name} without {lost}: it says so")
        tab.context.close()


CELLS = ["from softmax_mnist.live import Draw\nsheet = Draw()\nsheet",
         "import json\nopen('back.json', 'w').write(json.dumps([sheet.strokes, sheet.x]))",
         "sheet",
         f"sheet.strokes = {STROKES[3]}"]


def in_jupyterlab(browser, folder):
    "Draw on the widget in a real JupyterLab, read the strokes back in Python, show them again and set others."
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "draw.ipynb")
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "JUPYTER_CONFIG_DIR": str(folder / "config")}
    environment.pop("SOFTMAX_MNIST_STILLS", None)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.port=0", "--IdentityProvider.token=", f"--notebook-dir={folder}"]
    with open(folder / "log", "w+") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server:
        try:
            cell = open_notebook(browser, folder)
            run(cell(0))
            cell(0).locator("canvas.sheet").wait_for(timeout=60_000)
            draws_a_one(cell(0))
            cell(0).get_by_role("button", name="a real digit").click()  # 800 kB come from the kernel
            wait_for(cell(0).locator(".truth"), "MNIST says")
            run(cell(2))
            wait_for(cell(2).locator(".said"), cell(0).locator(".said").inner_text())
            cell(0).get_by_role("button", name="clear").click()
            draws_a_one(cell(0))
            if "--pictures" in sys.argv: cell(0).page.screenshot(path=Path(tempfile.gettempdir(), "jupyterlab.png"))
            run(cell(1))
            strokes, x = read_back(folder)
            (x0, y0), (x1, y1) = strokes[0][0], strokes[0][-1]
            assert len(strokes) == 1 and len(x) == 784 and abs(x0 - x1) < 0.02 and y1 - y0 > 0.5, (strokes, len(x))
            print(f"ok    JupyterLab: a stroke of {len(strokes[0])} points and {len(x)} pixels came back")
            run(cell(2))
            wait_for(cell(2).locator(".live output"), "It says 1,")
            run(cell(3))
            for number in (0, 2): wait_for(cell(number).locator(".live output"), "It says 3,")
            run(cell(1))
            assert read_back(folder)[0] == [[list(point) for point in stroke] for stroke in STROKES[3]]
            print("ok    JupyterLab: the sheet is shown again with its strokes, and takes others from Python")
            keys(cell(0))
            print("ok    JupyterLab: keys pressed on a view are the view's")
        finally:
            server.terminate()


def open_notebook(browser, folder):
    "A function that gives a cell of the notebook, once its kernel is there."
    end = time.monotonic() + 120
    while not (found := re.search(r"http://(?:localhost|127\.0\.0\.1):(\d+)/lab", (folder / "log").read_text())):
        assert time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.2)
    tab = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    while True:  # the address is printed a moment before anybody answers there, and a kernel's first greeting can get lost
        try:
            tab.goto(f"http://127.0.0.1:{found[1]}/lab/tree/draw.ipynb")
            tab.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=20_000)
            return tab.locator(".jp-Notebook .jp-CodeCell").nth
        except Error: assert time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.2)


def run(cell):
    "Run a cell and wait for its number."
    cell.locator(".cm-content").click()
    cell.locator(".cm-focused").wait_for()
    before = cell.locator(".jp-InputPrompt").inner_text()
    cell.page.keyboard.press("Control+Enter")
    end = time.monotonic() + 60
    while (now := cell.locator(".jp-InputPrompt").inner_text()) == before or "*" in now:
        assert time.monotonic() < end, f"still {now}"
        time.sleep(0.1)


def draws_a_one(cell):
    draw(cell.page, cell.locator("canvas.sheet"), STROKES[1])
    wait_for(cell.locator(".live output"), "It says 1,")


def read_back(folder):
    "What the second cell has written, strokes and pixels."
    return json.loads((folder / "back.json").read_text())


def keys(cell):
    "JupyterLab's command mode takes none of the keys that are meant for the view: a would insert a cell, 3 a heading."
    def state():
        kinds = cell.page.locator(".jp-Notebook .jp-Cell").evaluate_all("cells => cells.map(cell => cell.className)")
        return [(re.search(r"jp-(Code|Markdown)Cell", kind)[0], "jp-mod-active" in kind) for kind in kinds]
    cell.locator("canvas.sheet").click()
    before = state()
    for part in ("canvas.sheet", "button >> nth=0", "select >> nth=0", "input"):
        cell.locator(".live").locator(part).focus()
        for key in ("ArrowDown", "ArrowDown", "a", "3"): cell.page.keyboard.press(key)
        time.sleep(0.2)
        assert state() == before, (part, before, state())
    assert cell.locator(".live select").first.input_value() == "0"  # two further than "best"


def stills(browser, folder):
    "The still pictures that stand where no JavaScript runs."
    from PIL import Image
    (folder / "page.html").write_text(page(), encoding="utf-8")
    tab = opened(browser, (folder / "page.html").as_uri(), [], 760, "light")
    draw(tab, view(tab, "draw").locator("canvas.sheet"), STROKES[3])
    press(view(tab, "learn"), *["one epoch"] * 10)
    wait_for(view(tab, "learn").locator(".said"), "After 10 epochs")
    press(view(tab, "plane"), "play")
    while int(view(tab, "plane").locator(".said").inner_text().split()[0]) < 200: time.sleep(0.05)
    press(view(tab, "plane"), "pause")
    for name in VIEWS:
        target = STATIC / f"live-{name}.png"
        tab.locator(f'.live[data-view="{name}"]').screenshot(path=target)
        Image.open(target).convert("RGB").quantize(128).save(target, optimize=True)


if __name__ == "__main__":
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        print("skip  tests in a browser: no chromium is installed, and CHROMIUM names none")
        sys.exit()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as scratch:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for task in [stills] if "--stills" in sys.argv else [by_itself, waits, disagrees, late_pictures, on_the_site, in_jupyterlab]:
            folder = Path(scratch, task.__name__)
            folder.mkdir()
            task(browser, folder)
        browser.close()
