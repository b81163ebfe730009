// The interactive views of softmax_mnist: first the functions that compute, then four views and what shows them.
// The same file serves JupyterLab (through anywidget), the site (live-site.js) and the page that live.page() writes.

const PIXELS = 784, CLASSES = 10, DIGITS = [...Array(CLASSES).keys()]
const total = numbers => numbers.reduce((a, b) => a + b, 0)
const greatest = numbers => numbers.reduce((a, b) => Math.max(a, b))
const argmax = numbers => numbers.indexOf(greatest(numbers))
const ends = numbers => [Math.min, Math.max].map(end => numbers.reduce((a, b) => end(a, b)))  // least, greatest
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
  const top = greatest(scores), powers = scores.map(z => Math.exp(z - top)), sum = total(powers)
  return powers.map(power => power / sum)
}

// A model: weight holds ten numbers a pixel, one for each class; bias holds ten.
export const newModel = () => ({weight: new Float64Array(PIXELS * CLASSES), bias: new Float64Array(CLASSES)})

// From the (10, 784) weights and (10,) biases that Python keeps, one after the other as float32.
export const decodeModel = numbers => ({bias: Float64Array.from(numbers.subarray(PIXELS * CLASSES)),
  weight: newModel().weight.map((_, i) => numbers[i % CLASSES * PIXELS + Math.floor(i / CLASSES)])})

const EVERYWHERE = Uint16Array.from({length: PIXELS}, (_, p) => p)

// The ten scores of a picture, given the ink in [0, 1] of all pixels or of those in `where`.
export function scores({weight, bias}, ink, where = EVERYWHERE) {
  const z = Array.from(bias)
  for (let i = 0; i < ink.length; i++) {
    const shade = ink[i], at = where[i] * CLASSES
    for (let k = 0; k < CLASSES; k++) z[k] += shade * weight[at + k]
  }
  return z
}

// What each pixel says for class k rather than j, in nats.
export const evidence = (model, x, k, j) =>
  Float32Array.from(x, (ink, p) => ink * (model.weight[p * CLASSES + k] - model.weight[p * CLASSES + j]))

// The digits in `rows`, of each the label and the inked pixels alone: four pixels in five are paper.
export const inked = (pixels, labels, rows) => Array.from(rows, row => {
  const digit = pixels.slice(row * PIXELS, (row + 1) * PIXELS)
  const where = Uint16Array.from(digit.keys()).filter(p => digit[p])
  return {y: labels[row], where, ink: Float32Array.from(where, p => digit[p] / 255)}
})

// A digit with what a model makes of it: probabilities, surprise in nats, and whether the most probable class is right.
function judge(model, {y, where, ink}) {
  const z = scores(model, ink, where), p = softmax(z), best = argmax(z)
  return {y, where, ink, p, right: best === y, loss: z[best] - z[y] - Math.log(p[best])}  // finite also where p[y] is 0
}

const average = judged => ({loss: total(judged.map(digit => digit.loss)) / judged.length,
  accuracy: total(judged.map(digit => digit.right)) / judged.length})

// Loss and accuracy on digits that are only looked at.
export const measure = (model, data) => average(data.map(digit => judge(model, digit)))

// Gradient descent over all digits once, in the given order; rate is a function of the step. Between two steps it says
// how many digits it has seen, and in the end loss and accuracy on the way.
export function* steps({model, data}, order, batchSize, rate) {
  const {weight, bias} = model, judged = []
  for (let from = 0, step = 0; from < order.length; from += batchSize, step++) {
    if (from) yield from
    const batch = Array.from(order.subarray(from, from + batchSize), i => judge(model, data[i]))
    const length = rate(step) / batch.length
    for (const {y, where, ink, p} of batch) {
      const move = p.map((v, k) => length * (v - (k === y)))
      for (let k = 0; k < CLASSES; k++) bias[k] -= move[k]
      for (let i = 0; i < ink.length; i++) {
        const shade = ink[i], at = where[i] * CLASSES
        for (let k = 0; k < CLASSES; k++) weight[at + k] -= shade * move[k]
      }
    }
    judged.push(...batch)
  }
  return average(judged)
}

// The same without a pause; the rate may also be a number.
export function trainEpoch(state, order, batchSize, rate) {
  const run = steps(state, order, batchSize, typeof rate === "number" ? () => rate : rate)
  let now
  do now = run.next()
  while (!now.done)
  return now.value
}

// ---- The same for two features and a few points

// n standard normal numbers (Box and Muller).
function normals(n, random) {
  const uniform = () => (random() + 0.5) / 2 ** 32
  return Array.from({length: n}, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))
}

const planeScores = (weights, x, y) => weights.map(w => w[0] * x + w[1] * y + w[2])

