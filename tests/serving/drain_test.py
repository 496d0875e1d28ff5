"""The end of a server: nothing that was sent to it is left without an answer.
DRAIN_TEST_REPEATS (default 5) is how often it is stopped under load."""
import http.client
import os
import signal
import time

from raw import connect, get, post, read_answer
from server import Load, Server, body_file, check, finish, wait_until

REPEATS = int(os.environ.get("DRAIN_TEST_REPEATS", "5"))
ONE_ROW = body_file(1)


def ends(server, name, within):
    """Waits for the end; a check that it came in time and with 0."""
    start = time.monotonic()
    done = wait_until(lambda: server.process.poll() is not None)
    took = time.monotonic() - start
    check("%s: ends with 0 within %g s" % (name, within),
          done and server.process.returncode == 0 and took < within,
          "exit %s after %.2f s\n%s" % (server.process.returncode, took,
                                        server.stderr()))
    server.kill()


def readiness(server):
    try:
        return server.get("/readyz").status
    except OSError:
        return None


def is_served(server):
    return wait_until(lambda: readiness(server) == 200)


def under_load(i):
    """Keep-alive clients at full speed, one that connects anew each time."""
    server = Server("--threads", "2", "--drain-delay", "0.3")
    is_served(server)
    load = Load(server, "/predict/", 16, 8, ONE_ROW)
    others = Load(server, "/livez", 2, 8)
    wait_until(lambda: (server.metric(
        'http_requests_total{method="POST",status="2xx",handler="/predict/"}'
    ) or 0) > 500)
    server.send_signal(signal.SIGTERM)
    name = "SIGTERM under load, %d" % (i + 1)
    check(name + ": readiness is 503", wait_until(
        lambda: readiness(server) == 503, 0.3))
    ends(server, name, 4)
    for result in load.result(), others.result():
        check(name + ": no request is cut",
              result["cut"] == 0 and result["unanswered"] == 0 and
              set(result["status"]) == {"200"}, result)


def slow_request(number, name, within):
    """A body of which half came before the signal."""
    server = Server("--threads", "1", "--drain-delay", "0")
    is_served(server)
    body = open(body_file(1000), "rb").read()
    with connect(server) as sock, connect(server) as idle:
        sock.sendall(post(b"/predict/", b"Content-Type: application/json",
                          b"Content-Length: %d" % len(body),
                          body=body[:100000]))
        idle.sendall(get())
        read_answer(idle.makefile("rb"))
        server.send_signal(number)
        check(name + ": an idle connection is closed",
              idle.recv(1) == b"")
        check(name + ": the server still waits for the body",
              server.process.poll() is None)
        sock.sendall(body[100000:])
        status, headers, answer = read_answer(sock.makefile("rb"))
        check(name + ": the whole answer comes",
              status == 200 and answer.count(b"click_proba") == 1000 and
              headers.get("connection", "").lower() == "close", headers)
    ends(server, name, within)


def stuck_client(name, options, second_signal, within):
    server = Server("--threads", "1", *options, clean=False)
    with connect(server) as sock:
        sock.sendall(post(b"/predict/", b"Content-Length: 10", body=b"1"))
        server.send_signal(signal.SIGTERM)
        wait_until(lambda: "stopping" in server.stderr())
        if second_signal:
            server.send_signal(second_signal)
        ends(server, name, within)


def late_client():
    """Who connects after SIGTERM is answered, and told to close."""
    with Server("--threads", "1", "--drain-delay", "0.5") as server:
        is_served(server)
        kept = http.client.HTTPConnection(server.host, server.port, timeout=5)
        kept.request("GET", "/livez")
        kept.getresponse().read()
        server.send_signal(signal.SIGTERM)
        wait_until(lambda: readiness(server) == 503)
        answer = server.get("/livez")
        check("a late client is answered", answer.status == 200 and
              answer.headers["Connection"] == "close", answer.headers)
        kept.request("GET", "/livez")
        answer = kept.getresponse()
        check("an idle connection may ask once more", answer.status == 200 and
              answer.headers["Connection"] == "close", answer.headers)
        wait_until(lambda: server.process.poll() is not None)


for i in range(REPEATS):
    under_load(i)
slow_request(signal.SIGTERM, "SIGTERM", 1)
slow_request(signal.SIGINT, "SIGINT", 1)
late_client()
stuck_client("a client that never sends its body",
             ("--drain-delay", "0", "--drain-timeout", "0.3"), None, 2)
stuck_client("a second signal, a client that waits", ("--drain-delay", "0"),
             signal.SIGTERM, 1)
stuck_client("a second signal in the delay", ("--drain-delay", "60"),
             signal.SIGINT, 1)
finish()
