"""Runs a notebook that begins a run and never ends it, and ends its kernel in one way. Says what its cells wrote."""

import json
import os
import signal
import sys

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient

HOW, NAME = sys.argv[1:]
CELLS = [
    f"import stepwell\nrun = stepwell.start_run(experiment_name={NAME!r}, run_name={HOW!r})",
    "for i in range(1000):\n    stepwell.log_metric('loss', 1 / (i + 1), step=i)",
    "raise ValueError('a cell fails')" if HOW == "error" else "import os; print(os.getpid())",
]

book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
client = NotebookClient(book, timeout=600, kernel_name="python3", allow_errors=True)
with client.setup_kernel():
    for index, cell in enumerate(book.cells):
        client.execute_cell(cell, index)
    said = [output.get("text", "") for cell in book.cells for output in cell.outputs]
    if HOW == "restart":
        run_sync(client.km.restart_kernel)()
    if HOW == "kill":
        os.kill(int(said[-1]), signal.SIGKILL)
print(json.dumps(said))
