// What answers the reader's hand on the pages of softmax_mnist: pure functions, then four views and what shows them.
// The same file serves JupyterLab (through anywidget), the site (live-site.js) and the page that live.page() writes.

const PIXELS = 784, CLASSES = 10, DIGITS = [...Array(CLASSES).keys()]
const total = numbers => numbers.reduce((a, b) => a + b, 0)
const greatest = numbers => numbers.reduce((a, b) => Math.max(a, b))
const least = numbers => numbers.reduce((a, b) => Math.min(a, b))
const between = (low, high, v) => Math.min(high, Math.max(low, v))

// ---- Random orders, as torch.randperm deals them

// MT19937 (Matsumoto and Nishimura, 1998): a function that returns the next of a sequence of whole numbers below 2**32.
export function mersenne(seed) {
  const state = new Uint32Array(624)
  state[0] = seed
  for (let i = 1; i < 624; i++) state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i
  let i = 0
  return () => {
    const joined = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7fffffff)
    let y = state[i] = state[(i + 397) % 624] ^ (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0)
    i = (i + 1) % 624
    y ^= y >>> 11
    y ^= (y << 7) & 0x9d2c5680
    y ^= (y << 15) & 0xefc60000
    return (y ^ (y >>> 18)) >>> 0
  }
}

// The numbers 0..n-1 in random order (Fisher and Yates): the order is torch.randperm's for a generator with this seed.
export function randperm(n, seed) {
  const random = typeof seed === "number" ? mersenne(seed) : seed, order = Int32Array.from({length: n}, (_, i) => i)
  for (let i = 0; i < n - 1; i++) {
    const j = i + random() % (n - i);
    [order[i], order[j]] = [order[j], order[i]]
  }
  return order
}

// ---- Softmax regression

export function softmax(scores) {
  const top = greatest(scores), powers = Array.from(scores, z => Math.exp(z - top)), sum = total(powers)
  return powers.map(power => power / sum)
}

// A model: weight holds ten numbers a pixel, one for each class; bias holds ten.
export const newModel = () => ({weight: new Float64Array(PIXELS * CLASSES), bias: new Float64Array(CLASSES)})

// From the (10, 784) weights and (10,) biases that Python keeps, one after the other as float32.
export function decodeModel(numbers) {
  const model = newModel()
  model.weight.forEach((_, i) => { model.weight[i] = numbers[i % CLASSES * PIXELS + Math.floor(i / CLASSES)] })
  model.bias.set(numbers.subarray(PIXELS * CLASSES))
  return model
}

// The ten scores of a picture of 784 numbers in [0, 1].
export function scores(model, x) {
  const z = Array.from(model.bias)
  for (let p = 0; p < PIXELS; p++)
    if (x[p]) for (let k = 0; k < CLASSES; k++) z[k] += x[p] * model.weight[p * CLASSES + k]
  return z
}

// What each pixel says for class k rather than j, in nats.
export const evidence = (model, x, k, j) =>
  Float32Array.from(x, (ink, p) => ink * (model.weight[p * CLASSES + k] - model.weight[p * CLASSES + j]))

// Of the digits in `rows` the inked pixels alone, one digit after the other: four pixels in five are paper.
export function inked(pixels, labels, rows) {
  const starts = [0], where = [], ink = []
  for (const row of rows) {
    pixels.slice(row * PIXELS, (row + 1) * PIXELS).forEach((v, p) => { if (v) { where.push(p); ink.push(v / 255) } })
    starts.push(where.length)
  }
  return {y: Uint8Array.from(rows, row => labels[row]), starts: Int32Array.from(starts),
    where: Uint16Array.from(where), ink: Float32Array.from(ink)}
}

const figures = ({loss, right}, n) => ({loss: loss / n, accuracy: right / n})

// The probabilities of digit i; what it costs is added to the totals.
function forward({weight, bias}, {starts, y, where, ink}, i, totals) {
  const z = bias.slice()
  for (let e = starts[i]; e < starts[i + 1]; e++)
    for (let k = 0, w = where[e] * CLASSES; k < CLASSES; k++) z[k] += ink[e] * weight[w + k]
  let best = 0, sum = 0
  for (let k = 1; k < CLASSES; k++) if (z[k] > z[best]) best = k
  const top = z[best], truth = z[y[i]]
  for (let k = 0; k < CLASSES; k++) sum += z[k] = Math.exp(z[k] - top)
  for (let k = 0; k < CLASSES; k++) z[k] /= sum
  totals.loss += Math.log(sum) + top - truth
  totals.right += best === y[i]
  return z
}

