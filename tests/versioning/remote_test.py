"""push, fetch and pull, over a folder and over S3: what one of dvc and clickmill
sent the other gets; nothing is named that is not there."""
import json
import os
import random
import shutil
import signal
import tempfile
import time

from checks import (CLICKMILL, Program, check, finish, md5_of, read, tree_of,
                    write)
from faulty_proxy import FaultyProxy
from seaweed import Seaweed

random.seed(11)
KILLS = int(os.environ.get("VERSIONING_TEST_KILLS", "10"))
FILES = 300
NAMES = ["клик.csv", "with space", "日本語", "a+b%20c", "deep/er/é", "empty",
         "empty too", "twin 1", "twin 2"]
TARGETS = ["data", "one.csv"]
UP_TO_DATE = "Everything is up to date.\n"


def fill(folder):
    for i in range(FILES - len(NAMES)):
        size = random.choice([1, 64, 1000, 5000])
        write(folder, "data/part%d/f%03d" % (i % 5, i), random.randbytes(size))
    for name in NAMES:
        content = {"empty": "", "empty too": "", "twin 1": "twin",
                   "twin 2": "twin"}.get(name, name)
        write(folder, "data/" + name, content.encode())
    write(folder, "one.csv", b"id,click\n1,0\n")


def content_of(folder, name="data"):
    found = {}
    for root, _, files in os.walk(os.path.join(folder, name)):
        for file in files:
            path = os.path.join(root, file)
            found[os.path.relpath(path, folder)] = read(path)
    return found


def unfounded(objects):
    """Objects (key -> content) that are not what they are named by, and those
    that a listing names and nobody has."""
    wrong = []
    for key, content in objects.items():
        name = key.split("files/md5/")[1].replace("/", "")
        if md5_of(content) != name[:32]:
            wrong.append(key)
        if not name.endswith(".dir"):
            continue
        for file in json.loads(content):
            at = "%s/%s" % (file["md5"][:2], file["md5"][2:])
            if not any(k.endswith("files/md5/" + at) for k in objects):
                wrong.append((key, file["relpath"]))
    return wrong


def make_repository(work, dvc, git):
    folder = os.path.join(work, "first")
    os.mkdir(folder)
    git("init", "-q", cwd=folder)
    dvc("init", "-q", cwd=folder)
    fill(folder)
    ours = Program(CLICKMILL, dvc.environment)
    ours("add", *TARGETS, cwd=folder)
    shutil.rmtree(os.path.join(folder, ".dvc/tmp"))
    return folder


def clone_of(first, work, name, config, with_cache=False):
    """What git would clone: without what .gitignore names."""
    folder = os.path.join(work, name)
    left_out = [] if with_cache else ["cache", "data", "one.csv"]
    shutil.copytree(first, folder, ignore=lambda _, names: left_out)
    write(folder, ".dvc/config", config.encode())
    return folder


# ---- both ways ------------------------------------------------------------------

def there_and_back(kind, first, work, configs, dvc, ours):
    """configs: of two remotes that are empty."""
    expected = content_of(first)
    a = clone_of(first, work, kind + "-a", configs[0], with_cache=True)
    n = len({md5_of(c) for c in expected.values()}) + 2
    check("%s: ours pushes each object once" % kind,
          ours("push", cwd=a) == "%d files pushed\n" % n)
    check("%s: then nothing is left, for both" % kind,
          ours("push", cwd=a) == UP_TO_DATE and
          dvc("push", cwd=a) == UP_TO_DATE)
    b = clone_of(first, work, kind + "-b", configs[0])
    said = dvc("pull", cwd=b)
    check("%s: dvc pulls what ours pushed" % kind,
          said and content_of(b) == expected, said)
    c = clone_of(first, work, kind + "-c", configs[1], with_cache=True)
    check("%s: dvc pushes as many" % kind,
          dvc("push", cwd=c) == "%d files pushed\n" % n)
    d = clone_of(first, work, kind + "-d", configs[1])
    said = ours("fetch", cwd=d)
    check("%s: ours fetches what dvc pushed" % kind,
          said == "%d files fetched\n" % n, said)
    said = ours("pull", cwd=d)
    check("%s: pull takes it from the cache" % kind,
          said == "A       data/\nA       one.csv\n" and
          content_of(d) == expected, said)
    check("%s: and then has nothing to do" % kind,
          ours("pull", cwd=d) == UP_TO_DATE)
    check("%s: dvc finds our clone clean" % kind,
          dvc("status", cwd=d) == "Data and pipelines are up to date.\n")
    check("%s: our cache is dvc's" % kind,
          tree_of(os.path.join(d, ".dvc/cache/files")) ==
          tree_of(os.path.join(c, ".dvc/cache/files")))
    return a


def local_remote(path):
    return "[core]\n    remote = here\n['remote \"here\"']\n    url = %s\n" % path


