"""A server whose answers are prepared: what no real one says on request.

    with Pretender(PUT=[(503, {}, error_xml("SlowDown", "slower")),
                        (200, {}, b"")]) as server:
        server.endpoint             # "http://127.0.0.1:45678"
        server.seen                 # [("PUT", "/bucket/key", headers), ...]
"""
import http.server
import ssl
import threading


class Prepared(http.server.BaseHTTPRequestHandler):
    """Answers with what server.answers has for a method, in turn; the last
    again and again.  None closes the connection, the body unread."""
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.server.seen.append((self.command, self.path, self.headers))
        if self.server.answers[self.command][0] is None:
            self.server.answers[self.command].pop(0)
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        answers = self.server.answers[self.command]
        status, headers, body = answers[0]
        if len(answers) > 1:
            answers.pop(0)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass


class Pretender:
    def __init__(self, certificate=None, **answers):
        self.server = Quiet(("127.0.0.1", 0), Prepared)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.endpoint = "%s://127.0.0.1:%d" % (
            "https" if certificate else "http", self.server.server_address[1])
        self.server.answers, self.server.seen = answers, []
        self.seen = self.server.seen
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def error_xml(code, message, more=""):
    return ("<?xml version='1.0'?><Error><Code>%s</Code><Message>%s</Message>"
            "%s</Error>" % (code, message, more)).encode()