// Gradient descent over all digits once, in the given order; rate is a number or a function of the step. Between two
// steps it says how many digits it has seen, and in the end loss and accuracy on the way.
export function* steps({model, data}, order, batchSize, rate) {
  const totals = {loss: 0, right: 0}, {weight, bias} = model, {starts, y, where, ink} = data
  for (let from = 0, i = 0; from < order.length; from += batchSize, i++) {
    if (from) yield from
    const batch = [...order.subarray(from, from + batchSize)], errors = batch.map(i => forward(model, data, i, totals))
    const length = (typeof rate === "number" ? rate : rate(i)) / batch.length
    errors.forEach((error, b) => {
      const digit = batch[b], end = starts[digit + 1]
      error[y[digit]] -= 1
      for (let k = 0; k < CLASSES; k++) bias[k] -= error[k] *= length
      for (let e = starts[digit]; e < end; e++)
        for (let k = 0, w = where[e] * CLASSES; k < CLASSES; k++) weight[w + k] -= ink[e] * error[k]
    })
  }
  return figures(totals, order.length)
}

// The same without a pause.
export function trainEpoch(...given) { for (const _ of steps(...given)); }

// Loss and accuracy on digits that are only looked at.
export function measure(model, data) {
  const totals = {loss: 0, right: 0}
  data.y.forEach((_, i) => forward(model, data, i, totals))
  return figures(totals, data.y.length)
}

// ---- From a drawing to 784 numbers, as digit.from_ink does it

// The ink of pen strokes, each a list of points [x, y] in [0, 1], on a sheet of side² pixels: 1 within the radius.
export function rasterise(strokes, side = 140, radius = 6) {
  const sheet = new Float32Array(side * side)
  const near = (a, b) => [Math.min(a, b) - radius, Math.max(a, b) + radius + 1].map(v => between(0, side, v | 0))
  for (const stroke of strokes) stroke.forEach((point, i) => {
    const [x0, y0] = stroke[Math.max(i - 1, 0)].map(v => v * side), [x1, y1] = point.map(v => v * side)
    const [dx, dy] = [x1 - x0, y1 - y0], length2 = dx * dx + dy * dy
    const [left, right] = near(x0, x1), [top, bottom] = near(y0, y1)
    for (let row = top; row < bottom; row++) for (let column = left; column < right; column++) {
      const [x, y] = [column + 0.5 - x0, row + 0.5 - y0]
      const t = length2 && between(0, 1, (x * dx + y * dy) / length2)  // the nearest point of the segment
      const ink = between(0, 1, radius + 0.5 - Math.hypot(x - t * dx, y - t * dy))
      sheet[row * side + column] = Math.max(sheet[row * side + column], ink)
    }
  })
  return sheet
}

const sinc = x => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
const lanczos = x => Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0

// Rows of `from` numbers in another length, as Pillow does it, and turned on their side: the next pass takes the columns.
function pass(picture, rows, from, to) {
  const turned = new Float32Array(rows * to), scale = from / to, wide = Math.max(scale, 1)
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale, first = Math.max(0, Math.trunc(centre - 3 * wide + 0.5))
    const length = Math.min(from, Math.trunc(centre + 3 * wide + 0.5)) - first
    const weights = Array.from({length}, (_, j) => lanczos((first + j - centre + 0.5) / wide)), sum = total(weights)
    for (let row = 0; row < rows; row++)
      turned[i * rows + row] = total(weights.map((w, j) => w * picture[row * from + first + j])) / sum
  }
  return turned
}

// Rows of width numbers in another size.
export const resize = (picture, width, height, newWidth, newHeight) =>
  pass(pass(picture, height, width, newWidth), newWidth, height, newHeight)

// The sheet in 28×28, neither scaled nor centred: what a model is shown by those who forget to.
export const shrink = (ink, side) => resize(ink, side, side, 28, 28).map(v => between(0, 1, v))

// Python's way of rounding; the millionths make a half that rounding errors have touched one again.
function halfToEven(x) {
  const v = Math.round(1e6 * x) / 1e6, up = Math.round(v)
  return up - v === 0.5 && up % 2 ? up - 1 : up
}

// Ink (rows of width numbers in [0, 1]) as MNIST shows it: the longer side scaled to 20 pixels, its centre of mass in
// the middle of 28×28.
export function preprocess(ink, width) {
  const inky = [...ink.keys()].filter(i => ink[i] > 0.3), across = inky.map(i => i % width)
  if (!inky.length) throw new Error("no digit in sight: there is no ink")
  const [top, bottom] = [inky[0], inky.at(-1)].map(i => Math.floor(i / width)), left = least(across)
  const tall = bottom - top + 1, wide = greatest(across) - left + 1
  const cut = [...Array(tall * wide).keys()].map(i => ink[(top + Math.floor(i / wide)) * width + left + i % wide])
  const [rows, columns] = [tall, wide].map(n => Math.max(1, halfToEven(n * 20 / Math.max(tall, wide))))
  const box = resize(cut, wide, tall, columns, rows).map(v => between(0, 1, v)), peak = greatest(box)
  const small = box.map(v => v / peak), picture = new Float32Array(PIXELS)
  let [mass, down, over] = [0, 0, 0]
  small.forEach((v, i) => { mass += v; down += v * Math.floor(i / columns); over += v * (i % columns) })
  const [y, x] = [[down, rows], [over, columns]].map(([sum, n]) => between(0, 28 - n, halfToEven(14 - sum / mass)))
  small.forEach((v, i) => { picture[(y + Math.floor(i / columns)) * 28 + x + i % columns] = v })
  return picture
}