def s3_remote(server, prefix, endpoint=None):
    return ("[core]\n    remote = s3\n['remote \"s3\"']\n"
            "    url = s3://data/%s\n    endpointurl = %s\n"
            % (prefix, endpoint or server.endpoint))


# ---- what is asked for, what is left out -----------------------------------------

def parts(first, work, dvc, ours):
    remote = os.path.join(work, "parts")
    config = local_remote(remote)
    a = clone_of(first, work, "parts-a", config, with_cache=True)
    with open(os.path.join(a, "one.csv.dvc"), "a") as out:
        out.write("  push: false\n")
    check("push: false stays here", ours("push", cwd=a) and
          md5_of(b"id,click\n1,0\n")[2:] not in
          "".join(tree_of(remote)))
    b = clone_of(first, work, "parts-b", config)
    said = ours("pull", "data/part1", "--json", cwd=b)
    check("pull of a part gets the part", said and
          set(content_of(b)) == {n for n in content_of(first)
                                 if n.startswith("data/part1/")} and
          json.loads(said)["fetched"] < FILES / 2, said)
    write(a, "dvc.yaml", b"stages:\n  copy:\n    cmd: cp one.csv two.csv\n"
          b"    deps: [one.csv]\n    outs: [two.csv]\n  count:\n"
          b"    cmd: wc -c < two.csv > n.json\n    deps: [two.csv]\n"
          b"    metrics: [n.json: {cache: false}]\n")
    dvc("repro", "-q", cwd=a)
    check("outs of stages go as well",
          ours("push", "copy", cwd=a) == "1 file pushed\n" and
          dvc("push", "copy", cwd=a) == UP_TO_DATE)
    os.remove(os.path.join(a, "two.csv"))
    shutil.rmtree(os.path.join(a, ".dvc/cache"))
    check("and come back", ours("pull", "two.csv", cwd=a) ==
          "A       two.csv\n1 file fetched\n" and
          read(os.path.join(a, "two.csv")) == b"id,click\n1,0\n")


def other_remotes(first, work, ours):
    """An out that names its remote goes there, and not to another."""
    here, there = (os.path.join(work, name) for name in ("here", "there"))
    config = local_remote(here) + \
        "['remote \"there\"']\n    url = %s\n" % there
    a = clone_of(first, work, "remotes", config, with_cache=True)
    with open(os.path.join(a, "one.csv.dvc"), "a") as out:
        out.write("  remote: there\n")
    ours("push", "--jobs", "2", cwd=a)
    one = md5_of(b"id,click\n1,0\n")
    check("an out goes to the remote it names", list(tree_of(there)) ==
          ["files/md5/%s/%s" % (one[:2], one[2:])])
    ours("push", "--remote", "there", "data", cwd=a)
    check("--remote names another", len(tree_of(there)) ==
          len(tree_of(here)) + 1 and not unfounded(
              {k: c for k, (_, c) in tree_of(there).items()}))
    said = ours.run("push", "--remote", "ther", cwd=a)
    check("no such remote: exit 2, and the name that is meant",
          said.returncode == 2 and "'there'" in said.stderr, said.stderr)


# ---- what is missing --------------------------------------------------------------

def missing(first, work, ours):
    remote = os.path.join(work, "missing")
    a = clone_of(first, work, "missing-a", local_remote(remote),
                 with_cache=True)
    lost = md5_of("клик.csv".encode())
    key = "files/md5/%s/%s" % (lost[:2], lost[2:])
    kept = os.path.join(a, ".dvc/cache", key)
    os.rename(kept, kept + ".away")
    done = ours.run("push", cwd=a)
    there = tree_of(remote)
    check("push without a file: named, exit 1, its listing is not pushed",
          done.returncode == 1 and "data/клик.csv" in done.stderr and
          lost in done.stderr and len(there) > 200 and
          not any(k.endswith(".dir") for k in there), done.stderr)
    os.rename(kept + ".away", kept)
    check("the next push goes on", ours("push", cwd=a) == "2 files pushed\n")
    os.chmod(kept, 0o644)
    write(a, ".dvc/cache/" + key, b"spoiled")
    os.remove(os.path.join(remote, key))
    done = ours.run("push", cwd=a)
    check("a spoiled object of the cache is never pushed",
          done.returncode == 1 and key not in tree_of(remote) and
          "data/клик.csv" in done.stderr, done.stderr)
    b = clone_of(first, work, "missing-b", local_remote(remote))
    done = ours.run("pull", cwd=b)
    check("fetch without an object: file and object named, exit 1",
          done.returncode == 1 and "data/клик.csv" in done.stderr and
          key in done.stderr and not os.path.exists(
              os.path.join(b, "data")), done.stderr)
    write(remote, key, b"damaged")
    done = ours.run("fetch", cwd=b)
    check("a damaged object never comes into the cache",
          done.returncode == 1 and not os.path.exists(
              os.path.join(b, ".dvc/cache", key)), done.stderr)
    write(remote, key, "клик.csv".encode())
    check("the next fetch gets the rest",
          ours("fetch", cwd=b) == "1 file fetched\n")


