"""metrics show, metrics diff, params diff: the values and tables of DVC."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

BASE = tempfile.mkdtemp(prefix="values-")
os.environ.update(DVC_NO_ANALYTICS="1", DVC_SITE_CACHE_DIR=BASE + "/site",
                  HOME=BASE, GIT_AUTHOR_NAME="t", GIT_AUTHOR_EMAIL="t@t",
                  GIT_COMMITTER_NAME="t", GIT_COMMITTER_EMAIL="t@t",
                  COLUMNS="200", NO_COLOR="1")

from dvc.repo import Repo  # noqa: E402

from checks import CLICKMILL, check, finish  # noqa: E402

FILES = {
    "dvc.yaml": """\
vars:
- used.yaml
metrics:
- top.yaml
params:
- sub/more.yaml
stages:
  train:
    cmd: >-
      echo '{"auc": 0.${auc}, "n": 3, "deep": {"a": {"b": 1.23456789}},
      "list": [1], "none": null, "words": "x", "yes": true}' > m.json;
      echo 0.5 > e.json
    params: [lr, train.depth, other.json: [k.v]]
    metrics: [m.json: {cache: false}, e.json]
""",
    "params.yaml": "lr: 0.1\ntrain: {depth: 6, names: [a, b]}\nrest: true\n",
    "other.json": '{"k": {"v": 1, "w": 2}, "z": null}',
    "used.yaml": "auc: 71\nnot_used: 1\n",
    "sub/more.yaml": "x: [1, 2]\ny: 1\n",
    "top.yaml": "a: 1\nb: text\nc: [1]\n",
}

CHANGED = {
    "params.yaml": "lr: 0.25\ntrain: {depth: 7, names: [a, c]}\nnew: null\n",
    "other.json": '{"k": {"v": 1.5, "w": 3}, "z": 1}',
    "used.yaml": "auc: 8\nnot_used: 2\n",
    "sub/more.yaml": "x: [1, 3]\nz: {deep: 1}\n",
    "top.yaml": "a: 2\nb: other\nd: 0.1\n",
}


def write(files):
    for name, text in files.items():
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(name, "w") as file:
            file.write(text)


def commit(message):
    subprocess.run(f"git add -A && git commit -qm {message}", shell=True,
                   check=True)


def ours(*words):
    done = subprocess.run([CLICKMILL, *words, "--quiet"], capture_output=True,
                          text=True)
    return done.stdout if done.returncode == 0 else done.stderr


def ours_json(*words):
    text = ours(*words, "--json")
    try:
        return json.loads(text)
    except ValueError:
        return text


def plain(result):
    """DVC's differences as JSON has them."""
    return json.loads(json.dumps(result.get("diff", {})))


def show(repo, rev):
    result = repo.metrics.show(revs=[rev] if rev else None,
                               hide_workspace=False)
    return json.loads(json.dumps(result[rev or ""]["data"]))


def compare_values(repo, same_commit):
    check("metrics show", ours_json("metrics", "show") == show(repo, None),
          f"\n{ours_json('metrics', 'show')}\n{show(repo, None)}")
    for old, new in ("HEAD", "workspace"), ("first", "HEAD"), ("first", "first"):
        for every in False, True:
            if every and (old, new) == ("first", "HEAD") and same_commit:
                continue  # two names of one commit: DVC shows nothing
            flags = ["--all"] if every else []
            for kind, command in (("metrics", repo.metrics.diff),
                                  ("params", repo.params.diff)):
                theirs = plain(command(a_rev=old, b_rev=new, all=every))
                found = ours_json(kind, "diff", old, new, *flags)
                check(f"{kind} diff {old} {new} {flags}", theirs == found,
                      f"\n dvc  {theirs}\n ours {found}")


def compare_tables():
    dvc = [sys.executable, "-m", "dvc"]
    for words in (["metrics", "show"], ["metrics", "diff", "first"],
                  ["metrics", "diff", "first", "--md"], ["params", "diff"],
                  ["params", "diff", "--no-path", "--md"]):
        theirs = subprocess.run([*dvc, *words], capture_output=True,
                                text=True).stdout
        # DVC's order of files and of what it shows of a set is not fixed.
        found = ours(*words)
        check("table: " + " ".join(words),
              sorted(theirs.split("\n")) == sorted(found.split("\n")) or
              sorted(theirs.strip().split("\n")) ==
              sorted(found.strip().split("\n")),
              f"\n{theirs}\n{found}")


def main():
    os.makedirs(BASE + "/repo")
    os.chdir(BASE + "/repo")
    subprocess.run(["git", "init", "-q"], check=True)
    repo = Repo.init(".")
    write(FILES)
    check("no commits", ours_json("metrics", "diff") == {})
    repo.reproduce()
    commit("first")
    subprocess.run(["git", "tag", "first"], check=True)
    write(CHANGED)
    repo.close()
    with Repo(".") as repo:
        repo.reproduce()
        compare_values(repo, same_commit=True)
    commit("second")
    write({"params.yaml": FILES["params.yaml"]})
    os.remove("e.json")  # the cache still has it
    with Repo(".") as repo:
        compare_values(repo, same_commit=False)
    compare_tables()
    os.chdir("sub")
    check("from a folder", set(ours_json("params", "diff")) == {"../params.yaml"},
          ours_json("params", "diff"))
    check("no such commit", "git has no commit 'none'" in
          ours("metrics", "diff", "none"))
    os.chdir("/")
    shutil.rmtree(BASE)
    finish()


main()
