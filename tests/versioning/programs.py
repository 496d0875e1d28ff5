"""clickmill and dvc as commands, side by side.

    from programs import dvc, ours, run, write
"""
import os
import subprocess

from dvc.cli import main as dvc_main

from checks import CLICKMILL


def run(*words, cwd, code=0, env=None):
    """The process that ended; one that ended with another code is printed
    (None: any will do).  Standard input is no terminal."""
    done = subprocess.run(words, cwd=cwd, text=True, capture_output=True,
                          stdin=subprocess.DEVNULL,
                          env=dict(os.environ, **(env or {})))
    if code is not None and done.returncode != code:
        print("%s: exit %d, %s%s" % (" ".join(words), done.returncode,
                                     done.stdout, done.stderr))
    return done


def ours(*words, cwd, code=0, env=None):
    return run(CLICKMILL, *words, cwd=cwd, code=code, env=env)


def dvc(*words, cwd):
    """dvc in this process, which saves the second that it takes to start; its
    exit code."""
    there = os.getcwd()
    os.chdir(cwd)
    try:
        return dvc_main(list(words))
    finally:
        os.chdir(there)


def write(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode()
    with open(path, "wb") as out:
        out.write(data)
    return path
