"""Repositories and remotes as tests make them and look at them.

    from repository import Program, clone_of, unfounded, ...
"""
import json
import os
import shutil
import stat
import subprocess

from checks import md5_of


class Program:
    """A command in a folder, with an environment."""

    def __init__(self, name, environment):
        self.name, self.environment = name, environment

    def __call__(self, *words, cwd, code=0):
        """Standard output; None when the exit code is another (None: any)."""
        done = self.run(*words, cwd=cwd)
        if code is not None and done.returncode != code:
            print("%s %s: exit %d, %s" % (self.name, " ".join(words),
                                          done.returncode, done.stderr))
            return None
        return done.stdout

    def run(self, *words, cwd):
        return subprocess.run([self.name, *words], cwd=cwd, text=True,
                              env=self.environment, capture_output=True)

    def start(self, *words, cwd):
        return subprocess.Popen([self.name, *words], cwd=cwd,
                                env=self.environment,
                                stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)


def write(folder, name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)
    return path


def read(path):
    with open(path, "rb") as file:
        return file.read()


def content_of(folder, name="data"):
    found = {}
    for root, _, files in os.walk(os.path.join(folder, name)):
        for file in files:
            path = os.path.join(root, file)
            found[os.path.relpath(path, folder)] = read(path)
    return found


def clone_of(first, work, name, config, with_cache=False):
    """What git would clone: without what .gitignore names."""
    folder = os.path.join(work, name)
    left_out = [] if with_cache else ["cache", "data", "one.csv"]
    shutil.copytree(first, folder, ignore=lambda _, names: left_out)
    write(folder, ".dvc/config", config.encode())
    return folder


# ---- remotes ------------------------------------------------------------------

def local_remote(path):
    return "[core]\n    remote = here\n['remote \"here\"']\n    url = %s\n" % path


def s3_remote(server, prefix, endpoint=None):
    return ("[core]\n    remote = s3\n['remote \"s3\"']\n"
            "    url = s3://data/%s\n    endpointurl = %s\n"
            % (prefix, endpoint or server.endpoint))


def tree_of(remote):
    """path -> (mode, content) of a remote that is a folder."""
    found = {}
    for root, _, files in os.walk(remote):
        for name in files:
            path = os.path.join(root, name)
            found[os.path.relpath(path, remote)] = (
                stat.S_IMODE(os.stat(path).st_mode), read(path))
    return found


def objects_in(server, prefix):
    """key -> content of what a bucket has."""
    client, found = server.client(), {}
    for page in client.get_paginator("list_objects_v2").paginate(
            Bucket="data", Prefix=prefix):
        for one in page.get("Contents", []):
            found[one["Key"]] = client.get_object(
                Bucket="data", Key=one["Key"])["Body"].read()
    return found


def unfounded(objects):
    """Objects (key -> content) that are not what they are named by, and those
    that a listing names and nobody has."""
    wrong = []
    there = {key.split("files/md5/")[1].replace("/", "") for key in objects}
    for key, content in objects.items():
        name = key.split("files/md5/")[1].replace("/", "")
        if md5_of(content) != name[:32]:
            wrong.append(key)
        elif name.endswith(".dir"):
            wrong += [(key, file["relpath"]) for file in json.loads(content)
                      if file["md5"] not in there]
    return wrong
