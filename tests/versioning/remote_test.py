"""push, fetch and pull, over a folder and over S3: what one of dvc and clickmill
sent the other gets; nothing is named that is not there."""
import json
import os
import random
import shutil
import tempfile

from checks import CLICKMILL, check, finish, md5_of
from faulty_proxy import FaultyProxy
from repository import (Program, clone_of, content_of, local_remote,
                        objects_in, read, s3_remote, tree_of, unfounded, write)
from seaweed import Seaweed

random.seed(11)
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
        over_s3(first, work, server, dvc, ours)
    finish()


main()
