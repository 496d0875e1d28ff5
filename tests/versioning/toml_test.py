"""TOML as Python's tomllib reads it, and as dvc's tomlkit does: a table of
documents that are right or wrong, and some made at random.  Then stages whose
parameters are TOML, beside dvc."""
import datetime
import json
import math
import os
import random
import shutil
import subprocess
import tempfile
import tomllib

import tomlkit

from checks import BUILD, CLICKMILL, check, finish
from repository import Program, read, write

PROBE = os.path.join(BUILD, "tests", "parity", "probe_versioning")

RIGHT = [
    "", "\n", "# only words", "a=1", "a = 1 # words", "\ta\t=\t1\t", "a = 1\r\n",
    "a = 1\r\n\r\n# x\r\nb = 2\r\n", "1 = 2", "-_- = 1", '"" = 1', "'' = 1",
    '"a b" = 1', "'a\"b' = 1", '"\\u00e9" = 1', "a.b = 1", "a . b = 1",
    'a."b.c".d = 1', "3.14 = 1", "a.b = 1\na.c = 2\na.d.e = 3",
    "a = 1\nA = 2", "é = 1".replace("é", '"é"'),
    # numbers
    "a = 0", "a = +0", "a = -0", "a = +99", "a = -17", "a = 1_000", "a = 5_3_4",
    "a = 9223372036854775807", "a = -9223372036854775808",
    "a = 9223372036854775808", "a = 0xDEADBEEF", "a = 0xdead_beef",
    "a = 0o01234567", "a = 0b1101_0110", "a = 0x7fffffffffffffff",
    "a = 0xffffffffffffffffff", "a = 0x00", "a = 1.0", "a = 3.1415", "a = -0.01",
    "a = 5e+22", "a = 1e06", "a = -2E-2", "a = 6.626e-34", "a = 1e1_0",
    "a = 224_617.445_991_228", "a = 0.0", "a = +0.0", "a = -0.0", "a = 0e0",
    "a = inf", "a = +inf", "a = -inf", "a = nan", "a = -nan", "a = 1e-400",
    "a = true", "a = false", "a = [true,false]",
    # strings
    'a = ""', "a = ''", 'a = "\\b\\t\\n\\f\\r\\"\\\\"', 'a = "\\u00E9\\U0001F600"',
    "a = 'C:\\new\\x'", "a = '''\nfirst\n  second'''", 'a = """\nfirst\nsecond"""',
    'a = """x\\\n   y"""', 'a = """x\\  \n\n\n  y\\\n"""', 'a = """"""',
    "a = ''''''", 'a = """a"b""c"""', 'a = """""two"""""',
    'a = """a""""', 'a = """a"""""', "a = '''a''''", "a = '''''a'''''",
    'a = """\\"""\\""""', 'a = "\t"', "a = '\t'", 'a = """\r\nx\r\ny"""',
    "a = '''\r\nx\r\ny'''", 'a = """\\\r\n  x"""', 'a = "日本語 é 😀"', "a = 'é'",
    'a = "#"', "a = '#'", 'a = "a" # "b"', "a = '''x\\'''",
    # dates
    "a = 1979-05-27T07:32:00Z", "a = 1979-05-27T00:32:00-07:00",
    "a = 1979-05-27T00:32:00.999999-07:00", "a = 1979-05-27 07:32:00Z",
    "a = 1979-05-27t07:32:00", "a = 1979-05-27T07:32:00", "a = 1979-05-27",
    "a = 07:32:00", "a = 00:32:00.999999", "a = 2000-02-29", "a = 1979-05-27 # x",
    "a = [1979-05-27, 1979-05-28]", "a = 1979-05-27 07:32:00 # x",
    "a = 23:59:59", "a = 0001-01-01", "a = 9999-12-31T23:59:59.1234567+23:59",
    # arrays and tables in a line
    "a = []", "a = [ ]", "a = [1]", "a = [1,]", "a = [1, 2, 3]", "a = [\n1,\n2\n]",
    "a = [ # x\n1 # y\n, # z\n2, # last\n]", "a = [[1], ['a', 2.0]]",
    "a = [[[[]]]]", 'a = ["a,b]", \'[\']', "a = ['a', {b = 1}]", "a = {}",
    "a = { }", "a = {b=1}", "a = { b = 1, c = 2 }", "a = {b.c = 1, b.d = 2}",
    "a = {b = {c = {}}}", "a = {'b' = [1, {c = 2}]}", "a = {b = [\n1,\n2]}",
    "a = [{b = 1}, {b = 2}]", "a = {b = '''x\ny'''}", "a = {\tb = 1}",
    # tables
    "[a]", "[a]\n", "[a] # x", "[ a ]", "[a.b.c]", "[a . 'b' . c]", "[a]\nb = 1",
    "[a]\nb = 1\n[c]\nd = 2", "[a.b]\nc = 1\n[a]\nd = 2", "[a.b.c]\n[a]\n[a.b]",
    "[a]\nb.c = 1\n[a.d]\ne = 1", "[a]\n[b]\n[a.c]", "['a.b']", "[\"\"]",
    "x = 1\n[a]", "[a]\nb.c = 1\nb.d = 2", "[fruit]\napple.color = 1\n"
    "apple.taste.sweet = true\n[fruit.apple.texture]\nsmooth = true",
    # arrays of tables
    "[[a]]", "[[a]]\n[[a]]", "[[a]]\nb = 1\n[[a]]\nb = 2\nc = 3", "[[ a ]]",
    "[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2", "[[a]]\n[[a.b]]\n[[a.b]]",
    "[[a]]\n[[a.b]]\nx = 1\n[[a]]\n[[a.b]]\nx = 2", "[[a.b]]", "[a]\n[[a.b]]",
    "[[a]]\nb.c = 1\n[[a]]\nb.c = 2", "[[a]]\nb = [1]\n[a.c]\n[[a.d]]",
    "a = 1\n[[b]]\nc = 2\n[d]\ne = 3", "[[a]] # x\n",
]