// One full-batch step for rows [x, y, class] and weights [[w_x, w_y, b], …], one for each class.
export function planeStep(weights, rows, rate, decay = 0) {
  const change = weights.map(w => w.map(v => decay * v))
  for (const [x, y, c] of rows) {
    const p = softmax(planeScores(weights, x, y))
    p.forEach((v, k) => [x, y, 1].forEach((input, m) => { change[k][m] += (v - (k === c)) * input / rows.length }))
  }
  weights.forEach((w, k) => w.forEach((_, m) => { w[m] -= rate * change[k][m] }))
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

// Rows of `from` numbers in another length (as Pillow does it), turned on their side: the next pass takes the columns.
function pass(picture, rows, from, to) {
  const turned = new Float32Array(rows * to), scale = from / to, wide = Math.max(scale, 1)
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale, first = Math.max(0, Math.trunc(centre - 3 * wide + 0.5))
    const length = Math.min(from, Math.trunc(centre + 3 * wide + 0.5)) - first
    const weights = Array.from({length}, (_, j) => lanczos((first + j - centre + 0.5) / wide)), sum = total(weights)
    for (let row = 0, at = first; row < rows; row++, at += from)
      turned[i * rows + row] = weights.reduce((seen, w, j) => seen + w * picture[at + j], 0) / sum
  }
  return turned
}

// Rows of width inks in another size.
export const resize = (ink, width, height, newWidth, newHeight) =>
  pass(pass(ink, height, width, newWidth), newWidth, height, newHeight).map(v => between(0, 1, v))

// The sheet in 28×28, neither scaled nor centred: what a model is shown by those who forget to.
export const shrink = (ink, side) => resize(ink, side, side, 28, 28)

// Python's way of rounding; the millionths make a half that rounding errors have touched one again.
function halfToEven(x) {
  const v = Math.round(1e6 * x) / 1e6, up = Math.round(v)
  return up - v === 0.5 && up % 2 ? up - 1 : up
}

// Ink (rows of width numbers in [0, 1]) as MNIST shows it: the longer side scaled to 20 pixels, its centre of mass in
// the middle of 28×28.
export function preprocess(ink, width) {
  const inky = [...ink.keys()].filter(i => ink[i] > 0.3)
  if (!inky.length) throw new Error("no digit in sight: there is no ink")
  const [top, bottom] = ends(inky.map(i => Math.floor(i / width))), [left, right] = ends(inky.map(i => i % width))
  const tall = bottom - top + 1, wide = right - left + 1
  const box = [...Array(tall * wide).keys()].map(i => ink[(top + Math.floor(i / wide)) * width + left + i % wide])
  const [rows, columns] = [tall, wide].map(n => Math.max(1, halfToEven(n * 20 / Math.max(tall, wide))))
  const faint = resize(box, wide, tall, columns, rows), peak = greatest(faint), small = faint.map(v => v / peak)
  const down = i => Math.floor(i / columns), over = i => i % columns, picture = new Float32Array(PIXELS)
  const mean = place => small.reduce((sum, v, i) => sum + v * place(i), 0) / total(small)
  const y = between(0, 28 - rows, halfToEven(14 - mean(down)))
  const x = between(0, 28 - columns, halfToEven(14 - mean(over)))
  small.forEach((v, i) => { picture[(y + down(i)) * 28 + x + over(i)] = v })
  return picture
}

// ---- What the views are made of: markup, and what brings it to life

