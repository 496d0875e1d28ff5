"""dvc.yaml as both programs read it: stages, commands, parameters, outs, and
what is refused.  -v prints the messages of refusals."""
import json
import os
import subprocess
import sys
import tempfile

os.environ["DVC_NO_ANALYTICS"] = "1"

from dvc.dependency import ParamsDependency  # noqa: E402
from dvc.exceptions import DvcException  # noqa: E402
from dvc.repo import Repo  # noqa: E402

from checks import BUILD, check, finish  # noqa: E402

PROBE = os.path.join(BUILD, "tests", "parity", "probe_pipeline")
PARAMS = """
lr: 0.1
tiny: 1e-05
big: 1e16
n: 3
yes: true
no: false
nothing: null
name: 'a b'
models: [us, uk]
flags: [true, false]
mixed: [1, {a: 2}, x]
train:
  lr: 0.5
  quick: true
  slow: false
  names: [a, 'b c', 1, true, null, 0.5]
  deep: {x: {y: 1, z: 'it''s'}}
  empty: {}
grid:
  one: {lr: 1, name: first}
  two: {lr: 2.5, name: second}
"""

GOOD = {
    "plain": """
stages:
  a: {cmd: echo hi, deps: [x, ./y], outs: [o], metrics: [m.json: {cache: false}]}
""",
    "values": """
stages:
  a:
    cmd: run ${lr} ${tiny} ${big} ${n} ${yes} ${no} ${nothing} ${name} \\${name}
    desc: some ${n}
    deps: ['${name}', "d${n}.csv"]
    outs: ['out-${n}']
""",
    "nested and indexes": """
stages:
  a:
    cmd: go ${train.lr} ${ train.lr } ${models[0]} ${models[-1]} ${mixed[1].a} ${train[lr]}
""",
    "flags": """
stages:
  a: {cmd: 'python train.py ${train} end'}
""",
    "command list": """
stages:
  a:
    cmd:
    - echo ${n}
    - echo two
""",
    "text block": """
stages:
  a:
    cmd: |
      echo one
      echo ${n}
""",
    "vars": """
vars:
- other.yaml
- more.json:b,c
- local: {x: 1, y: [2, 3]}
stages:
  a: {cmd: 'go ${deep.er} ${b} ${c.d} ${local.y[1]}'}
""",
    "stage vars": """
stages:
  a:
    vars: [other.yaml, {z: 7}]
    cmd: go ${deep.er} ${z} ${lr}
  b: {cmd: 'go ${lr}'}
""",
    "wdir": """
stages:
  a: {cmd: go, wdir: sub, deps: [../x], outs: [y]}
  b: {cmd: go, wdir: 'sub/${n}', outs: [y]}
  c: {cmd: 'go ${own}', wdir: sub, vars: [sub.yaml]}
""",
    "foreach list": """
stages:
  a:
    foreach: [us, uk, us, 1, 0.5, true, null]
    do: {cmd: 'go ${item}', outs: ['o-${item}']}
""",
    "foreach variables": """
stages:
  a: {foreach: '${models}', do: {cmd: 'go ${item}'}}
  b: {foreach: '${flags}', do: {cmd: 'go ${item}'}}
  c: {foreach: ['${n}', '${yes}', x], do: {cmd: 'go ${item}'}}
""",
    "foreach map": """
stages:
  a: {foreach: '${grid}', do: {cmd: 'go ${key} ${item.lr} ${item.name}', deps: ['${key}.csv']}}
  b: {foreach: {x: 1, y: {z: 2}}, do: {cmd: 'go ${key} b'}}
""",
    "foreach composite list": """
stages:
  a: {foreach: [{x: 1}, {x: 2}], do: {cmd: 'go ${item.x}', params: [lr]}}
  b: {foreach: '${mixed}', do: {cmd: go}}
""",
    "matrix": """
stages:
  a:
    matrix: {model: ['cnn', "${name}"], size: [1, 2.5], opt: [{k: 1}, [2]]}
    cmd: go ${item.model} ${item.size} ${key}
    outs: ['o-${key}']
""",
    "matrix of variables": """
stages:
  a: {matrix: {m: '${models}', f: [a, b]}, cmd: 'go ${item.m} ${item.f}'}
""",
    "params": """
stages:
  a:
    cmd: go
    params: [lr, train.lr, {other.yaml: [deep.er]}, {params.yaml: [n]}, {p.json: null}, {lr2.yaml: [a]}]
  b: {cmd: go, params: [{params.yaml: null}, lr]}
  c: {cmd: go, params: ['lr', {other.yaml: null, more.json: [b]}, {other.yaml: [x]}]}
""",
    "outs": """
stages:
  a:
    cmd: go
    outs: [z, {a: {cache: false}}, {b: {persist: true, push: false}}, {a: {persist: true}}]
    metrics: [m.json, {m2.json: {cache: false, desc: words, type: t, labels: [x], meta: {k: v}}}]
    plots: [p.csv: {x: a, y: b, template: linear, cache: false}, q.json]
    frozen: true
    always_changed: true
    meta: {any: [thing]}
""",
    "keys resolved": """
stages:
  a:
    cmd: go
    outs: [{'o-${n}': {cache: false}}]
    params: [{'p-${n}.yaml': ['k${n}']}]
""",
    "top": """
metrics: [m.json]
params: [p.yaml]
plots: [{p.csv: {x: a, y: b}}, q.csv]
artifacts: {m: {path: x, type: model}}
stages:
  a: {cmd: go}
""",
    "empty stages": "stages: {}\n",
    "escapes": """
stages:
  a: {cmd: 'a \\${n} ${n} $HOME $(x) $${n} {n}'}
""",
}

