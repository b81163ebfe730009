"""Make the processed pages ready for Quarto, which runs this in `_proc` before it renders, and once more after (_quarto.yml).

A page then asks no other host for anything, shows each definition once, links to its neighbours wherever it lies,
offers its notebook, and shows a picture where its link is shared. Afterwards every page has its place in llms.txt.
"""
import ast
import base64
import os
import re
import shutil
from pathlib import Path

import nbformat
from nbdev.config import get_config


def table(html):
    "A table as raw HTML in Markdown: for an output of type text/html Quarto loads require.js and jQuery from another host."
    html = re.sub(r"<style scoped>.*?</style>\s*", "", html, flags=re.S)
    rows = [re.findall(r"<th.*?</th>", row, re.S) for row in re.findall(r"<tr.*?</tr>", html.partition("</thead>")[0], re.S)]
    if len(rows) == 2 and len(rows[0]) == len(rows[1]) and all("<th></th>" in pair for pair in zip(*rows)):  # the name of the index needs no row of its own
        heads = "".join(first if second == "<th></th>" else second for first, second in zip(*rows))
        html = re.sub(r"<thead>.*?</thead>", lambda _: f"<thead><tr>{heads}</tr></thead>", html, flags=re.S)
    html = re.sub(r"<th([^>]*)>(\s|&nbsp;)*</th>", r"<td\1></td>", html)  # an empty cell is no heading
    return f'```{{=html}}\n<div class="table-scroll" tabindex="0">\n{html}\n</div>\n```'


