"""Every system call of a server at work is one that the systemd unit lets
through: by its name, its kind of socket, its kind of memory."""
import os
import re
import shutil
import signal
import tempfile

from server import (CLICKMILL, PATIENCE, Server, check, finish, predict_body,
                    read_rows, skip)
from unit import analyzed, read_unit


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


def trace(folder):
    """What strace says of a server that loads, answers, reloads, is scraped
    and stops."""
    log = os.path.join(folder, "strace")
    traced = ("strace", "-f", "-qq", "-o", log, CLICKMILL)
    with Server("--threads", "2", "--drain-delay", "0",
                program=traced) as server:
        body = predict_body(read_rows(3))
        for path in "/health", "/readyz", "/metrics", "/nowhere":
            server.get(path)
        server.post("/predict/", body)
        with open("/proc/%d/task/%d/children" % (server.pid, server.pid)
                  ) as file:
            child = int(file.read().split()[0])
        os.kill(child, signal.SIGHUP)
        server.post("/predict/", body)
        os.kill(child, signal.SIGTERM)
        server.process.wait(PATIENCE)
    with open(log) as file:
        return file.read()


def main():
    for program in "systemd-analyze", "strace":
        if not shutil.which(program):
            skip("no " + program)
    with tempfile.TemporaryDirectory() as folder:
        said = trace(folder)
    service = read_unit()
    made = set(re.findall(r"^\d+ +(\w+)\(", said, re.M))
    check("a server makes system calls", {"epoll_wait", "socket"} <= made, made)
    denied = made - allowed_calls(service)
    check("each of them is allowed", not denied, denied)
    families = set(re.findall(r"\bsocket\((\w+)", said))
    allowed = set(service["RestrictAddressFamilies"][0].split())
    check("each socket is of an allowed family", families and
          families <= allowed, families)
    check("no memory is written and executed",
          not re.search(r"PROT_WRITE\|PROT_EXEC", said))
    finish()


main()
