"Softmax regression on MNIST, by hand and with PyTorch: explained, measured and compared."
__version__ = "0.5.0"

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the same names for tools that read a package without running it
    from .builtin import BuiltinSoftmax
    from .comparison import compare
    from .data import Digits, Splits, load, show_digits, split
    from .digit import preprocess
    from .estimator import SoftmaxRegression
    from .evaluation import confused_pairs, plot_weights, predict, recall_per_class
    from .files import load_model, save_model
    from .helpers import softmax
    from .manual import ManualSoftmax
    from .speed import FastSoftmax, sweep
    from .training import QUICK, Recipe, plot_history, train

# imported when first asked for, so that `softmax-mnist --help` need not wait for PyTorch
_HOMES = {"builtin": ["BuiltinSoftmax"], "comparison": ["compare"], "digit": ["preprocess"],
          "data": ["Digits", "Splits", "load", "show_digits", "split"], "estimator": ["SoftmaxRegression"],
          "evaluation": ["confused_pairs", "plot_weights", "predict", "recall_per_class"],
          "files": ["load_model", "save_model"], "helpers": ["softmax"], "manual": ["ManualSoftmax"],
          "speed": ["FastSoftmax", "sweep"], "training": ["QUICK", "Recipe", "plot_history", "train"]}
__all__ = sorted(name for names in _HOMES.values() for name in names)


def __getattr__(name):
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None: raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__(): return sorted({*globals(), *__all__})


class _Face(ModuleType):
    "Python tells a package of each of its modules that has been imported; then its docstrings are completed."

    def __setattr__(self, name, value):
        if isinstance(value, ModuleType) and value.__name__ == f"{__name__}.{name}" and name not in ("cli", "_docs"):
            from ._docs import describe_parameters
            describe_parameters(value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