// ---- What the views are made of

const COLOURS = [[42, 127, 196], [196, 90, 18], [63, 143, 63]]  // 3:1 or more on white and on near black
const [BLUE, ORANGE, GREEN] = COLOURS.map(colour => `rgb(${colour})`)

// An element with attributes (on… are listeners) and children.
function make(tag, attributes = {}, ...children) {
  const drawn = ["svg", "path", "text", "tspan"].includes(tag)
  const element = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else if (typeof value === "boolean") element.toggleAttribute(name, value)
    else element.setAttribute(name, value)
  }
  element.append(...children.flat(Infinity))
  return element
}

const row = (...children) => make("div", {class: "row"}, children)
const button = (text, onclick) => make("button", {type: "button", onclick}, text)
const slider = (label, min, max, step, value, oninput) =>
  make("input", {type: "range", min, max, step, value, "aria-label": label, oninput})
const select = (label, options, onchange, chosen = options[0]) => make("select", {"aria-label": label, onchange},
  options.map(option => make("option", {value: option, selected: option === chosen}, `${option}`)))
const labelled = (text, input) => make("label", {}, `${text} `, input)
const figure = (picture, ...caption) => make("figure", {}, picture, make("figcaption", {}, caption))
const percent = p => `${(100 * p).toFixed(1)} %`
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches
const decode = text => Uint8Array.from(atob(text), c => c.charCodeAt(0))

// Fill a canvas with a colour for each pixel.
function paintPixels(canvas, colour) {
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height)
  for (let i = 0; i < image.data.length / 4; i++) image.data.set([...colour(i), 255], 4 * i)
  context.putImageData(image, 0, 0)
  return context
}

// A picture of 28×28 pixels.
const small = label => make("canvas", {class: "small", width: 28, height: 28, role: "img", "aria-label": label})

const grey = ink => Array(3).fill(255 * (1 - ink))

// From red (-1) by white (0) to blue (1).
function redBlue(t) {
  const stops = [[255, 255, 255], ...(t > 0 ? [[67, 147, 195], [5, 48, 97]] : [[214, 96, 77], [103, 0, 31]])]
  const way = 2 * Math.min(1, Math.abs(t)), i = way < 1 ? 0 : 1
  return stops[i].map((v, m) => v + (stops[i + 1][m] - v) * (way - i))
}

// Classes as rows of a table: a bar and a number. What a reader sees and what a screen reader reads is the same.
function barTable(label, names = DIGITS) {
  const rows = names.map(name => {
    const bar = make("div", {class: "bar"}), number = make("td"), track = make("td", {class: "track"}, bar)
    return {bar, number, tr: make("tr", {}, make("th", {scope: "row"}, `${name}`), track, number)}
  })
  const table = make("table", {"aria-label": label}, make("tbody", {}, rows.map(({tr}) => tr)))
  const show = shares => rows.forEach(({bar, number, tr}, k) => {
    bar.style.width = shares ? `${100 * shares[k]}%` : "0"
    number.textContent = shares ? percent(shares[k]) : "–"
    tr.className = shares && shares[k] === greatest(shares) ? "best" : ""
  })
  return {table, show}
}

// Words for those who cannot see the pictures: at once when a second has gone by, otherwise when nothing newer comes.
function announcer() {
  const output = make("output", {"aria-live": "polite"})
  let waiting, last = 0
  const speak = text => { last = performance.now(); output.textContent = text }
  const say = text => {
    clearTimeout(waiting)
    if (performance.now() - last > 1000) speak(text)
    else waiting = setTimeout(speak, 300, text)
  }
  return {output, say}
}

const graph = (label, height = 200) => make("svg", {viewBox: `0 0 340 ${height}`, role: "img", "aria-label": label})
const line = (d, stroke, more = {}) => make("path", {d, stroke, fill: "none", ...more})
const words = (x, y, anchor, text) =>
  make("text", {x, y, "text-anchor": anchor, "font-size": 12, fill: "currentColor"}, text)
const legend = ({name, colour, dash}) =>
  [make("tspan", {fill: colour, "font-weight": "bold"}, dash ? "\u2003– –\u00a0" : "\u2003—\u00a0"), name]

