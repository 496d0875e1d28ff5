"""Files that DVC keeps, written by clickmill and by the real DVC: equal bytes.
YAML, .dvc files, listings, dvc.lock, configuration, init, .gitignore, rules of
.dvcignore, and the lock that keeps two programs apart."""
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile

WORK = tempfile.mkdtemp()
os.environ.update(
    HOME=WORK, DVC_GLOBAL_CONFIG_DIR=WORK + "/global",
    DVC_SYSTEM_CONFIG_DIR=WORK + "/system", DVC_SITE_CACHE_DIR=WORK + "/site",
    DVC_NO_ANALYTICS="1", GIT_CONFIG_NOSYSTEM="1",
    GIT_AUTHOR_NAME="a", GIT_AUTHOR_EMAIL="a@b", GIT_COMMITTER_NAME="a",
    GIT_COMMITTER_EMAIL="a@b")

from dvc.cli import main as dvc_main  # noqa: E402
from dvc.fs import LocalFileSystem  # noqa: E402
from dvc.ignore import DvcIgnoreFilter  # noqa: E402
from dvc.lock import Lock, LockError  # noqa: E402
from dvc.utils.serialize import dumps_yaml, loads_yaml  # noqa: E402
from dvc_data.hashfile.hash_info import HashInfo  # noqa: E402
from dvc_data.hashfile.tree import Tree  # noqa: E402
from scmrepo.git import Git  # noqa: E402

from checks import BUILD, CLICKMILL, check, finish, md5_of  # noqa: E402

PROBE = os.path.join(BUILD, "tests", "parity", "probe_versioning")
DRAW = random.Random(6)


def probe(*words, data="", cwd=None):
    done = subprocess.run([PROBE, *words], input=data.encode("utf-8",
                          "surrogateescape"), capture_output=True, cwd=cwd)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode())
    return done.stdout


def clickmill(*words, cwd=None):
    return subprocess.run([CLICKMILL, *words], cwd=cwd, capture_output=True,
                          text=True)


def dvc(*words, cwd):
    """The real program, in this process; its exit code."""
    before = os.getcwd()
    os.chdir(cwd)
    try:
        return dvc_main([*words, "-q"])
    finally:
        os.chdir(before)


def read(*path):
    path = os.path.join(*path)
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def new_folder(name):
    path = os.path.join(WORK, name)
    os.makedirs(path)
    return path


def new_repository(name, git=True):
    path = new_folder(name)
    if git:
        subprocess.run(["git", "init", "-q"], cwd=path, check=True)
    assert dvc("init", *([] if git else ["--no-scm"]), cwd=path) == 0
    return path


def first_difference(ours, theirs):
    return "ours: %r theirs: %r" % (ours, theirs) if ours != theirs else ""


# ---- YAML ------------------------------------------------------------------

WORDS = """true|True|TRUE|yes|no|on|null|Null|~|1|-1|+1|0x1F|0o17|0b101|1_000
1e5|1e-05|1.|1.5|.5|-.5|.5e3|.5e+3|.inf|-.Inf|.nan|+.nan|<<|=|2020-01-01
2020-1-1|2020-01-01 10:00:00|2020-1-1T1:00:00Z|2020-01-01T10:00:00.5 +03:00
190:20:30|12:30|- a|-|-a|--- x|...|? a|?|?a|:|a: b|a:b|a:|#a|a #b|a#b|*a|&a|!a
%a|@a|`a|> x|'q'|"q"|it's|say "hi"|[a]|{a: 1}|a, b|,a|привет|日本語 текст|🚀|_1
-_|0|00|08|1__0|+|e5|1e|python train.py --a 1 --b "x y"|C:\\x|'|\\|. |0x|+0b1
""".replace("\n", "|").split("|") + [
    "", "|", " a", "a ", " ", "  ", "\n", "\n\n", "a\nb", "a\n", "\na", "a\n b",
    "a \nb", "tab\there", "\ttab", "\x07", "\x1b[0m", "\x7f", "\x85", "a\x85b",
    "\xa0", "\u2028x", "a\u2029b", "\ufeff", "a  b", "\ud7ff", "\ufffd"]


