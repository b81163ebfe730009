"`python -m softmax_mnist` is the command `softmax-mnist`."
from softmax_mnist.cli import app

app(prog_name="softmax-mnist")
