"""The pipeline of this repository: each program runs it, and the other one has
nothing left to do."""
import json
import logging
import os
import shutil
import subprocess
import tempfile

BASE = tempfile.mkdtemp(prefix="reference-")
os.environ.update(DVC_NO_ANALYTICS="1", DVC_SITE_CACHE_DIR=BASE + "/site",
                  HOME=BASE)

from dvc.repo import Repo  # noqa: E402

from checks import CLICKMILL, ROOT, check, finish  # noqa: E402

STAGES = ["make_dataset", "features", "train", "evaluate"]


def make():
    """A copy of what git has of the repository, with this program."""
    folder = BASE + "/repo"
    for name in ("build", "configs", "data/raw", "data/interim",
                 "data/processed", "models", "reports", ".dvc"):
        os.makedirs(f"{folder}/{name}")
    for name in ("dvc.yaml", ".dvcignore", ".gitignore", ".dvc/config",
                 ".dvc/.gitignore", "configs/train_config.yaml"):
        shutil.copy(f"{ROOT}/{name}", f"{folder}/{name}")
    os.symlink(CLICKMILL, f"{folder}/build/clickmill")
    os.chdir(folder)
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run([CLICKMILL, "generate", "--rows", "5000", "--output",
                    "data/raw/sampled_train_50k.csv", "--quiet"], check=True)


def run_ours():
    done = subprocess.run([CLICKMILL, "repro", "--json", "--quiet"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr
    return [s["stage"] for s in json.loads(done.stdout)["stages"]
            if s["action"] != "unchanged"]


def run_dvc():
    with Repo(".") as repo:
        return [stage.addressing for stage in repo.reproduce()]


def drawn_by_dvc():
    """Plots that dvc shows, and what it finds wrong with any of them."""
    done = subprocess.run(["dvc", "plots", "show", "--json"],
                          capture_output=True, text=True)
    shown = json.loads(done.stdout)
    points = {name: plots[0]["content"]["data"]["values"]
              for name, plots in shown["data"].items()}
    return points, shown.get("errors")


def forget():
    os.remove("dvc.lock")
    shutil.rmtree(".dvc/cache")


def main():
    logging.disable(logging.CRITICAL)
    make()
    found = run_ours()
    check("ours runs all", sorted(found) == sorted(STAGES), found)
    check("dvc has nothing to do", run_dvc() == [])
    check("metrics", os.path.exists("reports/evaluation.json"))
    done = subprocess.run([CLICKMILL, "predict", "--input",
                           "data/raw/sampled_train_50k.csv", "--model",
                           "models/bundle", "--output", "p.csv", "--quiet"])
    check("the bundle predicts", done.returncode == 0)
    points, errors = drawn_by_dvc()
    check("dvc draws the curves", not errors and all(points.values()) and
          {"reports/plots/roc.json",
           "reports/plots/learning_curve.json"} <= set(points), errors)
    forget()
    check("dvc runs all", sorted(run_dvc()) == sorted(STAGES))
    check("ours has nothing to do", run_ours() == [])
    config = open("configs/train_config.yaml").read()
    with open("configs/train_config.yaml", "w") as file:
        file.write(config.replace("depth: 5", "depth: 4"))
    check("a parameter of the trainer", run_ours() == ["train", "evaluate"])
    os.chdir("/")
    shutil.rmtree(BASE)
    finish()


main()