// Curves on axes that fit; series: {name, colour, dash, points: [[x, y], …]}.
function chart(svg, title, xLabel, series) {
  const [left, right, top, bottom] = [44, 332, 22, 166], finite = points => points.filter(([, y]) => Number.isFinite(y))
  const points = finite(series.flatMap(s => s.points)), short = v => Number.isInteger(v) ? `${v}` : v.toPrecision(3)
  const [[x0, x1], [y0, y1]] = [0, 1].map(axis => points.length ?
    [Math.min, Math.max].map(end => end(...points.map(point => point[axis]))) : [0, 1])
  const at = (v, low, high, from, to) => (from + (high > low ? (v - low) / (high - low) : 0.5) * (to - from)).toFixed(1)
  const place = ([x, y]) => `${at(x, x0, x1, left, right)} ${at(y, y0, y1, bottom, top)}`
  svg.replaceChildren(
    line(`M${left} ${top}V${bottom}H${right}`, "currentColor"),
    words(0, 12, "start", title), words(right, 12, "end", series.map(legend)), words(right, 196, "end", xLabel),
    words(left - 4, top + 8, "end", short(y1)), words(left - 4, bottom, "end", short(y0)),
    words(left, bottom + 14, "start", short(x0)), words(right, bottom + 14, "end", short(x1)),
    ...series.map(({points, colour, dash = "none"}) => {
      const curve = finite(points).map((point, i) => (i ? "L" : "M") + place(point)).join("")
      return line(curve, colour, {"stroke-width": 2, "stroke-dasharray": dash})
    }))
}

// Follow one pointer at a time over a canvas; places are [x, y] in [0, 1]. Gives back how to let go of it.
function follow(canvas, {down, move, up}) {
  let held = null
  const place = event => {
    const box = canvas.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(v => between(0, 1, v))
  }
  canvas.addEventListener("pointerdown", event => {
    if (held !== null || event.button) return
    held = event.pointerId
    try { canvas.setPointerCapture(held) } catch { /* a pointer that is gone already needs no capture */ }
    down(place(event))
  })
  canvas.addEventListener("pointermove", event => {
    const parts = event.getCoalescedEvents?.() ?? []
    if (event.pointerId === held) move((parts.length ? parts : [event]).map(place))
  })
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, event => {
    if (event.pointerId === held) { held = null; up() }
  })
  return () => { held = null }
}

// A button that starts and stops an animation: `frame` is called for each picture until it says false.
function player(element, frame) {
  let next = null
  const turn = on => {
    cancelAnimationFrame(next)
    next = on ? requestAnimationFrame(() => turn(element.isConnected && frame())) : null
    if (play.textContent !== (on ? "pause" : "play")) play.textContent = on ? "pause" : "play"
  }
  const play = button("play", () => turn(next === null))
  return {play, turn}
}

// ---- Draw: what the model sees, thinks, and why