def some_text():
    kind = DRAW.random()
    if kind < .35:
        return DRAW.choice(WORDS)
    if kind < .5:
        letters = "ab1 0.:-#'\"\\\n\t,{}[]&*?|>!%@`~=ж🚀\x85\u2028"
        return "".join(DRAW.choice(letters) for _ in range(DRAW.randrange(12)))
    if kind < .75:
        return " ".join("".join(
            DRAW.choice("abcdefgж-/=.")
            for _ in range(DRAW.choice([1, 3, 5, 8, 13, 30])))
            for _ in range(DRAW.randrange(40)))
    if kind < .9:
        parts = ["word", "a", " ", "  ", "\n", "'", '"', ":", "longerword",
                 "-", " x ", " ", "Ж", "\\", "\t", "#", " \n", "\x85", "\u2028"]
        return "".join(DRAW.choice(parts) for _ in range(DRAW.randrange(90)))
    return "".join(DRAW.choice("abc/") for _ in range(
        DRAW.choice([60, 75, 79, 80, 81, 100, 121, 122, 123, 127, 128, 200])))


def some_number():
    kind = DRAW.random()
    if kind < .3:
        return DRAW.randrange(-10 ** DRAW.randrange(1, 18),
                              10 ** DRAW.randrange(1, 18))
    if kind < .6:
        return DRAW.choice([0.0, -0.0, 1.0, 1e-5, 1e-4, 1e16, 1e15, 1.5, 0.1,
                            123456789012345680.0, 1e300, 5e-324, 1e22])
    return DRAW.uniform(-1, 1) * 10 ** DRAW.randrange(-20, 20)


def some_key():
    return some_text() if DRAW.random() < .5 else DRAW.choice(
        ["a", "lr", "train.lr", "model", "x y"])


def some_value(depth):
    kind = DRAW.random()
    if depth < 4 and kind < .18:
        return {some_key(): some_value(depth + 1)
                for _ in range(DRAW.randrange(4))}
    if depth < 4 and kind < .36:
        return [some_value(depth + 1) for _ in range(DRAW.randrange(4))]
    if kind < .42:
        return DRAW.choice([None, True, False])
    return some_number() if kind < .55 else some_text()


def test_yaml():
    documents = [{some_key(): some_value(0)
                  for _ in range(DRAW.randrange(1, 5))} for _ in range(3000)]
    documents += [{}, {"a": {}}, {"a": []}, {"a": None}]
    ours = probe("yaml", data="".join(
        json.dumps(d) + "\n" for d in documents)).split(b"\0")
    theirs = [dumps_yaml(d).encode() for d in documents]
    differences = [first_difference(a, b) for a, b in zip(ours, theirs)
                   if a != b]
    check("yaml of %d documents" % len(documents), not differences,
          differences[:3])
    kept = [i for i, d in enumerate(documents) if i % 4 == 0 and
            has_short_keys(d)]
    check_reread([documents[i] for i in kept], [theirs[i] for i in kept])


def has_short_keys(value):
    """Long keys span lines, which YAML forbids and ruamel.yaml writes."""
    if isinstance(value, dict):
        return all(len(k) < 60 and "\n" not in k and has_short_keys(v)
                   for k, v in value.items())
    return not isinstance(value, list) or all(map(has_short_keys, value))


def check_reread(documents, texts):
    """Files of DVC are read as DVC reads them."""
    folder, paths = new_folder("reread"), []
    for i, text in enumerate(texts):
        paths.append(os.path.join(folder, "%d.yaml" % i))
        write(paths[-1], text)
    lines = probe("reread", data="".join(p + "\n" for p in paths)).splitlines()
    bad = []
    for line, text, document in zip(lines, texts, documents):
        ours, theirs = json.loads(line), loads_yaml(text.decode()) or {}
        if ours != theirs and theirs == document:
            bad.append((text, ours))
    check("yaml read back, %d files" % len(texts), not bad, bad[:2])


PLAIN = [w for w in WORDS if w and "\n" not in w] + [
    "1:30", "0o", "0b", "-0x1f", "123456789012345678901234567890", "1e400",
    "-.inf", "1_0.5_0", "1.e3", "+.5e-3", "0777", "0o777", "-0b11", "0x_f"]


