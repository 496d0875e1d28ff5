"""A real MLflow server, SQLite behind it, on a free port and in a folder of its
own.

    with MlflowServer() as server:
        server.uri                    # "http://127.0.0.1:43211"
        server.client()               # mlflow's
        server.requests()             # ["POST /api/2.0/mlflow/runs/create", …]
        server.kill()                 # at once, with all its workers
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PATIENCE = float(os.environ.get("TRACKING_TEST_PATIENCE", "120"))  # seconds


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class MlflowServer:
    def __init__(self, *options, environment=None):
        self.folder = tempfile.mkdtemp(prefix="mlflow-")
        self.options, self.environment = options, environment or {}
        self.port = self.process = None

    @property
    def uri(self):
        return "http://127.0.0.1:%d" % self.port

    def start(self):
        for _ in range(3):  # a port may be taken between looking and using
            self._launch()
            end = time.monotonic() + PATIENCE
            while self.process.poll() is None and time.monotonic() < end:
                if self._answers():
                    return self
                time.sleep(0.05)
            self.kill()
        raise RuntimeError("mlflow server did not start:\n"
                           + open(self.log).read()[-3000:])

    def _launch(self):
        self.port = free_port()
        command = [
            os.path.join(os.path.dirname(sys.executable), "mlflow"), "server",
            "--backend-store-uri", "sqlite:///%s/mlflow.db" % self.folder,
            "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        if "--artifacts-destination" not in self.options:
            command += ["--artifacts-destination", self.folder + "/artifacts"]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command + list(self.options), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True,
                env={**os.environ, **self.environment})

    def _answers(self):
        try:
            urllib.request.urlopen(self.uri + "/health", timeout=5).close()
            return True
        except OSError:
            return False

    def kill(self):
        """With all its workers; nothing is finished."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()
            self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self):
        return os.path.join(self.folder, "log")

    def client(self):
        import mlflow
        return mlflow.MlflowClient(self.uri, registry_uri=self.uri)

    def requests(self):
        """Those that were answered, but for the looks whether it lives."""
        found = re.findall(r'"([A-Z]+ /\S+) HTTP/1.1" \d', open(self.log).read())
        return [one for one in found if not one.endswith("/health")]


def main():
    """Says where it is, and ends with its standard input."""
    with MlflowServer() as server:
        print(server.uri, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
