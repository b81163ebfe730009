"`python -m softmax_mnist` is the command `softmax-mnist`."
from softmax_mnist.cli import app

if __name__ == "__main__": app(prog_name="softmax-mnist")