def test_plain_scalars():
    folder, paths, texts = new_folder("plain"), [], []
    for i, word in enumerate(PLAIN):
        text = "a: %s\n" % word
        try:
            value = loads_yaml(text)
        except Exception:  # not YAML
            continue
        if not isinstance(value, dict):
            continue
        paths.append(os.path.join(folder, "%d.yaml" % i))
        texts.append((text, value["a"]))
        write(paths[-1], text)
    bad, compared = [], 0
    for path, (text, theirs) in zip(paths, texts):
        done = subprocess.run([PROBE, "reread"], input=path + "\n", text=True,
                              capture_output=True)
        if done.returncode != 0:  # tags, anchors, …
            continue
        ours = json.loads(done.stdout)["a"]
        odd = isinstance(theirs, float) and not math.isfinite(theirs)
        if odd or not isinstance(theirs, (str, int, float, bool, list, dict,
                                          type(None))):
            same = isinstance(ours, str)
        elif isinstance(theirs, int) and abs(theirs) >= 2 ** 63:
            same = isinstance(ours, str)
        else:
            same = ours == theirs and type(ours) is type(theirs)
        compared += 1
        if not same:
            bad.append((text, ours, theirs))
    check("plain scalars, %d" % compared, not bad and compared > 60, bad[:5])


# ---- listings --------------------------------------------------------------

def test_listings():
    names = ["foo", "bar", "a/b", "a-b", "a/b/c", "a b", "клик.csv", "日本", "🚀",
             "q\"uote", "back\\slash", "tab\tx", "del\x7f", "é", "e\u0301",
             "Z", "z", "~", "a.b/c", "\ufffd", "\uff00/x", "bad\udcff\udcfe",
             "bad\udc80/é"] + ["d%d/f%d" % (i % 7, i) for i in range(500)]
    tree, lines = Tree(), []
    for name in names:
        md5 = md5_of(name.encode("utf-8", "surrogateescape"))
        tree.add(tuple(name.split("/")), None, HashInfo("md5", md5))
        lines.append("%s %s" % (md5, name))
    DRAW.shuffle(lines)
    text = tree.as_bytes()
    theirs = md5_of(text).encode() + b".dir\n" + text
    ours = probe("listing", data="\n".join(lines) + "\n")
    check("listing", ours == theirs, first_difference(ours[:300], theirs[:300]))
    path = os.path.join(WORK, "listing.dir")
    write(path, text)
    check("listing read", probe("relist", path) == theirs)
    write(path, json.dumps([{"relpath": "x", "size": 3, "isexec": True,
                             "md5": "0" * 32}], indent=2))
    check("listing of DVC 2 read", probe("relist", path).endswith(
        b'[{"md5": "%s", "relpath": "x"}]' % (b"0" * 32)))
    for relpath in ["../x", "/x", "a/../b", "a//b", "", ".", "a/.", "a/"]:
        write(path, json.dumps([{"md5": "0" * 32, "relpath": relpath}]))
        done = subprocess.run([PROBE, "relist", path], capture_output=True)
        check("listing with %r is refused" % relpath, done.returncode == 1)


# ---- .dvc files ------------------------------------------------------------

COMMENTED = """# data of the advertiser
outs:
- md5: %s   # of the first version
  size: 4

  # where it is
  path: data.csv
  desc: 'clicks, as they came'
meta:
  source:
  - name: logs
    rows: 10   # by hand
  owner: me
# the end
"""


def test_dvc_files():
    repo = new_repository("files")
    write(repo + "/data.csv", "abc\n")
    write(repo + "/кл ик.csv", "")
    for i in range(20):
        write(repo + "/folder/sub %d/f%d" % (i % 3, i), "x" * i)
    write(repo + "/folder/ж.txt", "1")
    assert dvc("add", "data.csv", "кл ик.csv", "folder", cwd=repo) == 0
    write(WORK + "/outside.txt", "imported")
    assert dvc("import-url", WORK + "/outside.txt", cwd=repo) == 0
    for name in sorted(os.listdir(repo)):
        if name.endswith(".dvc") and os.path.isfile(repo + "/" + name):
            path = os.path.join(repo, name)
            check("%s rewritten" % name, probe("dvcfile", path) == read(path))
    forms = {
        "with comments": COMMENTED % md5_of(b"abc\n"),
        "of DVC 2": "outs:\n- md5: %s\n  size: 4\n  path: data.csv\n"
        % md5_of(b"abc\n"),
        "with another order": "outs:\n- path: data.csv\n  hash: md5\n  size: 4"
        "\n  md5: %s\ndesc: first\n" % md5_of(b"abc\n"),
        "indented": "outs:\n  - md5: %s\n    size: 4\n    hash: md5\n    "
        "path: data.csv\n" % md5_of(b"abc\n")}
    for i, (name, text) in enumerate(forms.items()):
        path, data = repo + "/data.csv.dvc", b"changed %d\n" % i
        write(path, text)
        ours = probe("dvcfile", path, md5_of(data), str(len(data)))
        os.chmod(repo + "/data.csv", 0o644)
        os.unlink(repo + "/data.csv")
        write(repo + "/data.csv", data)
        assert dvc("add", "data.csv", cwd=repo) == 0
        check(".dvc file %s, changed" % name, ours == read(path),
              first_difference(ours, read(path)))