function drawView(element, {settings, digits, keep}) {
  const SIDE = 140, SIZE = 2 * SIDE, BEST = ["best", "second"]
  const trained = decodeModel(new Float32Array(decode(settings.weights).buffer))
  let strokes = [], given = null, pen = [0.5, 0.5], down = false, pair = BEST, samples = null, mistakes = null
  const help = "Arrow keys move the pen, space puts it down and lifts it, Backspace takes back a stroke."
  const sheet = make("canvas", {class: "sheet", width: SIZE, height: SIZE, tabindex: 0, role: "application",
    "aria-label": `Sheet to draw a digit on. ${help}`})
  const seen = small("What the model sees: 28 by 28 pixels"), map = small("What each pixel says for one digit")
  const bars = barTable("Probability of each digit"), {output, say} = announcer()
  const centred = make("input", {type: "checkbox", checked: true, onchange: changed})
  const choose = () => { pair = picks.map(pick => pick.value); update() }
  const picks = ["for this digit", "rather than this one"].map(label => select(label, [...BEST, ...DIGITS], choose))
  const caption = make("span"), truth = make("strong", {class: "truth"})

  function paint() {
    const context = sheet.getContext("2d")
    Object.assign(context, {fillStyle: "#fff", strokeStyle: "#000", lineWidth: 25, lineCap: "round", lineJoin: "round",
      imageSmoothingEnabled: false})
    context.fillRect(0, 0, SIZE, SIZE)
    if (given) context.drawImage(seen, 0, 0, SIZE, SIZE)
    for (const stroke of strokes) {
      context.beginPath()
      for (const [x, y] of [...stroke, stroke.at(-1)]) context.lineTo(SIZE * x, SIZE * y)
      context.stroke()
    }
    if (document.activeElement !== sheet) return
    Object.assign(context, {strokeStyle: down ? "#b00000" : "#1b6ec2", lineWidth: 2})
    context.beginPath()
    context.arc(SIZE * pen[0], SIZE * pen[1], 8, 0, 7)
    context.stroke()
  }

  function look() {  // at what is on the sheet, as the model is to see it
    if (given || !strokes.length) return given
    const ink = rasterise(strokes, SIDE)
    return centred.checked ? preprocess(ink, SIDE) : shrink(ink, SIDE)
  }

  function update() {
    const x = look()
    paintPixels(seen, p => grey(x ? x[p] : 0))
    paint()
    if (x) explain(x)
    else {
      paintPixels(map, () => grey(0))
      bars.show(null)
      caption.textContent = ""
      say("The sheet is empty. Draw a digit.")
    }
    return x ?? []
  }

  function explain(x) {
    const z = scores(trained, x), p = softmax(z), [best, second] = DIGITS.toSorted((a, b) => z[b] - z[a])
    const [k, j] = pair.map(name => ({best, second})[name] ?? Number(name))
    picks.forEach((pick, i) => { pick.value = pair[i] })
    const said = evidence(trained, x, k, j), most = greatest(said.map(Math.abs)) || 1
    paintPixels(map, i => redBlue(said[i] / most))
    bars.show(p)
    const pixels = total(said), biases = trained.bias[k] - trained.bias[j], both = (pixels + biases).toFixed(2)
    caption.textContent = `blue: for a ${k}; red: for a ${j}. Pixels ${pixels.toFixed(2)}, biases ` +
      `${biases.toFixed(2)}: the ${k} has e^${both} times the probability of the ${j}`
    say(`It says ${best}, at ${percent(p[best])}; then ${second}, at ${percent(p[second])}.`)
  }

  function changed() { keep(strokes.map(stroke => [...stroke]), [...update()]) }
  function begin(point) {
    if (given) pair = BEST
    truth.textContent = ""
    given = null
    strokes.push([point])
    pen = point
  }
  const letGo = follow(sheet, {
    down(point) { down = false; begin(point); update() },
    move(points) { strokes.at(-1).push(...points); update() },
    up: changed})
  sheet.addEventListener("keydown", event => {
    const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key]
    if (event.key === "Backspace") undo()
    else if (event.key === " ") {
      down = !down
      if (down) begin(pen)
    } else if (move) {
      pen = pen.map((v, i) => between(0.03, 0.97, v + move[i] / 28))
      if (down) strokes.at(-1).push(pen)
    } else return
    if (down) changed()
    else paint()
    event.preventDefault()
    event.stopPropagation()  // JupyterLab has keys of its own
  })
  for (const kind of ["focus", "blur"]) sheet.addEventListener(kind, paint)

  function fresh(remaining, digit = null, answer = "", picked = BEST) {  // a stroke that is being drawn ends here
    letGo()
    pair = picked
    down = false
    strokes = remaining
    given = digit
    truth.textContent = answer
    changed()
  }
  const undo = () => fresh(strokes.slice(0, -1), null, "", given ? BEST : pair)
  async function show(wrong) {
    try { samples ??= await digits() } catch (problem) { return say(`The digits did not come (${problem.message}).`) }
    const {pixels, labels} = samples, all = [...labels.keys()]
    const digit = i => Float32Array.from(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), v => v / 255)
    const answer = i => { const z = scores(trained, digit(i)); return z.indexOf(greatest(z)) }
    if (wrong) mistakes ??= all.filter(i => answer(i) !== labels[i])
    const pool = wrong ? mistakes : all, i = pool[Math.floor(Math.random() * pool.length)]
    if (!pool.length) return say("It gets none of them wrong.")
    fresh([], digit(i), `MNIST says: ${labels[i]}`, wrong ? ["best", labels[i]] : BEST)
  }

  element.append(
    row(make("div", {class: "pad"}, sheet,
      row(button("undo", undo), button("clear", () => fresh([])),
        button("a real digit", () => show(false)), button("one it gets wrong", () => show(true)), truth)),
    bars.table),
    row(figure(seen, "what it sees ", labelled("", make("span", {}, centred, " scaled and centred"))),
      figure(map, make("span", {}, "evidence for ", picks[0], " rather than ", picks[1]), make("br"), caption)),
    output)
  update()
}

// ---- Scores: what softmax makes of them

