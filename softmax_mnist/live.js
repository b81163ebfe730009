// What answers the reader's hand on the pages of softmax_mnist: pure functions first, then four views and `render`, which shows one.
// The same file serves JupyterLab (through anywidget), the site (live-site.js) and the page that live.page() writes.

const PIXELS = 784, CLASSES = 10, DIGITS = [...Array(CLASSES).keys()]

// ---- Random orders, as torch.randperm deals them

// MT19937 (Matsumoto and Nishimura, 1998): a function that returns the next of a sequence of whole numbers below 2**32.
export function mersenne(seed) {
  const state = new Uint32Array(624)
  state[0] = seed
  for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i
  let at = 624
  return () => {
    if (at === 624) {
      for (let i = 0; i < 624; i++) {
        const joined = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff)
        state[i] = state[(i + 397) % 624] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0)
      }
      at = 0
    }
    let y = state[at++]
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}

// The numbers 0..n-1 in random order (Fisher and Yates): the order is torch.randperm's for a generator with this seed.
export function randperm(n, seed) {
  const random = typeof seed === "number" ? mersenne(seed) : seed
  const order = Int32Array.from({length: n}, (_, i) => i)
  for (let i = 0; i < n - 1; i++) {
    const j = i + random() % (n - i)
    const kept = order[i]
    order[i] = order[j]
    order[j] = kept
  }
  return order
}

// ---- Softmax regression

export function softmax(scores) {
  const largest = Math.max(...scores)
  const powers = Array.from(scores, z => Math.exp(z - largest))
  const sum = powers.reduce((a, b) => a + b)
  return powers.map(power => power / sum)
}

// A model: weight holds ten numbers a pixel, one for each class; bias holds ten.
export const newModel = () => ({weight: new Float64Array(PIXELS * CLASSES), bias: new Float64Array(CLASSES)})

// From the (10, 784) weights and (10,) biases that Python keeps, one after the other as float32.
export function decodeModel(numbers) {
  const model = newModel()
  for (let k = 0; k < CLASSES; k++) for (let p = 0; p < PIXELS; p++) model.weight[p * CLASSES + k] = numbers[k * PIXELS + p]
  model.bias.set(numbers.subarray(PIXELS * CLASSES))
  return model
}

// The ten scores of a picture of 784 numbers in [0, 1].
export function scores(model, x) {
  const z = Array.from(model.bias)
  for (let p = 0; p < PIXELS; p++) if (x[p]) for (let k = 0; k < CLASSES; k++) z[k] += x[p] * model.weight[p * CLASSES + k]
  return z
}

// What each pixel says for class k rather than j, in nats.
export const evidence = (model, x, k, j) =>
  Float32Array.from(x, (ink, p) => ink * (model.weight[p * CLASSES + k] - model.weight[p * CLASSES + j]))

// Of the digits in `rows` the inked pixels alone, one digit after the other: four pixels in five are paper.
export function inked(pixels, labels, rows) {
  const starts = new Int32Array(rows.length + 1), y = new Uint8Array(rows.length), where = [], ink = []
  rows.forEach((row, i) => {
    y[i] = labels[row]
    for (let p = 0; p < PIXELS; p++) if (pixels[row * PIXELS + p]) { where.push(p); ink.push(pixels[row * PIXELS + p] / 255) }
    starts[i + 1] = where.length
  })
  return {starts, y, where: Uint16Array.from(where), ink: Float32Array.from(ink)}
}

// Fill z with the scores of digit i, and then with its probabilities; add what it costs to the totals.
function forward({weight, bias}, {starts, y, where, ink}, i, z, totals) {
  for (let k = 0; k < CLASSES; k++) z[k] = bias[k]
  for (let e = starts[i]; e < starts[i + 1]; e++)
    for (let k = 0, w = where[e] * CLASSES; k < CLASSES; k++) z[k] += ink[e] * weight[w + k]
  let best = 0, sum = 0
  for (let k = 1; k < CLASSES; k++) if (z[k] > z[best]) best = k
  const largest = z[best], truth = z[y[i]]
  for (let k = 0; k < CLASSES; k++) sum += z[k] = Math.exp(z[k] - largest)
  for (let k = 0; k < CLASSES; k++) z[k] /= sum
  totals.loss += Math.log(sum) + largest - truth
  totals.right += best === y[i]
}

// One step of gradient descent on the digits order[from] to order[to - 1].
export function step(model, data, order, from, to, rate, totals) {
  const errors = new Float64Array((to - from) * CLASSES), z = new Float64Array(CLASSES)
  for (let i = from; i < to; i++) {
    forward(model, data, order[i], z, totals)
    z[data.y[order[i]]] -= 1
    for (let k = 0; k < CLASSES; k++) errors[(i - from) * CLASSES + k] = rate * z[k] / (to - from)
  }
  const {weight, bias} = model, {starts, where, ink} = data
  for (let i = from; i < to; i++) {
    const at = (i - from) * CLASSES
    for (let e = starts[order[i]]; e < starts[order[i] + 1]; e++)
      for (let k = 0, w = where[e] * CLASSES; k < CLASSES; k++) weight[w + k] -= ink[e] * errors[at + k]
    for (let k = 0; k < CLASSES; k++) bias[k] -= errors[at + k]
  }
}

const figures = ({loss, right}, n) => ({loss: loss / n, accuracy: right / n})

// All digits once, in the given order; state is {model, data}, rate a number or a function of the step. Loss and accuracy on the way.
export function trainEpoch({model, data}, order, batchSize, rate) {
  const totals = {loss: 0, right: 0}
  for (let from = 0, i = 0; from < order.length; from += batchSize, i++)
    step(model, data, order, from, Math.min(from + batchSize, order.length), typeof rate === "number" ? rate : rate(i), totals)
  return figures(totals, order.length)
}

