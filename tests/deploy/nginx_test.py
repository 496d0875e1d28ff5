"""deploy/nginx/clickmill.conf under a real nginx, with a certificate made here:
`nginx -t`, and requests over TLS and HTTP/2 to a running server.  Its ports
become sockets in a folder, so that no port is taken by anybody else."""
import json
import os
import shutil
import signal
import subprocess
import tempfile

from defaults import default_of
from server import (PATIENCE, ROOT, Server, check, finish, predict_body,
                    read_rows, skip, wait_until)

CONF = ROOT + "/deploy/nginx/clickmill.conf"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
MAIN = """daemon off; master_process off; pid {folder}/pid;
error_log {folder}/error.log info;
events {{ worker_connections 512; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    include {folder}/clickmill.conf;
}}
"""
HIDDEN = ("/metrics", "/metrics/", "/metrics?x=1", "//metrics", "/x/../metrics",
          "/%6detrics", "/./metrics", "/admin/reload", "/%61dmin/reload",
          "/admin%2freload", "/x/%2e%2e/admin/reload", "/admin")


def make_certificate(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj",
         "/CN=clickmill.example.com", "-addext",
         "subjectAltName=DNS:clickmill.example.com", "-keyout",
         folder + "/privkey.pem", "-out", folder + "/fullchain.pem"],
        check=True, capture_output=True)


def write_conf(folder, port, changes=()):
    with open(CONF) as file:
        text = file.read()
    for old, new in (
            ("    listen [::]:80;\n", ""),
            ("    listen [::]:443 ssl http2;\n", ""),
            ("listen 80;", "listen unix:%s/http;" % folder),
            ("listen 443 ssl", "listen unix:%s/https ssl" % folder),
            ("/etc/nginx/clickmill/", folder + "/"),
            ("/var/log/nginx/clickmill.log", folder + "/access.log"),
            ("127.0.0.1:8000", "127.0.0.1:%d" % port), *changes):
        assert old in text, old
        text = text.replace(old, new)
    with open(folder + "/clickmill.conf", "w") as file:
        file.write(text)
    with open(folder + "/nginx.conf", "w") as file:
        file.write(MAIN.format(folder=folder))


class Nginx:
    """In folder, which has a certificate, before the server of port."""

    def __init__(self, folder, port, changes=()):
        self.folder = folder
        write_conf(folder, port, changes)
        words = [NGINX, "-p", folder, "-c", folder + "/nginx.conf"]
        self.tested = subprocess.run([*words, "-t"], text=True,
                                     capture_output=True)
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        assert wait_until(lambda: os.path.exists(folder + "/https")), \
            self.tested.stderr

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.process.stderr.close()
        for name in "http", "https":
            if os.path.exists(os.path.join(self.folder, name)):
                os.remove(os.path.join(self.folder, name))

    def curl(self, path, *options, scheme="https"):
        """(status, version, headers in lower case, body)"""
        answer = self.folder + "/answer"
        done = subprocess.run(
            ["curl", "-sS", "--path-as-is", "--http2", "--cacert",
             self.folder + "/fullchain.pem", "--unix-socket",
             os.path.join(self.folder, scheme), "-D", self.folder + "/headers",
             "-o", answer, "-w", "%{http_code} %{http_version}", *options,
             "%s://clickmill.example.com%s" % (scheme, path)],
            text=True, capture_output=True)
        if done.returncode:
            return 0, "", {}, done.stderr
        with open(answer, "a+") as file:
            file.seek(0)
            body = file.read()
        os.remove(answer)
        status, version = done.stdout.split()
        with open(self.folder + "/headers") as file:
            headers = dict(line.strip().lower().split(": ", 1)
                           for line in file if ": " in line)
        return int(status), version, headers, body


