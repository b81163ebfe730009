"""Run pages from top to bottom, keep what they print and draw, and write on each page of the course how long that took.

`python .ci/execute.py nbs/00_data.ipynb` on an idle machine with the full MNIST; `python .ci/execute.py` runs all pages.
"""
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

os.environ["SOFTMAX_MNIST_STILLS"] = "1"  # a still picture where JupyterLab would show a view


def in_words(seconds):
    "Seconds as a person says them: to five seconds, from two minutes on to half a minute."
    if seconds < 118: return f"{max(5, 5 * round(seconds / 5))} seconds"
    halves = round(seconds / 30)
    return f"{halves // 2}{' ½' if halves % 2 else ''} minutes"


def execute(path):
    "Run a page, store its outputs, and write its time where it says that Run All takes about …"
    notebook = nbformat.read(path, 4)
    client = NotebookClient(notebook, timeout=None, store_widget_state=False, resources={"metadata": {"path": path.parent}})
    start = time.monotonic()
    client.execute()
    taken = in_words(time.monotonic() - start)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"(Run All takes about ).*?( on two cores)", rf"\g<1>{taken}\2", cell.source)
    nbformat.write(notebook, path)
    subprocess.run(["nbdev_clean", "--fname", path], check=True)
    print(f"{path}: {taken}", flush=True)


for path in map(Path, sys.argv[1:] or sorted(set(Path("nbs").rglob("*.ipynb")) - set(Path("nbs").rglob(".ipynb_checkpoints/*")))):
    execute(path)
