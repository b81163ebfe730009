"""What each view shows, read back from its pixels, curves and sentences, and compared with what Python computes."""
import base64
import functools
import io
import json
import re
import time

import numpy as np
import torch
from PIL import Image

from softmax_mnist.data import load_sample, split
from softmax_mnist.evidence import contributions
from softmax_mnist.helpers import softmax
from softmax_mnist.live import _STATIC as STATIC, course_model
from softmax_mnist.manual import ManualSoftmax
from softmax_mnist.training import train

STROKES = {1: [[(.5, .2), (.5, .8)]],
           0: [[(.5, .2), (.35, .28), (.28, .5), (.35, .72), (.5, .8), (.65, .72), (.72, .5), (.65, .28), (.5, .2)]],
           3: [[(.3, .25), (.65, .22), (.45, .45), (.7, .6), (.6, .8), (.3, .8)]]}
BLUE, ORANGE, GREEN = "rgb(42,127,196)", "rgb(196,90,18)", "rgb(63,143,63)"


def view(tab, name):
    found = tab.locator(f'.live[data-view="{name}"]').first
    found.locator(".said").wait_for()
    return found


def press(found, *names):
    for name in names: found.get_by_role("button", name=name, exact=True).click()


def draw(tab, sheet, strokes, button="left"):
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    for stroke in strokes:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        tab.mouse.move(*places[0])
        tab.mouse.down(button=button)
        for place in places[1:]: tab.mouse.move(*place, steps=5)
        tab.mouse.up(button=button)


def wait_for(locator, text, seconds=20):
    end = time.monotonic() + seconds
    while text not in locator.inner_text():
        assert time.monotonic() < end, f"{text!r} did not come, but {locator.inner_text()!r}"
        time.sleep(0.05)


def same(shown, expected, within, what=""):
    far = abs(np.subtract(shown, expected))
    assert (far <= within).all(), f"{what} differs by {far.max():.3g}: {np.ravel(shown)[:12]}, {np.ravel(expected)[:12]}"


def pixels(canvas):
    "What a canvas shows: (height, width, 3) in 0..255."
    address = canvas.evaluate("canvas => canvas.toDataURL()")
    return np.array(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))).convert("RGB")).astype(float)


def ink(canvas): return 1 - pixels(canvas)[..., 0] / 255


def centre(mask): return np.argwhere(mask)[:, ::-1].mean(axis=0)  # x, y


def shades(canvas):
    "The numbers that a map's colours stand for: 1 is dark blue, 0 white, -1 dark red."
    red, green, blue = pixels(canvas).reshape(-1, 3).T
    return np.where(blue > red, np.interp(green, [48, 147, 255], [1, 0.5, 0]), np.interp(green, [0, 96, 255], [-1, -0.5, 0]))


def curves(svg):
    "A chart's curves under the names of its legend, in the numbers of its axes: arrays of rows x, y."
    markup = svg.inner_html()
    def tick(x, y): return float(re.search(rf'<text x="{x}" y="{y}" text-anchor="(?:start|end)"[^>]*>([^<]+)<', markup)[1])
    names = {colour: name for colour, name in re.findall(r'<tspan fill="([^"]+)".*?</tspan>([^<]*)', markup)}
    drawn = re.findall(r'<path d="M([^"]+)" stroke="(rgb[^"]+)"', markup)
    drawn += [(f"{x} {y}", colour) for x, y, colour in re.findall(r'<circle cx="([^"]+)" cy="([^"]+)" r="3" fill="([^"]+)"', markup)]
    if not drawn: return {}
    (x0, x1), (y0, y1) = (tick(44, 164), tick(332, 164)), (tick(40, 150), tick(40, 30))
    places = {names[colour]: np.array([point.split() for point in d.split("L")], dtype=float) for d, colour in drawn}
    return {name: np.stack([np.interp(at[:, 0], [44, 332], [x0, x1]), np.interp(at[:, 1], [22, 150], [y1, y0])], axis=1)
            for name, at in places.items()}


def bars(found, p, within):
    "The table of bars shows these probabilities, and which is the greatest."
    rows = found.locator("table").evaluate("""table => [...table.rows].map(row => [row.lastChild.textContent,
        row.querySelector(".bar").offsetWidth / row.querySelector(".track").clientWidth, getComputedStyle(row.lastChild).fontWeight])""")
    same([float(text.removesuffix(" %")) / 100 for text, _, _ in rows], p, within)
    same([width for _, width, _ in rows], p, within + 0.012)
    bold = [weight == "700" for _, _, weight in rows]
    assert bold.count(True) == 1 and p[bold.index(True)] > max(p) - within, (bold, p)
    return [text for text, _, _ in rows]


