// On every page of the site: where a page has something to touch, fetch what that needs.
if (document.querySelector(".live[data-view]")) {
  const near = name => new URL(name, import.meta.url)
  const read = async name => { const answer = await fetch(near(name)); if (!answer.ok) throw new Error(`${name}: ${answer.status}`); return answer }
  const [{mount}, settings] = await Promise.all([import(near("live.js")), read("live.json").then(answer => answer.text())])
  mount(document, settings, () => read("digits.gz").then(answer => answer.arrayBuffer()))
}
