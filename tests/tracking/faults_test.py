"""Trainings beside an MLflow server that is absent, slow, broken, or dies at
any moment: the training is the same, takes no longer than it may, and after
`runs push` everything is on the server, once.  TRACKING_TEST_DEATHS (5) says
how many times the server dies."""
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

from assertions import check, finish
from bad_proxies import BrokenProxy, MortalProxy, SlowProxy
from compare import LocalRun, differences
from mlflow_server import MlflowServer, free_port

CLICKMILL = os.environ["CLICKMILL"]
DEATHS = int(os.environ.get("TRACKING_TEST_DEATHS", "5"))
TIMEOUT = 4.0  # seconds that a training may wait for the server
PATIENCE = 6.0  # what else may come to that on a busy machine; without a
#                 deadline it would be a minute
TRAIN = ["train", "--iterations", "12", "--depth", "4", "--random-seed", "7"]


class Place:
    """A folder to train in."""

    def __init__(self, folder):
        self.folder = folder
        self.log = os.path.join(folder, "log.csv")
        self.run("generate", "--rows", "3000", "--seed", "3", "--output",
                 self.log)

    def run(self, *words, environment=None):
        return subprocess.run(
            [CLICKMILL, *words], cwd=self.folder, capture_output=True,
            text=True, env={**os.environ, **(environment or {})})

    def train(self, uri=None, *words):
        """What it said, its model's bytes, and the run that is new."""
        before = set(self.ids())
        shutil.rmtree(os.path.join(self.folder, "models"), ignore_errors=True)
        environment = {"MLFLOW_TRACKING_URI": uri} if uri else {}
        begin = time.monotonic()
        done = self.run(*TRAIN, "--input", self.log, "--tracking-timeout",
                        str(TIMEOUT), *words, environment=environment)
        done.seconds = time.monotonic() - begin
        done.model = done.returncode == 0 and self.model()
        done.run = (set(self.ids()) - before).pop()
        return done

    def model(self):
        with open(os.path.join(self.folder, "models/catclf.json"),
                  "rb") as file:
            return file.read()

    def ids(self):
        root = os.path.join(self.folder, "runs")
        if not os.path.isdir(root):
            return []
        return [name for name in os.listdir(root) if len(name) == 32]

    def local(self, run_id):
        return LocalRun(os.path.join(self.folder, "runs", run_id))

    def push(self, run_id, uri):
        return self.run("runs", "push", run_id, "--uri", uri)


def unharmed(name, done, plain, seconds):
    check("%s: the training is the same" % name,
          done.returncode == 0 and done.model == plain.model,
          done.stderr[-500:])
    check("%s: it waited %.1f s at most" % (name, TIMEOUT),
          done.seconds < seconds + TIMEOUT + PATIENCE,
          "%.1f s" % done.seconds)


def arrives(name, place, server, run_id):
    """A push completes it, another changes nothing."""
    done = place.push(run_id, server.uri)
    check("%s: runs push sends it" % name, done.returncode == 0, done.stderr)
    found = differences(server.client(), place.local(run_id))
    check("%s: everything is there once" % name, found == [], found)


def test_absent(place, server, plain):
    done = place.train("http://127.0.0.1:%d" % free_port())
    unharmed("absent", done, plain, plain.seconds)
    lines = [one for one in done.stderr.splitlines() if "runs push" in one]
    check("absent: one line says where the run is",
          len(lines) == 1 and done.run in lines[0], done.stderr)
    arrives("absent", place, server, done.run)


def test_slow(place, server, plain):
    with SlowProxy(server.port, 2.0) as proxy:
        done = place.train(proxy.endpoint)
    unharmed("2 s an answer", done, plain, plain.seconds)
    arrives("2 s an answer", place, server, done.run)


def test_broken(place, server, plain):
    with BrokenProxy(server.port, 1.0) as proxy:
        done = place.train(proxy.endpoint)
    unharmed("500 and 429 always", done, plain, plain.seconds)
    with BrokenProxy(server.port, 0.3, seed=5) as proxy:
        again = place.push(done.run, proxy.endpoint)
        check("500 and 429 for a share: runs push goes on",
              again.returncode == 0 and sum(proxy.spoiled.values()) > 0,
              (again.stderr, proxy.spoiled))
    arrives("500 and 429", place, server, done.run)


def test_deaths(place, server, plain):
    """At a random request, then at another one in the push that follows."""
    chance = random.Random(20)
    runs = []
    for i in range(DEATHS):
        fate = chance.choice(("drop", "cut", "truncate"))
        with MortalProxy(server.port, chance.randint(1, 24), fate) as proxy:
            done = place.train(proxy.endpoint, "--register", "mortal",
                               "--alias", "champion")
        same = done.returncode == 0 and done.model == plain.model
        with MortalProxy(server.port, chance.randint(1, 20), fate,
                         own_port=proxy.port) as proxy:
            place.push(done.run, proxy.endpoint)
        place.push(done.run, server.uri)
        found = differences(server.client(), place.local(done.run))
        runs.append((i, fate, proxy.last, same, found))
    bad = [one for one in runs if not one[3] or one[4]]
    check("%d deaths at random moments: unharmed, and all there once" % DEATHS,
          bad == [], bad)
    versions = server.client().search_model_versions("name='mortal'")
    check("each of them is one version", len(versions) == DEATHS,
          len(versions))


def test_killed(place, server):
    """The sender is killed, between any two steps."""
    chance = random.Random(21)
    bad = []
    for _ in range(DEATHS):
        done = place.train(None, "--register", "killed")
        for _ in range(2):
            sender = subprocess.Popen(
                [CLICKMILL, "runs", "push", done.run, "--uri", server.uri],
                cwd=place.folder, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            try:
                sender.wait(chance.uniform(0.01, 0.6))
            except subprocess.TimeoutExpired:
                sender.send_signal(signal.SIGKILL)
                sender.wait()
        place.push(done.run, server.uri)
        bad += differences(server.client(), place.local(done.run))
    check("%d senders killed: all there once" % (2 * DEATHS), bad == [], bad)


def main():
    with MlflowServer() as server, tempfile.TemporaryDirectory() as folder:
        place = Place(folder)
        plain = place.train()
        for test in (test_absent, test_slow, test_broken, test_deaths):
            test(place, server, plain)
        test_killed(place, server)
    finish()


if __name__ == "__main__":
    main()
