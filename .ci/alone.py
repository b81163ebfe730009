"""Run each page of the course from its single file in an empty folder, with what the extra `course` installs and no more.

So does a reader who downloads one page. The modules of the other extras are hidden; `python .ci/alone.py PAGE...` runs these pages.
"""
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HIDE = """import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in {"nbdev", "execnb", "ghapi", "dask", "distributed", "py_mini_racer", "playwright"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Hidden())
"""
RUN = """import sys, nbformat
from nbclient import NotebookClient
NotebookClient(nbformat.read(sys.argv[1], 4), timeout=900, kernel_name="python3").execute()"""


def alone(page):
    "Run one page; its name, the seconds that it took, and what went wrong, if anything."
    with tempfile.TemporaryDirectory() as hiding, tempfile.TemporaryDirectory() as empty:
        Path(hiding, "sitecustomize.py").write_text(HIDE)
        copy, start = Path(empty, page.name), time.monotonic()
        copy.write_bytes(page.read_bytes())
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([hiding, os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
               "OMP_NUM_THREADS": "1", "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
        run = subprocess.run([sys.executable, "-c", RUN, copy.name], cwd=empty, env=env, capture_output=True, text=True)
        left = {path.name for path in Path(empty).iterdir()} - {page.name, ".ipynb_checkpoints"}
    problem = run.stderr[-3000:] if run.returncode else f"leaves {sorted(left)} behind" if left else ""
    return page.name, time.monotonic() - start, problem


if __name__ == "__main__":
    pages = [*map(Path, sys.argv[1:])] or sorted(Path("nbs").glob("[0-9]*.ipynb"))
    with ThreadPoolExecutor(2) as workers: results = [*workers.map(alone, pages)]
    for name, seconds, problem in results: print(f"{name}: {seconds:.0f} s", problem)
    sys.exit(any(problem for *_, problem in results) or not results)
