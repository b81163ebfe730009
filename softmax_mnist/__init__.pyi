# The face of the package: which module each name comes from. `__init__.py` reads it too.
from .builtin import BuiltinSoftmax as BuiltinSoftmax
from .comparison import compare as compare
from .data import Digits as Digits, Splits as Splits, load as load, show_digits as show_digits, split as split
from .digit import preprocess as preprocess
from .estimator import SoftmaxRegression as SoftmaxRegression
from .evaluation import confused_pairs as confused_pairs, plot_weights as plot_weights, predict as predict
from .evaluation import recall_per_class as recall_per_class
from .files import load_model as load_model, save_model as save_model
from .helpers import softmax as softmax
from .manual import ManualSoftmax as ManualSoftmax
from .speed import FastSoftmax as FastSoftmax, sweep as sweep
from .training import QUICK as QUICK, Recipe as Recipe, plot_history as plot_history, train as train

__version__: str
