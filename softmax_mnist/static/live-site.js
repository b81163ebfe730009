// On every page of the site. Pictures below the screen are loaded late (offline.py), but paper needs them all: a device with a mouse,
// which may have a printer, gets them as soon as the page itself is there.
const loadAll = () => { for (const picture of document.querySelectorAll("img[loading=lazy]")) picture.loading = "eager" }
addEventListener("beforeprint", loadAll)
if (matchMedia("(hover: hover)").matches) addEventListener("load", loadAll)

// Where a page has something to touch, fetch what that needs.
const views = document.querySelectorAll(".live[data-view]"), near = name => new URL(name, import.meta.url)

async function read(name) {
  const answer = await fetch(near(name))
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
  return answer
}

if (views.length) try {
  document.head.append(Object.assign(document.createElement("link"), {rel: "stylesheet", href: near("live.css")}))
  const [{mount}, known] = await Promise.all([import(near("live.js")), read("live.json")])
  const settings = await known.text()
  mount(document, settings, () => read("digits.gz").then(answer => answer.arrayBuffer()))
} catch (problem) {
  for (const view of views) {
    const words = Object.assign(document.createElement("p"), {role: "alert"})
    words.textContent = `This picture could not be brought to life (${problem.message}). Load the page again.`
    view.append(words)
  }
}
