"""Every route of /openapi.json against what schemathesis makes of it: bodies
that fit the document and bodies that do not, other methods, other types.  No
crash, no 5xx, and statuses, types, headers and bodies of answers are those that
the document names; what violates the document is refused.

    SCHEMATHESIS_CASES=20000 tests/serving/schemathesis_test.py

How much a body that fits is worth is not asked (positive_data_acceptance): that
rows are as long as the list of names is more than a schema can say.
"""
import os
import re
import subprocess

from server import BUILD, Server, check, finish, skip, wait_until

PROGRAM = os.path.join(BUILD, "venv", "bin", "schemathesis")
CASES = int(os.environ.get("SCHEMATHESIS_CASES", "0"))
TOKEN = "token-of-the-tests"

if not os.path.exists(PROGRAM):
    skip("no schemathesis in build/venv")


def run(server, phases, examples, seed):
    """Cases that were tried."""
    done = subprocess.run(
        [PROGRAM, "run", "http://127.0.0.1:%d/openapi.json" % server.port,
         "--checks", "all", "--exclude-checks", "positive_data_acceptance",
         "--phases", phases, "--max-examples", str(examples),
         "--seed", str(seed), "--continue-on-failure", "--no-color",
         "--suppress-health-check", "all", "--warnings", "off",
         "-H", "Authorization: Bearer " + TOKEN],
        cwd=server.folder, capture_output=True, text=True)
    found = re.search(r"(\d+) generated", done.stdout)
    n = int(found.group(1)) if found else 0
    tested = re.search(r"Selected: (\d+)/(\d+)\s+Tested: (\d+)", done.stdout)
    check("seed %d: %d cases keep to the document" % (seed, n),
          done.returncode == 0 and n > 0, done.stdout[-8000:] + done.stderr)
    check("every route was tried", tested and len(set(tested.groups())) == 1,
          tested)
    return n


def main():
    options = ("--threads", "1", "--limits.queue-timeout", "60")
    with Server(*options, env={"CLICKMILL_ADMIN_TOKEN": TOKEN}) as server:
        wait_until(lambda: server.get("/readyz").status == 200)
        n = run(server, "examples,coverage,fuzzing", 3, 1)
        seed = 1
        while n < CASES:
            seed += 1
            more = run(server, "fuzzing", 300, seed)
            if more == 0:
                break
            n += more
        check("%d cases, and the server goes on" % n,
              server.get("/readyz").status == 200)
    finish()


main()
