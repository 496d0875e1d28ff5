"""The notebooks run, and print what they printed when they were written."""

import glob
import os
import sys

import nbformat
from nbclient import NotebookClient

from checks import ROOT, check, finish

TIMEOUT = 300


def printed(notebook):
    """Texts of all outputs; a picture is there or not."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            found.append((output.get("text", data.get("text/plain")),
                          "image/png" in data))
    return found


def check_notebook(path):
    kept = nbformat.read(path, 4)
    nbformat.validate(kept)
    again = nbformat.read(path, 4)
    NotebookClient(again, timeout=TIMEOUT, kernel_name="python3", resources={
        "metadata": {"path": os.path.dirname(path)}}).execute()
    name = os.path.basename(path)
    before, now = printed(kept), printed(again)
    check(name + ": has outputs", len(before) > 5)
    for old, new in zip(before, now):
        if old != new:
            print("expected %r\nfound    %r" % (old, new))
    check(name + ": prints what it printed", before == now)


def main():
    paths = sorted(glob.glob(os.path.join(ROOT, "notebooks", "*.ipynb")))
    check("there is a notebook", bool(paths))
    for path in paths:
        check_notebook(path)
    finish()


if __name__ == "__main__":
    sys.exit(main())