# ---- dvc.lock --------------------------------------------------------------

STAGES = """stages:
  first:
    cmd: >-
      mkdir -p d && echo "привет: 'x'" > d/a && echo 2 > "b c.txt" && true with a
      long command that is broken over lines because it is so very long indeed
    deps:
    - z.txt
    - in dir
    params:
    - lr
    - model
    - other.yaml:
      - x
      - b.c
    outs:
    - d
    - b c.txt
  second:
    cmd:
    - echo 1 > out.txt
    - echo '%s' >> out.txt
    deps:
    - b c.txt
    params:
    - z.json:
    outs:
    - out.txt:
        cache: false
""" % ("long " * 40)
PARAMS = """lr: 1e-05
model:
  depth: 6
  names: [a, 'yes', '1', "", null, true, 1.0, 1e20, 0.1]
  nested: {b: [], a: {}, c: {z: [1, [2, 3]]}}
  text: "two\\nlines: # x"
unused: 1
"""


def test_lock_files():
    repo = new_repository("lock")
    write(repo + "/z.txt", "z")
    for i in range(3):
        write(repo + "/in dir/%d" % i, str(i))
    write(repo + "/dvc.yaml", STAGES)
    write(repo + "/params.yaml", PARAMS)
    write(repo + "/other.yaml", "x: -.5\nb: {c: 'text'}\n")
    write(repo + "/z.json", '{"b": 1.5, "a": [1, "2"], "c": {"d": null}}')
    assert dvc("repro", cwd=repo) == 0
    lock = repo + "/dvc.lock"
    ours = probe("lockfile", lock)
    check("dvc.lock written anew", ours == read(lock),
          first_difference(ours, read(lock)))
    assert dvc("repro", "--force", "second", cwd=repo) == 0
    check("dvc.lock is stable", ours == read(lock))
    write(lock, "first:\n  cmd: x\n")
    done = subprocess.run([PROBE, "lockfile", lock], capture_output=True)
    check("dvc.lock of version 1 is refused", done.returncode == 1 and
          b"schema" in done.stderr)


# ---- configuration ---------------------------------------------------------

