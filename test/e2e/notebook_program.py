"""Runs notebooks whose run is never ended, and ends each kernel in its way. Says what their cells wrote."""

import json
import os
import signal
import sys

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient


def said_by(how):
    cells = [
        f"import stepwell\nrun = stepwell.start_run(experiment_name={how!r}, run_name={how!r})",
        "for i in range(1000):\n    stepwell.log_metric('loss', 1 / (i + 1), step=i)",
        "raise ValueError('a cell fails')" if how == "error" else "import os; print(os.getpid())",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    client = NotebookClient(book, timeout=600, kernel_name="python3", allow_errors=True)
    with client.setup_kernel():
        for index, cell in enumerate(book.cells):
            client.execute_cell(cell, index)
        said = [output.get("text", "") for cell in book.cells for output in cell.outputs]
        if how == "restart":
            run_sync(client.km.restart_kernel)()
        if how == "kill":
            os.kill(int(said[-1]), signal.SIGKILL)
    return said


print(json.dumps({how: said_by(how) for how in sys.argv[1:]}))
