"""Limits: sizes, connections, deadlines, memory.  A client that breaks one is
told or closed, and holds nobody else up."""
import contextlib
import http.client
import socket
import threading
import time

from raw import connect, exchange, get, post, read_answer
from server import (CLICKMILL, Server, body_file, check, finish, run_load,
                    wait_until)

CLOSE = b"Connection: close"


def answer_to(sock, data):
    sock.sendall(data)
    return read_answer(sock.makefile("rb"))


def closed_after(sock, seconds):
    """Seconds until the server closes, None if not within the time."""
    start = time.monotonic()
    sock.settimeout(seconds)
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass
    except TimeoutError:
        return None
    return time.monotonic() - start


def settle(server):
    """Until a server of one thread has seen all earlier connections close; it
    then has its standard files, the port, its signals and an epoll open."""
    wait_until(lambda: server.open_files() == 6)


def rejected(server, reason):
    return server.metric(
        'rejected_requests_total{reason="%s"}' % reason) or 0


def body_sizes():
    limit = 100000
    with Server("--body-bytes", str(limit)) as server:
        big = b"x" * (limit + 1)
        with connect(server) as sock:
            status, _, body = answer_to(sock, post(
                b"/predict/", b"Content-Length: %d" % len(big), body=big))
            check("a body over the limit is read and refused",
                  status == 413 and b"limits.body_bytes" in body)
            check("its connection goes on", answer_to(sock, get())[0] == 200)
            status = answer_to(sock, post(
                b"/predict/", b"Expect: 100-continue",
                b"Content-Length: %d" % len(big)))[0]
            check("a client that asks first need not send it", status == 413)
        with connect(server) as sock:
            status = answer_to(sock, post(b"/predict/",
                                          b"Content-Length: 10000000000"))[0]
            check("nobody waits for 10 GB", status == 413 and
                  closed_after(sock, 5) is not None)
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        with connect(server) as sock:
            status = answer_to(sock, post(
                b"/predict/", b"Transfer-Encoding: chunked",
                body=chunk * 4 + b"0\r\n\r\n"))[0]
            check("chunks over the limit", status == 413)
        with connect(server) as sock:
            sock.sendall(post(b"/predict/", b"Transfer-Encoding: chunked"))
            try:
                for _ in range(1000):
                    sock.sendall(chunk)
            except OSError:
                pass
            check("chunks without end are cut off",
                  closed_after(sock, 5) is not None)
        exact = post(b"/livez", b"Content-Length: %d" % limit, CLOSE,
                     body=b"x" * limit)
        check("a body of the limit", exchange(server, exact)[0][0] == 405)
        check("counted", rejected(server, "size") >= 4,
              rejected(server, "size"))


def is_answered(server):
    """A connection far over the limit is closed, which is no answer."""
    try:
        return server.get("/livez").status == 200
    except (http.client.HTTPException, OSError):
        return False


def connection_counts():
    with Server("--connections", "8", "--connections-per-address", "200",
                "--threads", "1") as server, contextlib.ExitStack() as stack:
        def another():
            return stack.enter_context(connect(server))
        settle(server)
        kept = [another() for _ in range(8)]
        check("as many connections as the limit", all(
            answer_to(sock, get())[0] == 200 for sock in kept))
        extra = another()
        status, headers, _ = answer_to(extra, get())
        check("one more gets 503 and is closed",
              status == 503 and headers["retry-after"] == "1" and
              headers["connection"] == "close" and
              closed_after(extra, 2) is not None, headers)
        silent = another()
        check("one more that says nothing is closed soon",
              closed_after(silent, 5) is not None)
        crowd = [another() for _ in range(100)]
        check("far over the limit nobody is answered",
              closed_after(crowd[-1], 1) is not None)
        for sock in crowd:
            sock.close()
        kept.pop().close()
        check("room is made by those who leave",
              wait_until(lambda: is_answered(server)))
        check("those who were there stay", all(
            answer_to(sock, get())[0] == 200 for sock in kept))


def connections_of_one_address():
    with Server("--connections-per-address", "4", "--threads", "1") as server, \
            contextlib.ExitStack() as stack:
        settle(server)
        kept = [stack.enter_context(connect(server)) for _ in range(4)]
        for sock in kept:
            answer_to(sock, get())
        fifth = stack.enter_context(connect(server))
        check("one address too many times is closed at once",
              closed_after(fifth, 5) is not None)
        other = stack.enter_context(socket.create_connection(
            (server.host, server.port), 5, ("127.0.0.2", 0)))
        check("another address is not", answer_to(other, get())[0] == 200)


def file_limit():
    """Fewer descriptors than connections."""
    words = ["sh", "-c", 'ulimit -n 300; exec "$@"', "sh"]
    with Server(program=(*words, CLICKMILL), clean=False) as server, \
            contextlib.ExitStack() as stack:
        check("few descriptors: it says so",
              "raise ulimit -n" in server.stderr(), server.stderr())
        socks = [stack.enter_context(connect(server)) for _ in range(120)]
        found = []
        for sock in socks:
            with contextlib.suppress(OSError, TypeError):
                found.append(answer_to(sock, get())[0])
        check("few descriptors: as many are answered as there is room for",
              found.count(200) == 23, (found.count(200), len(found)))


