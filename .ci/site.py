"""Open every page of a built site in Chromium, at a laptop's and at a phone's width, and exit 1 when a reader would find a fault.

`python .ci/site.py _docs` prints what it counted. Without Chromium (`CHROMIUM` names one) there is no answer, and that is an error.
"""
import functools
import http.server
import os
import re
import shutil
import sys
import threading
from collections import Counter
from pathlib import Path

from playwright.sync_api import sync_playwright

MEASURE = """() => {
  const wide = document.documentElement.clientWidth, all = selector => [...document.querySelectorAll(selector)];
  const lines = element => {  // the text of each line as it is set
    const range = document.createRange(), tops = new Map(), walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      for (let i = 0; i < node.length; i++) {
        range.setStart(node, i); range.setEnd(node, i + 1);
        const box = range.getBoundingClientRect();
        if (box.width) tops.set(Math.round(box.bottom / 6), (tops.get(Math.round(box.bottom / 6)) || 0) + 1);
      }
    return [...tops.values()];
  };
  const shown = element => element.offsetParent && element.getBoundingClientRect().width;
  return {
    "pictures": all("main img").length,
    "pictures without words": all("main img").filter(image => !image.alt).length,
    "pictures cut": all("main img").filter(image => image.getBoundingClientRect().right > wide + 1).length,
    "pages wider than the screen": +(document.documentElement.scrollWidth > wide + 1),
    "code lines": all("pre > code.sourceCode > span").filter(shown).length,
    "code lines that wrap": all("pre > code.sourceCode > span").filter(shown).filter(line => line.getClientRects().length > 1
      && new Set([...line.getClientRects()].map(box => Math.round(box.top))).size > 1).length,
    "prose lines over 80 characters": all("main p").filter(shown).filter(p => !p.querySelector("math, img"))
      .flatMap(lines).filter(length => length > 80).length,
    "entries in On this page": all("#TOC a").length,
    "cards missing": +!document.querySelector('meta[property="og:image"][content^="http"]'),
  };
}"""
FAULTS = {"pictures without words", "pictures cut", "pages wider than the screen", "code lines that wrap",
          "prose lines over 80 characters", "asked of other hosts", "errors", "broken links"}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args): pass


def measured(docs, browser, width):
    "What `MEASURE` finds on each page at this width, with what it asked of other hosts and what went wrong: name -> Counter."
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(docs)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base, counts = f"http://127.0.0.1:{server.server_port}/", {}
    for path in sorted(docs.rglob("*.html")):
        name = path.relative_to(docs).as_posix()
        tab, found = browser.new_page(viewport={"width": width, "height": 900}), Counter()
        tab.on("pageerror", lambda error: found.update(["errors"]))
        tab.on("request", lambda asked: found.update(["asked of other hosts"] * (not asked.url.startswith((base, "data:", "blob:")))))
        tab.goto(base + name, wait_until="load")
        tab.wait_for_timeout(300)
        found.update(tab.evaluate(MEASURE))
        counts[name] = found
        tab.close()
    server.shutdown()
    return counts


def broken(docs):
    "The links of each page that lead to no file: name -> Counter."
    counts = {}
    for path in docs.rglob("*.html"):
        addresses = re.findall(r'(?:href|src)="([^"#?]+)', path.read_text(encoding="utf-8"))
        here = [address for address in addresses if not re.match(r"[a-z]+:|/", address)]
        counts[path.relative_to(docs).as_posix()] = Counter({"broken links": sum(not (path.parent / address).exists() for address in here)})
    return counts


def main(docs):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"])
        tables = {f"{width} px": measured(docs, browser, width) for width in (1280, 390)}
        browser.close()
    tables["files"] = broken(docs)
    problems = []
    for title, table in tables.items():
        total = sum(table.values(), Counter())
        print(f"{title}, {len(table)} pages:", ", ".join(f"{count:,} {what}" for what, count in total.items()))
        problems += [f"{title}, {page}: {found[what]} {what}" for page, found in table.items() for what in sorted(FAULTS & found.keys()) if found[what]
                     and page != "404.html"]
    if not any(map(len, tables.values())): problems.append(f"{docs}: no page")
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__": main(Path(sys.argv[1]))
