"""status --cloud beside dvc status --cloud, over a folder and over S3: both say
the same of every object, whoever lacks it."""
import json
import os
import tempfile

from dvc.repo import Repo

from checks import check, finish
from programs import ours, run, write
from seaweed import Seaweed

TEXT = """\
\tdeleted:            data/part/c
\tnew:                x
"""


PIPELINE = """\
stages:
  train:
    cmd: cat x x > model; echo {} > m.json; echo a > near.txt
    deps:
    - x
    outs:
    - model
    - near.txt:
        push: false
    metrics:
    - m.json:
        cache: false
"""


def make(folder, near, other):
    os.makedirs(folder)
    run("git", "init", "-q", cwd=folder)
    ours("init", cwd=folder)
    ours("remote", "add", "--default", "near", near, cwd=folder)
    ours("remote", "add", "other", other, cwd=folder)
    for name in ("a", "b", "part/c", "part/d", "клик"):
        write(folder, "data/" + name, "data " + name)
    write(folder, "x", "x")
    write(folder, "elsewhere", "goes to the other remote")
    write(folder, "dvc.yaml", PIPELINE)
    ours("add", "data", "x", "elsewhere", cwd=folder)
    with open(os.path.join(folder, "elsewhere.dvc"), "a") as out:
        out.write("  remote: other\n")
    ours("repro", cwd=folder)


class Remote:
    """Removes an object of the default remote."""

    def __init__(self, folder=None, client=None, bucket=None, prefix=None):
        self.folder, self.client = folder, client
        self.bucket, self.prefix = bucket, prefix

    def remove(self, key):
        if self.folder:
            os.remove(os.path.join(self.folder, key))
        else:
            self.client.delete_object(Bucket=self.bucket,
                                      Key=self.prefix + "/" + key)


def key_of(folder, file, name):
    """Of the out of a .dvc file, or of a file in its listing."""
    with open(os.path.join(folder, file)) as text:
        md5 = next(line.split("md5: ")[1].strip() for line in text
                   if "- md5: " in line)
    if name:
        with open(os.path.join(folder, ".dvc/cache/files/md5", md5[:2],
                               md5[2:])) as listing:
            md5 = next(entry["md5"] for entry in json.load(listing)
                       if entry["relpath"] == name)
    return "files/md5/%s/%s" % (md5[:2], md5[2:])


def compare(name, folder, words=(), **asked):
    os.chdir(folder)
    expected = Repo(folder).status(cloud=True, **asked)
    done = ours("status", "-c", "--json", *words, cwd=folder)
    found = json.loads(done.stdout or "null")
    check(name, found == expected, (found, expected, done.stderr))
    return found


def check_remote(label, folder, remote):
    def same(name, words=(), **asked):
        return compare("%s: %s" % (label, name), folder, words, **asked)

    cache = os.path.join(folder, ".dvc/cache")
    first = same("nothing is pushed")
    check(label + ": and all is new", len(first) == 8 and
          set(first.values()) == {"new"}, first)
    same("a target", ["x.dvc"], targets=["x.dvc"])
    same("a stage", ["train"], targets=["train"])
    same("a part of a folder", ["data/part"], targets=["data/part"])
    same("another remote", ["-r", "other"], remote="other")
    ours("push", cwd=folder)
    check(label + ": all is pushed", same("all is pushed") == {})
    done = ours("status", "-c", cwd=folder)
    check(label + ": words for that", done.stdout ==
          "Cache and remote 'near' are in sync.\n", done)
    one, part = (key_of(folder, "x.dvc", None),
                 key_of(folder, "data.dvc", "part/c"))
    os.remove(os.path.join(cache, part))
    same("a file of a folder is not in the cache")
    remote.remove(one)
    same("a file is not in the remote")
    done = ours("status", "-c", cwd=folder)
    check(label + ": text", done.stdout == TEXT, done)
    quiet = ours("status", "-c", "-q", cwd=folder, code=1)
    check(label + ": quiet", quiet.returncode == 1 and
          quiet.stdout + quiet.stderr == "", quiet)
    os.remove(os.path.join(cache, one))
    same("a file is nowhere")
    os.remove(os.path.join(cache, key_of(folder, "data.dvc", None)))
    same("a listing is not in the cache")
    inside = os.path.join(folder, "data")
    done = ours("status", "-c", "--json", cwd=inside)
    check(label + ": paths are those of the working folder",
          json.loads(done.stdout) == {"part/c": "deleted", "../x": "missing"},
          done)
    # dvc takes it for granted that a remote with a listing has the files.
    remote.remove(key_of(folder, "data.dvc", "b"))
    done = ours("status", "-c", "--json", "data", cwd=folder)
    check(label + ": a listing does not vouch for its files",
          json.loads(done.stdout).get("data/b") == "new", done)


def main():
    with tempfile.TemporaryDirectory() as parent, Seaweed() as server:
        near = os.path.join(parent, "near")
        folder = os.path.join(parent, "with folder")
        make(folder, near, os.path.join(parent, "other"))
        check_remote("folder", folder, Remote(folder=near))
        server.make_bucket("data")
        os.environ.update(server.environment(AWS_ENDPOINT_URL=server.endpoint))
        folder = os.path.join(parent, "with s3")
        make(folder, "s3://data/near", "s3://data/other")
        check_remote("S3", folder, Remote(client=server.client(),
                                          bucket="data", prefix="near"))
    finish()


if __name__ == "__main__":
    main()