def explained(drawn):
    "Bars, sentence, map and caption are what the course's model makes of the pixels that it sees; gives what it says."
    model, seen = course_model(), torch.tensor(ink(drawn.locator("[data-id=seen]")).ravel()).float()
    assert drawn.get_by_role("rowheader").all_inner_texts() == list("0123456789")
    p = softmax(model.logits(seen[None]))[0].numpy()
    texts = bars(drawn, p, 0.015)
    said = re.match(r"It says (\d), at ([\d.]+ %); then (\d), at ([\d.]+ %)\.", drawn.locator(".said").inner_text())
    best, second = int(said[1]), int(said[3])
    same(np.sort(p)[-2:], p[[second, best]], 0.02)
    assert (texts[best], texts[second]) == (said[2], said[4])
    wait_for(drawn.locator("output"), said[0])  # for those who cannot see
    k, j = (int({"best": best, "second": second}.get(name, name))
            for name in (drawn.get_by_label(label).input_value() for label in ("for this digit", "rather than this one")))
    said_by = contributions(model, seen, k, j)
    same(shades(drawn.locator("[data-id=map]")), said_by / said_by.abs().max(), 0.04)
    biases = float(model.bias[k] - model.bias[j])
    words = drawn.locator("[data-id=caption]").inner_text()
    numbers = re.fullmatch(rf"blue: for an? {k}; red: for an? {j}. Pixels (.+), biases (.+): the {k} has e\^(.+) times the probability of the {j}", words)
    same([float(number.replace("−", "-")) for number in numbers.groups()], [said_by.sum(), biases, said_by.sum() + biases], 0.1)
    return best


def pen(sheet):
    "Where the ring of the pen is on the sheet, in 28ths, and whether it is down."
    red, _, blue = np.moveaxis(pixels(sheet), 2, 0)
    ring = abs(red - blue) > 60
    return 28 * centre(ring) / 280, (red > blue)[ring].mean() > 0.5


def draws(tab):
    "Drawn by hand and by keyboard, undone and cleared; a real digit and a wrong one come; all is as the model sees it."
    drawn = view(tab, "draw")
    sheet, said, seen = drawn.get_by_role("application"), drawn.locator(".said"), drawn.locator("[data-id=seen]")
    for digit in STROKES:
        press(drawn, "clear")
        draw(tab, sheet, STROKES[digit])
        wait_for(said, f"It says {digit},")
        assert explained(drawn) == digit
    drawn.get_by_label("for this digit").select_option("9")
    drawn.get_by_label("rather than this one").select_option("best")
    explained(drawn)
    by_hand(tab, drawn, sheet, said, seen)
    by_keyboard(tab, drawn, sheet, said, seen)
    real_digits(tab, drawn, sheet, said, seen)
    box = sheet.bounding_box()
    tab.mouse.move(box["x"] + 90, box["y"] + 90)
    tab.mouse.down()
    point = ink(seen)
    tab.mouse.move(box["x"] + 120, box["y"] + 120)
    stroke = ink(seen)
    assert abs(stroke - point).max() > 0.1, "seen only in the end"
    sheet.dispatch_event("pointermove", {"pointerId": 99, "clientX": box["x"] + 9, "clientY": box["y"] + 200})  # another finger
    same(ink(seen), stroke, 0, "one finger's stroke")
    tab.keyboard.press("Backspace")  # in the middle of a stroke
    tab.mouse.move(box["x"] + 150, box["y"] + 90)
    tab.mouse.up()
    wait_for(said, "It says 1,")