WRONG = [
    "a", "a =", "= 1", "a = 1 b = 2", "a = 1 2", "a b = 1", "a = 1\na = 2",
    "a = 1\n'a' = 2", "a.b = 1\na = 2", "a = 1\na.b = 2", "a. = 1", ".a = 1",
    "a..b = 1", "é = 1", "a? = 1", '"a = 1', "'''a''' = 1", '"""a""" = 1',
    "a = 1\rb = 2", "\ufeffa = 1", "a\n= 1", "a =\n1", "'a\nb' = 1",
    # numbers
    "a = 01", "a = 00", "a = -01", "a = 1_", "a = _1", "a = 1__0", "a = 0x",
    "a = 0x_1", "a = +0x1", "a = -0b1", "a = 0xg", "a = 0o8", "a = 0b2",
    "a = 0X1", "a = 1.", "a = .5", "a = 1.e5", "a = 1e", "a = 1e+", "a = 1._5",
    "a = 1_.5", "a = 1.5_", "a = 01.5", "a = 1e1.5", "a = Inf", "a = NaN",
    "a = ++1", "a = True", "a = TRUE", "a = t", "a = truer", "a = none", "a = x",
    "a = 1,000", "a = 1 000", "a = $1",
    # strings
    'a = "', "a = '", 'a = "x', "a = 'x", 'a = "x\ny"', "a = 'x\ny'",
    'a = "\\x"', 'a = "\\e"', 'a = "\\u12"', 'a = "\\uD800"', 'a = "\\U00110000"',
    'a = "\\U0000"', 'a = "\\ "', 'a = """x', "a = '''x", 'a = """x""',
    'a = """x""""""', "a = '''x''''''", 'a = """\\q"""', 'a = """x\\ y"""',
    'a = "\x01"', "a = '\x7f'", 'a = """\x00"""', "a = '''\x1f'''", "# \x01",
    'a = "x" "y"', "a = 'it's'", 'a = """\ry"""',
    # dates
    "a = 1979-13-01", "a = 1979-00-01", "a = 1979-02-30", "a = 1979-02-29",
    "a = 1979-5-27", "a = 79-05-27", "a = 1979-05-27T", "a = 1979-05-27T07",
    "a = 1979-05-27T07:32Z"[:21], "a = 1979-05-27T25:00:00", "a = 24:00:00",
    "a = 07:60:00", "a = 07:32:61", "a = 07:32:00.", "a = 07:32:00Z",
    "a = 1979-05-27  07:32:00", "a = 1979-05-27T07:32:00+25:00",
    "a = 1979-05-27T07:32:00+0700", "a = 1979-05-27 Z", "a = 0000-01-01",
    # arrays and tables in a line
    "a = [", "a = [1", "a = [1 2]", "a = [,]", "a = [1,,2]", "a = ]", "a = [1]]",
    "a = {", "a = {b}", "a = {b = 1", "a = {b = 1,}", "a = {,}", "a = {b = 1 c = 2}",
    "a = {b = 1\n}", "a = {\nb = 1}", "a = {b = 1, b = 2}", "a = {b = 1, b.c = 2}",
    "a = {b.c = 1, b = 2}", "a = {b = {c = 1}, b.d = 2}", "a = {b = 1}\na.c = 2",
    "a = {b = {}}\na.b.c = 2", "a = {}\n[a]", "a = {b = 1}\n[a.b]", "a = []\n[[a]]",
    "a = [{}]\n[a.b]", "a = [{b = 1}]\n[[a]]", "a = {b.c = 1}\n[a.b]",
    "a = {b.c = 1}\na.b.d = 2", "a = {b = 1} c", "a = [1] # x\n]",
    "a = {b = 1, # x\n c = 2}", "a = [1, 2 # x]",
    # tables
    "[", "[]", "[a", "[a.]", "[.a]", "[a..b]", "[a]]", "[a] b = 1", "[a\n]",
    "[a]\n[a]", "[a]\nb = 1\n[a.b]", "a = 1\n[a]", "a.b = 1\n[a]", "a.b = 1\n[a.b]",
    "[a.b]\n[a]\nb.c = 1", "[a]\nb.c = 1\n[a.b]", "[a.b.c]\n[a]\nb.c.d = 1",
    "[a]\n[[a]]", "[[a]]\n[a]", "[[a.b]]\n[a]\nb.c = 1", "[a b]", "[a]\nb = 1\nb = 2",
    "[[a]", "[[a] ]", "[ [a]]", "[[]]", "[[a.b]]\n[a.b]", "a = 1\n[[a]]",
    "[a]\nb = []\n[[a.b]]", "[[a]]\n[[a.b]]\n[a.b]", "[a]\nb.c = 1\n[[a.b]]",
    "[a]\nb = 1\n[a.b.c]", "[[a]] x", "[[a]]\nb = 1\n[a.b]", "[a]\n[b]\n[a]",
]