// Loss and accuracy on digits that are only looked at.
export function measure(model, data) {
  const totals = {loss: 0, right: 0}, z = new Float64Array(CLASSES)
  for (let i = 0; i < data.y.length; i++) forward(model, data, i, z, totals)
  return figures(totals, data.y.length)
}

// ---- From a drawing to 784 numbers, as digit.fit_box and digit.centre do it

// The ink of pen strokes, each a list of points [x, y] in [0, 1], on a square sheet of side² pixels: 1 within the radius, 0 beyond it.
export function rasterise(strokes, side = 140, radius = 6, sheet = new Float32Array(side * side)) {
  for (const stroke of strokes) stroke.forEach(([x1, y1], i) => {
    const [x0, y0] = stroke[Math.max(i - 1, 0)].map(v => v * side)
    const [dx, dy] = [x1 * side - x0, y1 * side - y0], length2 = dx * dx + dy * dy
    const span = (a, d) => [Math.max(0, Math.floor(Math.min(a, a + d) - radius - 1)), Math.min(side, Math.ceil(Math.max(a, a + d) + radius + 1))]
    const [left, right] = span(x0, dx), [top, bottom] = span(y0, dy)
    for (let row = top; row < bottom; row++) for (let column = left; column < right; column++) {
      const [x, y] = [column + 0.5 - x0, row + 0.5 - y0]
      const t = length2 ? Math.min(1, Math.max(0, (x * dx + y * dy) / length2)) : 0  // the nearest point of the segment
      const ink = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x - t * dx, y - t * dy)))
      if (ink > sheet[row * side + column]) sheet[row * side + column] = ink
    }
  })
  return sheet
}

const sinc = x => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
const lanczos = x => Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0

// For each new pixel along one side: the first old pixel that it sees, and the weights of those that it sees (Pillow's).
function windows(before, after) {
  const scale = before / after, wide = Math.max(scale, 1)
  return Array.from({length: after}, (_, i) => {
    const centre = (i + 0.5) * scale
    const first = Math.max(0, Math.trunc(centre - 3 * wide + 0.5)), end = Math.min(before, Math.trunc(centre + 3 * wide + 0.5))
    const weights = Array.from({length: end - first}, (_, j) => lanczos((first + j - centre + 0.5) / wide))
    const sum = weights.reduce((a, b) => a + b, 0)
    return [first, weights.map(w => w / sum)]
  })
}

// A picture of height rows of width numbers in another size; float32 between the pass along the rows and the one along the columns.
export function resize(picture, width, height, newWidth, newHeight) {
  const pass = (source, rows, from, to, at) => {  // at(row, i): where the number i of a row lies
    if (from === to) return source
    const target = new Float32Array(rows * to)
    windows(from, to).forEach(([first, weights], i) => {
      for (let row = 0; row < rows; row++) {
        let sum = 0
        weights.forEach((w, j) => { sum += w * source[at(row, first + j, from)] })
        target[at(row, i, to)] = sum
      }
    })
    return target
  }
  const narrow = pass(picture, height, width, newWidth, (row, i, length) => row * length + i)
  return pass(narrow, newWidth, height, newHeight, (column, i) => i * newWidth + column)
}

function halfToEven(x) {
  const millionths = Math.round(1e6 * x) / 1e6  // so that a half that rounding errors have touched is one still
  const down = Math.floor(millionths), rest = millionths - down
  return rest > 0.5 || (rest === 0.5 && down % 2) ? down + 1 : down
}

// Ink (rows of width numbers in [0, 1]) as MNIST shows it: the longer side scaled to 20 pixels, its centre of mass in the middle of 28×28.
export function preprocess(ink, width, height) {
  let [top, bottom, left, right] = [height, -1, width, -1]
  ink.forEach((strength, i) => {
    if (!(strength > 0.3)) return
    const row = Math.floor(i / width), column = i % width
    top = Math.min(top, row); bottom = Math.max(bottom, row); left = Math.min(left, column); right = Math.max(right, column)
  })
  if (bottom < 0) throw new Error("no digit in sight: there is no ink")
  const size = [bottom - top + 1, right - left + 1]
  const cut = Float32Array.from({length: size[0] * size[1]}, (_, i) => ink[(top + Math.floor(i / size[1])) * width + left + i % size[1]])
  const [rows, columns] = size.map(n => Math.max(1, halfToEven(n * 20 / Math.max(...size))))
  const small = resize(cut, size[1], size[0], columns, rows).map(v => Math.min(1, Math.max(0, v)))
  const peak = small.reduce((a, b) => Math.max(a, b)), picture = new Float32Array(PIXELS)
  let [mass, down, across] = [0, 0, 0]
  small.forEach((v, i) => { small[i] = v / peak; mass += small[i]; down += small[i] * Math.floor(i / columns); across += small[i] * (i % columns) })
  const place = (middle, n) => Math.min(Math.max(halfToEven(14 - middle / mass), 0), 28 - n)
  const [y, x] = [place(down, rows), place(across, columns)]
  small.forEach((v, i) => { picture[(y + Math.floor(i / columns)) * 28 + x + i % columns] = v })
  return picture
}

// The sheet itself in 28×28, neither scaled nor centred: what a model is shown by those who forget to.
export const shrink = (ink, side) => resize(ink, side, side, 28, 28).map(v => Math.min(1, Math.max(0, v)))

// ---- What the views are made of