def trickle(sock, data, pause=0.05):
    """Sends a byte at a time until the server closes; seconds that took."""
    start = time.monotonic()
    with contextlib.suppress(OSError):
        for byte in data:
            sock.sendall(bytes([byte]))
            sock.settimeout(pause)
            with contextlib.suppress(TimeoutError):
                if not sock.recv(65536):
                    break
    return time.monotonic() - start


def deadlines():
    with Server("--idle-timeout", "1", "--request-timeout", "1.5",
                "--threads", "1") as server:
        line = get(b"/" + b"a" * 1000)
        body = b"x" * 1000
        cases = {
            "says nothing": (b"", b"", 1),
            "one byte of a request": (b"G", b"", 1),
            "a request line byte by byte": (b"", line, 1),
            "headers byte by byte": (b"GET /livez HTTP/1.1\r\n",
                                     b"X-Much: " + b"a" * 1000, 1.5),
            "a body byte by byte": (post(b"/predict/",
                                         b"Content-Length: 1000"), body, 1.5),
            "half a body": (post(b"/predict/", b"Content-Length: 1000"), b"",
                            1.5),
            "chunks byte by byte": (post(b"/predict/",
                                         b"Transfer-Encoding: chunked"),
                                    b"1\r\na\r\n" * 200, 1.5),
            "quiet after an answer": (get(), b"", 1),
        }
        found = {}

        def one(name, first, rest):
            with connect(server) as sock:
                start = time.monotonic()
                sock.sendall(first)
                if rest:
                    trickle(sock, rest)
                else:
                    closed_after(sock, 10)
                found[name] = time.monotonic() - start

        threads = [threading.Thread(target=one, args=(name, first, rest))
                   for name, (first, rest, _) in cases.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, (_, _, limit) in cases.items():
            check("deadline: " + name, limit - 0.1 < found[name] < limit + 1.5,
                  found)
        deaf_client(server)
        late_body(server)
        check("slow ones are counted", rejected(server, "timeout") >= 4,
              rejected(server, "timeout"))


def deaf_client(server):
    """Asks for more than the socket buffers hold and reads nothing."""
    settle(server)
    before = server.open_files()
    with connect(server) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with contextlib.suppress(OSError):
            for _ in range(200):
                sock.sendall(get(b"/openapi.json") * 20)
        gone = wait_until(lambda: server.open_files() <= before, 6)
        check("a client that reads nothing is closed", gone,
              server.open_files())


def late_body(server):
    """A body that takes its time is not too late for the queue."""
    with connect(server) as sock:
        sock.sendall(post(b"/livez", b"Content-Length: 1"))
        time.sleep(0.8)
        status = answer_to(sock, b"x")[0]
        check("a body after a while is answered", status == 405, status)


def crowd_of_slow():
    """1,000 slow and half-open connections; eight clients go on."""
    with Server("--threads", "2") as server, \
            contextlib.ExitStack() as stack:
        before = server.rss_kb()
        slow = []
        for i in range(1000):
            sock = stack.enter_context(connect(server))
            sock.sendall((b"", b"GET /li", post(b"/predict/",
                          b"Content-Length: 1000", body=b"{"),
                          get())[i % 4])
            slow.append(sock)
        stop = threading.Event()

        def keep_slow():
            while not stop.is_set():
                for sock in slow[2::4]:
                    with contextlib.suppress(OSError):
                        sock.sendall(b" ")
                stop.wait(0.2)
        thread = threading.Thread(target=keep_slow)
        thread.start()
        results = [run_load(server, "/predict/", 8, 0.7, body_file(1))
                   for _ in range(3)]
        stop.set()
        thread.join()
        best = min(result["ok_ms"]["p99"] for result in results)
        check("beside 1,000 slow ones p99 is below 10 ms", best < 10, results)
        check("and nobody gets anything but 200", all(
            set(result["status"]) == {"200"} and result["cut"] == 0
            for result in results), results)
        grown = server.rss_kb() - before
        check("1,000 connections take less than 24 MB", grown < 24 << 10, grown)


def memory():
    """200 bodies of 8 MB at once, into 32 MiB."""
    bound = 32 << 20
    with Server("--memory-bytes", str(bound), "--threads", "2",
                "--request-timeout", "60") as server:
        before = server.rss_kb()
        body = b"x" * (8 << 20)
        request = post(b"/predict/", b"Content-Length: %d" % len(body))
        found, most = [], [0]

        def send():
            with connect(server, 60) as sock:
                sock.sendall(request)
                sock.sendall(body)
                found.append(read_answer(sock.makefile("rb"))[:2])
        threads = [threading.Thread(target=send) for _ in range(200)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            most[0] = max(most[0], server.rss_kb())
            time.sleep(0.01)
        statuses = [status for status, _ in found]
        check("each of 200 is answered", len(found) == 200, len(found))
        check("some are served, the others get 503 with Retry-After",
              set(statuses) == {422, 503} and all(
                  headers.get("retry-after") == "1"
                  for status, headers in found if status == 503),
              {status: statuses.count(status) for status in set(statuses)})
        grown = (most[0] - before) << 10
        check("memory stays within its bound", grown < bound + (24 << 20),
              "%d MiB" % (grown >> 20))
        check("none is left behind", server.post("/predict/", b"{").status ==
              422)


body_sizes()
connection_counts()
connections_of_one_address()
file_limit()
deadlines()
crowd_of_slow()
memory()
finish()