HAND_WRITTEN = """# by hand
[cache]
  type = reflink ,  "copy"   # links
  dir = ../.././/cache

['remote "old"']
url=../../data#x
  jobs = 4
[ 'remote   "B.b-2"' ]
\turl = s3://b/p   # comment
[core]
    Remote = old
    analytics = false
[feature]
x = '''a "b" c'd'''
[studio]
[db "d"]
url = 'sqlite://x'
[plots]
html_template = "a, b"
"""
CHANGES = [
    ("remote", "add", "first", "s3://bucket/pre fix"),
    ("remote", "add", "-d", "LOCAL", "../store"),
    ("remote", "add", "abs", "/srv/store"),
    ("remote", "add", "home", "~/store"),
    ("remote", "add", "first", "s3://other"),
    ("remote", "add", "-f", "first", "s3://other/x"),
    ("remote", "modify", "first", "endpointurl", "https://hb.x.ru"),
    ("remote", "modify", "first", "Region", "ru-msk"),
    ("remote", "modify", "first", "region", "ru-msk"),
    ("remote", "modify", "--local", "first", "access_key_id", "AK#,'x"),
    ("remote", "modify", "--local", "first", "secret_access_key", "a\"b'c"),
    ("remote", "modify", "--local", "first", "session_token", " x "),
    ("remote", "modify", "first", "credentialpath", "cred/file"),
    ("remote", "modify", "first", "profile", ""),
    ("remote", "modify", "first", "nothing", "1"),
    ("remote", "modify", "first", "use_ssl", "maybe"),
    ("remote", "modify", "first", "jobs", "0"),
    ("remote", "modify", "first", "use_ssl", "False"),
    ("remote", "modify", "first", "ssl_verify", "/ca.pem"),
    ("remote", "modify", "absent", "url", "x"),
    ("remote", "modify", "local", "url", "sub/../deep/store"),
    ("remote", "modify", "-u", "first", "region"),
    ("remote", "default", "first"),
    ("remote", "default", "absent"),
    ("remote", "default", "--local", "abs"),
    ("remote", "rename", "abs", "new"),
    ("remote", "rename", "first", "new"),
    ("remote", "rename", "absent", "other"),
    ("remote", "remove", "absent"),
    ("remote", "remove", "new"),
    ("remote", "add", "--global", "g", "s3://g"),
    ("remote", "modify", "g", "region", "x"),
    ("remote", "default", "-u"),
    ("remote", "remove", "home"),
]
LONG = {"-d": "--default", "-f": "--force", "-u": "--unset"}


def run_changes(name, start):
    theirs = new_repository(name + " dvc")
    ours = new_folder(name + " clickmill")
    shutil.copytree(theirs + "/.dvc", ours + "/.dvc")
    for folder in (theirs, ours):
        write(folder + "/.dvc/config", start)
        os.makedirs(folder + "/work")
    shutil.rmtree(WORK + "/global", ignore_errors=True)
    for change in CHANGES:
        shutil.rmtree(WORK + "/global kept", ignore_errors=True)
        if os.path.exists(WORK + "/global"):
            shutil.copytree(WORK + "/global", WORK + "/global kept")
        code = dvc(*change, cwd=theirs + "/work")
        files = [read(WORK, "global/config")]
        shutil.rmtree(WORK + "/global", ignore_errors=True)
        if os.path.exists(WORK + "/global kept"):
            shutil.move(WORK + "/global kept", WORK + "/global")
        done = clickmill(*[LONG.get(w, w) for w in change],
                         cwd=ours + "/work")
        files.append(read(WORK, "global/config"))
        same = (code != 0) == (done.returncode != 0)
        pairs = [files] + [[read(f, ".dvc", n) for f in (theirs, ours)]
                           for n in ("config", "config.local")]
        # An empty file says what none says.
        pairs = [[f if f != b"\n" else None for f in p] for p in pairs]
        bad = [p for p in pairs if p[0] != p[1]]
        check("%s: %s" % (name, " ".join(change)), same and not bad,
              "exit %s, %s %s; theirs, ours: %s" % (
                  code, done.returncode, done.stderr, bad))
    return ours


def test_configuration():
    ours = run_changes("config", "")
    run_changes("config by hand", HAND_WRITTEN)
    shutil.rmtree(WORK + "/global", ignore_errors=True)
    write(ours + "/.dvc/config", "[core]\nremote = S\n['remote \"s\"']\n"
          "url = s3://b/p\nregion = ru-msk\nendpointurl = https://h\n"
          "credentialpath = cred\nread_timeout = 5\nconnect_timeout = 7\n"
          "jobs = 3\nuse_ssl = false\nssl_verify = /ca\nprofile = p\n")
    write(ours + "/.dvc/config.local", "['remote \"s\"']\n"
          "access_key_id = 'k,1'\nsecret_access_key = \"s#1\"\n"
          "session_token = t\nallow_anonymous_login = true\n")
    check("settings of a remote", probe("remote", cwd=ours) == (
        "url=s3://b/p\nendpointurl=https://h\nregion=ru-msk\nprofile=p\n"
        "credentialpath=%s/.dvc/cred\naccess_key_id=k,1\n"
        "secret_access_key=s#1\nsession_token=t\nssl_verify=/ca\n"
        "use_ssl=0 anonymous=1 connect=7 read=5 jobs=3\n" % ours).encode())
    listed = clickmill("remote", "list", cwd=ours)
    check("remote list", listed.stdout == "s\ts3://b/p\t(default)\n",
          listed.stdout + listed.stderr)
    for text, word in [("acl = public-read\n", "acl"), ("regin = x\n", "region"),
                       ("version_aware = true\n", "version_aware")]:
        write(ours + "/.dvc/config.local", "['remote \"s\"']\n" + text)
        done = subprocess.run([PROBE, "remote"], cwd=ours, text=True,
                              capture_output=True)
        check("a remote with %s" % text.strip(), done.returncode == 1 and
              word in done.stderr, done.stderr)