const STYLE = `
.live { color: inherit; max-width: 44rem; font-size: 1rem; line-height: 1.4 }
.live .row { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: flex-start; margin: .5rem 0 }
.live canvas { background: #fff; border: 1px solid #888; image-rendering: pixelated; display: block }
.live canvas.sheet { touch-action: none; cursor: crosshair; image-rendering: auto; width: min(17.5rem, 100%); aspect-ratio: 1 }
.live .pad { width: min(17.5rem, 100%) }
.live :focus-visible { outline: 3px solid #1b6ec2; outline-offset: 2px }
.live button, .live select, .live input { font: inherit; color: inherit; background: transparent; border: 1px solid #888; border-radius: .3rem; padding: .15rem .5rem }
.live select option { color: #000; background: #fff }
.live button:disabled { opacity: .6 }
.live input[type=range] { width: 9rem; padding: 0; vertical-align: middle; accent-color: #1b6ec2 }
.live input[type=number] { width: 5rem }
.live table { border-collapse: collapse; width: auto; margin: 0 }
.live th, .live td { padding: 0 .4rem; border: 0; text-align: right; font-variant-numeric: tabular-nums; background: none }
.live .track { width: 8rem; padding: 0 }
.live .bar { background: #1b6ec2; height: .9rem; min-width: 1px; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.live tr.best th, .live tr.best td { font-weight: bold }
.live figure { margin: 0 } .live figcaption { font-size: .85rem; color: inherit; max-width: 18rem }
.live svg { display: block; width: 100%; max-width: 21rem; height: auto; overflow: visible }
.live output { display: block; min-height: 1.4em }
.live fieldset { border: 1px solid #888; border-radius: .3rem; padding: .3rem .6rem; margin: 0; min-width: 0 }
.live legend { font-size: .85rem; padding: 0 .3rem; margin: 0; width: auto; float: none }
.live label { white-space: nowrap }
.live .templates { display: grid; grid-template-columns: repeat(auto-fill, 62px); gap: .4rem .8rem; max-width: 25rem }`

const SVG = new Set(["svg", "path", "line", "text", "circle", "g", "title"])

// An element with attributes (on… are listeners) and children; false and null children are left out.
function make(tag, attributes = {}, ...children) {
  const element = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else if (typeof value === "boolean") element.toggleAttribute(name, value)
    else element.setAttribute(name, value)
  }
  element.append(...children.flat(Infinity).filter(child => child !== false && child != null))
  return element
}

const button = (text, onclick) => make("button", {type: "button", onclick}, text)
const select = (label, options, onchange, chosen = options[0]) => make("select", {"aria-label": label, onchange},
  options.map(option => make("option", {value: option, selected: option === chosen}, `${option}`)))
const labelled = (text, input) => make("label", {}, `${text} `, input)
const figure = (picture, ...caption) => make("figure", {}, picture, make("figcaption", {}, caption))
const percent = p => `${(100 * p).toFixed(1)} %`
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches

// A picture of side × side pixels with a colour for each.
function pixelPicture(label, scale = 5, side = 28) {
  const canvas = make("canvas", {width: side, height: side, role: "img", "aria-label": label, style: `width: ${side * scale}px; height: ${side * scale}px`})
  const context = canvas.getContext("2d"), image = context.createImageData(side, side)
  const draw = colour => {
    for (let i = 0; i < side * side; i++) image.data.set([...colour(i), 255], 4 * i)
    context.putImageData(image, 0, 0)
  }
  return {canvas, draw}
}

const grey = ink => { const level = 255 * (1 - ink); return [level, level, level] }

// From red (-1) by white (0) to blue (1).
function redBlue(t) {
  const end = t > 0 ? [5, 48, 97] : [103, 0, 31], middle = t > 0 ? [67, 147, 195] : [214, 96, 77], size = Math.min(1, Math.abs(t))
  return [0, 1, 2].map(i => size < 0.5 ? 255 + (middle[i] - 255) * 2 * size : middle[i] + (end[i] - middle[i]) * (2 * size - 1))
}

const largestSize = numbers => numbers.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9)

// Ten classes as rows of a table: a bar and a number. What a reader sees and what a screen reader reads is the same.
function barTable(caption, names = DIGITS) {
  const rows = names.map(name => ({bar: make("div", {class: "bar"}), number: make("td"), name}))
  for (const row of rows) row.tr = make("tr", {}, make("th", {scope: "row"}, `${row.name}`), make("td", {class: "track"}, row.bar), row.number)
  const table = make("table", {"aria-label": caption}, make("tbody", {}, rows.map(row => row.tr)))
  const show = shares => rows.forEach(({bar, number, tr}, k) => {
    bar.style.width = shares ? `${100 * shares[k]}%` : "0"
    number.textContent = shares ? percent(shares[k]) : "–"
    tr.className = shares && shares[k] === Math.max(...shares) ? "best" : ""
  })
  return {table, show}
}

// Words for those who cannot see the pictures, said when the hand has come to rest.
function announcer() {
  const output = make("output", {"aria-live": "polite"})
  let waiting, last = 0
  const speak = text => { last = performance.now(); output.textContent = text }
  return {output, say(text) {  // at once when a second has gone by, otherwise when nothing newer comes
    clearTimeout(waiting)
    if (performance.now() - last > 1000) speak(text)
    else waiting = setTimeout(speak, 300, text)
  }}
}

