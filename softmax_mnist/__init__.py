"Softmax regression on MNIST, by hand and with PyTorch: explained, measured and compared."
__version__ = "1.0.0"

import os
import sys

try:  # `python -m softmax_mnist` looks for nothing in the working folder, as the command `softmax-mnist` does
    if sys.argv[:1] == ["-m"] and sys.path[0] == os.getcwd(): del sys.path[0]
except FileNotFoundError: pass  # there is no such folder any more

import ast
from importlib import import_module
from pathlib import Path
from types import ModuleType

# name -> module; imported when first asked for, so that `softmax-mnist --help` need not wait for PyTorch
_HOMES = {alias.name: node.module for node in ast.parse(Path(__file__).with_suffix(".pyi").read_text("utf-8")).body
          if isinstance(node, ast.ImportFrom) for alias in node.names}
__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES: raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try: module = import_module(f"{__name__}.{_HOMES[name]}")
    except (AttributeError, ImportError) as problem:
        _refuse_namesakes(problem)
        if isinstance(problem, ImportError): raise
        raise ImportError(str(problem)) from problem  # of an AttributeError Python would say only that there is no `name`
    return getattr(module, name)


def _refuse_namesakes(problem):
    """Say so if an import has failed because of a file like `random.py` or `torch.py` beside the program.

    Python looks there first. What needs the real module gets that file.
    """
    here = {os.getcwd(), os.path.dirname(os.path.abspath(sys.argv[0]))}
    needed = {*sys.stdlib_module_names, "matplotlib", "numpy", "pandas", "scipy", "sklearn", "torch", "torchvision"}
    files = [module.__file__ for name, module in [*sys.modules.items()]
             if name in needed and os.path.dirname(getattr(module, "__file__", None) or "") in here]
    if files: raise ImportError("rename what has the name of a module that is needed here, and start again: "
                                + ", ".join(files)) from problem


def __dir__(): return sorted({*globals(), *__all__})


class _Face(ModuleType):
    "Python tells a package of each of its modules that has been imported; then its docstrings are completed."

    def __setattr__(self, name, value):
        if isinstance(value, ModuleType) and value.__name__ == f"{__name__}.{name}" and name not in ("cli", "_docs"):
            from ._docs import describe_parameters
            describe_parameters(value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
