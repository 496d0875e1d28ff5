"""`clickmill dvc config` beside `dvc config`: the same files, byte for byte, and
the same answers."""
import os
import shutil
import subprocess
import tempfile

BASE = tempfile.mkdtemp(prefix="config-")
os.environ.update(DVC_NO_ANALYTICS="1", HOME=BASE,
                  DVC_SITE_CACHE_DIR=BASE + "/site",
                  DVC_GLOBAL_CONFIG_DIR=BASE + "/now/global",
                  DVC_SYSTEM_CONFIG_DIR=BASE + "/now/system", NO_COLOR="1",
                  COLUMNS="400")

from dvc.cli import main as dvc_main  # noqa: E402

from checks import CLICKMILL, check, finish, printed_by  # noqa: E402
from repository import read, write  # noqa: E402

# What is there, then what is asked of both; one after the other.
START = {
    ".dvc/config": b"# a comment\n[core]\n    remote = R\n    no_scm = True\n"
                   b"['remote \"r\"']\n    url = ../store\n"
                   b"['remote \"s\"']\n    url = s3://b/p\n"
                   b"    secret_access_key = hush hush\n",
    ".dvc/config.local": b"[cache]\n    type = reflink, copy\n"
                         b"['remote \"s\"']\n    jobs = 3\n",
    "global/config": b"[core]\n    autostage = true\n[cache]\n    dir = c\n",
}

STEPS = """
core.autostage
core.remote
core.nope
nope.nope
cache.dir
cache.type
--project cache.type
--local core.remote
remote.s.jobs
remote.S.URL
core.autostage True
core.autostage maybe
core.AutoStage false
--local core.autostage true
--global core.analytics false
--system core.check_update false
core.nope 1
nope.nope 1
core.checksum_jobs 0
core.checksum_jobs four
core.checksum_jobs 4
core.remote S
cache.type reflink,hardlink,copy
cache.type magic
cache.dir cache dir
cache.dir /tmp/x
--global cache.dir ../up
cache.dir ~/c
cache.shared group
cache.shared all
parsing.bool store_true
parsing.bool both
parsing.list append
hydra.enabled true
plots.out_dir x # y
exp.auto_push 1
studio.offline true
feature.machine true
remote.r.jobs 8
remote.r.region x
remote.r.url s3://other/place
remote.s.endpointurl http://127.0.0.1:1
remote.s.acl private
remote.s.nope x
remote.new.jobs 8
remote.new.url other
db.one.url sqlite:///x
db.one.nope 1
core.remote "quoted, text"
--unset core.nope
--unset nope.nope
--unset hydra.enabled
--unset --local cache.type
--unset --local core.remote
--unset core.no_scm
r
remote.a.b.c 1
--unset remote.s.url
""".strip().split("\n")


def words_of(step):
    return ["config"] + [w.strip('"') for w in step.split(
        None, (1 if step.startswith("--unset") else 0) +
        (2 if step.startswith("--") else 1))]


def dvc(words):
    return printed_by(lambda: dvc_main(words))


def ours(words):
    done = subprocess.run([CLICKMILL, "dvc", *words], capture_output=True,
                          text=True)
    return done.returncode, done.stdout, done.stderr


def files():
    found = {}
    for folder in (".dvc", "global", "system"):
        for root, _, names in os.walk(folder):
            for name in names:
                if name.startswith("config"):
                    path = os.path.join(root, name)
                    found[path] = read(path)
    return found


def compare(step, before):
    words, sides = words_of(step), []
    for run in (dvc, ours):
        for path in files():
            os.remove(path)
        for path, text in before.items():
            write(".", path, text)
        said = run(words)
        sides.append((said[0] == 0, said[1] if said[0] == 0 else "", files()))
    check("config " + step, sides[0] == sides[1], sides)
    return sides[0][2]


def lists():
    for level in ([], ["--local"], ["--project"], ["--global"], ["--system"]):
        theirs, own = dvc(["config", "--list", *level]), \
            ours(["config", "--list", *level])
        hidden = theirs[1].replace("hush hush", "***")
        check("config --list %s, without secrets" % " ".join(level),
              (theirs[0], hidden) == own[:2], (theirs, own))


def main():
    os.makedirs(BASE + "/now/.dvc")
    os.chdir(BASE + "/now")
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)
    now = START
    for path, text in now.items():
        write(".", path, text)
    lists()
    for step in STEPS:
        now = compare(step, now)
    lists()
    os.chdir(BASE)
    done = ours(["config", "--global", "core.analytics"])
    check("above the repositories none is needed", done[:2] == (0, "false\n"),
          done)
    done = ours(["config", "core.remote", "x"])
    check("else one is", done[0] == 2 and "clickmill init" in done[2], done)
    os.chdir("/")
    shutil.rmtree(BASE)
    finish()


main()