// Curves on axes that fit; series: {name, colour, dash, points: [[x, y], …]}. Beside each name stands its last value, unless it is to be bare.
function chart(element, title, xLabel, series, bare = false) {
  const points = series.flatMap(s => s.points).filter(([, y]) => Number.isFinite(y))
  const [width, height, left, bottom, top] = [340, 200, 44, 34, 22]
  const range = axis => { const values = points.map(p => p[axis]); return [Math.min(...values), Math.max(...values)] }
  const [[x0, x1], [y0, y1]] = points.length ? [range(0), range(1)] : [[0, 1], [0, 1]]
  const at = (v, [a, b], from, to) => from + (b > a ? (v - a) / (b - a) : 0.5) * (to - from)
  const place = ([x, y]) => `${at(x, [x0, x1], left, width - 8).toFixed(1)} ${at(y, [y0, y1], height - bottom, top).toFixed(1)}`
  const label = (x, y, anchor, text) => make("text", {x, y, "text-anchor": anchor, "font-size": 12, fill: "currentColor"}, text)
  const short = v => Number.isInteger(v) || Math.abs(v) >= 100 ? v.toFixed(0) : v.toPrecision(3)
  element.replaceChildren(
    make("path", {d: `M${left} ${top}V${height - bottom}H${width - 8}`, fill: "none", stroke: "currentColor"}),
    label(left, 12, "start", title), label(width - 8, height - 4, "end", xLabel),
    label(left - 4, top + 8, "end", short(y1)), label(left - 4, height - bottom, "end", short(y0)),
    label(left, height - bottom + 14, "start", short(x0)), label(width - 8, height - bottom + 14, "end", short(x1)),
    ...series.map(({points, colour, dash}) => make("path", {fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash ?? "none",
      d: points.filter(([, y]) => Number.isFinite(y)).map((p, i) => (i ? "L" : "M") + place(p)).join("")})),
    ...series.map(({name, colour, points}, i) => make("text", {x: width - 8 - 200 / series.length * (series.length - 1 - i), y: 12, "text-anchor": "end", "font-size": 12,
      fill: colour}, `${name} ${points.length && !bare ? short(points.at(-1)[1]) : ""}`)))
}

const [BLUE, ORANGE, GREEN] = ["#2a7fc4", "#c45a12", "#3f8f3f"]  // 3:1 or more on white and on near black
const decode = text => Uint8Array.from(atob(text), c => c.charCodeAt(0))

// ---- Draw: what the model sees, thinks, and why