# ---- init, .gitignore, .dvcignore ------------------------------------------

def files_below(folder):
    found = {}
    for root, dirs, names in os.walk(folder):
        dirs[:] = [d for d in dirs if d not in (".git", "tmp")]
        for name in names:
            path = os.path.join(root, name)
            found[os.path.relpath(path, folder)] = read(path)
    return found


def staged(folder):
    return subprocess.run(["git", "status", "--porcelain"], cwd=folder,
                          capture_output=True).stdout


def test_init():
    for words in ([], ["--no-scm"], ["--subdir"]):
        folders = []
        for who in ("dvc", "clickmill"):
            folder = new_folder("init %s%s" % (who, "".join(words)))
            if words != ["--no-scm"]:
                subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
            folder += "/sub/dir" if words == ["--subdir"] else ""
            os.makedirs(folder, exist_ok=True)
            folders.append(folder)
        assert dvc("init", *words, cwd=folders[0]) == 0
        done = clickmill("init", *words, cwd=folders[1])
        a, b = (files_below(f) for f in folders)
        check("init %s" % words, done.returncode == 0 and a == b,
              done.stderr + first_difference(b, a))
        if words != ["--no-scm"]:
            check("init %s, staged" % words,
                  staged(folders[0]) == staged(folders[1]))
        check("init %s again" % words,
              clickmill("init", *words, cwd=folders[1]).returncode == 2)
    check("init without git",
          clickmill("init", cwd=new_folder("no git")).returncode == 2)


NAMES = ["data.csv", "a b.csv", "ж.bin", "[x].txt", "!x", "#x", "a*?", "back\\s",
         "deep/er/x", "deep/er/y", "ignored.log", "data.csv", "sub/keep"]


def test_gitignore():
    folders = [new_repository("ignore dvc"), new_repository("ignore ours")]
    for folder in folders:
        write(folder + "/.gitignore", "*.log\n# last line without an end")
        for name in NAMES:
            write(os.path.join(folder, name), "x")
    # What DVC writes with a backslash it does not find again.
    plain = [n for n in NAMES if not set("[]!#*?\\") & set(n)]
    for what, names in (("add", NAMES), ("remove", plain)):
        for name in names + names[:2]:
            git = Git(folders[0])
            path = os.path.join(folders[0], name)
            (git.ignore if what == "add" else git.ignore_remove)(path)
            git.close()
            probe("gitignore", what, name, cwd=folders[1])
            pair = [{p: t for p, t in files_below(f).items()
                     if p.endswith(".gitignore")} for f in folders]
            check("gitignore %s %s" % (what, name), pair[0] == pair[1],
                  first_difference(pair[1], pair[0]))
    for name in set(NAMES) - set(plain):
        probe("gitignore", "remove", name, cwd=folders[1])
    check("gitignore has nothing left", read(folders[1], ".gitignore") ==
          b"*.log\n# last line without an end\n")
    subprocess.run(["git", "add", "-f", "deep/er/x"], cwd=folders[1],
                   check=True)
    for name, tracked in [("deep/er/x", 1), ("deep", 1), ("deep/er", 1),
                          ("dee", 0), ("sub", 0), ("deep/er/y", 0)]:
        done = subprocess.run([PROBE, "gitignore", "check", name],
                              cwd=folders[1], capture_output=True)
        check("tracked %s" % name, done.returncode == tracked)


def some_rule():
    parts = ["a", "b", "ab", "c.txt", "*", "**", "*.txt", "a*", "?", "[ab]",
             "[!a]b", "[^b]*", "a[a-c]", "\\a", "b\\*", ".git", "d", "[]a]", "ж",
             "a**b", "[a-]", "[", "\\!x", "!x", "#", "x "]
    rule = "/".join(DRAW.choice(parts) for _ in range(DRAW.choice(
        [1, 1, 1, 2, 2, 3, 4])))
    return "".join([DRAW.choice(["", "", "", "!", "/", "!/", "  "]), rule,
                    DRAW.choice(["", "", "", "/", " ", "/ "])])