const COLOURS = [[42, 127, 196], [196, 90, 18], [63, 143, 63]]  // 3:1 or more on white and on near black
const INKS = COLOURS.map(colour => `rgb(${colour})`), [BLUE, ORANGE] = INKS
const counted = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`
const signed = (v, digits) => v.toFixed(digits).replace("-", "−")
const percent = p => `${(100 * p).toFixed(1)} %`
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches
const decode = (text, Kind = Uint8Array) => new Kind(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer)

const each = (list, write) => Array.from(list, write).join("")
const select = (id, label, options, chosen = options[0]) => `<select data-id="${id}" aria-label="${label}">
  ${each(options, option => `<option ${option === chosen ? "selected" : ""}>${option}</option>`)}</select>`
const setting = (id, label, ...options) => `<label>${label} ${select(id, label, ...options)}</label>`
const slider = (label, min, max, step, value) =>
  `<input type="range" aria-label="${label}" min="${min}" max="${max}" step="${step}" value="${value}">`
const small = (id, label) =>
  `<canvas data-id="${id}" class="small" width="28" height="28" role="img" aria-label="${label}"></canvas>`
const graph = (id, label, height = 168) =>
  `<svg data-id="${id}" viewBox="0 0 340 ${height}" role="img" aria-label="${label}"></svg>`

// Fill an element with markup; `pressed` says what its buttons do. Gives back the parts that have a data-id, and `say`:
// a sentence under the view. Those who cannot see hear it when a second has gone by, or when nothing newer comes.
function build(element, markup, pressed) {
  element.innerHTML = `${markup}<p class="said" aria-hidden="true"></p><output aria-live="polite"></output>`
  for (const button of element.querySelectorAll("button"))
    Object.assign(button, {type: "button", onclick: pressed[button.textContent]})
  for (const part of element.querySelectorAll("button, input, select, [tabindex]"))
    part.dataset.lmSuppressShortcuts = true  // JupyterLab leaves it the keys
  const parts = [...element.querySelectorAll("[data-id]")].map(part => [part.dataset.id, part])
  const [shown, heard] = [...element.children].slice(-2)
  let waiting, last = 0
  const speak = text => { last = performance.now(); heard.textContent = text }
  const say = text => {
    shown.textContent = text
    clearTimeout(waiting)
    waiting = setTimeout(speak, performance.now() - last > 1000 ? 0 : 300, text)
  }
  return {say, ...Object.fromEntries(parts)}
}

// Fill a canvas with a colour for each pixel.
function paintPixels(canvas, colour) {
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height)
  for (let i = 0; i < image.data.length / 4; i++) image.data.set([...colour(i), 255], 4 * i)
  context.putImageData(image, 0, 0)
}

const grey = ink => Array(3).fill(255 * (1 - ink))
// From red (-1) by white (0) to blue (1).
function redBlue(t) {
  const [half, whole] = t > 0 ? [[67, 147, 195], [5, 48, 97]] : [[214, 96, 77], [103, 0, 31]]
  const way = 2 * Math.min(1, Math.abs(t))
  return half.map((v, m) => way < 1 ? 255 + (v - 255) * way : v + (whole[m] - v) * (way - 1))
}

// Classes as rows of a table: a bar and a number. What a reader sees and what a screen reader reads is the same.
const barTable = (label, names) => `<table data-id="bars" aria-label="${label}"><tbody>${each(names, name =>
  `<tr><th scope="row">${name}</th><td class="track"><div class="bar"></div></td><td></td></tr>`)}</tbody></table>`

function showBars(table, shares) {
  [...table.rows].forEach((row, k) => {
    row.querySelector(".bar").style.width = `${100 * (shares[k] ?? 0)}%`
    row.lastChild.textContent = k in shares ? percent(shares[k]) : "–"
    row.className = shares[k] === Math.max(...shares) ? "best" : ""
  })
}

const line = (d, colour = "currentColor", width = 1, dash = "none") =>
  `<path d="${d}" stroke="${colour}" stroke-width="${width}" stroke-dasharray="${dash}" fill="none"/>`
const dot = (place, colour) => `<circle cx="${place.split(" ")[0]}" cy="${place.split(" ")[1]}" r="3" fill="${colour}"/>`
const words = (x, y, anchor, text) =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" font-size="12" fill="currentColor">${text}</text>`

const short = v => !Number.isFinite(v) ? "–" : Number.isInteger(v) ? `${v}` : v.toPrecision(3)

// Curves on axes that fit, as what an svg holds; series: {name, colour, dash, points: [[x, y], …]}.
function chart(title, xLabel, series) {
  const [left, right, top, bottom] = [44, 332, 22, 150], finite = points => points.filter(([, y]) => Number.isFinite(y))
  const points = finite(series.flatMap(s => s.points)), reach = axis => ends(points.map(point => point[axis]))
  const [[x0, x1], [y0, y1]] = points.length ? [reach(0), reach(1)] : [[], []]
  const at = (v, low, high, from, to) => (from + (high > low ? (v - low) / (high - low) : 0.5) * (to - from)).toFixed(1)
  const place = ([x, y]) => `${at(x, x0, x1, left, right)} ${at(y, y0, y1, bottom, top)}`
  const legend = ({name, colour, dash}) =>
    `<tspan fill="${colour}" font-weight="bold">\u2003${dash ? "– –" : "—"}\u00a0</tspan>${name}`
  const ticks = () => words(left - 4, top + 8, "end", short(y1)) + words(left - 4, bottom, "end", short(y0)) +
    words(left, bottom + 14, "start", short(x0)) + words(right, bottom + 14, "end", short(x1))
  return line(`M${left} ${top}V${bottom}H${right}`) + words(0, 12, "start", title) +
    words(right, 12, "end", each(series, legend)) + words((left + right) / 2, bottom + 14, "middle", xLabel) +
    (points.length ? ticks() : series.some(s => s.points.length) ? words((left + right) / 2, 90, "middle", "no numbers") : "") +
    each(series, ({points, colour, dash}) => {
      const [start, ...more] = finite(points).map(place)
      return !start ? "" : more.length ? line(`M${[start, ...more].join("L")}`, colour, 2, dash) : dot(start, colour)
    })
}