function drawView(element, model, {settings, digits}) {
  const SIDE = 140, trained = decodeModel(new Float32Array(decode(settings.weights).buffer))
  let strokes = [], given = null, pen = [0.5, 0.5], down = false, pointer = null, pair = null, samples = null, mistakes = null
  const sheet = make("canvas", {class: "sheet", width: 2 * SIDE, height: 2 * SIDE, tabindex: 0, role: "application",
    "aria-label": "Sheet to draw a digit on. Arrow keys move the pen, space puts it down and lifts it, Backspace takes back a stroke."})
  const seen = pixelPicture("What the model sees: 28 by 28 pixels"), map = pixelPicture("What each pixel says for one digit rather than another")
  const bars = barTable("Probability of each digit"), {output, say} = announcer()
  const centred = make("input", {type: "checkbox", checked: true, onchange: () => changed()})
  const choose = which => select(which, ["best", "second", ...DIGITS], () => { pair = [...picks].map(pick => pick.value); update() })
  const picks = [choose("for this digit"), choose("rather than this one")]
  const caption = make("span"), truth = make("strong", {class: "truth"})

  function paint() {
    const context = sheet.getContext("2d")
    Object.assign(context, {fillStyle: "#fff", strokeStyle: "#000", lineWidth: 25, lineCap: "round", lineJoin: "round"})
    context.fillRect(0, 0, 2 * SIDE, 2 * SIDE)
    if (given) for (let p = 0; p < PIXELS; p++) {
      context.fillStyle = `rgb(${grey(given[p])})`
      context.fillRect(p % 28 * 10, Math.floor(p / 28) * 10, 10, 10)
    }
    for (const stroke of strokes) {
      context.beginPath()
      stroke.concat(stroke.slice(-1)).forEach(([x, y]) => context.lineTo(2 * SIDE * x, 2 * SIDE * y))
      context.stroke()
    }
    if (document.activeElement === sheet) {
      Object.assign(context, {strokeStyle: down ? "#b00000" : "#1b6ec2", lineWidth: 2})
      context.beginPath(); context.arc(2 * SIDE * pen[0], 2 * SIDE * pen[1], 8, 0, 7); context.stroke()
    }
  }

  function update() {
    paint()
    let x = given
    if (!given && strokes.length) {
      const ink = rasterise(strokes, SIDE)
      x = centred.checked ? preprocess(ink, SIDE, SIDE) : shrink(ink, SIDE)
    }
    seen.draw(p => grey(x ? x[p] : 0))
    if (!x) {
      map.draw(() => [255, 255, 255]); bars.show(null); caption.textContent = ""
      say("The sheet is empty. Draw a digit.")
      return null
    }
    const z = scores(trained, x), probabilities = softmax(z), ranked = DIGITS.toSorted((a, b) => z[b] - z[a])
    const named = (pair ?? ["best", "second"]).map(name => ({best: ranked[0], second: ranked[1]})[name] ?? Number(name))
    picks.forEach((pick, i) => { pick.value = pair ? pair[i] : ["best", "second"][i] })
    const said = evidence(trained, x, ...named), largest = largestSize(said)
    map.draw(p => redBlue(said[p] / largest))
    bars.show(probabilities)
    const [k, j] = named, pixels = said.reduce((a, b) => a + b, 0), biases = trained.bias[k] - trained.bias[j]
    caption.textContent = `blue: for a ${k}; red: for a ${j}. Pixels ${pixels.toFixed(2)}, biases ${biases.toFixed(2)}: ` +
      `the ${k} has e^${(pixels + biases).toFixed(2)} times the probability of the ${j}`
    say(`It says ${ranked[0]}, at ${percent(probabilities[ranked[0]])}; then ${ranked[1]}, at ${percent(probabilities[ranked[1]])}.`)
    return x
  }

  function changed() {
    model.set("strokes", strokes.map(stroke => stroke.map(point => [...point])))
    model.set("x", Array.from(update() ?? []))
    model.save_changes()
  }
  const start = point => {
    if (given) { pair = null; truth.textContent = "" }
    given = null; strokes.push([point]); pen = point
  }
  const place = event => { const box = sheet.getBoundingClientRect(); return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(v => Math.min(1, Math.max(0, v))) }
  sheet.addEventListener("pointerdown", event => {
    if (pointer !== null || event.button) return
    pointer = event.pointerId
    try { sheet.setPointerCapture(pointer) } catch { /* a pointer that is gone already needs no capture */ }
    down = false; start(place(event)); update()
  })
  sheet.addEventListener("pointermove", event => {
    if (event.pointerId !== pointer) return
    for (const point of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) strokes.at(-1).push(place(point))
    update()
  })
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, event => { if (event.pointerId === pointer) { pointer = null; changed() } })
  sheet.addEventListener("keydown", event => {
    const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key]
    if (event.key === "Backspace") forget(undo)()
    else if (event.key === " ") { down = !down; if (down) { start([...pen]); changed() } else paint() }
    else if (move) {
      pen = pen.map((v, i) => Math.min(0.97, Math.max(0.03, v + move[i] / 28)))
      if (down) { strokes.at(-1).push([...pen]); changed() } else paint()
    } else return
    event.preventDefault()
    event.stopPropagation()  // JupyterLab has keys of its own
  })
  for (const kind of ["focus", "blur"]) sheet.addEventListener(kind, paint)

  const rest = () => { down = false; given = null; pointer = null }  // a stroke that is being drawn ends here
  function undo() { rest(); strokes.pop(); changed() }
  function clear() { rest(); strokes = []; pair = null; changed() }
  async function show(wrong) {
    try { samples ??= await digits() } catch (problem) { return say(`The digits did not come (${problem.message}).`) }
    const n = samples.labels.length, row = i => Float32Array.from(samples.pixels.subarray(i * PIXELS, (i + 1) * PIXELS), v => v / 255)
    const answer = i => { const z = scores(trained, row(i)); return z.indexOf(Math.max(...z)) }
    if (wrong) mistakes ??= [...Array(n).keys()].filter(i => answer(i) !== samples.labels[i])
    if (wrong && !mistakes.length) return say("It gets none of them wrong.")
    const pool = wrong ? mistakes : null, i = pool ? pool[Math.floor(Math.random() * pool.length)] : Math.floor(Math.random() * n)
    rest(); strokes = []; given = row(i); pair = wrong ? ["best", `${samples.labels[i]}`] : null
    changed()
    truth.textContent = `MNIST says: ${samples.labels[i]}`
  }
  const forget = act => () => { truth.textContent = ""; act() }

  element.append(
    make("div", {class: "row"},
      make("div", {class: "pad"}, sheet, make("div", {class: "row"}, button("undo", forget(undo)), button("clear", forget(clear)),
        button("a real digit", () => show(false)), button("one it gets wrong", () => show(true)), truth)),
      bars.table),
    make("div", {class: "row"},
      figure(seen.canvas, "what it sees ", labelled("", make("span", {}, centred, " scaled and centred"))),
      figure(map.canvas, make("span", {}, "evidence for ", picks[0], " rather than ", picks[1]), make("br"), caption)),
    output)
  update()
}

// ---- Scores: what softmax makes of them

function scoresView(element) {
  const names = ["A", "B", "C", "D"], start = [1, 2, 3, 0.5]
  const slider = (label, low, high, value, step = 0.1) => make("input", {type: "range", min: low, max: high, step, value, "aria-label": label, oninput: update})
  const sliders = names.map((name, k) => slider(`score of ${name}`, -5, 8, start[k]))
  const numbers = names.map(() => make("span")), heat = slider("temperature", -1, 1, 0, 0.05), degrees = make("span")
  const truth = select("the true class", names, update, "C")
  const bars = barTable("Probability of each class", names), {output, say} = announcer(), surprise = make("p")
  const arrows = make("svg", {viewBox: "0 0 340 130", role: "img"}), shift = amount => () => {
    const values = sliders.map(s => Number(s.value) + amount)
    if (Math.min(...values) >= -5 && Math.max(...values) <= 8) sliders.forEach((s, k) => { s.value = values[k] })
    update()
  }
  function update() {
    const z = sliders.map(s => Number(s.value)), temperature = 10 ** Number(heat.value), y = names.indexOf(truth.value)
    const p = softmax(z.map(v => v / temperature)), gradient = p.map((v, k) => v - (k === y))
    numbers.forEach((span, k) => { span.textContent = z[k].toFixed(1) })
    degrees.textContent = temperature.toFixed(2)
    bars.show(p)
    const cost = -Math.log(p[y])
    surprise.textContent = `surprise at ${names[y]}: −log ${p[y].toFixed(3)} = ${cost.toFixed(3)} nats`
    const x = v => 170 + 140 * v
    arrows.replaceChildren(make("title", {}, `p minus y: ${gradient.map((g, k) => `${names[k]} ${g.toFixed(2)}`).join(", ")}`),
      make("line", {x1: 170, x2: 170, y1: 5, y2: 125, stroke: "currentColor"}),
      ...gradient.map((g, k) => make("g", {},
        make("path", {d: `M170 ${20 + 30 * k}H${x(g)}m${g > 0 ? -6 : 6} -5l${g > 0 ? 6 : -6} 5l${g > 0 ? -6 : 6} 5`, fill: "none", stroke: g > 0 ? ORANGE : BLUE, "stroke-width": 3}),
        make("text", {x: g > 0 ? 162 : 178, y: 24 + 30 * k, "text-anchor": g > 0 ? "end" : "start", "font-size": 13, fill: "currentColor"}, `${names[k]}  ${g.toFixed(3)}`))))
    say(`Probabilities ${p.map((v, k) => `${names[k]} ${percent(v)}`).join(", ")}; surprise ${cost.toFixed(2)} nats.`)
  }
  element.append(
    make("div", {class: "row"},
      make("fieldset", {}, make("legend", {}, "scores"), names.map((name, k) => make("div", {}, labelled(name, sliders[k]), " ", numbers[k])),
        make("div", {class: "row"}, button("all + 1", shift(1)), button("all − 1", shift(-1)))),
      make("div", {}, bars.table, surprise)),
    make("div", {class: "row"},
      make("fieldset", {}, make("legend", {}, "temperature, truth"), make("div", {}, heat, " T = ", degrees), make("div", {}, "the truth is ", truth)),
      figure(arrows, "the gradient p − y: to the right, a larger score costs more; to the left, it costs less. A step of learning goes against the arrows.")),
    output)
  update()
}

