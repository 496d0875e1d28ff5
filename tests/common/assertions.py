"""What tests in Python that print a line a check have in common.

    from assertions import check, finish, poll, skip
"""
import sys
import time

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


def poll(happened, seconds, pause):
    """Until happened() is true; returns what it gave, or the last it gave when
    the time is over."""
    end = time.monotonic() + seconds
    while True:
        value = happened()
        if value or time.monotonic() > end:
            return value
        time.sleep(pause)
