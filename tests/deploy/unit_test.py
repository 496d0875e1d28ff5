"""The systemd unit: what it promises, and what systemd says of it."""
import os
import re
import shutil
import tempfile

from defaults import default_of, drain_seconds, seconds
from server import CLICKMILL, check, finish, skip
from unit import UNIT, analyzed, read_unit

WORST = 1.5  # of systemd-analyze security: 0 is a service that can do nothing


def check_structure(service):
    first = {key: values[0] for key, values in service.items()}
    check("it reloads by SIGHUP", first["ExecReload"] ==
          "/bin/kill -HUP $MAINPID")
    check("it is up once it runs, and comes back when it fails",
          first["Type"] == "exec" and first["Restart"] == "on-failure")
    check("no root, nothing to write, nothing to execute from memory",
          all(first[key] == "yes" for key in (
              "DynamicUser", "NoNewPrivileges", "MemoryDenyWriteExecute")) and
          first["ProtectSystem"] == "strict")
    check("files for every connection",
          int(first["LimitNOFILE"]) > 2 * default_of("limits.connections"))
    check("time to finish requests",
          seconds(first["TimeoutStopSec"]) > drain_seconds())


def check_by_systemd(folder):
    """verify wants the program to be there: this one is."""
    path = os.path.join(folder, "clickmill.service")
    with open(UNIT) as file:
        text = file.read()
    with open(path, "w") as file:
        file.write(text.replace("/usr/local/bin/clickmill", CLICKMILL))
    done = analyzed("verify", path)
    check("systemd-analyze verify", done.returncode == 0 and
          not done.stderr.strip(), done.stderr)
    done = analyzed("security", "--offline=yes", path)
    found = re.search(r"exposure level for \S+ ([\d.]+)", done.stdout)
    check("systemd-analyze security: at most %g" % WORST,
          found and float(found.group(1)) <= WORST, done.stdout[-200:])


def main():
    check_structure(read_unit())
    if not shutil.which("systemd-analyze"):
        skip("no systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        check_by_systemd(folder)
    finish()


main()