// ---- Learn: the notebook's own training run, replayed

const LAST = 2000  // epochs; long before that there is nothing new to see

async function learnView(element, model, {settings, digits}) {
  const setting = (label, options, chosen) => select(label, options, reset, chosen)
  const rate = setting("learning rate", [0.001, 0.01, 0.1, 1, 10], 0.01), size = setting("batch size", [1, 16, 64, 256, 3000], 64)
  const start = setting("start", ["zeros", "random"]), seed = make("input", {type: "number", min: 0, max: 4294967295, step: 1, value: 42, "aria-label": "seed", onchange: reset})
  const templates = DIGITS.map(k => pixelPicture(`template of the ${k}`, 2.2)), lossChart = make("svg", {viewBox: "0 0 340 200", role: "img"})
  const accuracyChart = make("svg", {viewBox: "0 0 340 200", role: "img"}), {output, say} = announcer(), agreement = make("p")
  const play = button("play", () => run(Infinity)), once = button("one epoch", () => run(1)), single = button("one step", oneStep)
  let state, order, at, epoch, steps, totals, random, history, own, limit = 0, running = false, val

  function reset() {
    if (!state) return  // the digits have not come yet
    limit = 0
    const value = Number(seed.value), sound = seed.value !== "" && Number.isInteger(value) && value >= 0 && value < 2 ** 32
    for (const b of [play, once, single]) b.disabled = !sound
    seed.setCustomValidity(sound ? "" : "a whole number from 0 to 4294967295")
    if (!seed.reportValidity()) return
    own = rate.value === "0.01" && size.value === "64" && start.value === "zeros" && value === 42
    random = mersenne(value)
    state.model = newModel()
    if (start.value === "random") for (const part of [state.model.weight, state.model.bias]) part.forEach((_, i) => { part[i] = (random() / 2 ** 31 - 1) / 28 })
    epoch = steps = 0; history = []; order = null
    show()
  }
  function some(most, until = Infinity) {  // steps: until the epoch's end, at most so many, or until the time is up
    if (!order) { order = randperm(state.data.y.length, random); at = 0; totals = {loss: 0, right: 0} }
    const batch = Number(size.value)
    for (let done = 0; done < most && at < order.length && performance.now() < until; done++) {
      const to = Math.min(at + batch, order.length)
      step(state.model, state.data, order, at, to, Number(rate.value), totals)
      at = to; steps++
    }
    if (at < order.length) return false
    history.push({epoch: ++epoch, train: figures(totals, order.length), val: measure(state.model, val)})
    order = null
    return true
  }
  function oneStep() { some(1); show() }
  function run(epochs) {
    if (running) {  // "play" is "pause" now, and another epoch is one more
      limit = epochs === Infinity ? 0 : Number.isFinite(limit) ? limit + 1 : epoch + 1
      return
    }
    limit = Math.min(epoch + epochs, LAST); running = true; play.textContent = "pause"
    const slice = () => {
      if (!element.isConnected) { running = false; return }
      const ended = epoch < limit && some(1 + steps / 20, performance.now() + 12)  // slow at first, when there is most to see
      if (ended || !still()) show()
      if (epoch < limit && history.every(row => Number.isFinite(row.val.loss))) return requestAnimationFrame(slice)
      running = false; play.textContent = "play"; show()
    }
    slice()
  }
  function show() {
    const {weight} = state.model, largest = largestSize(weight)
    templates.forEach(({draw}, k) => draw(p => redBlue(weight[p * CLASSES + k] / largest)))
    const curve = (part, name) => history.map(row => [row.epoch, row[part][name]])
    for (const [element, name, title] of [[lossChart, "loss", "loss (nats)"], [accuracyChart, "accuracy", "right answers"]]) {
      chart(element, title, "epoch", [{name: "training", colour: ORANGE, dash: "3 3", points: curve("train", name)},
        {name: "validation", colour: BLUE, points: curve("val", name)}])
      element.setAttribute("aria-label", `${title} of training and validation over ${epoch} epochs`)
    }
    const last = history.at(-1)
    const theirs = own && last && settings.history[epoch - 1]
    agreement.textContent = !theirs ? "" : `Epoch ${epoch}, validation loss: the notebook ${theirs.val_loss.toFixed(7)}, here ${last.val.loss.toFixed(7)}; ` +
      (Math.abs(theirs.val_loss - last.val.loss) < 1e-6 ? "they agree." : "they differ!")
    if (last) say(Number.isFinite(last.val.loss) ? `After ${epoch} epochs: validation loss ${last.val.loss.toFixed(4)}, ${percent(last.val.accuracy)} right.` :
      "The loss is no number any more: the steps are too long.")
    else say(order ? `${at} digits of the first epoch.` : "Nothing learned yet.")
  }
  element.append(
    make("div", {class: "row"}, play, once, single, button("start again", reset)),
    make("div", {class: "row"}, labelled("learning rate", rate), labelled("batch size", size), labelled("start", start), labelled("seed", seed)),
    make("div", {class: "templates"}, templates.map(({canvas}, k) => figure(canvas, `${k}`))),
    make("div", {class: "row"}, lossChart, accuracyChart), agreement, output)
  for (const b of [play, once, single]) b.disabled = true
  say("The digits are on their way.")
  let sample
  try { sample = await digits() } catch (problem) { return say(`The digits did not come (${problem.message}). Load the page again.`) }
  const {pixels, labels} = sample, rows = name => new Uint16Array(decode(settings.rows[name]).buffer)
  state = {data: inked(pixels, labels, rows("train")), model: null}
  val = inked(pixels, labels, rows("val"))
  for (const b of [play, once, single]) b.disabled = false
  reset()
}

