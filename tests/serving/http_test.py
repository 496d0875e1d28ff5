"""Requests as bytes: what is ambiguous is refused, what is odd but clear is
answered, and the access log tells of both."""
import json
import os
import subprocess
import tempfile

from raw import connect, exchange, get, post, read_answer
from server import CLICKMILL, Server, check, finish, models, wait_until

CLOSE = b"Connection: close"
HIDDEN = b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"


def statuses(answers):
    return [answer[0] for answer in answers]


def smuggling(server):
    chunked = b"Transfer-Encoding: chunked"
    cases = {
        "length and chunks": post(b"/livez", b"Content-Length: 4", chunked,
                                  body=b"0\r\n\r\n" + HIDDEN),
        "chunks and length": post(b"/livez", chunked, b"Content-Length: 4",
                                  body=b"0\r\n\r\n" + HIDDEN),
        "two lengths": post(b"/livez", b"Content-Length: 0",
                            b"Content-Length: %d" % len(HIDDEN), body=HIDDEN),
        "the same length twice": post(b"/livez", b"Content-Length: 0",
                                      b"Content-Length: 0", body=HIDDEN),
        "a list of lengths": post(b"/livez", b"Content-Length: 0, 0",
                                  body=HIDDEN),
        "a signed length": post(b"/livez", b"Content-Length: +0", body=HIDDEN),
        "an empty length": post(b"/livez", b"Content-Length:", body=HIDDEN),
        "a hexadecimal length": post(b"/livez", b"Content-Length: 0x0",
                                     body=HIDDEN),
        "a negative length": post(b"/livez", b"Content-Length: -1",
                                  body=HIDDEN),
        "a blank before the colon": post(b"/livez", b"Content-Length : 4",
                                         body=b"abcd" + HIDDEN),
        "an unknown encoding": post(b"/livez",
                                    b"Transfer-Encoding: gzip, chunked",
                                    body=b"0\r\n\r\n" + HIDDEN),
        "two encodings": post(b"/livez", chunked,
                              b"Transfer-Encoding: identity",
                              body=b"0\r\n\r\n" + HIDDEN),
        "chunks over HTTP/1.0": get(b"/livez", chunked, version=b"HTTP/1.0",
                                    body=b"0\r\n\r\n" + HIDDEN),
        "a chunk without a size": post(b"/livez", chunked,
                                       body=b"\r\n\r\n" + HIDDEN),
        "a chunk longer than its size": post(b"/livez", chunked,
                                             body=b"1\r\nab\r\n" + HIDDEN),
    }
    for name, data in cases.items():
        found = statuses(exchange(server, data))
        check("refused: " + name, found == [400], found)
    huge = b"Content-Length: 99999999999999999999999999"
    found = statuses(exchange(server, post(b"/livez", huge, body=HIDDEN)))
    check("refused: a length over 64 bits", found == [413], found)


def odd_but_clear(server):
    livez = b'{"status":"ok"}'
    cases = {
        "two requests in one packet": (get() + get(b"/livez", CLOSE),
                                       [200, 200]),
        "nothing behind a last one": (get(b"/livez", CLOSE) + get(), [200]),
        "HTTP/1.0 closes": (get(version=b"HTTP/1.0"), [200]),
        "an absolute URI": (get(b"http://elsewhere/livez", CLOSE), [200]),
        "an absolute URI without a path": (get(b"http://elsewhere", CLOSE),
                                           [200]),
        "a body on GET": (get(b"/livez", CLOSE, b"Content-Length: 3",
                              body=b"abc"), [200]),
        "a body that is asked about and not announced": (
            get(b"/livez", b"Expect: 100-continue") + get(), [200]),
        "chunks": (post(b"/nowhere", b"Transfer-Encoding: Chunked", CLOSE,
                        body=b"3\r\nabc\r\n0\r\n\r\n"), [404]),
        "a NUL in the path": (get(b"/livez%00", CLOSE), [200]),
        "no such method": (b"BREW / HTTP/1.1\r\nHost: x\r\n" + CLOSE +
                           b"\r\n\r\n", [405]),
        "the server as a whole": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n" + CLOSE +
                                  b"\r\n\r\n", [404]),
        "no Host": (b"GET /livez HTTP/1.1\r\n\r\n", [400]),
        "a header without a colon": (get(b"/livez", b"Nonsense"), [400]),
        "a path of 20,000 bytes": (get(b"/" + b"a" * 20000), [414]),
        "headers of 20,000 bytes": (get(b"/livez", b"X: " + b"a" * 20000),
                                    [431]),
        "a client that ends its side": (get(), [200]),
    }
    for name, (data, expected) in cases.items():
        answers = exchange(server, data, end="ends its side" in name)
        found = statuses(answers)
        check(name, found == expected, found)
        if expected == [200] and answers[0][2].startswith(b"{"):
            check(name + ": body", answers[0][2] == livez, answers[0][2])