function scoresView(element) {
  const names = ["A", "B", "C", "D"], LOW = -5, HIGH = 8, {output, say} = announcer()
  const sliders = names.map((name, k) => slider(`score of ${name}`, LOW, HIGH, 0.1, [1, 2, 3, 0.5][k], update))
  const numbers = names.map(() => make("span")), degrees = make("span"), surprise = make("p"), arrows = graph("", 130)
  const heat = slider("temperature", -1, 1, 0.05, 0, update), truth = select("the true class", names, update, "C")
  const bars = barTable("Probability of each class", names)
  const shift = amount => () => {
    const values = sliders.map(input => Number(input.value) + amount)
    if (values.every(v => v >= LOW && v <= HIGH)) sliders.forEach((input, k) => { input.value = values[k] })
    update()
  }
  function update() {
    const z = sliders.map(input => Number(input.value)), temperature = 10 ** Number(heat.value)
    const p = softmax(z.map(v => v / temperature)), y = names.indexOf(truth.value), cost = -Math.log(p[y])
    const gradient = p.map((v, k) => v - (k === y))
    numbers.forEach((span, k) => { span.textContent = z[k].toFixed(1) })
    degrees.textContent = temperature.toFixed(2)
    bars.show(p)
    surprise.textContent = `surprise at ${names[y]}: −log ${p[y].toFixed(3)} = ${cost.toFixed(3)} nats`
    arrows.setAttribute("aria-label", `p minus y: ${gradient.map((g, k) => `${names[k]} ${g.toFixed(2)}`).join(", ")}`)
    arrows.replaceChildren(line("M170 5V125", "currentColor"), ...gradient.flatMap((g, k) => {
      const tip = g > 0 ? 6 : -6, arrow = `M170 ${20 + 30 * k}h${140 * g}m${-tip} -5l${tip} 5l${-tip} 5`
      return [line(arrow, g > 0 ? ORANGE : BLUE, {"stroke-width": 3}),
        words(g > 0 ? 162 : 178, 24 + 30 * k, g > 0 ? "end" : "start", `${names[k]}  ${g.toFixed(3)}`)]
    }))
    say(`Probabilities ${p.map((v, k) => `${names[k]} ${percent(v)}`).join(", ")}; surprise ${cost.toFixed(2)} nats.`)
  }
  element.append(
    row(make("fieldset", {}, make("legend", {}, "scores"),
      names.map((name, k) => make("div", {}, labelled(name, sliders[k]), " ", numbers[k])),
      row(button("all + 1", shift(1)), button("all − 1", shift(-1)))),
    make("div", {}, bars.table, surprise)),
    row(make("fieldset", {}, make("legend", {}, "temperature, truth"),
      make("div", {}, heat, " T = ", degrees), make("div", {}, "the truth is ", truth)),
    figure(arrows, "the gradient p − y: to the right, a larger score costs more; to the left, it costs less. ",
      "A step of learning goes against the arrows.")),
    output)
  update()
}

// ---- Learn: the notebook's own training run, replayed

async function learnView(element, {settings, digits}) {
  const LAST = 2000  // epochs; long before that there is nothing new to see
  const setting = (label, options, chosen) => select(label, options, reset, chosen)
  const rate = setting("learning rate", [0.001, 0.01, 0.1, 1, 10], 0.01), start = setting("start", ["zeros", "random"])
  const size = setting("batch size", [1, 16, 64, 256, 3000], 64)
  const seed = make("input", {type: "number", min: 0, max: 2 ** 32 - 1, value: 42, required: true, "aria-label": "seed",
    onchange: reset})
  const templates = DIGITS.map(k => small(`template of the ${k}`)), {output, say} = announcer(), agreement = make("p")
  const losses = graph("loss"), accuracies = graph("accuracy")
  const {play, turn} = player(element, () => {
    const ended = advance(1 + done / 20, performance.now() + 12)  // slow at first, when there is most to see
    if (ended || !calm()) show()
    if (history.length < limit && Number.isFinite(history.at(-1)?.val.loss ?? 0)) return true
    limit = LAST
    return false
  })
  play.addEventListener("click", () => { limit = LAST })
  const once = button("one epoch", () => { limit = limit < LAST ? limit + 1 : history.length + 1; turn(true) })
  const single = button("one step", () => { advance(1); show() })
  let train, val, model, run, done, seen, history, limit  // done: steps; seen: digits of this epoch

  function reset() {
    if (!train) return  // the digits have not come yet
    turn(false)
    for (const press of [play, once, single]) press.disabled = !seed.validity.valid
    if (!seed.reportValidity()) return
    const random = mersenne(Number(seed.value))
    model = newModel()
    if (start.value === "random")
      for (const part of [model.weight, model.bias]) part.forEach((_, i) => { part[i] = (random() / 2 ** 31 - 1) / 28 })
    run = epochs(random)
    done = seen = 0
    history = []
    limit = LAST
    show()
  }
  function* epochs(random) {
    for (;;) {
      const order = randperm(train.y.length, random)
      const figures = yield* steps({model, data: train}, order, Number(size.value), Number(rate.value))
      history.push({train: figures, val: measure(model, val)})
      yield 0
    }
  }
  function advance(most, until = Infinity) {  // to the epoch's end, at most so many steps, or until the time is up
    for (let i = 0; i < most && performance.now() < until; i++) {
      seen = run.next().value
      done++
      if (!seen) return true
    }
    return false
  }
  function show() {
    const largest = greatest(model.weight.map(Math.abs)) || 1, n = history.length, last = history.at(-1)
    templates.forEach((canvas, k) => paintPixels(canvas, p => redBlue(model.weight[p * CLASSES + k] / largest)))
    for (const [svg, name, title] of [[losses, "loss", "loss (nats)"], [accuracies, "accuracy", "right answers"]]) {
      chart(svg, title, "epoch", [["training", "train", ORANGE, "3 3"], ["validation", "val", BLUE]].map(
        ([word, part, colour, dash]) => ({colour, dash, name: `${word} ${last ? last[part][name].toPrecision(3) : ""}`,
          points: history.map((figures, i) => [i + 1, figures[part][name]])})))
      svg.setAttribute("aria-label", `${title} of training and validation over ${n} epochs`)
    }
    const own = [rate, size, start, seed].map(input => input.value).join() === "0.01,64,zeros,42"
    const theirs = own && settings.history[n - 1]?.val_loss, ours = last?.val.loss
    agreement.textContent = !theirs ? "" : `Epoch ${n}, validation loss: the notebook ${theirs.toFixed(7)}, ` +
      `here ${ours.toFixed(7)}; ${Math.abs(theirs - ours) < 1e-6 ? "they agree." : "they differ!"}`
    if (!last) say(seen ? `${seen} digits of the first epoch.` : "Nothing learned yet.")
    else if (!Number.isFinite(ours)) say("The loss is no number any more: the steps are too long.")
    else say(`After ${n} epochs: validation loss ${ours.toFixed(4)}, ${percent(last.val.accuracy)} right.`)
  }
  element.append(
    row(play, once, single, button("start again", reset)),
    row([rate, size, start, seed].map(input => labelled(input.getAttribute("aria-label"), input))),
    make("div", {class: "templates"}, templates.map((canvas, k) => figure(canvas, `${k}`))),
    row(losses, accuracies), agreement, output)
  for (const press of [play, once, single]) press.disabled = true
  say("The digits are on their way.")
  try {
    const {pixels, labels} = await digits()
    const part = name => inked(pixels, labels, new Uint16Array(decode(settings.rows[name]).buffer))
    val = part("val")
    train = part("train")
  } catch (problem) { return say(`The digits did not come (${problem.message}). Load the page again.`) }
  reset()
}

