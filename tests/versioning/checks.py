"""What the tests of this folder have in common.

    from checks import check, finish, skip, wait_until
"""
import hashlib
import os
import sys
import time

ROOT = os.environ.get("ROOT") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
CLICKMILL = os.path.abspath(
    os.environ.get("CLICKMILL", os.path.join(BUILD, "clickmill")))
PATIENCE = float(os.environ.get("VERSIONING_TEST_PATIENCE", "60"))  # seconds
FAILED = []


def check(name, ok, detail=""):
    """One line a check; what is not ok makes finish() exit with 1."""
    print("ok     " + name if ok else "not ok %s %s" % (name, detail),
          flush=True)
    if not ok:
        FAILED.append(name)
    return bool(ok)


def finish():
    if FAILED:
        print("%d checks failed: %s" % (len(FAILED), "; ".join(FAILED)))
    sys.exit(1 if FAILED else 0)


def skip(reason):
    print(reason)
    sys.exit(77)


def wait_until(happened, seconds=PATIENCE, pause=0.02):
    """Polls until happened() is true, and returns what it gave; else the last
    it gave when the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = happened()
        if value or time.monotonic() > end:
            return value
        time.sleep(pause)


def md5_of(data):
    return hashlib.md5(data).hexdigest()
