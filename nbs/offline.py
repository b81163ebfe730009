"""Make the processed pages ready for Quarto, which runs this in `_proc` before it renders (`pre-render` in _quarto.yml).

A page then asks no other host for anything, shows each definition once, links to its neighbours wherever it lies,
and offers its notebook.
"""
import ast
import json
import re
import shutil
from configparser import ConfigParser
from pathlib import Path


def table(html):
    "A table as raw HTML in Markdown: for an output of type text/html Quarto loads require.js and jQuery from another host."
    html = re.sub(r"<style scoped>.*?</style>\s*", "", html, flags=re.S)
    html = re.sub(r"<th([^>]*)>(\s|&nbsp;)*</th>", r"<td\1></td>", html)  # an empty cell is no heading
    return f'```{{=html}}\n<div class="table-scroll" tabindex="0">\n{html}\n</div>\n```'


def members(source):
    "An entry for each public method of the classes in a cell: links of the form page.html#class.method lead here."
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return [f"- [`{owner.name}.{node.name}`]{{#{owner.name.lower()}.{node.name.lower()}}}: {ast.get_docstring(node).splitlines()[0]}"
            for owner in classes for node in owner.body
            if isinstance(node, ast.FunctionDef) and node.name[0] != "_" and ast.get_docstring(node)]


def prepare(notebook, page, site):
    "Change a processed notebook in place; `page` is its path in the site, `site` the address that nbdev's links begin with."
    up = "../" * (len(page.parts) - 1)
    cells = notebook["cells"]
    text = lambda value: value if isinstance(value, str) else "".join(value)
    code = "\n".join(text(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    cells[0]["source"] = re.sub(r"\n---\s*$", f"""
other-links:
  - text: This page's notebook
    icon: download
    href: {up}notebooks/{page.as_posix()}
---
""", text(cells[0]["source"]))
    for cell in list(cells):
        source = text(cell["source"])
        if cell["cell_type"] == "markdown": cell["source"] = source.replace(f"({site}/", f"({up}")
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "<table" in text(data.get("text/html", "")): data["text/markdown"] = table(text(data.pop("text/html")))
            if "text/markdown" in data: data["text/markdown"] = text(data["text/markdown"]).replace(f"({site}/", f"({up}")
            shown = re.search(r"^show_doc\((\w+)\)", source, re.M)
            if shown and re.search(rf"^(class|def) {shown[1]}\b", code, re.M):  # its source, with signature and docstring, follows
                data["text/markdown"] = data["text/markdown"].partition("```python")[0]
        if cell["cell_type"] == "code" and re.search(r"^class ", source, re.M) and (entries := members(source)):
            cells.insert(cells.index(cell) + 1, {"cell_type": "markdown", "id": cell["id"] + "-m", "metadata": {}, "source": "\n".join(entries)})


if __name__ == "__main__":
    settings = ConfigParser(delimiters=["="])
    settings.read("../settings.ini", encoding="utf-8")
    settings = settings["DEFAULT"]
    site = settings["doc_host"] + settings["doc_baseurl"]
    Path("_variables.yml").write_text(f"version: {settings['version']}\n", encoding="utf-8")
    missing = Path("404.html")  # is shown at any depth, so its link is a whole address
    if missing.exists(): missing.write_text(missing.read_text(encoding="utf-8").replace("{site}", site), encoding="utf-8")
    for original in sorted(Path("../nbs").rglob("*.ipynb")):
        page = original.relative_to("../nbs")
        if ".ipynb_checkpoints" in page.parts or not page.exists(): continue
        copy = "notebooks" / page
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, copy)
        notebook = json.loads(page.read_text(encoding="utf-8"))
        if notebook["metadata"].get("ready"): continue  # nbdev processes again only what has changed
        prepare(notebook, page, site)
        notebook["metadata"]["ready"] = True
        page.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
