"Softmax regression on MNIST, by hand and with PyTorch: explained, measured and compared."
__version__ = "0.5.0"

import ast
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

# name -> module; imported when first asked for, so that `softmax-mnist --help` need not wait for PyTorch
_HOMES = {alias.name: node.module for node in ast.parse(Path(__file__).with_suffix(".pyi").read_text("utf-8")).body
          if isinstance(node, ast.ImportFrom) for alias in node.names}
__all__ = list(_HOMES)


def __getattr__(name):
    if name not in _HOMES: raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__(): return sorted({*globals(), *__all__})


class _Face(ModuleType):
    "Python tells a package of each of its modules that has been imported; then its docstrings are completed."

    def __setattr__(self, name, value):
        if isinstance(value, ModuleType) and value.__name__ == f"{__name__}.{name}" and name not in ("cli", "_docs"):
            from ._docs import describe_parameters
            describe_parameters(value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
