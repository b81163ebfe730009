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
  const shown = element => element.offsetParent && element.getBoundingClientRect().width;
  const lengths = element => {  // of the lines as they are set
    const range = document.createRange(), lines = new Map(), walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      for (let i = 0; i < node.length; i++) {
        range.setStart(node, i); range.setEnd(node, i + 1);
        const box = range.getBoundingClientRect(), height = Math.round(box.bottom / 6);
        if (box.width) lines.set(height, (lines.get(height) || "") + node.data[i]);
      }
    return [...lines.values()].map(line => line.trim().length);
  };
  const code = all("pre > code.sourceCode > span").filter(shown);
  const wrapped = code.filter(line => line.getBoundingClientRect().height > 1.5 * parseFloat(getComputedStyle(line).lineHeight));
  const prose = all("main p, main li").filter(shown).filter(text => !text.querySelector("math, img, p, li, pre, table")).flatMap(lengths);
  return {
    "pictures": all("main img").length,
    "pictures without words": all("main img").filter(image => !image.alt).length,
    "pictures cut": all("main img").filter(image => image.getBoundingClientRect().right > wide + 1).length,
    "pictures too small to read": all("main figure img[width]").filter(shown)  // letters of 10 points end below 10 pixels
      .filter(image => image.getBoundingClientRect().width < 0.7 * image.getAttribute("width")).length,
    "wider than the screen": +(document.documentElement.scrollWidth > wide + 1),
    "without a card": +(document.querySelector("#title-block-header") && !document.querySelector('meta[property="og:image"][content^="http"]')),
    "code lines": code.length,
    "code lines that wrap": wrapped.length,
    "with more than one code line in twenty that wraps": +(wrapped.length > 2 + code.length / 20),
    "lines of prose": prose.length,
    "lines of prose over 85 characters": prose.filter(length => length > 85).length,
    "with over 20 entries in On this page": +(all("#TOC .nav-link").length > 20),
  };
}"""
FAULTS = {"pictures without words", "pictures cut", "pictures too small to read", "wider than the screen", "without a card",
          "with more than one code line in twenty that wraps", "lines of prose over 85 characters", "with over 20 entries in On this page", "asked of other hosts", "errors", "broken links"}


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
        tab.on("console", lambda message: found.update(["errors"] * (message.type == "error")))
        tab.on("request", lambda asked: found.update(["asked of other hosts"] * (not asked.url.startswith((base, "data:", "blob:")))))
        tab.goto(base + name, wait_until="load")
        tab.wait_for_timeout(300)
        found.update(tab.evaluate(MEASURE))
        counts[name] = found
        tab.close()
    server.shutdown()
    return counts


def broken(docs):
    "The links of each page, and its card, that lead to no file: name -> Counter."
    counts, site = {}, re.search("Sitemap: (.*)sitemap.xml", (docs / "robots.txt").read_text(encoding="utf-8"))[1]
    for path in docs.rglob("*.html"):
        text = re.sub(r"<script>.*?</script>", "", path.read_text(encoding="utf-8"), flags=re.S)
        here = [path.parent / address for address in re.findall(r'(?:href|src)="([^"#?]+)', text) if not re.match(r"[a-z]+:|/", address)]
        here += [docs / card.removeprefix(site) for card in re.findall('"og:image" content="([^"]*)"', text)]
        counts[path.relative_to(docs).as_posix()] = Counter({"broken links": sum(not file.exists() for file in here)})
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
        problems += [f"{title}, {page}: {found[what]} {what}" for page, found in table.items() for what in sorted(FAULTS & found.keys()) if found[what]]
    if not any(map(len, tables.values())): problems.append(f"{docs}: no page")
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__": main(Path(sys.argv[1]))