def members(source):
    "An entry for each public method of the classes in a cell: links of the form page.html#class.method lead here."
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    methods = [(f"{owner.name}.{node.name}", ast.get_docstring(node)) for owner in classes for node in owner.body
               if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
    return [f"- [`{name}`]{{#{name.lower()}}}: {text.splitlines()[0]}" for name, text in methods if text]


def folded(cell, words):
    "An answer, its code and its output, folded under its title: Quarto itself folds the code alone. `words` are the cell before it."
    title = re.search(r"^#\| code-summary: *[\"']?(.*?)[\"']?$", cell.source, re.M)[1]
    cell.source = re.sub(r"^#\| code-(fold|summary):.*\n?", "", cell.source, flags=re.M)
    closing = nbformat.v4.new_markdown_cell("```{=html}\n</details>\n```")
    if words and words.cell_type == "markdown" and f"<summary>{title}</summary>" in words.source:  # one fold for both
        words.source = words.source.rstrip().removesuffix("</details>")
        return [cell, closing]
    opening = f"```{{=html}}\n<details class=\"answer\"><summary>{title}</summary>\n```"
    return [nbformat.v4.new_markdown_cell(opening), cell, closing]


def pictures(notebook):
    "The pictures of a page as base64, in order: what it draws, and the stills of its interactive views."
    for data in (output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output):
        if "image/png" in data: yield data["image/png"]
        yield from re.findall(r'src="data:image/png;base64,([^"]+)"', data.get("text/html", ""))


def put(path, content):
    "Write what is new; a preview watches these files and would never come to rest."
    content = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content: path.write_bytes(content)


def filed(picture, name):
    "Write a picture, given as base64, into the folder of pictures; returns its path."
    path = Path("pictures") / name
    put(path, base64.b64decode(picture))
    return path.as_posix()


def colab(cfg, page):
    "The address at which Colab opens a page, or nothing while the project's own address is not settled."
    if cfg.address_settled != "True" or not re.match(r"\d\d_", page.name): return None
    return f"{cfg.git_url.replace('github.com', 'colab.research.google.com/github')}/blob/{cfg.branch}/nbs/{page.as_posix()}"


def prepare(notebook, page, site, elsewhere, modules):
    """Change a processed notebook in place.

    `page` is its path in the site, `site` the address that nbdev's links begin with, `elsewhere` the one that runs the page
    without an installation, `modules` are the files that it writes.
    Where two modules define a name, nbdev's links lead to the first in the alphabet; the page's own is meant.
    """
    at = {found[1]: f"{module.name}#L{number}" for module in modules
          for number, line in enumerate(module.read_text(encoding="utf-8").splitlines(), 1)
          if (found := re.match(r"(?:class|def) (\w+)", line))}
    up = "../" * (len(page.parts) - 1)
    cells, code = [], "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    own = {name.lower() for name in re.findall(r"^(?:class|def) ([a-zA-Z]\w*)", code, re.M)}
    download = f"other-links:\n  - {{text: Download this page, icon: download, href: {up}notebooks/{page.as_posix()}}}"
    if elsewhere: download += f"\n  - {{text: Open in Colab, icon: play-circle, href: {elsewhere}}}"
    stem = page.with_suffix("").as_posix().replace("/", "-")
    card = next(pictures(notebook), None)  # what is shown where somebody shares a link to the page
    if card: download += f"\nimage: {up}{filed(card, f'{stem}.png')}"
    notebook.cells[0].source = re.sub(r"\n---\s*$", f"\n{download}\n---\n", notebook.cells[0].source)
    for cell in notebook.cells:
        cells += folded(cell, cells[-1] if cells else None) if re.search(r"^#\| code-summary: .Answer", cell.source, re.M) else [cell]
        shown = re.search(r"^show_doc\((\w+)\)", cell.source, re.M)
        if cell.cell_type == "markdown":
            text = re.sub(r"\[(\[`[^`]+`\])\([^)]*\)\]", r"\1", cell.source)  # a link of ours goes before one that nbdev sets into it
            text = re.sub(rf"\[(`_\w+`)\]\({site}/[^)]*\)", r"\1", text)  # an inner step has no heading of its own
            text = re.sub(rf"\({site}/[\w/]+\.html#(\w+)\)", lambda link: f"(#{link[1]})" if link[1] in own else link[0], text)
            if page.name == "glossary.ipynb": text = re.sub(r"^- (\*\*.*?\*\*): ", r"\n\1\n:   ", text, flags=re.M)  # a definition list
            cell.source = text.replace(f"({site}/", f"({up}")
        elif re.search(r"^class ", cell.source, re.M) and (entries := members(cell.source)):
            cells.append(nbformat.v4.new_markdown_cell("\n".join(entries)))
        for data in (output.data for output in cell.get("outputs", []) if "data" in output):
            if "<table" in data.get("text/html", ""): data["text/markdown"] = table(data.pop("text/html"))
            for still in re.findall(r'src="data:image/png;base64,([^"]+)"', data.get("text/html", "")):
                address = up + filed(still, f"{stem}-{cell.id}.png")
                data["text/html"] = data["text/html"].replace(f"data:image/png;base64,{still}", address)
            if page.name == "index.ipynb" and "text/html" in data:  # the front page invites: a digit is drawn already
                data["text/html"] = data["text/html"].replace('data-view="draw"', 'data-view="draw" data-example')
            if 'class="live"' in data.get("text/html", ""): data["text/markdown"] = f"```{{=html}}\n{data.pop('text/html')}\n```"
            if "text/markdown" in data: data["text/markdown"] = data["text/markdown"].replace(f"({site}/", f"({up}")
            if shown and re.search(rf"^(class|def) {shown[1]}\b", code, re.M):  # its signature and docstring are in the source below
                data["text/markdown"] = data["text/markdown"].partition("```python")[0]
                data["text/markdown"] = re.sub(r"\w+\.py#L\d+", at[shown[1]], data["text/markdown"])
    notebook.cells = cells


def prepare_all(cfg, site):
    "Prepare the pages in `_proc`, and put beside them what they name."
    put(Path("_variables.yml"), f"version: {cfg.version}\nrepository: {cfg.git_url}\n")
    here = Path(__file__).parent
    for name in ("favicon.png", "theme.scss", "fonts/latinmodern-math-subset.woff2", "fonts/GUST-FONT-LICENSE.txt"):
        put(Path(name), (here / name).read_bytes())
    put(Path("404.html"), (here / "404.html").read_text(encoding="utf-8").replace("{site}", site))  # shown at any depth
    for original in sorted(cfg.nbs_path.rglob("*.ipynb")):
        page = original.relative_to(cfg.nbs_path)
        if ".ipynb_checkpoints" in page.parts or not page.exists(): continue
        notebook = nbformat.read(page, 4)
        if "ready" in notebook.metadata: continue  # nbdev processes again only what has changed
        source = "\n".join(cell.source for cell in nbformat.read(original, 4).cells)
        modules = dict.fromkeys(re.findall(r"^#\| (?:default_exp|exports?) (\w+)", source, re.M))
        prepare(notebook, page, site, colab(cfg, page), [cfg.lib_path / f"{module}.py" for module in modules])
        notebook.metadata.ready = True
        nbformat.write(notebook, page)
        ("notebooks" / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, "notebooks" / page)


def bring_to_life(cfg, docs):
    "Put beside the pages what live-site.js fetches for the interactive views."
    for name in ("live-site.js", "live.js", "live.css", "live.json", "digits.gz"):
        shutil.copyfile(cfg.lib_path / "static" / name, docs / name)


def spaced(text):
    "The thin spaces of `q log 10`, which MathML does not set around a function's name; none before a bracket."
    name = "<mi[^>]*>[a-z]+</mi><mo>(?:\u2061|&#8289;|&#x2061;)</mo>"
    name, space = f"<mrow>{name}</mrow>|{name}(?!</mrow>)", '<mspace width="0.17em"/>'
    text = re.sub(rf"({name})(?!<mspace|(?:<mrow>)?<mo[^>]*>[(\[{{|])", rf"\1{space}", text)
    return re.sub(rf"(</m(?:n|frac|sub|sup|subsup|under|underover)>|<mi[^>]*>\w</mi>|>\)</mo>)(?={name})", rf"\1{space}", text)


def polish(docs):
    """What Quarto leaves undone in the pages.

    On a small screen an output, a table or a formula may be wider than its place; the keyboard must be able to scroll it.
    A line of code that wraps goes on below its own beginning; no line begins with the comma behind a formula. Pictures load when the reader comes near, and what a view needs at once.
    """
    for page in docs.rglob("*.html"):
        text = spaced(page.read_text(encoding="utf-8"))
        text = re.sub(r"(?<=\d) %(?=[\s<.,;:)?!])", "\N{NO-BREAK SPACE}%", text)  # the sign stays with its number
        text = re.sub(r'(?<!"formula">)(?<!"formula">\()(\(?<math display="inline"(?:(?!</math>).)*</math>[,.;:!?)]+)', r'<span class="formula">\1</span>', text)
        text = re.sub(r"<img (?![^>]*loading=)(?=[^>]*src=\"[^\"]*(?:figure-html|pictures)/)", '<img loading="lazy" ', text)
        text = re.sub(r'(<span id="cb\d+-\d+")(><a [^>]*></a>)( +)', lambda line: f'{line[1]} style="--in:{len(line[3])}ch"{line[2]}{line[3]}', text)
        text = re.sub(r'(?<!tabindex="0">)<table class="caption-top table[^"]*">.*?</table>', r'<div class="table-scroll words" tabindex="0">\g<0></div>', text, flags=re.S)
        text = re.sub(r"(<div class=\"cell-output[^>]*>\n)<pre>", r'\1<pre tabindex="0">', text)
        text = re.sub(r'<p>(?=<math display="block")', '<p tabindex="0">', text)
        if 'class="live"' in text:  # what its views need comes with the page, and not after its scripts
            up = "../" * (len(page.relative_to(docs).parts) - 1)
            needs = {"live.js": 'rel="modulepreload"', "live.css": 'rel="preload" as="style"', "live.json": 'rel="preload" as="fetch" crossorigin'}
            links = "".join(f'<link {how} href="{up}{name}">' for name, how in needs.items())
            if links not in text: text = text.replace("</head>", f"{links}</head>", 1)
        put(page, text)


def list_all(docs, site):
    "Quarto 1.10 writes manual.html as 02_manual.llms.md, and links and lists manual.llms.md where that exists: let it exist."
    moved = [path.rename(path.with_name(path.name[3:])) for path in sorted(docs.glob("[0-9][0-9]_*.llms.md"))]
    lines = [f"- [{path.read_text(encoding='utf-8').splitlines()[0][2:]}]({site}/{path.name})\n" for path in moved]
    if lines:
        listed = (docs / "llms.txt").read_text(encoding="utf-8")
        (docs / "llms.txt").write_text(listed.replace("\n- ", "\n" + "".join(lines) + "- ", 1), encoding="utf-8")


if __name__ == "__main__":
    cfg = get_config()
    site = cfg.doc_host + cfg.doc_baseurl
    if "QUARTO_PROJECT_OUTPUT_FILES" in os.environ:
        docs = Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"])
        bring_to_life(cfg, docs)
        polish(docs)
        list_all(docs, site)
    else: prepare_all(cfg, site)
