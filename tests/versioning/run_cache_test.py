"""push, fetch and pull with --run-cache, over a folder and over S3: a run that
one of dvc and clickmill sent is no run for the other."""
import os
import shutil
import tempfile

from checks import CLICKMILL, check, finish
from repository import Program, read, tree_of, write
from seaweed import Seaweed

PIPELINE = b"""\
stages:
  copy:
    cmd: echo run >> $RUNS && mkdir d && cp in d/in && cp params.yaml d/p && cp in out
    deps: [in]
    params: [lr]
    outs: [d, out]
  count:
    cmd: "echo run >> $RUNS && echo 'n: 1' > m.yaml"
    deps: [out]
    metrics: [m.yaml: {cache: false}]
"""
UP_TO_DATE = "Everything is up to date.\n"


def runs_of(tree):
    return {key: it for key, it in tree.items() if key.startswith("runs/")}


def make(work, name, config, program):
    """A repository in which the stages ran with lr 1 and lr 2."""
    folder = os.path.join(work, name)
    os.mkdir(folder)
    write(folder, "in", b"data\n")
    write(folder, "dvc.yaml", PIPELINE)
    program("init", "--no-scm", cwd=folder)
    write(folder, ".dvc/config", ("[core]\n    no_scm = True\n" + config).encode())
    for lr in (1, 2):
        write(folder, "params.yaml", b"lr: %d\n" % lr)
        program("repro", cwd=folder)
    return folder


def clone(folder, lr, with_lock):
    """What git would have of it, with another parameter."""
    other = folder + "-clone"
    shutil.rmtree(other, ignore_errors=True)
    left_out = ["cache", "tmp", "d", "out", "m.yaml"]
    left_out += [] if with_lock else ["dvc.lock"]
    shutil.copytree(folder, other, ignore=lambda _, names: left_out)
    write(other, "params.yaml", b"lr: %d\n" % lr)
    return other


def ran(runs):
    n = len(read(runs)) if os.path.exists(runs) else 0
    open(runs, "w").close()
    return n // len("run\n")


def pushed_and_pulled(kind, work, config, one, other, runs):
    """What one pushes is honoured by the other; config: of an empty remote."""
    name = "%s: %s to %s" % (kind, one.short, other.short)
    a = make(work, one.short + "-" + kind, config, one)
    ran(runs)
    said = one("push", "--run-cache", cwd=a)
    check(name + ": push", said and said != UP_TO_DATE, said)
    b = clone(a, 2, with_lock=True)
    said = other("pull", "--run-cache", cwd=b)
    entries = runs_of(tree_of(os.path.join(a, ".dvc/cache")))
    check(name + ": pull gets every entry", said and len(entries) == 3 and
          runs_of(tree_of(os.path.join(b, ".dvc/cache"))) == entries, said)
    os.remove(os.path.join(b, "dvc.lock"))
    shutil.rmtree(os.path.join(b, "d"))
    other("repro", "copy", cwd=b)
    check(name + ": repro takes the run, and runs nothing", ran(runs) == 0 and
          read(b + "/d/p") == b"lr: 2\n" and read(b + "/out") == b"data\n")
    return a


def local(work, dvc, ours, runs):
    """The same run-cache in both remotes, and what ours adds."""
    remotes = {}
    for one, other in ((dvc, ours), (ours, dvc)):
        remote = os.path.join(work, "remote-" + one.short)
        config = "    remote = r\n['remote \"r\"']\n    url = %s\n" % remote
        a = pushed_and_pulled("folder", work, config, one, other, runs)
        remotes[one] = tree_of(remote)
    check("folder: the same entries, byte by byte, with the same modes",
          runs_of(remotes[dvc]) == runs_of(remotes[ours]))
    check("folder: nothing is left to push",
          ours("push", "--run-cache", cwd=a) == UP_TO_DATE)
    check("folder: also what earlier runs made is there",
          remotes[dvc].keys() < remotes[ours].keys())
    b = clone(a, 1, with_lock=False)
    dvc("repro", "--pull", cwd=b)
    check("folder: so dvc repro --pull goes back without a run",
          ran(runs) == 0 and read(b + "/d/p") == b"lr: 1\n")
    damage(work, a, remote, ours)
    in_parts(a, remote, ours)
    kept_here(a, remote, ours)


def damage(work, a, remote, ours):
    key, (_, kept) = next(item for item in runs_of(tree_of(remote)).items()
                          if b"lr: 1" in item[1][1])
    for text in (b"cmd: [", kept[:-kept.count(b" ")],
                 kept.replace(b"lr: 1", b"lr: 3")):
        write(remote, key, text)
        b = clone(a, 2, with_lock=False)
        done = ours.run("fetch", "--run-cache", cwd=b)
        check("a damaged entry is told and not kept",
              text != kept and (done.returncode, key in done.stderr) == (1, True)
              and len(runs_of(tree_of(b + "/.dvc/cache"))) == 2, done.stderr)
    write(remote, "runs/ab/tmp", b"of somebody")
    write(remote, key, kept)
    check("the next fetch gets it",
          ours("fetch", "--run-cache", cwd=b) == "1 file fetched\n")


def in_parts(a, remote, ours):
    """An entry of which the cache lost something stays here."""
    shutil.rmtree(remote)
    shutil.rmtree(os.path.join(a, ".dvc/cache/files"))
    write(a, "params.yaml", b"lr: 3\n")
    ours("repro", cwd=a)
    ours("push", "--run-cache", cwd=a)
    n = len(runs_of(tree_of(os.path.join(a, ".dvc/cache"))))
    check("an entry goes only with what it names",
          (len(runs_of(tree_of(remote))), n) == (1, 4),
          list(runs_of(tree_of(remote))))


def kept_here(a, remote, ours):
    """A run with an output that is not to be pushed stays, too."""
    shutil.rmtree(remote)
    write(a, "dvc.yaml", PIPELINE.replace(b"outs: [d, out]",
                                          b"outs: [d, out: {push: false}]"))
    ours("push", "--run-cache", cwd=a)
    kept = tree_of(remote)
    write(a, "dvc.yaml", PIPELINE)
    ours("push", "--run-cache", cwd=a)
    check("push: false is true of runs", kept and not runs_of(kept) and
          len(runs_of(tree_of(remote))) == 1, list(kept))


def over_s3(work, server, dvc, ours, runs):
    server.make_bucket("data")
    for one, other in ((dvc, ours), (ours, dvc)):
        config = ("    remote = s3\n['remote \"s3\"']\n"
                  "    url = s3://data/%s\n    endpointurl = %s\n"
                  % (one.short, server.endpoint))
        a = pushed_and_pulled("S3", work, config, one, other, runs)
    check("S3: nothing is left to push",
          ours("push", "--run-cache", cwd=a) == UP_TO_DATE)


def main():
    with tempfile.TemporaryDirectory(prefix="clickmill-runs-") as work, \
            Seaweed() as server:
        runs = os.path.join(work, "runs")
        environment = server.environment(RUNS=runs)
        dvc, ours = (Program(name, environment) for name in ("dvc", CLICKMILL))
        dvc.short, ours.short = "dvc", "ours"
        local(work, dvc, ours, runs)
        over_s3(work, server, dvc, ours, runs)
    finish()


main()
