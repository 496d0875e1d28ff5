"""add, push and pull killed with SIGKILL at moments spread at random over their
whole run ($KILLS times in all): no object is ever there that is not what it is
named by, no remote names an object that it lacks, no file of the workspace is
half; the next run succeeds, leaves everything as an undisturbed one does, and
nothing else; and dvc finds it clean."""
import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time

from checks import BUILD, CLICKMILL, check, finish, md5_of
from faulty_proxy import FaultyProxy
from repository import (Program, clone_of, content_of, local_remote,
                        objects_in, read, s3_remote, tree_of, unfounded, write)
from seaweed import Seaweed

KILLS = int(os.environ.get("KILLS", "10"))
FILES = 120
LARGE = (64 << 20) + 1  # is sent in parts
MOST_RUNS = 10  # until all has arrived over a spoiled line
TARGETS = ["data", "one.csv"]


class Tools:
    """What every series uses."""

    def __init__(self, work, server):
        environment = server.environment()
        self.work, self.server = work, server
        self.dvc, self.ours, self.git = (
            Program(name, environment) for name in ("dvc", CLICKMILL, "git"))
        self.rng = random.Random(17)
        self.first = self.make("small")
        self.large = self.make("large", LARGE)

    def make(self, name, large=0):
        folder = os.path.join(self.work, name)
        os.mkdir(folder)
        self.git("init", "-q", cwd=folder)
        self.dvc("init", "-q", cwd=folder)
        for i in range(FILES):
            size = self.rng.choice([0, 1, 64, 5000, 90000, 400000])
            write(folder, "data/part%d/f %03d" % (i % 5, i),
                  self.rng.randbytes(size))
        if large:
            write(folder, "data/large", self.rng.randbytes(large))
        write(folder, "one.csv", b"id,click\n1,0\n")
        self.ours("add", *TARGETS, cwd=folder)
        shutil.rmtree(os.path.join(folder, ".dvc/tmp"))
        return folder


def leftovers(folder):
    """Temporaries of ours."""
    return [os.path.join(root, name)
            for root, folders, files in os.walk(folder)
            for name in folders + files
            if re.fullmatch(r"clickmill\.\d+\.\d+|.*\.tmp", name)]


def objects_of_tree(folder):
    return {key: content for key, (_, content) in tree_of(folder).items()
            if "files/md5/" in key and not key.endswith(".tmp")}


def halves(folder, expected):
    """Files of a workspace that are neither whole nor missing."""
    found = {**content_of(folder, "data")}
    if os.path.exists(os.path.join(folder, "one.csv")):
        found["one.csv"] = read(os.path.join(folder, "one.csv"))
    return [name for name, content in found.items()
            if content != expected.get(name)]


def workspace_of(folder):
    return {**content_of(folder), "one.csv": read(
        os.path.join(folder, "one.csv"))}


# ---- the commands ---------------------------------------------------------------
# Each: reset() to before the command, wrong() what may never be, not_whole()
# what an undisturbed run would have left otherwise, and half(): is it not done?

class Add:
    words = ("add", *TARGETS)
    status = ("status",)

    def __init__(self, tools, name):
        self.folder = clone_of(tools.first, tools.work, name, "",
                               with_cache=True)
        self.cache = os.path.join(self.folder, ".dvc/cache")
        self.named = [name + ".dvc" for name in TARGETS]
        self.expected = tree_of(os.path.join(self.cache, "files"))
        self.texts = self.read_named()
        self.workspace = workspace_of(self.folder)

    def read_named(self):
        return {name: read(os.path.join(self.folder, name))
                for name in self.named
                if os.path.exists(os.path.join(self.folder, name))}

    def reset(self):
        shutil.rmtree(self.cache, ignore_errors=True)
        for name in self.named:
            if os.path.exists(os.path.join(self.folder, name)):
                os.remove(os.path.join(self.folder, name))

    def wrong(self):
        objects = objects_of_tree(self.cache)
        there = {key.split("files/md5/")[1].replace("/", "")
                 for key in objects}
        texts = self.read_named()
        unnamed = [name for name, text in texts.items()
                   if text != self.texts[name] or
                   text.split(b"md5: ")[1].split()[0].decode() not in there]
        return unfounded(objects) + unnamed + halves(self.folder,
                                                     self.workspace)

    def not_whole(self):
        now = tree_of(os.path.join(self.cache, "files"))
        return [key for key in now.keys() | self.expected.keys()
                if now.get(key) != self.expected.get(key)] + \
            [name for name, text in self.texts.items()
             if self.read_named().get(name) != text] + leftovers(self.folder)

    def half(self):
        return self.read_named() != self.texts