// A gradient as arrows, as what an svg holds: from the middle to the right, in orange, where it is positive.
const gradientArrows = (names, gradient) => line("M170 5V125") + each(gradient, (g, k) => {
  const up = g > 0, tip = up ? 6 : -6
  return line(`M170 ${20 + 30 * k}h${140 * g}m${-tip} -5l${tip} 5l${-tip} 5`, up ? ORANGE : BLUE, 3) +
    words(up ? 162 : 178, 24 + 30 * k, up ? "end" : "start", `${names[k]}  ${signed(g, 3)}`)
})

// Follow one pointer at a time over a canvas; places are [x, y] in [0, 1]. Gives back how to let go of it.
function follow(canvas, {down, move, up}) {
  let held = null
  const place = ({clientX, clientY}) => {
    const box = canvas.getBoundingClientRect()
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height].map(v => between(0, 1, v))
  }
  canvas.onpointerdown = event => {
    if (held !== null || event.button) return
    event.preventDefault()  // or a selection on the page would be dragged instead
    canvas.focus({preventScroll: true})
    held = event.pointerId
    try { canvas.setPointerCapture(held) } catch { /* a pointer that is gone already needs no capture */ }
    down(place(event))
  }
  canvas.onpointermove = event => {
    const parts = event.getCoalescedEvents?.() ?? []
    if (event.pointerId === held) move((parts.length ? parts : [event]).map(place))
  }
  canvas.onpointerup = canvas.onpointercancel = event => { if (event.pointerId === held) { held = null; up?.() } }
  return () => { held = null }
}

// An animation, and the words of its button: `frame` is called for each picture until it says false.
function player(button, frame) {
  let next = null
  return function turn(on = !next) {
    cancelAnimationFrame(next)
    next = on ? requestAnimationFrame(() => turn(button.isConnected && frame())) : null
    if (button.textContent !== (on ? "pause" : "play")) button.textContent = on ? "pause" : "play"
  }
}

// ---- Draw: what the model sees, thinks, and why