BAD = {
    "unknown key": "stages: {a: {cmd: x, dep: [y]}}",
    "unknown top": "stage: {}",
    "no cmd": "stages: {a: {deps: [y]}}",
    "deps text": "stages: {a: {cmd: x, deps: y}}",
    "deps number": "stages: {a: {cmd: x, deps: [1]}}",
    "deps null": "stages: {a: {cmd: x, deps: }}",
    "cache text": "stages: {a: {cmd: x, outs: [{o: {cache: 'no'}}]}}",
    "out null": "stages: {a: {cmd: x, outs: [{o: }]}}",
    "out key": "stages: {a: {cmd: x, outs: [{o: {x: a}}]}}",
    "missing": "stages: {a: {cmd: 'x ${none}'}}",
    "missing nested": "stages: {a: {cmd: 'x ${train.none}'}}",
    "missing index": "stages: {a: {cmd: 'x ${models[7]}'}}",
    "of a value": "stages: {a: {cmd: 'x ${lr.x}'}}",
    "list in cmd": "stages: {a: {cmd: 'x ${models}'}}",
    "map in deps": "stages: {a: {cmd: x, deps: ['${train}']}}",
    "nested list flags": "vars: [{m: {a: [[1]]}}]\nstages: {a: {cmd: 'x ${m}'}}",
    "syntax": "stages: {a: {cmd: 'x ${}'}}",
    "syntax dots": "stages: {a: {cmd: 'x ${a..b}'}}",
    "syntax bracket": "stages: {a: {cmd: 'x ${a[b}'}}",
    "vars missing file": "vars: [none.yaml]\nstages: {a: {cmd: x}}",
    "vars missing key": "vars: ['other.yaml:none']\nstages: {a: {cmd: x}}",
    "vars twice": "vars: [{lr: 1}]\nstages: {a: {cmd: x}}",
    "vars interpolated": "vars: ['${n}.yaml']\nstages: {a: {cmd: x}}",
    "vars partly": "vars: ['more.json:b', more.json]\nstages: {a: {cmd: x}}",
    "foreach value": "stages: {a: {foreach: '${lr}', do: {cmd: x}}}",
    "foreach without do": "stages: {a: {foreach: [1]}}",
    "foreach and cmd": "stages: {a: {foreach: [1], do: {cmd: x}, cmd: x}}",
    "foreach missing": "stages: {a: {foreach: [1], do: {cmd: '${item.x}'}}}",
    "frozen text": "stages: {a: {cmd: x, frozen: '${yes}'}}",
    "two keys": "stages:\n  a: {cmd: x}\n  a: {cmd: y}\n",
    "out is dvc file": "stages: {a: {cmd: x, outs: [o.dvc]}}",
}


def of_dvc(folder):
    repo = Repo(folder)
    root = os.path.realpath(folder)
    stages = []
    for stage in repo.stage.load_all("dvc.yaml"):
        kind = lambda o: "metrics" if o.metric else "plots" if o.plot else "outs"
        wdir = os.path.relpath(stage.wdir, root)
        stages.append({
            "name": stage.name, "cmd": stage.cmd,
            "wdir": "" if wdir == "." else wdir,
            "deps": [d.def_path for d in stage.deps
                     if not isinstance(d, ParamsDependency)],
            "params": {d.def_path: list(dict.fromkeys(d.params))
                       for d in stage.deps if isinstance(d, ParamsDependency)},
            "outs": [[o.def_path, kind(o), bool(o.use_cache), bool(o.persist),
                      bool(o.can_push)] for o in stage.outs],
            "frozen": bool(stage.frozen),
            "always_changed": bool(stage.always_changed)})
    return stages


def read_both():
    """(stages by dvc, stages by clickmill, what each says instead)"""
    run = subprocess.run([PROBE], capture_output=True, text=True)
    ours = json.loads(run.stdout)["stages"] if run.returncode == 0 else None
    for stage in ours or []:
        stage["params"] = {f: list(dict.fromkeys(k))
                           for f, k in stage["params"].items()}
    try:
        return of_dvc("."), ours, "", run.stderr
    except (DvcException, ValueError, AssertionError) as error:
        return None, ours, str(error), run.stderr


def main():
    files = {"params.yaml": PARAMS, "other.yaml": "deep: {er: 1}\nx: 1\n",
             "more.json": '{"b": "B", "c": {"d": 4}}',
             "sub/sub.yaml": "own: 5\n"}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.makedirs("sub")
        Repo.init(".", no_scm=True).close()
        for name, text in files.items():
            with open(name, "w") as file:
                file.write(text)
        for name, text in {**GOOD, **BAD}.items():
            with open("dvc.yaml", "w") as file:
                file.write(text)
            theirs, ours, why, message = read_both()
            check(name, ours == theirs and (ours is None) == (name in BAD),
                  f"\n dvc  {theirs} {why}\n ours {ours} {message}")
            if "-v" in sys.argv:
                print(message, end="")
        os.chdir("/")
    finish()


main()
