"""The systemd unit: what systemd says of it, and that every system call of a
server at work is one that its filter lets through."""
import configparser
import os
import re
import shutil
import subprocess
import tempfile

from defaults import default_of, drain_seconds, seconds
from server import (CLICKMILL, ROOT, Server, check, finish, predict_body,
                    read_rows)

UNIT = ROOT + "/deploy/systemd/clickmill.service"
WORST = 1.5  # of systemd-analyze security: 0 is a service that can do nothing


def read_unit():
    """[Service] as {key: [values]}: some keys come twice."""
    class Lists(dict):
        def __setitem__(self, key, value):
            if key in self and isinstance(value, list):
                self[key].extend(value)
            else:
                super().__setitem__(key, value)
    parser = configparser.RawConfigParser(strict=False, dict_type=Lists)
    parser.optionxform = str
    parser.read(UNIT)
    return {key: value.split("\n") for key, value in
            parser["Service"].items()}


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


def analyzed(*words):
    return subprocess.run(["systemd-analyze", *words], text=True,
                          capture_output=True)


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


def expand(group):
    """The system calls of a group, @groups within it too."""
    calls = set()
    for line in analyzed("syscall-filter", group).stdout.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= expand(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def allowed_calls(service):
    calls = set()
    for line in service["SystemCallFilter"]:
        groups = [expand(word) if word.startswith("@") else {word}
                  for word in line.lstrip("~").split()]
        if line.startswith("~"):
            calls -= set().union(*groups)
        else:
            calls |= set().union(*groups)
    return calls


def made_calls(folder):
    """Of a server that loads, answers, reloads, is scraped and stops; those
    before main() is reached are the same for any program."""
    log = os.path.join(folder, "strace")
    traced = ("strace", "-f", "-qq", "-o", log, CLICKMILL)
    with Server("--threads", "2", program=traced) as server:
        body = predict_body(read_rows(3))
        for path in "/health", "/readyz", "/metrics", "/nowhere":
            server.get(path)
        server.post("/predict/", body)
        child = open("/proc/%d/task/%d/children" % (
            server.pid, server.pid)).read().split()[0]
        os.kill(int(child), 1)
        server.post("/predict/", body)
        os.kill(int(child), 15)
        server.process.wait(20)
    with open(log) as file:
        return set(re.findall(r"^\d+ +(\w+)\(", file.read(), re.M))


def main():
    service = read_unit()
    check_structure(service)
    with tempfile.TemporaryDirectory() as folder:
        if shutil.which("systemd-analyze"):
            check_by_systemd(folder)
        if shutil.which("systemd-analyze") and shutil.which("strace"):
            denied = made_calls(folder) - allowed_calls(service)
            check("every system call it makes is allowed", not denied, denied)
    finish()


main()
