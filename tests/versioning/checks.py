"""What the tests of this folder have in common.

    from checks import check, finish, skip, wait_until
"""
import hashlib
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "common"))
from assertions import check, finish, poll, skip  # noqa: E402

ROOT = os.environ.get("ROOT") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
CLICKMILL = os.path.abspath(
    os.environ.get("CLICKMILL", os.path.join(BUILD, "clickmill")))
PATIENCE = float(os.environ.get("VERSIONING_TEST_PATIENCE", "60"))  # seconds


def wait_until(happened, seconds=PATIENCE, pause=0.02):
    """Polls until happened() is true, and returns what it gave; else the last
    it gave when the time is over."""
    return poll(happened, seconds, pause)


def md5_of(data):
    return hashlib.md5(data).hexdigest()


def printed_by(run):
    """(what run returns, what it printed): DVC's console keeps the stream that it
    found, so the file descriptor is turned aside."""
    sys.stdout.flush()
    kept = os.dup(1)
    with tempfile.TemporaryFile("w+") as out:
        os.dup2(out.fileno(), 1)
        try:
            code = run()
            sys.stdout.flush()
        except SystemExit as ended:
            code = ended.code
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        out.seek(0)
        return code, out.read()