def check_forwarding(nginx, server):
    rows = read_rows(3)
    body = predict_body(rows)
    with open(nginx.folder + "/request", "wb") as file:
        file.write(body)
    post = ("-H", "Content-Type: application/json", "--data-binary",
            "@" + nginx.folder + "/request")
    status, version, headers, text = nginx.curl("/predict/", *post)
    check("a prediction over TLS and HTTP/2", (status, version) == (200, "2"),
          (status, version, text))
    check("it is the server's own answer",
          text == server.predict(rows).text(), text)
    check("it has an id", len(headers.get("x-request-id", "")) == 32, headers)
    _, _, headers, _ = nginx.curl("/predict/", *post, "-H",
                                  "X-Request-ID: bid-17")
    check("the client's own id comes back",
          headers.get("x-request-id") == "bid-17", headers)
    _, _, headers, _ = nginx.curl("/livez", "-H", 'X-Request-ID: "} {"a')
    check("an id that would spoil a log does not",
          len(headers.get("x-request-id", "")) == 32, headers)
    check("HSTS is said", "strict-transport-security" in headers)
    check("the server logged the id", wait_until(
        lambda: '"bid-17"' in server.log()), server.log())
    status, _, headers, _ = nginx.curl("/")
    check("the page comes through", status == 200 and
          headers.get("content-type", "").startswith("text/html"), headers)
    status, _, headers, _ = nginx.curl("/x?y=1", scheme="http")
    check("plain HTTP is sent to TLS", (status, headers.get("location")) == (
        301, "https://clickmill.example.com/x?y=1"), headers)
    status, _, _, text = nginx.curl("/livez", "--tls-max", "1.1",
                                    "--ciphers", "DEFAULT@SECLEVEL=0")
    check("TLS 1.1 is refused", status == 0, (status, text))


def check_hidden(nginx, server):
    before = len(server.stdout())
    for path in HIDDEN:
        for method in "GET", "POST":
            status, _, headers, text = nginx.curl(path, "-X", method)
            check("%s %s is not there" % (method, path),
                  status == 404 and json.loads(text) == {"detail": "Not Found"}
                  and headers.get("content-type") == "application/json",
                  (status, text))
    logged = server.stdout()[before:].replace("%61dmin", "admin")
    check("nothing of that reached the server",
          "metrics" not in logged and "admin" not in logged, logged)


def check_limits(nginx):
    size = int(default_of("limits.body_bytes"))
    for extra, name in (0, "largest"), (1, "larger"):
        path = "%s/%s" % (nginx.folder, name)
        with open(path, "wb") as file:
            file.truncate(size + extra)
        status, _, _, text = nginx.curl("/predict/", "-H",
                                        "Content-Type: application/json",
                                        "--data-binary", "@" + path)
        if extra:
            check("a body of %d bytes is too large" % (size + 1), status == 413
                  and json.loads(text) == {"detail": "Content Too Large"},
                  (status, text))
        else:
            check("a body of %d bytes reaches the server" % size,
                  status == 422, (status, text[:200]))
    check("idle connections are closed by nginx first",
          default_of("limits.idle_timeout") > 50)
    check("late answers are the server's to refuse",
          default_of("limits.request_timeout") < 15)


def check_rate(folder, port):
    with Nginx(folder, port, [("rate=1000r/s", "rate=1r/m"),
                              ("burst=2000", "burst=2")]) as nginx:
        answers = [nginx.curl("/livez") for _ in range(5)]
    statuses = [status for status, *_ in answers]
    check("more than the rate is 429", statuses == [200] * 3 + [429] * 2,
          statuses)
    check("which is said as JSON", json.loads(answers[-1][3]) == {
        "detail": "Too Many Requests"}, answers[-1])


def check_log(folder):
    with open(folder + "/access.log") as file:
        lines = [json.loads(line) for line in file]
    check("every line of the access log is JSON with an id",
          len(lines) > 20 and all(line["request_id"] for line in lines))
    with open(folder + "/error.log") as file:
        bad = [line for line in file
               if "[error]" in line or "[crit]" in line or "[alert]" in line]
    expected = ("too large body", "limiting requests", "connect() failed",
                "no version", "unsupported protocol")
    bad = [line for line in bad if not any(e in line for e in expected)]
    check("nginx met no other error", not bad, bad)


def main():
    if not os.path.exists(NGINX):
        skip("no nginx")
    for program in "openssl", "curl":
        if not shutil.which(program):
            skip("no " + program)
    folder = tempfile.mkdtemp(prefix="nginx-")
    try:
        make_certificate(folder)
        with Server("--access-log", "true", "--drain-delay", "0") as server:
            with Nginx(folder, server.port) as nginx:
                check("nginx -t", nginx.tested.returncode == 0 and
                      "[warn]" not in nginx.tested.stderr,
                      nginx.tested.stderr)
                check_forwarding(nginx, server)
                check_hidden(nginx, server)
                check_limits(nginx)
                server.send_signal(signal.SIGTERM)
                server.process.wait(PATIENCE)
                status, _, _, text = nginx.curl("/livez")
                check("no server: 502", status == 502 and
                      json.loads(text) == {"detail": "Bad Gateway"}, text)
            with Server("--drain-delay", "0") as server:
                check_rate(folder, server.port)
        check_log(folder)
    finally:
        shutil.rmtree(folder)
    finish()


main()
