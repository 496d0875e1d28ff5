"""A proxy before an HTTP server that spoils some requests.

    with FaultyProxy("127.0.0.1", 8333, part=0.2, seed=1) as proxy:
        proxy.endpoint              # "http://127.0.0.1:45678"
        proxy.spoiled               # {"drop": 12, ...} so far
        proxy.lines                 # ["PUT /bucket/key HTTP/1.1", ...]

What happens to a spoiled request is chosen by its number and the seed:
drop      the connection closes before the server is asked
cut       the request reaches the server, the answer never the client
truncate  half of the answer, then the connection closes
delay     the answer comes later
busy      503 SlowDown, with Retry-After
The client's Host header goes on as it is: it is signed.  With a certificate (a
PEM file that has its key too) the proxy speaks TLS; certificate_in makes one
that nobody knows.
"""
import os
import random
import socket
import ssl
import subprocess
import threading
import time

HOW = ("drop", "cut", "truncate", "delay", "busy")
SLOW_DOWN = (b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\n"
             b"Retry-After: 0\r\nConnection: close\r\nContent-Length: %d\r\n"
             b"\r\n%s")
SLOW_DOWN_XML = (b"<?xml version=\"1.0\"?><Error><Code>SlowDown</Code>"
                 b"<Message>Please reduce your request rate.</Message></Error>")


class Closed(Exception):
    pass


class Stream:
    """Bytes of a socket, by line or by number."""

    def __init__(self, sock):
        self.sock, self.rest = sock, b""

    def more(self):
        some = self.sock.recv(1 << 16)
        if not some:
            raise Closed
        return some

    def head(self):
        while b"\r\n\r\n" not in self.rest:
            self.rest += self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        return head + b"\r\n\r\n"

    def pieces(self, n):
        while n > 0:
            piece = self.rest[:n] if self.rest else self.more()[:n + (1 << 16)]
            self.rest = self.rest[len(piece):] if self.rest else b""
            if len(piece) > n:
                piece, self.rest = piece[:n], piece[n:] + self.rest
            n -= len(piece)
            yield piece


def certificate_in(folder):
    """PEM files: of the certificate alone, and with its key."""
    alone, key, both = (os.path.join(folder, "proxy." + end)
                        for end in ("crt", "key", "pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
         key, "-out", alone], check=True, capture_output=True)
    with open(both, "wb") as out:
        for path in (key, alone):
            with open(path, "rb") as part:
                out.write(part.read())
    return alone, both


def header(head, name):
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return None


class FaultyProxy:
    def __init__(self, host, port, part=0.2, seed=1, delay=0.3, how=HOW,
                 certificate=None, own_port=0):
        self.server, self.part, self.delay = (host, port), part, delay
        self.seed, self.how = seed, how
        self.spoiled = {name: 0 for name in how}
        self.lines = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", own_port),
                                             backlog=128)
        self.port = self.listener.getsockname()[1]
        self.endpoint = "%s://127.0.0.1:%d" % (
            "https" if certificate else "http", self.port)
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self.open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.open = False
        try:
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        except OSError:
            pass
        self.listener.close()

    def _accept(self):
        while self.open:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _fate(self, head):
        with self.lock:
            self.lines.append(head.split(b"\r\n")[0].decode("latin-1"))
            chance = random.Random("%s/%s" % (self.seed, len(self.lines)))
            fate = (chance.choice(self.how)
                    if chance.random() < self.part else None)
            if fate:
                self.spoiled[fate] += 1
            return fate

    def _refusal(self, fate):
        """The answer that is given in the server's place; None: it is asked."""
        if fate == "busy":
            return SLOW_DOWN % (len(SLOW_DOWN_XML), SLOW_DOWN_XML)
        return None

    def _serve(self, client):
        upstream = None
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                client = self.tls.wrap_socket(client, server_side=True)
            upstream = socket.create_connection(self.server)
            upstream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ours, theirs = Stream(client), Stream(upstream)
            while self._one(client, upstream, ours, theirs):
                pass
        except (Closed, OSError):
            pass
        finally:
            client.close()
            if upstream:
                upstream.close()

    def _one(self, client, upstream, ours, theirs):
        head = ours.head()
        length = int(header(head, b"content-length") or 0)
        fate = self._fate(head)
        if fate == "drop":
            return False
        refusal = self._refusal(fate)
        if refusal:
            for _ in ours.pieces(length):
                pass
            client.sendall(refusal)
            return False
        upstream.sendall(head)
        for piece in ours.pieces(length):
            upstream.sendall(piece)
        return self._answer(client, theirs, fate,
                            has_body=not head.startswith(b"HEAD "))

    def _answer(self, client, theirs, fate, has_body):
        head = theirs.head()
        if fate == "delay":
            time.sleep(self.delay)
        status = head.split(b" ", 2)[1]
        if not has_body or status in (b"204", b"304"):
            length = 0
        elif header(head, b"transfer-encoding"):
            return self._chunks(client, theirs, fate, head)
        else:
            length = int(header(head, b"content-length") or 0)
        if fate == "cut":
            return False
        client.sendall(head[:len(head) // 2]
                       if fate == "truncate" and length == 0 else head)
        left = length // 2 if fate == "truncate" else length
        for piece in theirs.pieces(left):
            client.sendall(piece)
        return fate != "truncate"

    def _chunks(self, client, theirs, fate, head):
        body = b""
        while not body.endswith(b"0\r\n\r\n"):
            body += theirs.rest or theirs.more()
            theirs.rest = b""
        if fate == "cut":
            return False
        whole = head + body
        client.sendall(whole[:len(whole) // 2]
                       if fate == "truncate" else whole)
        return fate != "truncate"