// ---- Plane: two features, three clouds

// n standard normal numbers (Box and Muller).
function normals(n, random) {
  const uniform = () => (random() + 0.5) / 2 ** 32
  return Array.from({length: n}, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))
}

// One full-batch step for rows [x, y, class] and weights [[w_x, w_y, b], …] a row a class; returns the loss from before it.
export function planeStep(weights, rows, rate, decay = 0) {
  const change = weights.map(w => w.map(v => decay * v))
  let loss = 0
  for (const [x, y, c] of rows) {
    const p = softmax(weights.map(w => w[0] * x + w[1] * y + w[2]))
    loss -= Math.log(p[c])
    p.forEach((v, k) => [x, y, 1].forEach((input, m) => { change[k][m] += (v - (k === c)) * input / rows.length }))
  }
  weights.forEach((w, k) => w.forEach((_, m) => { w[m] -= rate * change[k][m] }))
  return loss / rows.length
}

function planeView(element) {
  const SIZE = 280, SCALE = 35, N = 25, COLOURS = [[42, 127, 196], [196, 90, 18], [63, 143, 63]], MARKS = ["●", "■", "▲"]
  const offsets = Array.from({length: 3}, (_, c) => normals(2 * N, mersenne(c + 1)))
  const centres = [[-1, 1], [1.2, 0.8], [0, -1.2]], {output, say} = announcer()
  const canvas = make("canvas", {class: "sheet", width: SIZE, height: SIZE, role: "img", "aria-label": "Three clouds of points, the regions of three classes and their straight borders"})
  const paths = make("svg", {viewBox: "0 0 340 200", role: "img", "aria-label": "The paths of the three weight vectors"}), norms = make("svg", {viewBox: "0 0 340 200", role: "img", "aria-label": "Length of the weights over the number of steps"})
  const rate = select("learning rate", [0.03, 0.3, 3], reset, 0.3), decay = select("weight decay", [0, 0.01, 0.1], reset)
  const play = button("play", toggle), moves = centres.map((centre, c) => ["x", "y"].map((axis, m) => make("input", {type: "range", min: -3.5, max: 3.5, step: 0.1, value: centre[m],
    "aria-label": `cloud ${MARKS[c]}, ${axis}`, oninput: event => { centre[m] = Number(event.target.value); reset(false) }})))
  let weights, trace, steps, running = false, timer, rows, spread = 0.7

  function reset(fresh = true) {
    rows = centres.flatMap(([x, y], c) => Array.from({length: N}, (_, i) => [x + spread * offsets[c][2 * i], y + spread * offsets[c][2 * i + 1], c]))
    if (fresh !== false || !weights) { weights = [0, 1, 2].map(() => [0, 0, 0]); steps = 0 }
    trace = [[steps, ...weights.map(w => [...w])]]
    moves.forEach((pair, c) => pair.forEach((input, m) => { input.value = centres[c][m] }))
    show()
  }
  const length = ws => Math.hypot(...ws.flatMap(w => w.slice(0, 2)))
  function advance(n) {
    for (let i = 0; i < n; i++) {
      planeStep(weights, rows, Number(rate.value), Number(decay.value))
      steps++
      if (steps <= 20 || steps % Math.ceil(steps / 20) === 0) trace.push([steps, ...weights.map(w => [...w])])
    }
  }
  function toggle() {
    running = !running
    clearTimeout(timer)
    play.textContent = running ? "pause" : "play"
    const slice = () => {
      if (!running || !element.isConnected) return
      advance(Math.max(1, Math.ceil(steps / 40)))
      if (steps >= 20000) toggle()
      show()
      timer = setTimeout(slice, still() ? 1000 : 40)
    }
    slice()
  }
  const right = () => rows.filter(([x, y, c]) => { const z = weights.map(w => w[0] * x + w[1] * y + w[2]); return z[c] === Math.max(...z) && z.filter(v => v === z[c]).length === 1 }).length
  function show() {
    const context = canvas.getContext("2d"), image = context.createImageData(SIZE, SIZE), [[a0, b0, c0], [a1, b1, c1], [a2, b2, c2]] = weights
    for (let i = 0; i < SIZE * SIZE; i++) {
      const x = (i % SIZE - SIZE / 2) / SCALE, y = (SIZE / 2 - Math.floor(i / SIZE)) / SCALE
      const z0 = a0 * x + b0 * y + c0, z1 = a1 * x + b1 * y + c1, z2 = a2 * x + b2 * y + c2, top = Math.max(z0, z1, z2)
      const p = 1 / (Math.exp(z0 - top) + Math.exp(z1 - top) + Math.exp(z2 - top)), colour = COLOURS[z0 === top ? 0 : z1 === top ? 1 : 2]
      const tint = (z0 === top) + (z1 === top) + (z2 === top) > 1 ? 0 : 0.15 + 0.5 * (p - 1 / 3)
      for (let m = 0; m < 3; m++) image.data[4 * i + m] = 255 + (colour[m] - 255) * tint
      image.data[4 * i + 3] = 255
    }
    context.putImageData(image, 0, 0)
    Object.assign(context, {font: "11px sans-serif", textAlign: "center", textBaseline: "middle"})
    for (const [x, y, c] of rows) {
      context.fillStyle = `rgb(${COLOURS[c].map(v => 0.7 * v)})`
      context.fillText(MARKS[c], SIZE / 2 + SCALE * x, SIZE / 2 - SCALE * y)
    }
    chart(paths, "weights: y over x", "weight of x", [0, 1, 2].map(c => ({name: MARKS[c], colour: [BLUE, ORANGE, GREEN][c], points: trace.map(row => row[c + 1].slice(0, 2))})), true)
    chart(norms, "length of the weights", "steps, logarithmic (base 10)", [{name: "", colour: BLUE, points: trace.filter(row => row[0]).map(row => [Math.log10(row[0]), length(row.slice(1))])}])
    say(`${steps} steps: ${right()} of ${rows.length} points on their side, weights of length ${length(weights).toFixed(2)}.`)
  }
  function separable() { centres.splice(0, 3, [-2, 1.4], [2, 1.4], [0, -2]); spread = 0.4; reset() }
  function mixed() { centres.splice(0, 3, [-1, 1], [1.2, 0.8], [0, -1.2]); spread = 0.7; reset() }

  let dragged = null
  const place = event => { const box = canvas.getBoundingClientRect(); return [((event.clientX - box.left) / box.width - 0.5) * SIZE / SCALE, (0.5 - (event.clientY - box.top) / box.height) * SIZE / SCALE] }
  canvas.addEventListener("pointerdown", event => {
    if (dragged || event.button) return
    const [x, y] = place(event), far = centres.map(([a, b]) => Math.hypot(a - x, b - y))
    dragged = {cloud: far.indexOf(Math.min(...far)), id: event.pointerId}
    try { canvas.setPointerCapture(event.pointerId) } catch { /* as above */ }
  })
  canvas.addEventListener("pointermove", event => {
    if (dragged?.id !== event.pointerId) return
    centres[dragged.cloud] = place(event).map(v => Math.max(-3.5, Math.min(3.5, v)))
    reset(false)
  })
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, event => { if (dragged?.id === event.pointerId) dragged = null })
  element.append(
    make("div", {class: "row"}, play, button("one step", () => { advance(1); show() }), button("start again", reset), button("separable clouds", separable), button("mixed clouds", mixed)),
    make("div", {class: "row"}, labelled("learning rate", rate), labelled("weight decay", decay)),
    make("div", {class: "row"}, figure(canvas, "drag a cloud, or move it with the sliders: ", MARKS.map((mark, c) => make("div", {}, `${mark} `, ["x", "y"].map((axis, m) => labelled(axis, moves[c][m]))))), make("div", {}, paths, norms)),
    output)
  reset()
}