function drawView(element, {settings, digits, keep, kept, example}) {
  const SIDE = 140, SIZE = 2 * SIDE, BEST = ["best", "second"], CHOICES = [...BEST, ...DIGITS]
  const help = "Arrow keys move the pen, space puts it down and lifts it, Backspace takes back a stroke."
  const model = decodeModel(decode(settings.weights, Float32Array))
  const {say, sheet, truth, bars, seen, centred, map, first, other, caption} = build(element, `
    <div class="row draw">
      <canvas data-id="sheet" class="sheet" width="${SIZE}" height="${SIZE}" tabindex="0" role="application"
        aria-label="Sheet to draw a digit on. ${help}"></canvas>
      ${barTable("Probability of each digit", DIGITS)}
      <div class="row buttons"><button>undo</button><button>clear</button><button>a real digit</button>
        <button>one it gets wrong</button><strong class="truth" data-id="truth"></strong></div>
      <div class="row maps">
        <figure>${small("seen", "What the model sees: 28 by 28 pixels")}<figcaption>what it sees
          <label><input type="checkbox" data-id="centred" checked> scaled and centred</label></figcaption></figure>
        <figure>${small("map", "What each pixel says for one digit")}<figcaption>
          evidence for ${select("first", "for this digit", CHOICES)}
          rather than ${select("other", "rather than this one", CHOICES, "second")}<br>
          <span data-id="caption"></span></figcaption></figure>
      </div>
    </div>
    <p>Try a 1 with a slanting bar, a 7 with a crossbar, a digit in a corner.</p>`,
  {undo, clear: () => fresh([]), "a real digit": () => show(false), "one it gets wrong": () => show(true)})
  let strokes = example ?? [], given = null, x = [], pen = [0.5, 0.5], down = false, samples = null  // x: what the model sees
  const chosen = () => [first.value, other.value], choose = pair => { [first.value, other.value] = pair }

  function paint() {
    const context = sheet.getContext("2d")
    Object.assign(context, {fillStyle: "#fff", strokeStyle: "#000", lineWidth: 25, lineCap: "round", lineJoin: "round",
      imageSmoothingEnabled: false})
    context.fillRect(0, 0, SIZE, SIZE)
    if (given) context.drawImage(seen, 0, 0, SIZE, SIZE)
    if (!x.length || example) {
      Object.assign(context, {fillStyle: "#767676", font: "20px system-ui, sans-serif", textAlign: "center"})
      context.fillText("draw a digit here", SIZE / 2, example ? 0.96 * SIZE : SIZE / 2)
    }
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

  function update() {
    const toSee = centred.checked ? preprocess : shrink
    x = given ?? (strokes.length ? toSee(rasterise(strokes, SIDE), SIDE) : [])
    paintPixels(seen, p => grey(x[p] ?? 0))
    paint()
    if (!x.length) {
      paintPixels(map, () => grey(0))
      showBars(bars, [])
      caption.textContent = ""
      return say("The sheet is empty. Draw a digit.")
    }
    const z = scores(model, x), p = softmax(z), [best, second] = DIGITS.toSorted((a, b) => z[b] - z[a])
    const [k, j] = chosen().map(name => ({best, second})[name] ?? Number(name))
    const said = evidence(model, x, k, j), most = greatest(said.map(Math.abs)) || 1
    paintPixels(map, i => redBlue(said[i] / most))
    showBars(bars, p)
    const pixels = total(said), biases = model.bias[k] - model.bias[j], both = signed(pixels + biases, 2)
    const a = digit => `${digit === 8 ? "an" : "a"} ${digit}`
    caption.textContent = `blue: for ${a(k)}; red: for ${a(j)}. Pixels ${signed(pixels, 2)}, biases ` +
      `${signed(biases, 2)}: the ${k} has e^${both} times the probability of the ${j}`
    say(`It says ${best}, at ${percent(p[best])}; then ${second}, at ${percent(p[second])}.` +
      (example ? " Now draw your own digit here." : ""))
  }

  function changed() { update(); keep(strokes.map(stroke => [...stroke]), [...x]) }
  function begin(point) {
    if (given) choose(BEST)
    truth.textContent = ""
    given = null
    if (example) strokes = []
    example = null
    strokes.push([point])
    pen = point
  }
  function fresh(remaining, pair = BEST, digit = null, answer = "") {  // a stroke that is being drawn ends here
    [strokes, given, down, truth.textContent, example] = [remaining, digit, false, answer, null]
    letGo()
    choose(pair)
    changed()
  }
  function undo() { fresh(strokes.slice(0, -1), given ? BEST : chosen()) }
  async function show(wrong) {
    try { samples ??= await digits() } catch (problem) { return say(`The digits did not come (${problem.message}).`) }
    const {pixels, labels} = samples, order = randperm(labels.length, Math.floor(Math.random() * 2 ** 32))
    const digit = i => Float32Array.from(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), v => v / 255)
    const i = order.find(i => !wrong || argmax(scores(model, digit(i))) !== labels[i])
    if (i === undefined) return say("It gets none of them wrong.")
    fresh([], wrong ? ["best", labels[i]] : BEST, digit(i), `MNIST says: ${labels[i]}`)
  }

  const letGo = follow(sheet, {
    down(point) { down = false; begin(point); update() },
    move(points) { strokes.at(-1).push(...points); update() },
    up: changed})
  sheet.onkeydown = event => {
    const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key]
    if (event.key === "Backspace") undo()
    else if (event.key === " ") { down = !down; if (down) begin(pen) }
    else if (move) {
      pen = pen.map((v, i) => between(0.03, 0.97, v + move[i] / 28))
      if (down) strokes.at(-1).push(pen)
    } else return
    if (down) changed()
    else paint()
    event.preventDefault()
    event.stopPropagation()  // other notebooks have keys of their own
  }
  sheet.onfocus = sheet.onblur = paint
  element.onchange = changed
  update()
  kept((drawn, row) => {
    if (JSON.stringify(drawn) === JSON.stringify(strokes) && !row.length) return
    fresh(drawn, BEST, drawn.length || !row.length ? null : row)
  })
}

// ---- Scores: what softmax makes of them

