"""Proxies before an MLflow server that make it a bad one.

    SlowProxy(server.port, 2.0)            # each answer two seconds late
    BrokenProxy(server.port, 0.3, seed=1)  # 500 or 429 for a share of requests
    MortalProxy(server.port, 7, "cut")     # dies at its seventh request
"""
import json

from faulty_proxy import FaultyProxy

ANSWER = (b"HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
          b"Connection: close\r\nContent-Length: %d\r\n\r\n%s")


class SlowProxy(FaultyProxy):
    def __init__(self, port, delay, **options):
        super().__init__("127.0.0.1", port, part=1.0, delay=delay,
                         how=("delay",), **options)


class BrokenProxy(FaultyProxy):
    STATUS = {"error": b"500 Internal Server Error",
              "limit": b"429 Too Many Requests"}

    def __init__(self, port, part, seed=1, **options):
        super().__init__("127.0.0.1", port, part=part, seed=seed,
                         how=tuple(self.STATUS), **options)

    def _refusal(self, fate):
        if fate not in self.STATUS:
            return None
        body = json.dumps({"error_code": "TEMPORARILY_UNAVAILABLE",
                           "message": "not now"}).encode()
        return ANSWER % (self.STATUS[fate], len(body), body)


class MortalProxy(FaultyProxy):
    """At one request it dies: before the server is asked ("drop"), when it was
    asked ("cut") or within its answer ("truncate").  Nobody listens then."""

    def __init__(self, port, last, fate, **options):
        super().__init__("127.0.0.1", port, how=(fate,), **options)
        self.last, self.fate = last, fate

    def _fate(self, head):
        with self.lock:
            self.lines.append(head.split(b"\r\n")[0].decode("latin-1"))
            if len(self.lines) < self.last:
                return None
            if len(self.lines) == self.last:
                self.close()
                return self.fate
            return "drop"
