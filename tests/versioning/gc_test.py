"""gc beside dvc gc: over one repository with branches, tags, pipelines, a run
cache and two remotes both keep the same objects, whatever the options; and what
must not happen does not: nothing goes when a revision cannot be read, a remote
never names an object that it lacks."""
import json
import os
import shutil
import signal
import subprocess
import tempfile

from checks import CLICKMILL, check, finish, md5_of, wait_until
from faulty_proxy import FaultyProxy, header
from programs import dvc, ours, run, write
from repository import tree_of, unfounded
from seaweed import Seaweed

KILLS = int(os.environ.get("VERSIONING_TEST_KILLS", "10"))
DATE = "2026-01-%02dT12:00:00"


class History:
    """A repository that grows; a day between commits."""

    def __init__(self, folder):
        self.folder, self.day = folder, 1
        os.makedirs(folder)
        self.git("init", "-q", "-b", "main", "--template=")
        self.git("config", "user.email", "a@b")
        self.git("config", "user.name", "a")
        ours("init", cwd=folder)
        ours("remote", "add", "--default", "near", "../near", cwd=folder)
        ours("remote", "add", "other", "../other", cwd=folder)

    def git(self, *words):
        when = DATE % self.day
        run("git", *words, cwd=self.folder,
            env={"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when})

    def write(self, name, text):
        write(self.folder, name, text)

    def add(self, *names):
        ours("add", *names, cwd=self.folder)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "day %d" % self.day)
        ours("push", cwd=self.folder)
        self.day += 1


PIPELINE = """\
stages:
  train:
    cmd: cat x > model; echo ${lr} >> model; echo '{"a":${lr}}' > m.json
    deps:
    - x
    params:
    - lr
    outs:
    - model
    metrics:
    - m.json:
        cache: false
"""


def grow(parent):
    h = History(os.path.join(parent, "repo"))
    for name, text in (("a", "1"), ("b", "2"), ("deep/c", "3")):
        h.write("data/" + name, text)
    h.write("x", "x one")
    h.write("old folder/y", "hidden later")
    h.add("data", "x", "old folder/y")
    h.commit()
    h.git("tag", "plain")
    h.git("checkout", "-q", "-b", "feature")
    h.write("only here/файл", "of the branch")
    h.add("only here")
    h.commit()
    h.write("only here/файл", "of the branch, changed")
    h.add("only here")
    h.commit()
    h.git("checkout", "-q", "main")
    ours("checkout", cwd=h.folder)
    shutil.rmtree(os.path.join(h.folder, "only here"), ignore_errors=True)
    h.write("data/a", "1 changed")
    h.write("x", "x two")
    h.add("data", "x")
    h.write(".dvcignore", "/old folder\n")
    h.write("elsewhere", "goes to the other remote")
    h.add("elsewhere")
    with open(os.path.join(h.folder, "elsewhere.dvc"), "a") as out:
        out.write("  remote: other\n")
    h.commit()
    h.git("tag", "-a", "-m", "noted", "noted")
    h.write("dvc.yaml", PIPELINE)
    for lr in (1, 2, 3):
        h.write("params.yaml", "lr: %d\n" % lr)
        ours("repro", cwd=h.folder)
        if lr != 2:  # the model of 2 is in the run cache alone
            h.commit()
    h.write("garbage/g1", "g1")
    h.write("garbage/g2", "g2")
    h.write("x", "x in the workspace alone")
    h.add("garbage", "x")
    ours("push", cwd=h.folder)
    os.remove(os.path.join(h.folder, "garbage.dvc"))
    shutil.rmtree(os.path.join(h.folder, "garbage"))
    other = History(os.path.join(parent, "neighbour"))
    other.write("g", "g1")
    other.add("g")
    other.commit()


def objects(folder):
    found = set()
    for root, _, files in os.walk(os.path.join(folder, "files", "md5")):
        for name in files:
            found.add(os.path.basename(root) + name)
    return found


STORES = {"cache": "repo/.dvc/cache", "near": "near", "other": "other"}


def kept(parent):
    return {name: objects(os.path.join(parent, path))
            for name, path in STORES.items()}


# ---- which objects are kept -------------------------------------------------

CHOICES = [
    "-w", "-a", "-T", "-A", "-a -T", "--rev HEAD", "--rev plain",
    "--rev HEAD -n 2", "--rev feature -n 3", "-a -n 2", "--date 2026-01-04",
    "--date 2026-01-01", "--rev noted --date 2026-01-06", "-w -c", "-a -c",
    "-A -c", "-T -c -r other", "-w --not-in-remote", "-a --not-in-remote",
    "-w -p ../neighbour", "-w -c -p ../neighbour", "-w --dry", "-w -c --dry"]


def link_or_copy(source, target):
    """What is never written to, but only removed, need not be copied."""
    if "/files/md5/" in source or "/.git/objects/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def copies(first, parent):
    """The same repository twice."""
    both = [os.path.join(parent, name) for name in ("theirs", "mine")]
    for path in both:
        shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(first, path, symlinks=True, copy_function=link_or_copy)
    return both


def same_choice(first, parent, options):
    theirs, mine = copies(first, parent)
    before = kept(mine)
    words = options.split()
    dvc("gc", "-q", "-f", *words, cwd=os.path.join(theirs, "repo"))
    done = ours("gc", "-f", *words, cwd=os.path.join(mine, "repo"))
    expected, found = kept(theirs), kept(mine)
    check("gc %s keeps what dvc keeps" % options,
          found == expected and done.returncode == 0,
          {name: [len(found[name]), sorted(found[name] ^ expected[name])]
           for name in STORES})
    return before, found, done


def check_choices(first, parent):
    sizes = set()
    for options in CHOICES:
        before, found, done = same_choice(first, parent, options)
        sizes.add(tuple(len(found[name]) for name in STORES))
        if "--dry" in options:
            check("gc %s lists and leaves" % options,
                  found == before and "would remove" in done.stdout, done)
    check("the choices differ", len(sizes) >= 12, sorted(sizes))


def check_again(first, parent):
    """What is left is whole: status is clean, and there is nothing more."""
    _, mine = copies(first, parent)
    repo = os.path.join(mine, "repo")
    done = ours("gc", "-f", "-w", "--json", cwd=repo)
    told = json.loads(done.stdout)[0]
    check("gc --json counts", told["store"] == "cache" and
          told["removed"] == len(told["unused"]) > 0 and
          told["kept"] == len(objects(repo + "/.dvc/cache")) and
          told["failed"] == [], told)
    again = ours("gc", "-f", "-w", cwd=repo)
    check("nothing is left to remove",
          again.stdout == "cache: no unused objects to remove.\n", again)
    status = run("dvc", "status", cwd=repo)
    check("nothing that is used is missing for dvc",
          status.returncode == 0 and "not in cache" not in status.stdout and
          "deleted" not in status.stdout, status)


# ---- what must not happen ---------------------------------------------------

def check_refusals(first, parent):
    _, mine = copies(first, parent)
    repo, before = os.path.join(mine, "repo"), kept(mine)
    for words, code, text in (
            (["gc"], 2, "say what to keep"),
            (["gc", "-f"], 2, "say what to keep"),
            (["gc", "-w"], 1, "no terminal"),
            (["gc", "-w", "-n", "2"], 2, "--num needs"),
            (["gc", "-w", "-r", "near"], 2, "--remote needs"),
            (["gc", "-w", "-c", "--not-in-remote"], 2, "exclude"),
            (["gc", "-f", "--rev", "nowhere"], 2, "no commit 'nowhere'"),
            (["gc", "-f", "-w", "-c", "-r", "nothing"], 2, "nothing"),
            (["gc", "-f", "--date", "yesterday"], 2, "yyyy-mm-dd")):
        done = ours(*words, cwd=repo, code=code)
        check("%s is refused" % " ".join(words),
              done.returncode == code and text in done.stderr, done)
    check("a refused gc removes nothing", kept(mine) == before)


def check_broken(first, parent):
    """A commit with a dvc.lock that is none."""
    _, mine = copies(first, parent)
    repo = os.path.join(mine, "repo")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    with open(os.path.join(repo, "dvc.lock")) as lock:
        good = lock.read()
    write(repo, "dvc.lock", "<<<<<<< HEAD\n" + good)
    run(*git, "commit", "-q", "-am", "broken", cwd=repo)
    write(repo, "dvc.lock", good)
    run(*git, "commit", "-q", "-am", "mended", cwd=repo)
    broken = run("git", "rev-parse", "HEAD~1", cwd=repo).stdout.strip()
    before = kept(mine)
    done = ours("gc", "-f", "-A", "-c", cwd=repo, code=1)
    check("a broken revision stops gc", done.returncode == 1 and
          broken in done.stderr and "dvc.lock" in done.stderr and
          kept(mine) == before, done)
    done = ours("gc", "-f", "-A", "--skip-failed", cwd=repo)
    check("--skip-failed goes on", done.returncode == 0 and
          broken in done.stderr and kept(mine) != before, done)


def check_missing_listing(first, parent):
    """A listing is needed to know the files: it comes from the remote, and one
    that is nowhere stops gc."""
    theirs, mine = copies(first, parent)
    gone = sorted(o for o in objects(mine + "/repo/.dvc/cache")
                  if o.endswith(".dir"))
    for parent_of in (theirs, mine):
        for o in gone:
            os.remove("%s/repo/.dvc/cache/files/md5/%s/%s" % (parent_of, o[:2],
                                                              o[2:]))
    dvc("gc", "-q", "-f", "-a", cwd=theirs + "/repo")
    ours("gc", "-f", "-a", cwd=mine + "/repo")
    check("listings come from the remote", kept(theirs) == kept(mine) and
          any(o.endswith(".dir") for o in kept(mine)["cache"]),
          (kept(theirs)["cache"] ^ kept(mine)["cache"], gone))
    theirs, mine = copies(first, parent)
    for parent_of in (theirs, mine):
        for store in ("repo/.dvc/cache", "near"):
            for o in gone:
                os.remove("%s/%s/files/md5/%s/%s" % (parent_of, store, o[:2],
                                                     o[2:]))
    before = kept(mine)
    repo = mine + "/repo"
    # Without --force it asks first, on a terminal.
    done = on_terminal([CLICKMILL, "gc", "-w"], "y\n", repo)
    check("a listing that is nowhere stops gc", done[0] == 1 and
          "neither in the cache" in done[1] and kept(mine) == before, done)
    dvc("gc", "-q", "-f", "-w", cwd=theirs + "/repo")
    ours("gc", "-f", "-w", cwd=repo)
    check("forced, it does what dvc does", kept(theirs) == kept(mine))


def on_terminal(words, text, cwd):
    """Exit code and output of a program whose input is a terminal."""
    up, down = os.openpty()
    process = subprocess.Popen(words, cwd=cwd, stdin=down, text=True,
                               stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT)
    os.write(up, text.encode())
    output = process.communicate()[0]
    os.close(up)
    os.close(down)
    return process.returncode, output


def check_question(first, parent):
    _, mine = copies(first, parent)
    repo, before = mine + "/repo", kept(mine)
    code, text = on_terminal([CLICKMILL, "gc", "-aT"], "n\n", repo)
    check("no is no", code == 1 and "all branches, all tags" in text and
          kept(mine) == before, text)
    code, text = on_terminal([CLICKMILL, "gc", "-w"], "y\n", repo)
    check("yes is yes", code == 0 and kept(mine) != before, text)


# ---- kills ------------------------------------------------------------------

def litter(store):
    """Twenty folders of ten files that nothing names."""
    def put(data, suffix=""):
        name = md5_of(data) + suffix
        write(store, "files/md5/%s/%s" % (name[:2], name[2:]), data)
        return name

    for folder in range(20):
        listing = [{"md5": put(b"litter %d %d" % (folder, i)),
                    "relpath": str(i)} for i in range(10)]
        put(json.dumps(listing).encode(), ".dir")


def check_kills(first, parent):
    """Killed at any moment, gc leaves no listing without its files."""
    _, mine = copies(first, parent)
    near, repo = mine + "/near", mine + "/repo"
    ours("gc", "-f", "-a", "-c", cwd=repo)
    whole, wrong, early = objects(near), [], 0
    for _ in range(KILLS):
        litter(near)
        process = subprocess.Popen([CLICKMILL, "gc", "-f", "-a", "-c"],
                                   cwd=repo, stdout=subprocess.DEVNULL)
        # From the first listing that goes, a random while.
        wait_until(lambda: process.poll() is not None or
                   len(objects(near)) < len(whole) + 220, pause=0)
        process.send_signal(signal.SIGKILL)
        early += process.wait() == -signal.SIGKILL
        wrong += unfounded({key: content for key, (_, content)
                            in tree_of(near).items()})
    check("%d kills: no listing without its files (%d were in time)"
          % (KILLS, early), not wrong and early > 0, wrong[:3])
    ours("gc", "-f", "-a", "-c", cwd=repo)
    check("and the next run removes the rest", objects(near) == whole)


# ---- S3 ---------------------------------------------------------------------

class Refusing(FaultyProxy):
    """Answers requests to remove many objects itself."""

    def __init__(self, port, status, code):
        super().__init__("127.0.0.1", port, part=0)
        body = b"<Error><Code>%s</Code><Message>no</Message></Error>" % code
        self.answer = (b"HTTP/1.1 %s\r\nContent-Type: application/xml\r\n"
                       b"Content-Length: %d\r\n\r\n%s"
                       % (status, len(body), body))

    def _one(self, client, upstream, ours, theirs):
        """Looks at the head before it goes on."""
        head = ours.head()
        if not head.startswith(b"POST ") or b"?delete" not in head[:200]:
            ours.rest = head + ours.rest
            return super()._one(client, upstream, ours, theirs)
        self._fate(head)
        for _ in ours.pieces(int(header(head, b"content-length") or 0)):
            pass
        client.sendall(self.answer)
        return True


class Bucket:
    def __init__(self, server, first):
        self.server, self.client = server, server.client()
        self.name = server.make_bucket("garbage")
        self.first = os.path.join(first, "near", "files", "md5")

    def fill(self, prefix):
        for root, _, files in os.walk(self.first):
            for name in files:
                key = "%s/files/md5/%s/%s" % (prefix, os.path.basename(root),
                                              name)
                with open(os.path.join(root, name), "rb") as content:
                    self.client.put_object(Bucket=self.name, Key=key,
                                           Body=content.read())

    def objects(self, prefix):
        page = self.client.list_objects_v2(Bucket=self.name,
                                           Prefix=prefix + "/files/md5/")
        return {"".join(o["Key"].split("/")[-2:])
                for o in page.get("Contents", [])}


def use(repo, prefix, endpoint):
    ours("remote", "add", "--force", "--default", "near",
         "s3://garbage/" + prefix, cwd=repo)
    ours("remote", "modify", "near", "endpointurl", endpoint, cwd=repo)


def check_s3(first, parent, server):
    theirs, mine = copies(first, parent)
    bucket = Bucket(server, first)
    for prefix, folder in (("theirs", theirs), ("mine", mine)):
        bucket.fill(prefix)
        use(folder + "/repo", prefix, server.endpoint)
    before = bucket.objects("mine")
    dvc("gc", "-q", "-f", "-a", "-c", cwd=theirs + "/repo")
    done = ours("gc", "-f", "-a", "-c", cwd=mine + "/repo")
    left = bucket.objects("mine")
    check("gc keeps in S3 what dvc keeps", left == bucket.objects("theirs") and
          0 < len(left) < len(before) and done.returncode == 0,
          (left ^ bucket.objects("theirs"), done))
    with Refusing(server.port, b"403 Forbidden", b"AccessDenied") as proxy:
        use(mine + "/repo", "mine", proxy.endpoint)
        done = ours("gc", "-f", "-w", "-c", cwd=mine + "/repo", code=1)
    check("when a listing cannot be removed, no file is",
          done.returncode == 1 and bucket.objects("mine") == left and
          ".dir" in done.stderr and "AccessDenied" in done.stderr, done)
    with Refusing(server.port, b"501 No", b"NotImplemented") as proxy:
        use(mine + "/repo", "mine", proxy.endpoint)
        done = ours("gc", "-f", "-w", "-c", cwd=mine + "/repo")
    dvc("gc", "-q", "-f", "-w", "-c", cwd=theirs + "/repo")
    deleted = [line for line in proxy.lines if line.startswith("DELETE ")]
    check("one by one where the server has no other way",
          bucket.objects("mine") == bucket.objects("theirs") and
          len(deleted) == len(left) - len(bucket.objects("mine")) > 0 and
          ".dir" in deleted[0], (done, proxy.lines))
    check("listings go before files", [".dir" in line for line in deleted] ==
          sorted((".dir" in line for line in deleted), reverse=True), deleted)


def main():
    with tempfile.TemporaryDirectory() as parent:
        first = os.path.join(parent, "first")
        os.mkdir(first)
        grow(first)
        check_choices(first, parent)
        check_again(first, parent)
        check_refusals(first, parent)
        check_broken(first, parent)
        check_missing_listing(first, parent)
        check_question(first, parent)
        check_kills(first, parent)
        with Seaweed() as server:
            os.environ.update(server.environment())
            check_s3(first, parent, server)
    finish()


if __name__ == "__main__":
    main()