class Push:
    words = ("push",)
    status = ("status", "--cloud")

    def __init__(self, tools, name, place):
        self.tools, self.name, self.place, self.round = tools, name, place, 0
        self.folder = clone_of(place.first, tools.work, name, "",
                               with_cache=True)
        self.expected = objects_of_tree(os.path.join(self.folder,
                                                     ".dvc/cache"))

    def reset(self):
        """Another empty remote: emptying one takes longer."""
        self.place.forget(self.prefix())
        self.round += 1
        write(self.folder, ".dvc/config",
              self.place.config(self.prefix()).encode())

    def prefix(self):
        return "%s-%d" % (self.name, self.round)

    def wrong(self):
        self.there = self.place.objects(self.prefix())
        return unfounded(self.there)

    def not_whole(self):
        now = self.place.objects(self.prefix())
        return [key for key in now.keys() | self.expected.keys()
                if now.get(key) != self.expected.get(key)] + \
            leftovers(self.folder) + self.place.leftovers(self.prefix())

    def half(self):
        return len(self.there) < len(self.expected)


class Pull:
    words = ("pull",)
    status = ("status",)

    def __init__(self, tools, name, place):
        self.expected = workspace_of(place.first)
        self.first = place.first
        full = clone_of(place.first, tools.work, name + "-full",
                        place.config(name, straight=True), with_cache=True)
        tools.ours("push", cwd=full)
        self.objects = objects_of_tree(os.path.join(full, ".dvc/cache"))
        self.folder = clone_of(place.first, tools.work, name,
                               place.config(name))
        shutil.rmtree(full)

    def reset(self):
        for name in (".dvc/cache", "data"):
            shutil.rmtree(os.path.join(self.folder, name), ignore_errors=True)
        if os.path.exists(os.path.join(self.folder, "one.csv")):
            os.remove(os.path.join(self.folder, "one.csv"))

    def cached(self):
        return objects_of_tree(os.path.join(self.folder, ".dvc/cache"))

    def wrong(self):
        return [key for key, content in self.cached().items()
                if md5_of(content) != os.path.basename(os.path.dirname(key)) +
                os.path.basename(key)[:30]] + \
            halves(self.folder, self.expected)

    def not_whole(self):
        now = {**self.cached(), **workspace_of(self.folder)}
        expected = {**self.objects, **self.expected}
        return [key for key in now.keys() | expected.keys()
                if now.get(key) != expected.get(key)] + leftovers(self.folder)

    def half(self):
        return content_of(self.folder).keys() | {"one.csv"} != \
            self.expected.keys()


# ---- where to --------------------------------------------------------------------

class Folder:
    name = "a folder"

    def __init__(self, tools):
        self.first, self.at = tools.first, os.path.join(tools.work, "remotes")

    def config(self, prefix, straight=False):
        return local_remote(os.path.join(self.at, prefix))

    def objects(self, prefix):
        return objects_of_tree(os.path.join(self.at, prefix))

    def leftovers(self, prefix):
        return leftovers(os.path.join(self.at, prefix))

    def forget(self, prefix):
        shutil.rmtree(os.path.join(self.at, prefix), ignore_errors=True)