def waiting_for_continue(server):
    with connect(server) as sock:
        stream = sock.makefile("rb")
        sock.sendall(post(b"/nowhere", b"Content-Length: 3",
                          b"Expect: 100-continue"))
        check("100 Continue", stream.readline().split()[1] == b"100" and
              stream.readline() == b"\r\n")
        sock.sendall(b"abc")
        check("answered after it", read_answer(stream)[0] == 404)


def request_ids(server):
    for given, kept in ((b"a.B-9_z", True), (b"x" * 64, True),
                        (b"x" * 65, False), (b"a b", False), (b'"', False),
                        (b"a\tSet-Cookie: x", False), (b"", False)):
        answer = exchange(server, get(b"/livez", b"X-Request-ID: " + given,
                                      CLOSE))[0]
        found = answer[1].get("x-request-id", "")
        check("id %r is %s" % (given[:20].decode(), "kept" if kept
                               else "replaced"),
              (found == given.decode()) == kept and
              (kept or len(found) == 16), found)


def log_lines():
    """What is logged, all of it at the end, and nothing that is not JSON."""
    server = Server("--access-log", "--drain-delay", "0", "--threads", "1")
    server.get("/livez?secret=1", {"X-Request-ID": "mine"})
    server.get("/no\"where")
    server.send_signal(15)
    server.process.wait(20)
    with open(server.out.name) as again:
        lines = [json.loads(line) for line in again]
    server.kill()
    mine = [line for line in lines if line["id"] == "mine"]
    check("a line a request", len(mine) == 1 and len(lines) >= 3, lines)
    line = mine[0]
    check("its fields", line["method"] == "GET" and line["path"] == "/livez" and
          line["status"] == 200 and line["remote"] == "127.0.0.1" and
          0 < line["seconds"] < 1 and line["time"].endswith("Z"), line)
    check("a path with a quote", lines[-1]["path"] == '/no"where' and
          lines[-1]["status"] == 404, lines[-1])
    check("ids are made", len(lines[-1]["id"]) == 16, lines[-1])


def deaf_reader():
    """Nobody reads the log: the pipe is full, then closed."""
    reader, writer = os.pipe()
    words = [CLICKMILL, "serve", "--model-path", models(), "--port", "0",
             "--drain-delay", "0", "--access-log"]
    with tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(words, stdout=writer, stderr=err, text=True)
        os.close(writer)
        found = Found(err, process)
        check("the server starts", wait_until(found.answers))
        done = sum(exchange(found, get(b"/livez") * 200 +
                            get(b"/livez", CLOSE))[-1][0] == 200
                   for _ in range(40))
        check("8,000 answers while nobody reads the log", done == 40, done)
        os.close(reader)
        check("and when nobody can", statuses(exchange(
            found, get(b"/livez", CLOSE))) == [200])
        process.terminate()
        check("it ends with 0", process.wait(20) == 0)


class Found:
    """Where a server started by hand listens."""

    def __init__(self, err, process):
        self.err, self.process, self.host, self.port = \
            err, process, "127.0.0.1", 0

    def answers(self):
        self.err.seek(0)
        text = self.err.read()
        if "127.0.0.1:" in text:
            self.port = int(text.split("127.0.0.1:")[1].split()[0])
        return self.port


with Server("--threads", "1", "--drain-delay", "0") as server:
    smuggling(server)
    odd_but_clear(server)
    waiting_for_continue(server)
    request_ids(server)
log_lines()
deaf_reader()
finish()