def some_path():
    names = ["a", "b", "ab", "ac", "bb", "c.txt", "a.txt", "d", "x", ".git",
             "b*", "жж", "ж", "]", "-", "!x", "#", "abb"]
    return "/".join(DRAW.choice(names) for _ in range(DRAW.choice(
        [1, 1, 2, 2, 3, 4])))


def test_dvcignore():
    asked, bad = 0, []
    for round_ in range(120):
        root = new_folder("rules/%d" % round_)
        write(root + "/.dvc/config", "")
        for folder in ("", "a", "a/b", "d", "ж"):
            if DRAW.random() < (.9 if folder == "" else .5):
                rules = [some_rule() for _ in range(DRAW.randrange(1, 7))]
                write(os.path.join(root, folder, ".dvcignore"),
                      "\n".join(rules + ["# comment", ""]))
        if DRAW.random() < .3:
            write(root + "/ab/.dvc/config", "")
        try:
            theirs = DvcIgnoreFilter(LocalFileSystem(), root)
            paths = [(DRAW.random() < .4, some_path()) for _ in range(60)]
            expected = ["01"[theirs._is_ignored(os.path.join(root, p), d)]
                        for d, p in paths]
        except Exception:  # rules that DVC stops at
            continue
        ours = probe("ignore", root, data="".join(
            "%s %s\n" % ("fd"[d], p) for d, p in paths)).decode().split()
        asked += len(paths)
        for pair, o, t in zip(paths, ours, expected):
            if o != t and not expected_otherwise(root, pair):
                bad.append((root, pair, "ours %s theirs %s" % (o, t)))
    detail = [(b, {p: t for p, t in files_below(b[0]).items()}) for b in bad]
    check("dvcignore, %d questions" % asked, not bad and asked > 3000,
          "%d: %s" % (len(bad), detail[:3]))


def expected_otherwise(root, pair):
    """A folder that is a repository of its own is asked about only while DVC
    walks the folder above it."""
    return pair[1] == "ab" or pair[1].startswith("ab/")


# ---- the lock --------------------------------------------------------------

def test_lock():
    repo = new_repository("held", git=False)
    path = repo + "/.dvc/tmp/lock"
    process = subprocess.Popen([PROBE, "hold"], cwd=repo, text=True,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    check("the lock is taken", process.stdout.readline() == "held\n")
    check("it names its holder", read(path) == b" %d\n" % process.pid)
    try:
        Lock(path)._do_lock()
        check("dvc waits for clickmill", False)
    except LockError:
        check("dvc waits for clickmill", True)
    process.stdin.close()
    process.wait()
    lock = Lock(path)
    lock.lock()
    done = subprocess.run([PROBE, "hold"], cwd=repo, text=True, input="",
                          capture_output=True)
    check("clickmill waits for dvc", done.returncode == 1 and
          str(os.getpid()) in done.stderr, done.stderr)
    lock.unlock()
    write(repo + "/.dvc/tmp/rwlock", json.dumps(
        {"write": {"/x/out": {"pid": os.getpid(), "cmd": "dvc repro"}}}))
    done = subprocess.run([PROBE, "hold"], cwd=repo, text=True, input="",
                          capture_output=True)
    check("clickmill waits for dvc repro", done.returncode == 1 and
          "/x/out" in done.stderr, done.stderr)
    write(repo + "/.dvc/tmp/rwlock", json.dumps(
        {"write": {"/x/out": {"pid": 2 ** 22 + 1, "cmd": "dvc repro"}}}))
    done = subprocess.run([PROBE, "hold"], cwd=repo, text=True, input="",
                          capture_output=True)
    check("not for one that is gone", done.returncode == 0, done.stderr)


def main():
    tests = [v for k, v in globals().items() if k.startswith("test_")]
    wanted = sys.argv[1:]
    try:
        for test in tests:
            if not wanted or test.__name__[5:] in wanted:
                test()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)
    finish()


main()
