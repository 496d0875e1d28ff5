"""import-url and update beside dvc's: the same .dvc files and .gitignore, byte
for byte, the same content, from S3, from a remote and from the disk."""
import json
import os
import tempfile

from checks import check, finish
from faulty_proxy import FaultyProxy
from programs import dvc, ours, run, write
from seaweed import Seaweed

OBJECTS = {"one.csv": b"one", "empty.csv": b"", "dir/a": b"a",
           "dir/sub/b": b"bb", "dir/empty": b"", "dir/\u0444\u0430\u0439\u043b +%": b"odd",
           "dir/sub/c~": b"c", "sp ace/x y": b"z"}


def tree(folder):
    """path -> content of all but what is in .git and DVC's own."""
    found = {}
    for root, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if f not in (".git", "tmp")]
        for name in files:
            path = os.path.join(root, name)
            with open(path, "rb") as content:
                found[os.path.relpath(path, folder)] = content.read()
    return found


def make(folder, server):
    os.makedirs(os.path.join(folder, "sub", "deeper"))
    run("git", "init", "-q", cwd=folder)
    ours("init", cwd=folder)
    ours("remote", "add", "vk", "s3://src/dir", cwd=folder)
    ours("remote", "modify", "vk", "endpointurl", server.endpoint, cwd=folder)
    write(folder, "inside/f", b"inside")
    return folder


class Lying(FaultyProxy):
    """Lists a key that leads out of its folder."""

    XML = (b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents>"
           b"<Key>bad/../../x</Key><Size>1</Size><ETag>&quot;e&quot;</ETag>"
           b"</Contents></ListBucketResult>")

    def _one(self, client, upstream, ours, theirs):
        head = ours.head()
        if b"prefix=bad%2F" not in head:
            ours.rest = head + ours.rest
            return super()._one(client, upstream, ours, theirs)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                       % (len(self.XML), self.XML))
        return True


# The words of import-url, and the folder to be in.
IMPORTS = [
    ("s3://src/one.csv", "."), ("s3://src/empty.csv", "."),
    ("s3://src/dir", "."), ("s3://src/dir/ slash", "."),
    ("s3://src/one.csv sub/renamed", "."), ("s3://src/one.csv sub/deeper", "."),
    ("s3://src/dir ../below", "sub/deeper"),
    ("remote://vk/a", "."), ("remote://vk/sub rsub", "."),
    ("{outside}/f", "."), ("{outside}/d", "."), ("../outside/f relf", "."),
    ("inside/f inside2", "."), ("inside inside3", "."),
    ("inside/f sub/inside4", "."),
    ("--no-exec s3://src/one.csv noexec", "."),
    ("--no-download s3://src/one.csv nodown", "."),
    ("--no-download s3://src/dir nodowndir", "."),
    ("s3://src/nothing", "."), ("s3://src/one.csv", "."),
    ("s3://src/one.csv dir/in", "."),
    ("--force s3://src/dir/a one.csv", "."), ("{outside}/nothing", ".")]


def is_dep_listing(path, mine):
    """dvc also caches the listing of a dep, which nothing ever asks for."""
    return path.startswith(".dvc/cache/files/md5/") and \
        path.endswith(".dir") and path not in mine


def compare(theirs, mine, name):
    a, b = tree(theirs), tree(mine)
    wrong = [path for path in sorted(a.keys() | b.keys())
             if a.get(path) != b.get(path) and not is_dep_listing(path, b)]
    return check(name, not wrong and len(b) > 5,
                 [(p, a.get(p), b.get(p)) for p in wrong][:4])


def check_imports(theirs, mine, outside):
    for words, where in IMPORTS:
        given = words.format(outside=outside).split(" ")
        code = dvc("-q", "import-url", *given, cwd=os.path.join(theirs, where))
        done = ours("import-url", *given, cwd=os.path.join(mine, where),
                    code=None)
        check("import-url %s: both do, or neither" % words,
              (done.returncode == 0) == (code == 0), (code, done))
    given = ["s3://src/sp ace/x y", "x y"]
    dvc("-q", "import-url", *given, cwd=theirs)
    ours("import-url", *given, cwd=mine)
    compare(theirs, mine, "all files of imports are the same, byte for byte")


def statuses(theirs, mine, label):
    """Either program says of either repository the same."""
    told = [json.loads(run("dvc", "status", "--json", cwd=f).stdout)
            for f in (theirs, mine)]
    said = [json.loads(ours("status", "--json", cwd=f).stdout)
            for f in (theirs, mine)]
    check("status %s" % label, told[0] == told[1] == said[0] == said[1],
          (told, said))
    return told[0]


