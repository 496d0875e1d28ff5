"""Repositories that bench/versioning.py measures in: one a program, with the
same files; and the S3 server that they push to.

What a round leaves is put aside and emptied at once, before it goes to the
disk, and not removed: for minutes ext4 searches longer for a new inode when
many were freed.  Else a round would pay for the one before.
"""
import os
import shutil
import subprocess
import sys
import time

from common import ROOT, WORK, Run, warm

VENV = os.path.join(ROOT, "build", "venv-dvc")
DVC = os.path.join(VENV, "bin", "dvc")
SITE = os.path.join(WORK, "site-cache")  # where dvc remembers hashes
ASIDE = os.path.join(WORK, "aside")


def environment():
    return {**os.environ, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": SITE,
            "DVC_GLOBAL_CONFIG_DIR": os.path.join(WORK, "no-config"),
            "DVC_SYSTEM_CONFIG_DIR": os.path.join(WORK, "no-config")}


def need_dvc():
    if os.path.exists(DVC):
        return
    made = subprocess.run(["tools/make-venv.sh", "build/venv-dvc",
                           "tests/versioning/requirements.txt"], cwd=ROOT,
                          text=True, capture_output=True)
    if made.returncode != 0:
        sys.exit("no dvc to compare with: " + made.stdout + made.stderr)


def files_below(folder):
    return [os.path.join(root, name) for root, _, names in os.walk(folder)
            for name in names]


def put_aside(path):
    """Of a file with another name only this one goes."""
    if not os.path.lexists(path):
        return
    os.makedirs(ASIDE, exist_ok=True)
    aside = os.path.join(ASIDE, str(len(os.listdir(ASIDE))))
    os.rename(path, aside)
    for file in files_below(aside):
        if os.stat(file).st_nlink > 1:
            os.remove(file)
        else:
            os.truncate(file, 0)


class Repository:
    """One program's, with n files of random bytes in data/."""

    def __init__(self, name, program):
        self.folder = os.path.join(WORK, name)
        self.program = program
        self.more = {}  # of the environment
        os.makedirs(self.folder)
        for command in (["git", "init", "-q"], [DVC, "init", "-q"]):
            subprocess.run(command, cwd=self.folder, check=True,
                           env=environment())

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def fill(self, n, size):
        """Files of an hour ago: what is younger than 2 s is not remembered."""
        then = time.time() - 3600
        for i in range(n):
            os.makedirs(self.path("data", str(i % 10)), exist_ok=True)
            path = self.path("data", str(i % 10), f"{i}.bin")
            with open(path, "wb") as out:
                out.write(os.urandom(size))
            os.utime(path, (then, then))

    def copy(self, other):
        shutil.copytree(other.path("data"), self.path("data"))

    def configure(self, text):
        with open(self.path(".dvc", "config"), "w") as out:
            out.write(text)

    def forget(self, *names):
        """What is remembered, and those files and folders."""
        for path in (self.path(".dvc", "tmp"), SITE,
                     *(self.path(name) for name in names)):
            put_aside(path)
        for file in files_below(self.path("data")):
            warm(file)

    def run(self, *words):
        return Run([self.program, *words, "--quiet"], cwd=self.folder,
                   env={**environment(), **self.more}).seconds


class Server:
    """SeaweedFS on this machine, by tests/versioning/seaweed.py."""

    def __init__(self, bucket):
        self.bucket = bucket
        self.child = subprocess.Popen(
            [os.path.join(VENV, "bin", "python"),
             os.path.join(ROOT, "tests", "versioning", "seaweed.py"),
             os.path.join(WORK, "seaweed"), bucket],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lines = [self.child.stdout.readline().strip() for _ in range(3)]
        if not lines[-1]:
            sys.exit("no S3 server: SeaweedFS did not start")
        self.said = dict(line.split("=", 1) for line in lines)

    def remote(self, prefix):
        return (f"[core]\n    remote = r\n['remote \"r\"']\n"
                f"    url = s3://{self.bucket}/{prefix}\n"
                f"    endpointurl = {self.said['AWS_ENDPOINT_URL']}\n")

    def environment(self):
        return {"AWS_ACCESS_KEY_ID": self.said["AWS_ACCESS_KEY_ID"],
                "AWS_SECRET_ACCESS_KEY":
                    self.said["AWS_SECRET_ACCESS_KEY"].strip("'"),
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_EC2_METADATA_DISABLED": "true"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()