function scoresView(element) {
  const names = ["A", "B", "C", "D"], LOW = -5, HIGH = 8, values = [1, 2, 3, 0.5]
  const {say, bars, surprise, degrees, truth, arrows} = build(element, `
    <div class="row">
      <fieldset><legend>scores</legend>
        ${each(names, (name, k) => `<div><label>${name} ${slider(`score of ${name}`, LOW, HIGH, 0.1, values[k])}</label>
          <span></span></div>`)}
        <div class="row"><button>all + 1</button><button>all − 1</button></div></fieldset>
      <div>${barTable("Probability of each class", names)}<p data-id="surprise"></p></div>
    </div>
    <div class="row">
      <fieldset><legend>temperature, truth</legend>
        <div>${slider("temperature", -1, 1, 0.05, 0)} T = <span data-id="degrees"></span></div>
        <div>the truth is ${select("truth", "the true class", names, "C")}</div></fieldset>
      <figure>${graph("arrows", "", 130)}<figcaption>the gradient p − y: to the right, a larger score costs more; to
        the left, it costs less. A step of learning goes against the arrows.</figcaption></figure>
    </div>`, {"all + 1": () => shift(1), "all − 1": () => shift(-1)})
  const sliders = [...element.querySelectorAll("input")], heat = sliders.pop()
  const numbers = element.querySelectorAll("label + span")

  function shift(amount) {
    const moved = sliders.map(input => input.valueAsNumber + amount)
    if (moved.every(v => v >= LOW && v <= HIGH)) sliders.forEach((input, k) => { input.value = moved[k] })
    update()
  }
  function update() {
    const z = sliders.map(input => input.valueAsNumber), temperature = 10 ** heat.value
    const p = softmax(z.map(v => v / temperature)), y = names.indexOf(truth.value), cost = -Math.log(p[y])
    const gradient = p.map((v, k) => v - (k === y))
    numbers.forEach((span, k) => { span.textContent = z[k].toFixed(1) })
    degrees.textContent = temperature.toFixed(2)
    showBars(bars, p)
    surprise.textContent = `surprise at ${names[y]}: −log ${p[y].toFixed(3)} = ${cost.toFixed(3)} nats`
    arrows.setAttribute("aria-label", `p minus y: ${gradient.map((g, k) => `${names[k]} ${g.toFixed(2)}`).join(", ")}`)
    arrows.innerHTML = gradientArrows(names, gradient)
    say(`Probabilities ${p.map((v, k) => `${names[k]} ${percent(v)}`).join(", ")}; surprise ${cost.toFixed(2)} nats.`)
  }
  element.oninput = update
  update()
}

// ---- Learn: the notebook's own training run, replayed

async function learnView(element, {settings, digits}) {
  const LAST = 2000  // epochs; long before that there is nothing new to see
  const {say, play, rate, size, start, seed, losses, accuracies, agreement} = build(element, `
    <div class="row"><button data-id="play" disabled>play</button><button disabled>one epoch</button>
      <button disabled>one step</button><button disabled>start again</button></div>
    <div class="row">${setting("rate", "learning rate", [0.001, 0.01, 0.1, 1, 10], 0.01)}
      ${setting("size", "batch size", [1, 16, 64, 256, 3000], 64)} ${setting("start", "start", ["zeros", "random"])}
      <label>seed <input type="number" data-id="seed" min="0" max="${2 ** 32 - 1}" value="42" required></label></div>
    <div class="templates">${each(DIGITS, k =>
      `<figure>${small(k, `template of the ${k}`)}<figcaption>${k}</figcaption></figure>`)}</div>
    <div class="row">${graph("losses", "loss")}${graph("accuracies", "accuracy")}</div>
    <p data-id="agreement"></p>`, {
    play() { limit = LAST; turn() },
    "one epoch"() { limit = limit < LAST ? limit + 1 : history.length + 1; turn(true) },
    "one step"() { advance(1); show() },
    "start again": reset})
  let data, model, run, done, seen, history, limit  // done: steps; seen: digits of this epoch
  const turn = player(play, () => {
    advance(1 + done / 20, performance.now() + 12)  // slow at first, when there is most to see
    if (!seen || !calm()) show()
    if (history.length < limit && Number.isFinite(history.at(-1)?.val.loss ?? 0)) return true
    limit = LAST
    return false
  })

  function reset() {
    turn(false)
    for (const button of element.querySelectorAll("button")) button.disabled = !seed.validity.valid
    if (!seed.reportValidity()) return
    const random = mersenne(Number(seed.value)), {weight, bias} = newModel()
    const first = () => start.value === "random" ? (random() / 2 ** 31 - 1) / 28 : 0
    model = {weight: weight.map(first), bias: bias.map(first)}
    run = epochs(random)
    done = seen = 0
    history = []
    limit = LAST
    show()
  }
  function* epochs(random) {
    for (;;) {
      const order = randperm(data.train.length, random)
      const figures = yield* steps({model, data: data.train}, order, Number(size.value), () => Number(rate.value))
      history.push({train: figures, val: measure(model, data.val)})
      yield 0
    }
  }
  function advance(most, until = Infinity) {  // to the epoch's end, at most so many steps, or until the time is up
    const last = done + most
    do { seen = run.next().value; done++ } while (seen && done < last && performance.now() < until)
  }
  function show() {
    const largest = greatest(model.weight.map(Math.abs)) || 1, n = history.length, last = history.at(-1)
    element.querySelectorAll("canvas").forEach((canvas, k) =>
      paintPixels(canvas, p => redBlue(model.weight[p * CLASSES + k] / largest)))
    for (const [svg, name, title] of [[losses, "loss", "loss (nats)"], [accuracies, "accuracy", "right answers"]]) {
      const curve = (word, part, colour, dash) => ({name: `${word} ${last ? short(last[part][name]) : ""}`,
        points: history.map((row, i) => [i + 1, row[part][name]]), colour, dash})
      svg.innerHTML = chart(title, "epoch", [curve("training", "train", ORANGE, "3 3"), curve("validation", "val", BLUE)])
      svg.setAttribute("aria-label", `${title} of training and validation over ${counted(n, "epoch")}`)
    }
    const own = [rate, size, start, seed].map(input => input.value).join() === "0.01,64,zeros,42"
    const theirs = own && settings.history[n - 1]?.val_loss, ours = last?.val.loss
    agreement.textContent = !theirs ? "" : `Epoch ${n}, validation loss: the notebook ${theirs.toFixed(7)}, ` +
      `here ${ours.toFixed(7)}; ${Math.abs(theirs - ours) < 1e-6 ? "they agree." : "they differ!"}`
    if (!last) say(seen ? `${seen} digits of the first epoch.` : "Nothing learned yet.")
    else if (!Number.isFinite(ours)) say("The loss is no number any more: the steps are too long.")
    else say(`After ${counted(n, "epoch")}: validation loss ${ours.toFixed(4)}, ${percent(last.val.accuracy)} right.`)
  }
  if (globalThis.IntersectionObserver) await new Promise(near => new IntersectionObserver((entries, observer) => {
    if (entries.some(entry => entry.isIntersecting)) near(observer.disconnect())
  }, {rootMargin: "800px"}).observe(element))  // 800 kB of digits, for those who come near
  say("The digits are on their way.")
  try {
    const {pixels, labels} = await digits(), part = rows => inked(pixels, labels, decode(rows, Uint16Array))
    data = {train: part(settings.rows.train), val: part(settings.rows.val)}
  } catch (problem) { return say(`The digits did not come (${problem.message}). Load the page again.`) }
  element.onchange = reset
  reset()
}