def by_hand(tab, drawn, sheet, said, seen):
    "What is seen is what is on the sheet, as it is or scaled and centred; strokes go in the order they came."
    press(drawn, "clear")
    assert ink(seen).max() == 0
    draw(tab, sheet, [[(.5, .5), (.7, .7)]], button="right")
    assert said.inner_text() == "The sheet is empty. Draw a digit."
    draw(tab, sheet, [[(.2, .2), (.2, .55)]])
    centred = ink(seen)
    tall, wide = (np.ptp(np.argwhere(centred > 0.3), axis=0) + 1).tolist()
    assert abs(tall - 20) <= 1 and wide < 6, (tall, wide)
    same((centred[..., None] * np.indices((28, 28)).transpose(1, 2, 0)).sum((0, 1)) / centred.sum(), [13.5, 13.5], 1)
    drawn.get_by_label("scaled and centred").uncheck()
    same(ink(sheet).reshape(28, 10, 28, 10).mean((1, 3)), ink(seen), 0.15, "sheet and what is seen")
    drawn.get_by_label("scaled and centred").check()
    draw(tab, sheet, [[(.6, .3), (.6, .7)], [(.4, .4), (.8, .4)]])
    press(drawn, "undo", "undo")
    same(ink(seen), centred, 0, "the first stroke")
    draw(tab, sheet, [[(.6, .3), (.6, .7)]])
    press(drawn, "clear")
    assert said.inner_text() == "The sheet is empty. Draw a digit."
    styles = sheet.evaluate("sheet => [getComputedStyle(sheet).touchAction, getComputedStyle(document.querySelector('.small')).imageRendering]")
    assert styles == ["none", "pixelated"], styles


def by_keyboard(tab, drawn, sheet, said, seen):
    "Arrow keys move the pen, space puts it down and lifts it, Backspace takes back a stroke."
    press(drawn, "clear")
    for _ in "clear", "undo": tab.keyboard.press("Shift+Tab")
    assert sheet.evaluate("sheet => sheet === document.activeElement && getComputedStyle(sheet).outlineStyle") == "solid"
    (before, _), keys = pen(sheet), ["ArrowRight"] * 3 + ["ArrowDown"] * 8 + ["ArrowLeft"] + ["ArrowUp"] * 2
    for key in keys: tab.keyboard.press(key)
    after, down = pen(sheet)
    same(after - before, [2, 6], 0.2, "the way of the pen")
    assert not down
    tab.keyboard.press(" ")
    assert pen(sheet)[1]
    for key in ["ArrowDown"] * 12 + [" ", "ArrowRight", "ArrowRight"]: tab.keyboard.press(key)
    wait_for(said, "It says 1,")
    assert not pen(sheet)[1]
    stroke = ink(seen)
    for key in [" ", *["ArrowUp"] * 6, " "]: tab.keyboard.press(key)
    assert abs(ink(seen) - stroke).max() > 0.5
    tab.keyboard.press("Backspace")
    same(ink(seen), stroke, 0, "the first stroke")
    tab.keyboard.press("Backspace")
    wait_for(said, "The sheet is empty")


def real_digits(tab, drawn, sheet, said, seen):
    "Digits of the sample under their own labels, never the same for long; a wrong one is wrong."
    sample, rows, truth = load_sample(), set(), drawn.locator(".truth")
    for button in ["a real digit"] * 3 + ["one it gets wrong"]:
        press(drawn, button)
        wait_for(truth, "MNIST says")
        same(ink(sheet).reshape(28, 10, 28, 10).mean((1, 3)), ink(seen), 0.01, "the sheet")
        distances = (sample.X - torch.tensor(ink(seen).ravel()).float()).abs().sum(dim=1)
        row = int(distances.argmin())
        assert distances[row] < 0.01 and truth.inner_text() == f"MNIST says: {sample.y[row]}", (row, truth.inner_text())
        rows.add(row)
        answer = explained(drawn)
    assert len(rows) > 2 and answer != sample.y[row], (rows, answer)
    choices = [drawn.get_by_label(label) for label in ("for this digit", "rather than this one")]
    assert [choice.input_value() for choice in choices] == ["best", str(int(sample.y[row]))]
    draw(tab, sheet, STROKES[1])  # over a digit of MNIST's: a sheet of one's own again
    wait_for(said, "It says 1,")
    assert (truth.inner_text(), *[choice.input_value() for choice in choices]) == ("", "best", "second")