def check_update(theirs, mine, client):
    first = statuses(theirs, mine, "after imports")
    check("only what was not downloaded is not there", sorted(first) == [
        "nodown.dvc", "nodowndir.dvc", "noexec.dvc"], first)
    done = ours("update", "sub/renamed.dvc", "dir.dvc", cwd=mine)
    check("nothing to update", done.stdout == "Everything is up to date.\n",
          done)
    for key, data in (("one.csv", b"one changed"), ("dir/a", b"a changed"),
                      ("dir/new/deep", b"new")):
        client.put_object(Bucket="src", Key=key, Body=data)
    client.delete_object(Bucket="src", Key="dir/sub/b")
    files = ["sub/renamed.dvc", "dir.dvc", "nodown.dvc", "noexec.dvc", "a.dvc",
             "nodowndir.dvc"]
    for folder in (theirs, mine):
        # What is not frozen shows that its source has changed.
        with open(os.path.join(folder, "a.dvc")) as text:
            thawed = text.read().replace("frozen: true\n", "")
        write(folder, "a.dvc", thawed)
    told = statuses(theirs, mine, "of a source that changed")
    check("a source that changed is told", told.get("a.dvc") ==
          [{"changed deps": {"remote://vk/a": "modified"}}], told)
    for name in files:
        dvc("-q", "update", name, cwd=theirs)
        ours("update", name, cwd=mine)
    compare(theirs, mine, "updated files are the same, byte for byte")
    check("status is clean after updates", statuses(
        theirs, mine, "after updates") == {})


def check_safety(mine, server, client):
    write(mine, "sub/renamed", b"written by hand")
    client.put_object(Bucket="src", Key="one.csv", Body=b"changed again")
    done = ours("update", "sub/renamed.dvc", cwd=mine, code=1)
    with open(os.path.join(mine, "sub/renamed")) as text:
        check("update loses nothing", done.returncode == 1 and
              text.read() == "written by hand" and "--force" in done.stderr,
              done)
    ours("update", "-f", "sub/renamed.dvc", cwd=mine)
    with open(os.path.join(mine, "sub/renamed")) as text:
        check("unless forced", text.read() == "changed again")
    for words, code, text in (
            (["import-url", "gs://a/b"], 1, "dvc import-url"),
            (["import-url", "s3://src"], 2, "s3://bucket/key"),
            (["import-url", "s3://src/one.csv", "../x"], 2, "outside"),
            (["import-url", "remote://none/x"], 2, "none"),
            (["import-url", "s3://nosuchbucket/x"], 1, "nosuchbucket"),
            (["update", "inside"], 2, "inside")):
        done = ours(*words, cwd=mine, code=code)
        check("%s is refused" % " ".join(words), done.returncode == code and
              text in done.stderr, done)
    before = tree(mine)
    with Lying("127.0.0.1", server.port, part=0) as proxy:
        done = ours("import-url", "s3://src/bad", cwd=mine, code=1,
                    env={"AWS_ENDPOINT_URL": proxy.endpoint})
    check("a key that leads elsewhere is refused", done.returncode == 1 and
          tree(mine) == before and "cannot be a path" in done.stderr, done)
    with FaultyProxy("127.0.0.1", server.port, part=0.2, seed=3,
                     how=("drop", "cut", "truncate", "busy")) as proxy:
        done = ours("import-url", "s3://src/dir", "through", cwd=mine,
                    env={"AWS_ENDPOINT_URL": proxy.endpoint})
    check("faults of the network change nothing", done.returncode == 0 and
          {p: c for p, c in tree(mine + "/through").items()} ==
          {p: c for p, c in tree(mine + "/dir").items()}, done)


def main():
    with tempfile.TemporaryDirectory() as parent, Seaweed() as server:
        server.make_bucket("src")
        client = server.client()
        for key, data in OBJECTS.items():
            client.put_object(Bucket="src", Key=key, Body=data)
        os.environ.update(server.environment(AWS_ENDPOINT_URL=server.endpoint))
        outside = os.path.join(parent, "outside")
        write(outside, "f", b"f")
        write(outside, "d/e/g", b"g")
        write(outside, "d/h", b"h")
        theirs = make(os.path.join(parent, "theirs"), server)
        mine = make(os.path.join(parent, "mine"), server)
        check_imports(theirs, mine, outside)
        check_update(theirs, mine, client)
        check_safety(mine, server, client)
    finish()


if __name__ == "__main__":
    main()