// ---- Plane: two features, three clouds

// n standard normal numbers (Box and Muller).
function normals(n, random) {
  const uniform = () => (random() + 0.5) / 2 ** 32
  return Array.from({length: n}, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))
}

const planeScores = (weights, x, y) => weights.map(w => w[0] * x + w[1] * y + w[2])

// One full-batch step for rows [x, y, class] and weights [[w_x, w_y, b], …], one for each class; the loss before it.
export function planeStep(weights, rows, rate, decay = 0) {
  const change = weights.map(w => w.map(v => decay * v))
  let loss = 0
  for (const [x, y, c] of rows) {
    const p = softmax(planeScores(weights, x, y))
    loss -= Math.log(p[c])
    p.forEach((v, k) => [x, y, 1].forEach((input, m) => { change[k][m] += (v - (k === c)) * input / rows.length }))
  }
  weights.forEach((w, k) => w.forEach((_, m) => { w[m] -= rate * change[k][m] }))
  return loss / rows.length
}

function planeView(element) {
  const SIZE = 280, SIDE = SIZE / 2, SCALE = 35, LIMIT = 3.5, N = 25, MARKS = ["●", "■", "▲"], AXES = ["x", "y"]
  const offsets = MARKS.map((_, c) => normals(2 * N, mersenne(c + 1)))
  const MIXED = [[-1, 1], [1.2, 0.8], [0, -1.2]], APART = [[-2, 1.4], [2, 1.4], [0, -2]]
  const canvas = make("canvas", {class: "sheet", width: SIZE, height: SIZE, role: "img",
    "aria-label": "Three clouds of points, the regions of three classes and their straight borders"})
  const regions = make("canvas", {width: SIDE, height: SIDE}), paths = graph("The paths of the three weight vectors")
  const lengths = graph("Length of the weights over the number of steps"), {output, say} = announcer()
  const rate = select("learning rate", [0.03, 0.3, 3], restart, 0.3)
  const decay = select("weight decay", [0, 0.01, 0.1], restart)
  const moves = MARKS.map((mark, c) => AXES.map((axis, m) => slider(`cloud ${mark}, ${axis}`, -LIMIT, LIMIT, 0.1, 0,
    event => { centres[c][m] = Number(event.target.value); place() })))
  let centres, spread, rows, weights, trace, done, shown = 0

  function place() {  // the points about their clouds' centres
    rows = centres.flatMap(([x, y], c) =>
      Array.from({length: N}, (_, i) => [x + spread * offsets[c][2 * i], y + spread * offsets[c][2 * i + 1], c]))
    moves.forEach((pair, c) => pair.forEach((input, m) => { input.value = centres[c][m] }))
    trace = []
    note()
    show()
  }
  const note = () => trace.push({done, weights: weights.map(w => [...w])})
  function restart() {
    weights = MARKS.map(() => [0, 0, 0])
    done = 0
    place()
  }
  function clouds(at, width) {
    centres = at.map(centre => [...centre])
    spread = width
    restart()
  }
  function advance(n) {
    for (let i = 0; i < n; i++) {
      planeStep(weights, rows, Number(rate.value), Number(decay.value))
      done++
      if (done <= 20 || done % Math.ceil(done / 20) === 0) note()
    }
  }
  const {play} = player(element, () => {
    advance(Math.ceil((done + 1) / 100))
    if (!calm() || performance.now() - shown > 1000 || done >= 20000) show()
    return done < 20000
  })
  let held  // the number of the cloud that is dragged
  const middle = at => [(at[0] - 0.5) * SIZE / SCALE, (0.5 - at[1]) * SIZE / SCALE]
  follow(canvas, {
    down(at) {
      const [x, y] = middle(at), far = centres.map(([a, b]) => Math.hypot(a - x, b - y))
      held = far.indexOf(Math.min(...far))
    },
    move(points) {
      centres[held] = middle(points.at(-1)).map(v => between(-LIMIT, LIMIT, v))
      place()
    },
    up() {}})

  function colour(i) {  // of the pixel i of the regions: the best class, stronger where it is more probable
    const z = planeScores(weights, (i % SIDE - SIDE / 2) * 2 / SCALE, (SIDE / 2 - Math.floor(i / SIDE)) * 2 / SCALE)
    const top = greatest(z), p = 1 / total(z.map(v => Math.exp(v - top))), tie = z.filter(v => v === top).length > 1
    return COLOURS[z.indexOf(top)].map(v => 255 + (v - 255) * (tie ? 0 : 0.15 + 0.5 * (p - 1 / 3)))
  }
  function show() {
    const context = canvas.getContext("2d"), length = ws => Math.hypot(...ws.flatMap(w => w.slice(0, 2)))
    shown = performance.now()
    paintPixels(regions, colour)
    context.drawImage(regions, 0, 0, SIZE, SIZE)
    Object.assign(context, {font: "11px sans-serif", textAlign: "center", textBaseline: "middle"})
    for (const [x, y, c] of rows) {
      context.fillStyle = `rgb(${COLOURS[c].map(v => 0.7 * v)})`
      context.fillText(MARKS[c], SIZE / 2 + SCALE * x, SIZE / 2 - SCALE * y)
    }
    chart(paths, "weights: y over x", "weight of x", MARKS.map((name, c) =>
      ({name, colour: [BLUE, ORANGE, GREEN][c], points: trace.map(row => row.weights[c].slice(0, 2))})))
    chart(lengths, "length of the weights", "steps, logarithmic (base 10)",
      [{colour: BLUE, name: length(weights).toFixed(2),
        points: trace.filter(row => row.done).map(row => [Math.log10(row.done), length(row.weights)])}])
    const right = rows.filter(([x, y, c]) => planeScores(weights, x, y).every((v, k, z) => k === c || v < z[c]))
    say(`${done} steps: ${right.length} of ${rows.length} points on their side, ` +
      `weights of length ${length(weights).toFixed(2)}.`)
  }
  element.append(
    row(play, button("one step", () => { advance(1); show() }), button("start again", restart),
      button("separable clouds", () => clouds(APART, 0.4)), button("mixed clouds", () => clouds(MIXED, 0.7))),
    row(labelled("learning rate", rate), labelled("weight decay", decay)),
    row(figure(canvas, "drag a cloud, or move it with the sliders: ", moves.map((pair, c) =>
      make("div", {}, `${MARKS[c]} `, pair.map((input, m) => labelled(AXES[m], input))))),
    make("div", {}, paths, lengths)),
    output)
  clouds(MIXED, 0.7)
}