def scores(tab):
    "Probabilities, surprise and gradient are softmax's; the same number added to all scores changes the scores alone."
    seen = view(tab, "scores")
    sliders = {name: seen.get_by_label(f"score of {name}") for name in "ABCD"}
    def shown(): return seen.locator("table").inner_text(), seen.locator("svg").inner_html()
    def all_scores(): return [float(slider.input_value()) for slider in sliders.values()]
    for values, heat, truth in ([-5, 8, 0, 2.2], 0.5, "A"), ([1, 2, 3, 0.5], -0.4, "D"), ([3, 2, 1, 0.5], 0, "B"):
        for slider, value in zip(sliders.values(), values): slider.fill(str(value))
        seen.get_by_label("temperature").fill(str(heat))
        seen.get_by_label("the true class").select_option(truth)
        temperature, y = 10 ** heat, "ABCD".index(truth)
        p = softmax(torch.tensor([values]).double() / temperature)[0].numpy()
        gradient, cost = p - np.eye(4)[y], -np.log(p[y])
        assert seen.locator("label + span").all_inner_texts() == [f"{value:.1f}" for value in values]
        assert seen.locator("[data-id=degrees]").inner_text() == f"{temperature:.2f}"
        texts = bars(seen, p, 0.001)
        assert seen.locator("[data-id=surprise]").inner_text() == f"surprise at {truth}: −log {p[y]:.3f} = {cost:.3f} nats"
        assert seen.locator(".said").inner_text() == f"Probabilities {', '.join(map(' '.join, zip('ABCD', texts)))}; surprise {cost:.2f} nats."
        arrows = seen.locator("svg")
        same([float(length) for length in re.findall(r"h(-?[\d.e-]+)m", arrows.inner_html())], 140 * gradient, 0.1)
        assert arrows.get_by_text(re.compile("^[A-D] ")).all_text_contents() == [f"{k}  {g:.3f}".replace("-", "−") for k, g in zip("ABCD", gradient)]
        same([float(number) for number in re.findall(r"[A-D] (-?[\d.]+)", arrows.get_attribute("aria-label"))], gradient, 0.006)
    before = shown()
    press(seen, "all + 1")
    assert (shown(), all_scores()) == (before, [4, 3, 2, 1.5])
    press(seen, *["all + 1"] * 5)  # one too many
    assert (shown(), all_scores()) == (before, [8, 7, 6, 5.5])
    press(seen, "all − 1")
    assert (shown(), all_scores()) == (before, [7, 6, 5, 4.5])


@functools.cache
def trained(**recipe):
    "The model by hand and its history, trained on the sample."
    parts, model = split(load_sample()), ManualSoftmax()
    return model, train(model, parts.train, parts.val, progress=False, **recipe)


def shows_training(learned, epochs, **recipe):
    "Templates, curves, legends and the sentence are those of Python's training."
    model, history = trained(epochs=epochs, **recipe)
    end = history.iloc[-1]
    words = f"After {epochs} epochs: validation loss {end.val_loss:.4f}, {100 * end.val_accuracy:.1f} % right."
    wait_for(learned.locator(".said"), words)
    for k, canvas in enumerate(learned.locator("canvas").all()):
        same(shades(canvas), model.weight[k] / model.weight.abs().max(), 0.02, f"template {k}")
    for name, title in ("loss", "loss (nats)"), ("accuracy", "right answers"):
        svg = learned.locator("[data-id=losses]" if name == "loss" else "[data-id=accuracies]")
        found = curves(svg)
        assert title in svg.text_content()
        for word, part in ("training", "train"), ("validation", "val"):
            values = history[f"{part}_{name}"]
            points = next(points for legend, points in found.items() if legend.startswith(word))
            same(points, np.stack([np.arange(1, epochs + 1), values], axis=1), 0.01, (name, word))
            same(float(next(legend for legend in found if legend.startswith(word)).split()[1]), values.iloc[-1], 0.006)


AT_EVERY_FRAME = """async element => {
    const [chart, ...others] = ["[data-id=losses]", ".said", "[data-id=agreement]"].map(part => element.querySelector(part)), seen = []
    for (const end = performance.now() + 1500; performance.now() < end; await new Promise(requestAnimationFrame))
        seen.push([chart.getAttribute("aria-label"), chart.textContent, ...others.map(part => part.textContent)])
    return seen
}"""


def learns(tab):
    "The notebook's own run, and others by rate, batch size, seed and start; it plays, pauses, and starts again."
    learned = view(tab, "learn")
    said, agreement = learned.locator(".said"), learned.locator("[data-id=agreement]")
    for value, ends in (("-1", False), ("", False), ("42", True)):
        learned.get_by_label("seed", exact=True).last.fill(value)
        learned.get_by_label("seed", exact=True).last.blur()
        assert learned.get_by_role("button", name="play").is_enabled() == ends, value
    assert said.inner_text() == "Nothing learned yet." and not curves(learned.locator("svg").first)
    press(learned, "one step", "one step")
    assert said.inner_text() == "128 digits of the first epoch."
    press(learned, "start again", *["one epoch"] * 10)
    shows_training(learned, 10)
    theirs = json.loads((STATIC / "live.json").read_text(encoding="utf-8"))["history"][9]["val_loss"]
    wait_for(agreement, f"Epoch 10, validation loss: the notebook {theirs:.7f}, here {theirs:.5f}")
    wait_for(agreement, "they agree")
    plays(learned)
    learned.get_by_label("learning rate").select_option("0.1")
    time.sleep(0.2)
    assert said.inner_text() == "Nothing learned yet." and not curves(learned.locator("svg").first)
    assert all(abs(shades(canvas)).max() == 0 for canvas in learned.locator("canvas").all())
    learned.get_by_label("batch size").select_option("256")
    learned.get_by_label("seed", exact=True).last.fill("7")
    press(learned, "start again", "one epoch", "one epoch")
    shows_training(learned, 2, learning_rate=0.1, batch_size=256, seed=7)
    assert agreement.inner_text() == ""
    starts_at_random(learned, said)
    becomes_infinite(tab, learned, said)


