"""Another model takes its place under load.

    reload_test.py [--reloads N] [--rest]

A. While connections that stay send requests, the bundle switches to and fro N
   times (20; nightly 200), by the watch, by SIGHUP and by POST /admin/reload in
   turns: no request fails, every answer is that of the model it names in
   X-Model-Version and of no other, and memory does not grow.  (What the
   server turns away when the machine is too slow is not the matter here.)
B. What is broken is refused: the model that speaks stays, the log and a metric
   say so once, /admin/reload answers 409 with the reason.
C. Who may reload: only with the token, only from this machine, and nothing
   prints the token.
D. A server may start before its bundle, and goes on when it is removed.
--rest leaves A out.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from server import (Server, check, clickmill, copy_models, finish,
                    predict_body, read_rows, versions, wait_until)

TOKEN = "a-token-that-nobody-may-print"
WITH_TOKEN = {"Authorization": "Bearer " + TOKEN}
N_CONNECTIONS = 4


def admin_server(*options, **more):
    """Its watch sleeps, unless options say otherwise."""
    if "--watch-interval" not in options:
        options += "--watch-interval", "600"
    return Server(*options, env={"CLICKMILL_ADMIN_TOKEN": TOKEN}, **more)


def speaking(server):
    """The version that answers now."""
    return server.predict(read_rows(1)).headers["X-Model-Version"]


def reloads(server, result):
    return server.metric('model_reloads_total{result="%s"}' % result)


# ---- A: under load ----------------------------------------------------------

def make_bodies():
    """Requests of one row and of many."""
    return [predict_body(read_rows(n, skip)) for n, skip in
            ((1, 0), (1, 700), (1, 1500), (40, 10), (300, 2000))]


def as_request(body):
    return (b"POST /predict/ HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body))


class Client(threading.Thread):
    """Sends requests over one connection until it is told to stop; wrong has
    what went wrong."""

    def __init__(self, port, requests, answers):
        super().__init__()
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        self.requests, self.answers = requests, answers
        self.stopping, self.wrong = False, []
        self.n_of = {}  # version: answers
        self.buffer = b""

    def read_until(self, size_of):
        while size_of() > len(self.buffer):
            got = self.socket.recv(1 << 16)
            if not got:
                raise OSError("the server closed the connection")
            self.buffer += got

    def read_answer(self):
        """(status line, version, body)"""
        self.read_until(lambda: self.buffer.find(b"\r\n\r\n") + 4
                        if b"\r\n\r\n" in self.buffer
                        else len(self.buffer) + 1)
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        headers = {name.lower(): value.strip() for name, _, value in
                   (line.partition(b":") for line in lines[1:])}
        self.buffer = rest
        length = int(headers[b"content-length"])
        self.read_until(lambda: length)
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return lines[0], headers.get(b"x-model-version", b"").decode(), body

    def run(self):
        i = 0
        try:
            while not self.stopping:
                which = i % len(self.requests)
                self.socket.sendall(self.requests[which])
                line, version, body = self.read_answer()
                if b" 200 " not in line or \
                        self.answers.get(version, {}).get(which) != body:
                    self.wrong.append((line, version, body[:200]))
                self.n_of[version] = self.n_of.get(version, 0) + 1
                i += 1
        except OSError as error:
            self.wrong.append(str(error))

    def stop(self):
        self.stopping = True
        self.join()
        self.socket.close()


def rollback(root):
    clickmill("model", "rollback", root)
    return versions(root)[0]


def answers_of_both(server, root, bodies):
    """{version: {body's index: answer}}, and a check that they differ."""
    answers = {}
    for _ in range(2):
        version = rollback(root)
        server.post("/admin/reload", headers=WITH_TOKEN)
        answers[version] = {i: server.post("/predict/", body).body
                            for i, body in enumerate(bodies)}
    a, b = answers.values()
    check("the two models answer differently",
          all(a[i] != b[i] for i in range(len(bodies))))
    return answers


def reload_by(server, way):
    if way == 1:
        server.send_signal(signal.SIGHUP)
    elif way == 2:
        server.post("/admin/reload", headers=WITH_TOKEN)


class FullLoad:
    """wrk beside the clients, where it is installed, so that the server has no
    moment to itself."""

    def __init__(self, server, folder, body):
        self.process = None
        script = os.path.join(folder, "post.lua")
        with open(script, "w") as file:
            file.write('wrk.method = "POST"\nwrk.body = %s\n'
                       'wrk.headers["Content-Type"] = "application/json"\n'
                       % json.dumps(body.decode()))
        if shutil.which("wrk"):
            self.process = subprocess.Popen(
                ["wrk", "-t1", "-c32", "-d600", "-s", script,
                 "http://127.0.0.1:%d/predict/" % server.port],
                stdout=subprocess.PIPE, text=True)

    def stop(self):
        """(requests, what wrk says of failures)"""
        if self.process is None:
            return 0, ""
        self.process.send_signal(signal.SIGINT)
        lines = self.process.communicate()[0].splitlines()
        n = [int(line.split()[0]) for line in lines if "requests in" in line]
        return sum(n), "; ".join(line.strip() for line in lines
                                 if "Non-2xx" in line or "errors" in line)


def switch_to_and_fro(server, root, n):
    """Returns (memory after 20 of them or half, at the end)."""
    early = 0
    for i in range(n):
        version = rollback(root)
        reload_by(server, i % 3)
        if not wait_until(lambda: speaking(server) == version):
            check("switch %d takes effect" % i, False, server.log())
        if i + 1 == min(20, n // 2):
            early = server.rss_kb()
    return early, server.rss_kb()


def under_load(n):
    bodies = make_bodies()
    with tempfile.TemporaryDirectory() as folder, \
            admin_server("--watch-interval", "0.05",
                         model=copy_models(folder)) as server:
        root = os.path.join(folder, "models")
        answers = answers_of_both(server, root, bodies)
        requests = [as_request(body) for body in bodies]
        clients = [Client(server.port, requests, answers)
                   for _ in range(N_CONNECTIONS)]
        for client in clients:
            client.start()
        load = FullLoad(server, folder, bodies[0])
        start = time.monotonic()
        before, after = switch_to_and_fro(server, root, n)
        seconds = time.monotonic() - start
        n_load, failures = load.stop()
        for client in clients:
            client.stop()
        wrong = [w for client in clients for w in client.wrong]
        counts = {v: sum(c.n_of.get(v, 0) for c in clients) for v in answers}
        print("       %d switches in %.1f s, %d requests checked, %d more; "
              "memory %d KB, then %d KB" % (n, seconds, sum(counts.values()),
                                            n_load, before, after))
        check("no request fails, every answer is one model's", not wrong,
              wrong[:3])
        check("no request of the full load fails", failures == "", failures)
        check("both models were asked", min(counts.values()) > 0, counts)
        check("all switches were counted",
              reloads(server, "loaded") >= n + 3 and
              reloads(server, "refused") == 0)
        # At the end of a switch both models may be there for a moment.
        check("memory does not grow",
              wait_until(lambda: server.rss_kb() < 1.05 * before + 500),
              "%d KB, then %d KB" % (before, server.rss_kb()))


# ---- B: what is broken ------------------------------------------------------

def path_of(root, version, name):
    return os.path.join(root, "versions", version, name)


def cut_model(root, version):
    path = path_of(root, version, "catclf.json")
    os.truncate(path, os.path.getsize(path) // 2)


def change_byte(root, version):
    path = path_of(root, version, "transformer.cmt")
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


def half_copy(root, version):
    os.remove(path_of(root, version, "ctr_transformer.cmt"))


def switch_link(root, version):
    link = os.path.join(root, "new")
    os.symlink("versions/" + version, link)
    os.rename(link, os.path.join(root, "current"))


def refused(name, damage, says):
    with tempfile.TemporaryDirectory() as folder, \
            admin_server("--watch-interval", "0.02", clean=False,
                         model=copy_models(folder)) as server:
        root = os.path.join(folder, "models")
        good, other = versions(root)
        body = predict_body(read_rows(50))
        before = server.post("/predict/", body).body
        damage(root, other)
        switch_link(root, other)
        wait_until(lambda: reloads(server, "refused"))
        time.sleep(0.2)  # ten more looks
        log = server.stderr()
        check(name + ": refused once", reloads(server, "refused") == 1 and
              log.count("refused") == 1, log)
        check(name + ": the log says why", says in log and good in log, log)
        answer = server.post("/admin/reload", headers=WITH_TOKEN)
        check(name + ": 409", answer.status == 409 and
              says in answer.json()["detail"], answer.body)
        answer = server.post("/predict/", body)
        check(name + ": the old model goes on", answer.body == before and
              answer.headers["X-Model-Version"] == good and
              server.get("/health").status == 200,
              (answer.body[:99], dict(answer.headers)))
        switch_link(root, good)
        server.post("/admin/reload", headers=WITH_TOKEN)
        check(name + ": and back", speaking(server) == good)


# ---- C: who may -------------------------------------------------------------

def other_address():
    """An address of this machine that is no loopback; None: it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") else address


def ask(server, token=None, scheme="Bearer"):
    headers = {"Authorization": scheme + " " + token} if token else {}
    return server.post("/admin/reload", headers=headers)


def who_may():
    with Server() as server:
        answer = ask(server, TOKEN)
        check("without a token there is no such route", answer.status == 404 and
              answer.json() == {"detail": "Not Found"}, answer.body)
    with admin_server("--access-log", "--verbose") as server:
        answer = ask(server)
        check("401 without a token", answer.status == 401 and
              answer.headers["WWW-Authenticate"] == "Bearer" and
              answer.json() == {"detail": "Not authenticated"}, answer.body)
        for token in "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "":
            answer = ask(server, token or " ")
            check("401 with a wrong token", answer.status == 401 and
                  "invalid_token" in answer.headers["WWW-Authenticate"])
        check("401 with another scheme", ask(server, TOKEN, "Basic").status ==
              401)
        check("405 for GET", server.get("/admin/reload").status == 405)
        version = speaking(server)
        expected = {"version": version, "previous": version,
                    "result": "unchanged"}
        for scheme in "Bearer", "bearer":
            answer = ask(server, TOKEN, scheme)
            check("200 with the token", answer.status == 200 and
                  answer.json() == expected, answer.body)
        check("nothing prints the token", TOKEN not in server.log())
    from_elsewhere()


def from_elsewhere():
    address = other_address()
    if address is None:
        print("       this machine has no address but loopback: 403 not tested")
        return
    for options, status in ((), 403), (("--admin-remote",), 200):
        with admin_server(*options, host="0.0.0.0") as server:
            server.host = address
            check("%d from another address" % status,
                  ask(server, TOKEN).status == status)


# ---- D: no bundle -----------------------------------------------------------

def before_its_bundle():
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, "models")
        with admin_server("--watch-interval", "0.05", clean=False,
                          model=os.path.join(root, "catclf.json")) as server:
            wait_until(lambda: reloads(server, "refused"))
            health = server.get("/health")
            check("no bundle: /health says so", health.status == 400 and
                  "train a model first" in health.json()["detail"],
                  health.body)
            check("no bundle: 503", server.get("/readyz").status == 503 and
                  server.predict(read_rows(1)).status == 503)
            copy_models(folder)
            check("the bundle is taken when it appears", wait_until(
                lambda: server.get("/health").status == 200), server.log())
            version = speaking(server)
            check("it is the current one", version == versions(root)[0])
            shutil.rmtree(root)
            answer = ask(server, TOKEN)
            check("removed: 409", answer.status == 409, answer.body)
            check("removed: it goes on", speaking(server) == version and
                  server.get("/health").status == 200)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reloads", type=int, default=20)
    parser.add_argument("--rest", action="store_true")
    arguments = parser.parse_args()
    if not arguments.rest:
        under_load(arguments.reloads)
    refused("a cut file", cut_model, "bytes")
    refused("a changed byte", change_byte, "it was changed")
    refused("a half-copied folder", half_copy, "missing")
    who_may()
    before_its_bundle()
    finish()


if __name__ == "__main__":
    main()
