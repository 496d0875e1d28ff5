"""HTTP as bytes, for what no client library sends."""
import socket

HOST = b"Host: test\r\n"


def connect(server, timeout=20):
    return socket.create_connection((server.host, server.port), timeout)


def read_answer(stream):
    """(status, headers, body) of the next answer; None at the end."""
    line = stream.readline()
    if not line.startswith(b"HTTP/1."):
        # The end.  libmicrohttpd 0.9.75 sends the head of some of its own
        # answers twice, the second time as part of the body.
        return None
    headers = {}
    while True:
        field = stream.readline().strip()
        if not field:
            break
        name, _, value = field.partition(b":")
        headers[name.strip().lower().decode()] = value.strip().decode()
    body = stream.read(int(headers.get("content-length", 0)))
    return int(line.split()[1]), headers, body


def exchange(server, data, end=False):
    """All answers to these bytes until the server closes; with end the client
    says that it sends no more.  A reset counts as the end."""
    with connect(server, 5) as sock:
        sock.sendall(data)
        if end:
            sock.shutdown(socket.SHUT_WR)
        stream = sock.makefile("rb")
        answers = []
        try:
            while (answer := read_answer(stream)) is not None:
                answers.append(answer)
        except (ConnectionResetError, TimeoutError) as error:
            answers.append((type(error).__name__, {}, b""))
        return answers


def get(path=b"/livez", *headers, version=b"HTTP/1.1", body=b""):
    fields = b"".join(header + b"\r\n" for header in headers)
    return b"GET " + path + b" " + version + b"\r\n" + HOST + fields + \
        b"\r\n" + body


def post(path=b"/predict/", *headers, body=b""):
    fields = b"".join(header + b"\r\n" for header in headers)
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + fields + b"\r\n" + body