def plays(learned):
    "At every moment the chart, its label and both sentences tell of the same epoch; paused, nothing moves."
    press(learned, "play")
    frames, epochs = learned.evaluate(AT_EVERY_FRAME), set()
    press(learned, "pause")
    for label, chart, said, agreement in frames:
        epoch, loss = re.match(r"After (\d+) epochs?: validation loss ([\d.]+),", said).groups()
        assert re.search(r"over (\d+) epoch", label)[1] == epoch, (label, said)
        assert not agreement or re.match(r"Epoch (\d+),", agreement)[1] == epoch, (agreement, said)
        same(float(re.search(r"validation ([\d.]+)", chart)[1]), float(loss), 0.005, said)
        epochs.add(epoch)
    before = learned.locator(".said").inner_text()
    time.sleep(0.3)
    assert len(epochs) > 2 and learned.locator(".said").inner_text() == before
    press(learned, "play")  # what changes the settings stops it


def starts_at_random(learned, said):
    "Small numbers around zero, others for another seed."
    templates = []
    for seed in "667":
        learned.get_by_label("start", exact=True).last.select_option("random")
        learned.get_by_label("seed", exact=True).last.fill(seed)
        press(learned, "start again")
        templates.append(np.stack([shades(canvas) for canvas in learned.locator("canvas").all()]))
        assert abs(templates[-1].mean()) < 0.03 and 0.5 < templates[-1].std() < 0.65  # 1/sqrt(3), if it is uniform
    assert (templates[0] == templates[1]).all() and (templates[0] != templates[2]).mean() > 0.9
    press(learned, "one epoch")
    wait_for(said, "After 1 epoch: validation loss 1.")
    learned.get_by_label("start", exact=True).last.select_option("zeros")


def becomes_infinite(tab, learned, said):
    "A loss that is no number is called so, nothing is drawn of it, and it stops."
    tab.evaluate("() => { [globalThis.exp, Math.exp] = [Math.exp, () => NaN] }")
    press(learned, "play")
    wait_for(said, "The loss is no number any more: the steps are too long.")
    tab.evaluate("() => { Math.exp = exp }")
    learned.get_by_role("button", name="play").wait_for()
    losses = learned.locator("[data-id=losses]")
    assert "no numbers" in losses.text_content() and "validation –" in losses.text_content() and "NaN" not in losses.inner_html()


def hue(pixel):
    "The class whose colour a region has."
    tints = 255 - np.array([re.findall(r"\d+", colour) for colour in (BLUE, ORANGE, GREEN)]).astype(float)
    tint = 255 - pixel
    return int((tints @ tint / np.linalg.norm(tints, axis=1)).argmax())