// ---- Putting a view into a page

const VIEWS = {draw: drawView, scores: scoresView, learn: learnView, plane: planeView}

// Digits and labels from what is packed in digits.gz: 784 bytes a digit, and then a byte a label.
async function unpack(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  const all = new Uint8Array(await new Response(stream).arrayBuffer()), n = all.length / (PIXELS + 1)
  return {pixels: all.subarray(0, n * PIXELS), labels: all.subarray(n * PIXELS)}
}

// Show a view in an element. `bytes` fetches digits.gz; `keep` takes what was drawn, and what the model saw of it.
function show(element, view, settings, bytes, keep = () => {}) {
  const known = JSON.parse(settings), holder = make("div", {class: "live"})
  const still = [...element.querySelectorAll("img")]  // on paper it stands in for what nobody has touched
  for (const image of still) image.className = "still"
  element.replaceChildren(...still, holder)
  for (const kind of ["click", "input", "keydown"])
    element.addEventListener(kind, ({key}) => { if (key !== "Tab") still.forEach(image => image.remove()) })
  VIEWS[view](holder, {settings: known, digits: async () => unpack(await bytes()), keep})
}

// In JupyterLab; `model` is anywidget's.
function render({model, el}) {
  const bytes = () => new Promise(resolve => {
    model.on("msg:custom", (message, buffers) => resolve(buffers[0]))
    model.send("digits")
  })
  show(el, model.get("view"), model.get("settings"), bytes, (strokes, x) => {
    model.set("strokes", strokes)
    model.set("x", x)
    model.save_changes()
  })
}

// Bring every still picture of a page to life.
export function mount(page, settings, bytes) {
  for (const element of page.querySelectorAll(".live[data-view]")) show(element, element.dataset.view, settings, bytes)
}

export default {render}