class Bucket:
    name = "S3"

    def __init__(self, tools, first, proxy=None):
        self.server, self.first, self.proxy = tools.server, first, proxy
        if proxy:
            self.name = "S3, a fifth of the requests spoiled"

    def config(self, prefix, straight=False):
        through = self.proxy.endpoint if self.proxy and not straight else None
        return s3_remote(self.server, prefix, through)

    def objects(self, prefix):
        return {key[len(prefix) + 1:]: content for key, content
                in objects_in(self.server, prefix + "/").items()}

    def leftovers(self, prefix):
        uploads = self.server.client().list_multipart_uploads(
            Bucket="data", Prefix=prefix + "/")
        return [one["Key"] for one in uploads.get("Uploads", [])]

    def forget(self, prefix):
        client = self.server.client()
        for key in self.objects_named(client, prefix):
            client.delete_object(Bucket="data", Key=key)

    @staticmethod
    def objects_named(client, prefix):
        for page in client.get_paginator("list_objects_v2").paginate(
                Bucket="data", Prefix=prefix + "/"):
            for one in page.get("Contents", []):
                yield one["Key"]


def tell(line):
    """Also for whom the test ran well."""
    print(line, flush=True)
    with open(os.path.join(BUILD, "kill_versioning.txt"), "a") as out:
        print(line, file=out)


# ---- a series ----------------------------------------------------------------------

def until_done(ours, command, spoiled):
    """How many runs it took; 0: more than are allowed."""
    for i in range(MOST_RUNS if spoiled else 1):
        done = ours.run(*command.words, cwd=command.folder)
        if done.returncode == 0:
            return i + 1
    print(done.stderr[-2000:])
    return 0


def duration_of(ours, command, spoiled):
    """The shorter of two: what kills later than the end kills nothing."""
    took = []
    for _ in range(2):
        command.reset()
        start = time.monotonic()
        until_done(ours, command, spoiled)
        took.append(time.monotonic() - start)
    return min(took)


def kill_after(ours, command, seconds):
    child = ours.start(*command.words, cwd=command.folder)
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
    return child.wait() == -signal.SIGKILL


def series(tools, name, command, kills, spoiled=False):
    """Returns how many kills came in time, and how many left it half done."""
    whole = duration_of(tools.ours, command, spoiled)
    killed = half = 0
    for i in range(kills):
        command.reset()
        at = whole * (i + tools.rng.random()) / kills
        killed += kill_after(tools.ours, command, at)
        wrong = command.wrong()
        half += bool(command.half())
        check("%s: nothing false after a kill at %.3f of %.3f s" %
              (name, at, whole), not wrong, wrong[:3])
        runs = until_done(tools.ours, command, spoiled)
        wrong = command.not_whole()
        check("%s: the next run does the rest" % name, runs and not wrong,
              (runs, wrong[:3]))
    said = tools.dvc(*command.status, cwd=command.folder)
    check("%s: dvc finds it clean" % name,
          said and ("up to date" in said or "in sync" in said), said)
    tell("%s: %d kills, %d in time, %d left it half done" %
         (name, kills, killed, half))
    return killed, half


def all_series(tools, proxy):
    folder, bucket = Folder(tools), Bucket(tools, tools.large)
    spoiled = Bucket(tools, tools.first, proxy)
    yield "add", Add(tools, "add"), False
    for number, place in enumerate((folder, bucket, spoiled)):
        for kind in (Push, Pull):
            name = "%s, %s" % (kind.words[0], place.name)
            at = "%s%d" % (kind.words[0], number)
            yield name, kind(tools, at, place), place is spoiled


def main():
    with tempfile.TemporaryDirectory(prefix="clickmill-kill-") as work, \
            Seaweed() as server:
        server.make_bucket("data")
        tools, sums, n = Tools(work, server), [0, 0], 7
        with FaultyProxy("127.0.0.1", server.port, part=0.2,
                         delay=0.05) as proxy:
            for i, one in enumerate(all_series(tools, proxy)):
                name, command, is_spoiled = one
                kills = KILLS // n + (i < KILLS % n)
                if kills:
                    found = series(tools, name, command, kills, is_spoiled)
                    sums = [a + b for a, b in zip(sums, found)]
            tell("spoiled requests: %s" % json.dumps(proxy.spoiled))
        tell("%d kills, %d in time, %d left it half done" % (KILLS, *sums))
        check("most kills came before the end", sums[0] * 2 > KILLS, sums)
    finish()


main()
