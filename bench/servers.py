"""The servers that bench/serve.py compares, each a child process held to some
of the cores, with what it costs: CPU time and memory, as the kernel counts
them."""
import atexit
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

from common import CLICKMILL, ROOT, WORK

PATH = "/predict/"
START_SECONDS = 60
TICK = os.sysconf("SC_CLK_TCK")

NGINX = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes 1;
worker_cpu_affinity 01;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        default_type application/json;
        location / {{ return 200 '{answer}'; }}
    }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A child process that answers on self.port, held to cores ("0,1")."""

    def __init__(self, command, port, cores, ready):
        self.port = port
        self.url = f"http://127.0.0.1:{port}{PATH}"
        self.log = os.path.join(WORK, f"{port}.log")
        with open(self.log, "w") as log:
            start = time.perf_counter()
            self.child = subprocess.Popen(["taskset", "-c", cores, *command],
                                          stdout=log, stderr=log)
        self.pid = self.child.pid
        atexit.register(self.child.terminate)
        self.wait_for(ready, start + START_SECONDS)
        self.start_seconds = time.perf_counter() - start

    def wait_for(self, path, deadline):
        """Until GET path is answered 200."""
        while True:
            try:
                if self.ask("GET", path)[0] == 200:
                    return
            except OSError:
                pass
            if self.child.poll() is not None or time.perf_counter() > deadline:
                self.child.kill()
                with open(self.log) as log:
                    sys.exit(f"{' '.join(self.child.args)} did not start\n"
                             f"{log.read()}")
            time.sleep(.001)

    def ask(self, method, path, body=None):
        """Status and body of one request on a connection of its own."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request(method, path, body, {"Content-Type": "application/json"})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer.status, text

    def predict(self, body):
        status, text = self.ask("POST", PATH, body)
        if status != 200:
            sys.exit(f"{self.url}: {status} {text}\nto {body[:500]}")
        return text

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory_kb(self):
        """VmRSS, and its part that is the process's own (Pss_Anon)."""
        return (self.kb_of("status", "VmRSS"),
                self.kb_of("smaps_rollup", "Pss_Anon"))

    def kb_of(self, file, name):
        with open(f"/proc/{self.pid}/{file}") as lines:
            return next(int(line.split()[1]) for line in lines
                        if line.startswith(name + ":"))

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout=30)


def clickmill(model, threads=1, cores="0", ready="/readyz"):
    """A queue of 5 s: what else the machine does must not become 503s."""
    port = free_port()
    command = [CLICKMILL, "serve", "--model-path", model, "--port", str(port),
               "--threads", str(threads), "--drain-delay", "0",
               "--queue-timeout", "5"]
    return Server(command, port, cores, ready)


def nginx(answer):
    """One worker that gives every request this answer."""
    port = free_port()
    folder = os.path.join(WORK, "nginx")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "nginx.conf")
    with open(path, "w") as out:
        out.write(NGINX.format(folder=folder, port=port, answer=answer))
    server = Server(["nginx", "-p", folder, "-c", path], port, "0", PATH)
    with open(f"/proc/{server.pid}/task/{server.pid}/children") as children:
        server.pid = int(children.read().split()[0])
    return server


def fastapi(log, model):
    port = free_port()
    script = os.path.join(ROOT, "bench", "reference", "app.py")
    return Server([sys.executable, script, log, model, str(port)], port, "0",
                  "/health")


def different_answers(servers, bodies):
    """How many of the bodies get different answers, as JSON."""
    return sum(len({json.dumps(json.loads(server.predict(body)))
                    for server in servers}) > 1 for body in bodies)