# ---- documents made at random -----------------------------------------------------

def random_text(r):
    return "".join(r.choice("ab \t#\"'\\é日=[]{},.\n") for _ in range(r.randrange(6)))


def random_value(r, depth=0):
    kind = r.randrange(9 if depth < 3 else 7)
    if kind == 0:
        return str(r.randrange(-2**40, 2**40))
    if kind == 1:
        return repr(r.uniform(-1e6, 1e6) * 10.0 ** r.randrange(-30, 30))
    if kind == 2:
        return r.choice(["true", "false", "inf", "0x1F", "1_0", "07:32:00",
                         "1979-05-27", "1979-05-27 07:32:00.5+01:00"])
    if kind < 5:
        return json.dumps(random_text(r), ensure_ascii=False).replace("\x7f", "")
    if kind == 5:
        text = random_text(r).replace("'", "")
        return "'''%s'''" % text
    if kind == 6:
        return '"""%s"""' % random_text(r).replace("\\", "").replace('"', "")
    if kind == 7:
        pad = lambda: r.choice(["", " ", "\n", " # x\n"])  # noqa: E731
        return "[%s]" % ",".join(pad() + random_value(r, depth + 1) + pad()
                                 for _ in range(r.randrange(4)))
    return "{%s}" % ", ".join(
        "%s = %s" % (random_key(r), random_value(r, depth + 1))
        for _ in range(r.randrange(3)))


def random_key(r):
    part = lambda: r.choice(["a", "b", "c", "d-1", '"a b"', "'c.d'"])  # noqa: E731
    return r.choice([".", " . "]).join(part() for _ in range(r.choice([1, 1, 1, 2, 3])))


def random_document(r):
    lines = []
    for _ in range(r.randrange(1, 7)):
        kind = r.randrange(6)
        lines.append("[%s]" % random_key(r) if kind == 0 else
                     "[[%s]]" % random_key(r) if kind == 1 else
                     "%s = %s" % (random_key(r), random_value(r)))
    text = "\n".join(lines)
    if r.random() < 0.2:  # spoil it
        at = r.randrange(len(text))
        text = text[:at] + r.choice("[]{}=.,\"'# \n1") + text[at + 1:]
    return text


# ---- comparing ---------------------------------------------------------------------

def same(theirs, own):
    """own: of JSON, where what JSON lacks is the text that stood there."""
    if isinstance(theirs, dict):
        return isinstance(own, dict) and list(theirs) == list(own) and all(
            same(value, own[key]) for key, value in theirs.items())
    if isinstance(theirs, list):
        return isinstance(own, list) and len(theirs) == len(own) and all(
            map(same, theirs, own))
    if isinstance(theirs, (datetime.date, datetime.time)):
        return tomllib.loads("x = " + own)["x"] == theirs
    if isinstance(theirs, float) and not math.isfinite(theirs):
        return isinstance(own, str) and repr(float(own)) == repr(theirs)
    if isinstance(theirs, int) and not -2**63 <= theirs < 2**63:
        return isinstance(own, str) and int(own, 0) == theirs
    return type(theirs) is type(own) and repr(theirs) == repr(own)