def pushes(tab):
    "The clouds lie where the sliders say, separable ones are separated; paths, lengths and sentence are of one model."
    plane = view(tab, "plane")
    said, canvas, paths, lengths = (plane.locator(part) for part in (".said", "canvas", "[data-id=paths]", "[data-id=lengths]"))
    sliders = [[plane.get_by_label(f"cloud {mark}, {axis}") for axis in "xy"] for mark in "●■▲"]

    def marks(colour):
        dark = 0.7 * np.array(re.findall(r"\d+", colour)).astype(float)
        return abs(pixels(canvas) - dark).sum(axis=2) < 40

    def clouds():  # where their sliders are, and so their points
        centres = np.array([[float(slider.input_value()) for slider in pair] for pair in sliders])
        for (x, y), colour in zip(centres, (BLUE, ORANGE, GREEN)):
            same((centre(marks(colour)) - 139.5) / 35, [x, -y], 0.3, colour)
        return centres

    def steps(n, **settings):  # the length of the weights after so many
        for name, value in settings.items(): plane.get_by_label(name.replace("_", " ")).select_option(str(value))
        press(plane, "start again")
        assert said.inner_text() == "0 steps: 0 of 75 points on their side, weights of length 0.00."
        press(plane, *["one step"] * n)
        assert said.inner_text().startswith(f"{n} step{'s' * (n > 1)}: ")
        return drawn_to_the_end(n)

    def drawn_to_the_end(n):
        weights = np.stack([points[-1] for points in curves(paths).values()])
        (legend, points), = curves(lengths).items()
        same(points[-1], [np.log10(n), float(legend)], 0.01)
        same(np.linalg.norm(weights), float(legend), 0.02)
        assert f"weights of length {legend}." in said.inner_text()
        return points[-1, 1]

    press(plane, "mixed clouds")
    assert np.linalg.norm(clouds(), axis=1).max() < 1.6
    once = steps(1, learning_rate=0.3, weight_decay=0)
    same(steps(1, learning_rate=3), 10 * once, 0.02)
    plane.get_by_label("learning rate").select_option("0.3")  # a step of another length starts anew
    assert said.inner_text().startswith("0 steps")
    assert steps(23, weight_decay=0.1) < 0.9 * steps(23, weight_decay=0)
    press(plane, "separable clouds", "play")
    wait_for(said, "75 of 75 points")
    press(plane, "pause")
    before, centres = said.inner_text(), clouds()
    time.sleep(0.3)
    assert said.inner_text() == before and np.linalg.norm(centres, axis=1).min() > 1.9
    drawn_to_the_end(int(before.split()[0]))
    weights, picture = np.stack([points[-1] for points in curves(paths).values()]), pixels(canvas)
    assert (np.sum(weights * centres, axis=1) > 0.8 * np.linalg.norm(weights, axis=1) * np.linalg.norm(centres, axis=1)).all()
    for k, (x, y) in enumerate(1.5 * centres): assert hue(picture[int(140 - 35 * y), int(140 + 35 * x)]) == k, k
    draw(tab, canvas, [[(.75, .325), (.6, .6)]])
    same(clouds(), [centres[0], [0.8, -0.8], centres[2]], 0.06)
    assert [len(points) for points in (*curves(paths).values(), *curves(lengths).values())] == [1, 1, 1, 1]
    left = np.argwhere(marks(ORANGE))[:, 1].min()
    draw(tab, canvas, [[(.6, .6), (.99, .6)]])  # no farther than the sliders go
    same(np.argwhere(marks(ORANGE))[:, 1].min() - left, 35 * (3.5 - 0.8), 2)
    sliders[2][0].fill("-1")
    sliders[2][1].fill("-2.5")
    same(clouds(), [centres[0], [3.5, -0.8], [-1, -2.5]], 0.06)
    for (x, y), place in zip(sliders, ("3", "-1", "1")):
        x.fill("0")
        y.fill(place)
    steps(12)  # here the biases are large, and no part of the length


CHECKS = {"draw": draws, "scores": scores, "learn": learns, "plane": pushes}

CONTRASTS = """() => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number), page = matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255]
    const light = colour => colour.slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0.05)
    const ground = part => { const own = part && numbers(getComputedStyle(part).backgroundColor)
        return !part ? page : own[3] === 0 ? ground(part.parentElement) : own }
    return [...document.querySelectorAll(".live .live *")].map(part => {
        const style = getComputedStyle(part), bar = part.matches(".bar"), stroke = part.matches("path")
        const written = [...part.childNodes].some(node => node.nodeType === 3 && node.data.trim()), tspan = part.matches("tspan")
        if (!bar && !stroke && !written || part.disabled) return null
        const colour = bar ? style.backgroundColor : stroke ? style.stroke : part.closest("svg") ? style.fill : style.color
        const pair = [light(colour === "none" ? page : numbers(colour)), light(ground(bar ? part.parentElement : part))].sort((a, b) => b - a)
        return [pair[0] / pair[1] / (bar || stroke || tspan ? 3 : 4.5), part.outerHTML.slice(0, 80)]
    }).filter(row => row && row[0] < 1)
}"""


def sound(tab, *origins):
    "No errors, no foreign requests, nothing wider than the screen, and words and lines that can be read."
    assert not tab.faults, tab.faults
    assert not tab.foreign(), tab.foreign()
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), "wider than the screen"
    assert not (faint := tab.evaluate(CONTRASTS)), faint