# ---- over a bad line -----------------------------------------------------------------

def objects_in(server, prefix):
    client, found = server.client(), {}
    for page in client.get_paginator("list_objects_v2").paginate(
            Bucket="data", Prefix=prefix):
        for one in page.get("Contents", []):
            found[one["Key"]] = client.get_object(
                Bucket="data", Key=one["Key"])["Body"].read()
    return found


def over_faults(first, work, server, ours):
    with FaultyProxy("127.0.0.1", server.port, part=0.2, delay=0.05) as proxy:
        config = s3_remote(server, "faults", proxy.endpoint)
        a = clone_of(first, work, "faults-a", config, with_cache=True)
        codes = [ours.run("push", cwd=a).returncode]
        while codes[-1] != 0 and len(codes) < 10:
            codes.append(ours.run("push", cwd=a).returncode)
        objects = objects_in(server, "faults/")
        check("a fifth of the requests spoiled: all arrives",
              codes[-1] == 0 and not unfounded(objects) and
              len(objects) > 200 and sum(proxy.spoiled.values()) > 40,
              (codes, proxy.spoiled))
        b = clone_of(first, work, "faults-b", config)
        codes = [ours.run("pull", cwd=b).returncode]
        while codes[-1] != 0 and len(codes) < 10:
            codes.append(ours.run("pull", cwd=b).returncode)
        check("and comes back", codes[-1] == 0 and
              content_of(b) == content_of(first), codes)


def kills(first, work, ours):
    """kill -9 at any time of a push, and of a fetch."""
    remote = os.path.join(work, "killed")
    config = local_remote(remote)
    a = clone_of(first, work, "killed-a", config, with_cache=True)
    b = clone_of(first, work, "killed-b", config)
    cache = os.path.join(b, ".dvc/cache")
    start = time.monotonic()
    ours("push", cwd=a)
    whole, early = time.monotonic() - start, 0
    expected = tree_of(remote)
    for i in range(KILLS):
        fetching = i % 2 == 1
        shutil.rmtree(cache if fetching else remote, ignore_errors=True)
        child = ours.start("fetch" if fetching else "push",
                           cwd=b if fetching else a)
        time.sleep(whole * (i + 0.5) / KILLS)
        child.send_signal(signal.SIGKILL)
        child.wait()
        place = cache if fetching else remote
        half = {k: c for k, (_, c) in tree_of(place).items()
                if "files/md5/" in k and not k.endswith(".tmp")}
        early += len(half) < len(expected)
        wrong = [k for k in half if half[k] != expected[k][1]] \
            if fetching else unfounded(half)
        check("kill %d: nothing false, nothing named that is not there" % i,
              not wrong, wrong[:3])
        if fetching:
            ours("fetch", cwd=b)
            now = {k: v for k, v in tree_of(cache).items()
                   if k.startswith("files/") and not k.endswith(".tmp")}
        else:
            ours("push", cwd=a)
            now = {k: v for k, v in tree_of(remote).items()
                   if not k.endswith(".tmp")}
        check("kill %d: the next run is whole" % i, now == expected,
              [k for k in expected if now.get(k) != expected[k]][:3])
    check("some kills came before the end", early > 0)


def over_folder(first, work, dvc, ours):
    remotes = [os.path.join(work, "remote", name) for name in "ab"]
    there_and_back("folder", first, work, [local_remote(r) for r in remotes],
                   dvc, ours)
    a, b = (tree_of(r) for r in remotes)
    check("the remote is the one that dvc makes, byte by byte",
          a == b and len(a) > 200, sorted(a.keys() ^ b.keys())[:5])


def over_s3(first, work, server, dvc, ours):
    server.make_bucket("data")
    there_and_back("S3", first, work,
                   [s3_remote(server, p) for p in ("a", "b")], dvc, ours)
    a, b = ({k[2:]: c for k, c in objects_in(server, p).items()}
            for p in ("a/", "b/"))
    check("the bucket is the one that dvc makes, byte by byte",
          a == b and len(a) > 200, sorted(a.keys() ^ b.keys())[:5])
    over_faults(first, work, server, ours)


def main():
    with tempfile.TemporaryDirectory(prefix="clickmill-remote-") as work, \
            Seaweed() as server:
        environment = server.environment()
        dvc, ours, git = (Program(name, environment)
                          for name in ("dvc", CLICKMILL, "git"))
        first = make_repository(work, dvc, git)
        over_folder(first, work, dvc, ours)
        parts(first, work, dvc, ours)
        other_remotes(first, work, ours)
        missing(first, work, ours)
        kills(first, work, ours)
        over_s3(first, work, server, dvc, ours)
    finish()


main()