// ---- Plane: two features, three clouds

function planeView(element) {
  const SIZE = 280, SIDE = SIZE / 2, SCALE = 35, LIMIT = 3.5, N = 25, MARKS = ["●", "■", "▲"]
  const offsets = MARKS.map((_, c) => normals(2 * N, mersenne(c + 1)))
  const MIXED = [[-1, 1], [1.2, 0.8], [0, -1.2]], APART = [[-2, 1.4], [2, 1.4], [0, -2]]
  const {say, play, rate, decay, canvas, paths, lengths} = build(element, `
    <div class="row"><button data-id="play">play</button><button>one step</button><button>start again</button>
      <button>separable clouds</button><button>mixed clouds</button></div>
    <div class="row">${setting("rate", "learning rate", [0.03, 0.3, 3], 0.3)}
      ${setting("decay", "weight decay", [0, 0.01, 0.1])}</div>
    <div class="row">
      <figure><canvas data-id="canvas" class="sheet" width="${SIZE}" height="${SIZE}" role="img" aria-label="Three
        clouds of points, the regions of three classes and their straight borders"></canvas>
        <figcaption>drag a cloud, or move it with the sliders: ${each(MARKS, mark => `<div class="cloud">${mark} ${each("xy", axis =>
          `<label>${axis} ${slider(`cloud ${mark}, ${axis}`, -LIMIT, LIMIT, 0.1, 0)}</label>`)}</div>`)}</figcaption>
      </figure>
      <div>${graph("paths", "The paths of the three weight vectors")}
        ${graph("lengths", "Length of the weights over the number of steps")}</div>
    </div>`, {
    play: () => turn(), "one step"() { advance(1); show() }, "start again": () => clouds(),
    "separable clouds": () => clouds(APART, 0.4), "mixed clouds": () => clouds(MIXED, 0.7)})
  const regions = new OffscreenCanvas(SIDE, SIDE), sliders = [...element.querySelectorAll("input")]
  let centres, spread, rows, weights, trace, done, shown = 0, held  // held: the number of the cloud that is dragged

  function clouds(at = centres, width = spread) {
    [centres, spread, done] = [at.map(centre => [...centre]), width, 0]
    weights = MARKS.map(() => [0, 0, 0])
    place()
  }
  function place() {  // the points about their clouds' centres
    rows = centres.flatMap(([x, y], c) =>
      Array.from({length: N}, (_, i) => [x + spread * offsets[c][2 * i], y + spread * offsets[c][2 * i + 1], c]))
    sliders.forEach((input, i) => { input.value = centres.flat()[i] })
    trace = [now()]
    show()
  }
  function now() { return {done, weights: weights.map(w => [...w])} }
  function advance(n) {
    for (let i = 0; i < n; i++) {
      planeStep(weights, rows, Number(rate.value), Number(decay.value))
      done++
      if (done <= 20 || done % Math.ceil(done / 20) === 0) trace.push(now())
    }
  }
  const turn = player(play, () => {
    advance(Math.ceil((done + 1) / 100))
    if (!calm() || performance.now() - shown > 1000 || done >= 20000) show()
    return done < 20000
  })
  const middle = at => [(at[0] - 0.5) * SIZE / SCALE, (0.5 - at[1]) * SIZE / SCALE]
  follow(canvas, {
    down(at) {
      const [x, y] = middle(at), far = centres.map(([a, b]) => Math.hypot(a - x, b - y))
      held = far.indexOf(Math.min(...far))
    },
    move(points) {
      centres[held] = middle(points.at(-1)).map(v => between(-LIMIT, LIMIT, v))
      place()
    }})

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
    const way = trace.at(-1).done < done ? [...trace, now()] : trace
    paths.innerHTML = chart("weight of y", "weight of x", MARKS.map((name, c) =>
      ({name, colour: INKS[c], points: way.map(row => row.weights[c].slice(0, 2))})))
    lengths.innerHTML = chart("length of the weights", "steps, logarithmic (base 10)",
      [{colour: BLUE, name: length(weights).toFixed(2),
        points: way.filter(row => row.done).map(row => [Math.log10(row.done), length(row.weights)])}])
    const right = rows.filter(([x, y, c]) => planeScores(weights, x, y).every((v, k, z) => k === c || v < z[c]))
    say(`${counted(done, "step")}: ${right.length} of ${rows.length} points on their side, ` +
      `weights of length ${length(weights).toFixed(2)}.`)
  }
  sliders.forEach((input, i) => {
    input.oninput = () => { centres[Math.floor(i / 2)][i % 2] = input.valueAsNumber; place() }
  })
  rate.onchange = decay.onchange = () => clouds()
  clouds(MIXED, 0.7)
}