def read_theirs(text):
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def read_kit(text):
    """dvc reads its files with lines that end in LF."""
    try:
        return tomlkit.loads(text.replace("\r\n", "\n")).unwrap()
    except tomlkit.exceptions.TOMLKitError:
        return None


def read_ours(texts):
    out = subprocess.run([PROBE, "toml"], capture_output=True, check=True,
                         input=b"".join(t.encode() + b"\0" for t in texts))
    lines = out.stdout.decode().splitlines()
    assert len(lines) == len(texts), out
    return [None if line[0] == "!" else json.loads(line) for line in lines]


def compare_documents():
    r = random.Random(7)
    texts = [t for t in RIGHT + WRONG if "\0" not in t]
    texts += [random_document(r) for _ in range(4000)]
    differ, n_right = [], 0
    for text, own in zip(texts, read_ours(texts)):
        theirs = read_theirs(text)
        n_right += theirs is not None
        if (theirs is None) != (own is None) or \
                (own is not None and not same(theirs, own)):
            differ.append((text, theirs, own))
    check("%d documents, %d of them right, as tomllib reads them"
          % (len(texts), n_right), not differ and n_right > 1000,
          "%d differ: %r" % (len(differ), differ[:10]))
    check("the table is what it says", not [t for t in RIGHT if
          read_theirs(t) is None] and not [t for t in WRONG if
                                           read_theirs(t) is not None],
          ([t for t in RIGHT if read_theirs(t) is None],
           [t for t in WRONG if read_theirs(t) is not None]))
    found = [(t, read_kit(t), own) for t, own in zip(RIGHT, read_ours(RIGHT))]
    read_too = [it for it in found if it[1] is not None]
    differ = [it for it in read_too if not same(it[1], it[2])]
    check("as dvc's tomlkit reads those that it reads", not differ and
          len(read_too) > 0.95 * len(found), (differ, len(read_too), len(found)))


# ---- in stages ---------------------------------------------------------------------

FILES = {
    "dvc.yaml": b"""\
vars:
- p.toml
stages:
  train:
    cmd: echo ${train.depth} ${names[1]} ${flags} > out
    params: [p.toml: [train.lr, names, train.opts, title, deep.er.x]]
    outs: [out]
  whole:
    cmd: echo > whole
    params: [q.toml: null]
    outs: [whole]
""",
    "p.toml": b"""\
title = "a: b"
names = ["x", "y"]
flags = {fast = true, rate = 1e-5}
deep.er.x = 1
[train]
lr = 0.1   # words
depth = 6
[train.opts]
on = true
""",
    "q.toml": b"a = 1\n[[t]]\nb = 'x'\n[[t]]\nb = 2.0\n",
}


def in_stages(work):
    environment = dict(os.environ, HOME=work, DVC_SITE_CACHE_DIR=work + "/s")
    dvc, ours = (Program(n, environment) for n in ("dvc", CLICKMILL))
    folders = []
    for program in (dvc, ours):
        folder = os.path.join(work, os.path.basename(program.name))
        os.mkdir(folder)
        program("init", "--no-scm", cwd=folder)
        for path, text in FILES.items():
            write(folder, path, text)
        program("repro", cwd=folder)
        folders.append(folder)
    a, b = folders
    check("dvc.lock is dvc's", read(a + "/dvc.lock") == read(b + "/dvc.lock"),
          read(b + "/dvc.lock").decode())
    check("so is the command", read(a + "/out") == read(b + "/out"))
    check("dvc finds ours clean", dvc("status", cwd=b) ==
          "Data and pipelines are up to date.\n")
    write(b, "p.toml", FILES["p.toml"].replace(b"0.1", b"0.2"))
    done = ours("repro", "--dry", "--json", cwd=b)
    actions = {s["stage"]: s["action"] for s in json.loads(done)["stages"]}
    check("a changed parameter runs its stage",
          actions["train"] != "unchanged" and actions["whole"] == "unchanged",
          actions)
    write(b, "p.toml", b"a = 1\nb = \n")
    done = ours.run("repro", cwd=b)
    check("what is wrong is named with its place", done.returncode == 1 and
          "p.toml:2:5" in done.stderr, done.stderr)
    write(b, "dvc.yaml", FILES["dvc.yaml"].replace(b"p.toml", b"p.py"))
    write(b, "p.py", b"a = 1\n")
    done = ours.run("repro", cwd=b)
    check("Python is refused by name", done.returncode != 0 and
          "p.py" in done.stderr, done.stderr)


def main():
    compare_documents()
    with tempfile.TemporaryDirectory(prefix="clickmill-toml-") as work:
        in_stages(work)
    finish()


main()