// ---- Putting a view into a page

const VIEWS = {draw: drawView, scores: scoresView, learn: learnView, plane: planeView}

// Digits and labels from what is packed in digits.gz: 784 bytes a digit, and then a byte a label.
async function unpack(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  const all = new Uint8Array(await new Response(stream).arrayBuffer()), n = all.length / (PIXELS + 1)
  return {pixels: all.subarray(0, n * PIXELS), labels: all.subarray(n * PIXELS)}
}

// Show a view in an element. `model` is anywidget's, or one that `mount` makes: get, set, save_changes, on, send.
function render({model, el}) {
  let digits
  const ask = () => digits ??= new Promise((resolve, reject) => {
    model.on("msg:custom", (message, buffers) => buffers?.length ? unpack(buffers[0]).then(resolve, reject) : reject(new Error(message)))
    model.send("digits")
  }).catch(problem => { digits = undefined; throw problem })
  const holder = make("div", {class: "live"})
  el.replaceChildren(make("style", {}, STYLE), holder)
  VIEWS[model.get("view")](holder, model, {settings: JSON.parse(model.get("settings")), digits: ask})
}

// Bring every still picture of a page to life. `digits` is a function that fetches the bytes of digits.gz.
export function mount(page, settings, digits) {
  for (const element of page.querySelectorAll(".live[data-view]")) {
    let answer
    const values = {view: element.dataset.view, settings}, model = {
      get: name => values[name], set: (name, value) => { values[name] = value }, save_changes() {}, on: (event, listener) => { answer = listener },
      send: () => digits().then(bytes => answer({}, [bytes]), problem => answer(`${problem}`, []))}
    element.model = model
    render({model, el: element})
  }
}

export default {render}