// ---- Putting a view into a page

const VIEWS = {draw: drawView, scores: scoresView, learn: learnView, plane: planeView}

// Show a view in an element. `bytes` fetches digits.gz; `keep` takes what was drawn, and what the model saw of it;
// `kept` is given a function that puts both back on the sheet; `example` are strokes that wait there for the first hand.
function show(element, view, settings, bytes, keep = () => {}, kept = () => {}, example = null) {
  const holder = Object.assign(document.createElement("div"), {className: "live"})
  const still = [...element.querySelectorAll("img")]  // on paper it stands in for what nobody has touched
  for (const image of still) image.className = "still"
  element.replaceChildren(...still, holder)
  for (const kind of ["click", "input", "keydown"])
    element.addEventListener(kind, ({key}) => { if (key !== "Tab") still.forEach(image => image.remove()) }, true)
  async function digits() {  // what is packed in digits.gz: 784 bytes a digit, and then a byte a label
    const stream = new Blob([await bytes()]).stream().pipeThrough(new DecompressionStream("gzip"))
    const all = new Uint8Array(await new Response(stream).arrayBuffer()), n = all.length / (PIXELS + 1)
    return {pixels: all.subarray(0, n * PIXELS), labels: all.subarray(n * PIXELS)}
  }
  VIEWS[view](holder, {settings: JSON.parse(settings), digits, keep, kept, example})
}

// In JupyterLab; `model` is anywidget's.
function render({model, el}) {
  const bytes = () => new Promise(resolve => {
    model.on("msg:custom", (message, buffers) => resolve(buffers[0]))
    model.send("digits")
  })
  function keep(strokes, x) {
    model.set("strokes", strokes)
    model.set("x", x)
    model.save_changes()
  }
  let again = () => {}
  function kept(put) {
    put(model.get("strokes"), model.get("x"))
    again = () => put(model.get("strokes"), [])
  }
  show(el, model.get("view"), model.get("settings"), bytes, keep, kept)
  model.on("change:strokes", again)  // by Python, or on the same sheet in another cell
  return () => model.off("change:strokes", again)
}

const THREE = [[[0.3, 0.25], [0.65, 0.22], [0.45, 0.45], [0.7, 0.6], [0.6, 0.8], [0.3, 0.8]]]

// Bring every still picture of a page to life; on one marked `data-example` a digit is drawn already.
export function mount(page, settings, bytes) {
  for (const element of page.querySelectorAll(".live[data-view]"))
    show(element, element.dataset.view, settings, bytes, undefined, undefined, "example" in element.dataset ? THREE : null)
}

export default {render}
