"""A running `clickmill serve` for the tests of this folder.

    from server import Server, check, copy_models, finish, read_rows

    with Server("--threads", "1") as server:        # a free port, a small model
        answer = server.predict(read_rows(3))
        check("three rows get three answers", len(answer.json()) == 3)
    finish()                                        # exit 1 if a check failed

Leaving the block sends SIGTERM and checks that the server exits with 0 and that
it said no warning or error (clean=False: it may).
"""
import csv
import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "common"))
from assertions import check, finish, poll, skip  # noqa: E402

ROOT = os.environ.get("ROOT") or os.path.realpath(
    os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("BUILD", os.path.join(ROOT, "build"))
CLICKMILL = os.path.abspath(
    os.environ.get("CLICKMILL", os.path.join(BUILD, "clickmill")))
CACHE = os.path.join(os.path.abspath(BUILD), "tests", "serving")
PATIENCE = float(os.environ.get("SERVING_TEST_PATIENCE", "20"))  # seconds


# ---- checks -----------------------------------------------------------------

def wait_until(happened, seconds=PATIENCE, pause=0.01):
    """Polls until happened() is true, and returns what it gave; else the last
    it gave when the time is over."""
    return poll(happened, seconds, pause)


# ---- a small model and its log ----------------------------------------------

def clickmill(*words, cwd=None):
    done = subprocess.run([CLICKMILL, *words], cwd=cwd, text=True,
                          capture_output=True)
    if done.returncode != 0:
        sys.exit("clickmill %s: exit %d\n%s" % (" ".join(words),
                                                done.returncode, done.stderr))
    return done.stdout


def made_work():
    """A folder with log.csv (20,000 rows) and models/, whose current version
    has 25 trees and whose previous one has 20; made once a build of the
    program."""
    os.makedirs(CACHE, exist_ok=True)
    folder = os.path.join(CACHE, "work")
    done = os.path.join(folder, "done")
    with open(os.path.join(CACHE, ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.exists(done) and \
                os.path.getmtime(done) > os.path.getmtime(CLICKMILL):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        clickmill("generate", "--rows", "20000", "--seed", "5", "--output",
                  "log.csv", "--quiet", cwd=folder)
        for trees in "20", "25":
            clickmill("train", "--input", "log.csv", "--iterations", trees,
                      "--quiet", cwd=folder)
        open(done, "w").close()
    return folder


def models():
    """The bundle's root; to be left as it is."""
    return os.path.join(made_work(), "models")


def copy_models(folder):
    """A copy of models() in folder, to be changed at will."""
    path = os.path.join(folder, "models")
    shutil.copytree(models(), path, symlinks=True)
    return path


def versions(root):
    """Versions that current and previous name."""
    return tuple(os.path.basename(os.readlink(os.path.join(root, link)))
                 for link in ("current", "previous"))


def log_path():
    return os.path.join(made_work(), "log.csv")


def read_rows(n, skip_first=0):
    """(features, rows): names of the log's columns, texts of n of its rows."""
    with open(log_path(), newline="") as file:
        reader = csv.reader(file)
        names = next(reader)
        for _ in range(skip_first):
            next(reader)
        return names, [next(reader) for _ in range(n)]


def predict_body(features_and_rows):
    features, rows = features_and_rows
    return json.dumps({"data": rows, "features": features}).encode()


# ---- a load ------------------------------------------------------------------

def body_file(n_rows):
    """The path of a request body of n rows."""
    path = os.path.join(made_work(), "body%d.json" % n_rows)
    if not os.path.exists(path):
        partial = "%s.%d" % (path, os.getpid())
        with open(partial, "wb") as file:
            file.write(predict_body(read_rows(n_rows)))
        os.replace(partial, path)
    return path


class Load:
    """tests/serving/load.c, running; result() waits for its figures."""

    def __init__(self, server, path, connections, seconds, body=None):
        words = [os.path.join(BUILD, "tests", "serving", "load"),
                 str(server.port), path, str(connections), str(seconds)]
        self.process = subprocess.Popen(words + ([body] if body else []),
                                        stdout=subprocess.PIPE, text=True)

    def result(self):
        return json.loads(self.process.communicate()[0])


def run_load(*words, **options):
    return Load(*words, **options).result()


# ---- the server -------------------------------------------------------------

class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode()


# A machine that is busy with other tests stalls for longer than a tenth of a
# second, which would be answered with 503.
UNLESS_SAID = {"drain-delay": "0", "queue-timeout": "10"}


class Server:
    """options: more words of the command line.  model: path to serve.  env:
    more of the environment.  clean: see above; exit_code: what stop()
    expects."""

    def __init__(self, *options, model=None, host="127.0.0.1", env=None,
                 clean=True, exit_code=0, wait=True, program=(CLICKMILL,)):
        self.clean, self.exit_code, self.host = clean, exit_code, host
        self.port = None
        self.folder = tempfile.mkdtemp(prefix="serving-")
        self.out = open(os.path.join(self.folder, "stdout"), "w+")
        self.err = open(os.path.join(self.folder, "stderr"), "w+")
        for name, value in UNLESS_SAID.items():
            if not any(word.endswith(name) for word in options):
                options += "--" + name, value
        words = [*program, "serve", "--model-path", model or models(),
                 "--host", host, "--port", "0", *options]
        self.process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.err,
            cwd=self.folder, env={**os.environ, **(env or {})})
        self.pid = self.process.pid
        if wait:
            self.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.stop()
        else:
            print(self.log(), file=sys.stderr)
            self.kill()

    def wait(self):
        """Until the port is open and the first load is over."""
        if not wait_until(self._answers):
            self.kill()
            sys.exit("the server does not answer:\n" + self.log())

    def _answers(self):
        if self.process.poll() is not None:
            sys.exit("the server ended with %d:\n%s" % (
                self.process.returncode, self.log()))
        found = re.search(r"https?://(?:\[[^]]*\]|[^\s:/]+):(\d+)", self.log())
        if not found:
            return False
        self.port = int(found.group(1))
        try:
            return self.get("/livez").status == 200 and self._has_loaded()
        except OSError:
            return False

    def _has_loaded(self):
        """Whether the first load is over, well or not."""
        return any(self.metric('model_reloads_total{result="%s"}' % result)
                   for result in ("loaded", "refused"))

    # requests, each on a connection of its own

    def connect(self, timeout=PATIENCE):
        """A connection that stays: an http.client.HTTPConnection."""
        return http.client.HTTPConnection(self.host, self.port,
                                          timeout=timeout)

    def request(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.request("GET", path, None, headers)

    def post(self, path, body=b"", headers=None):
        """body: bytes or text as they are, all else as JSON."""
        if not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        return self.request("POST", path, body, {
            "Content-Type": "application/json", **(headers or {})})

    def predict(self, features_and_rows, headers=None):
        return self.post("/predict/", predict_body(features_and_rows), headers)

    def metric(self, sample):
        """Value of a sample as /metrics writes it: 'model_reloads_total' or
        'model_reloads_total{result="loaded"}'; None when it is not there."""
        for line in self.get("/metrics").text().splitlines():
            if line.startswith(sample + " "):
                return float(line.split()[-1])
        return None

    # the process

    def log(self):
        """All it printed so far."""
        return self.stdout() + self.stderr()

    def stdout(self):
        with open(self.out.name) as again:
            return again.read()

    def stderr(self):
        with open(self.err.name) as again:
            return again.read()

    def rss_kb(self):
        with open("/proc/%d/status" % self.pid) as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def open_files(self):
        return len(os.listdir("/proc/%d/fd" % self.pid))

    def send_signal(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.send_signal(number)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            code = "none: it does not stop"
        log = self.stderr()
        if code != self.exit_code:
            check("server exits with %d" % self.exit_code, False,
                  "exit %s\n%s" % (code, log))
        if self.clean and re.search(r"warning|error|sanitizer", log, re.I):
            check("server says no warning and no error", False, "\n" + log)
        self.kill()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.err.close()
        shutil.rmtree(self.folder, ignore_errors=True)
