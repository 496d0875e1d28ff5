"""Reads a Dockerfile, and executes it in plain folders instead of images.

    dockerfile.py check DOCKERFILE CONTEXT
    dockerfile.py build DOCKERFILE CONTEXT BASE OUT

check: every instruction is known, every COPY finds its source in the context
that .dockerignore leaves, images are pinned, and the program is not root.

build: BASE, a folder with a bare Debian, stands for every `FROM debian:...`;
RUN lines are executed by chroot, COPY and WORKDIR are interpreted, and the
last stage is left in OUT/root, its ENTRYPOINT, CMD, USER and HEALTHCHECK as
JSON in OUT/image.json.  Needs root.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "VOLUME", "USER", "EXPOSE",
         "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"}


class Problem(Exception):
    pass


# ---- reading ----------------------------------------------------------------

def instructions(path):
    """[(word, the rest)], comments left out and continued lines joined."""
    with open(path) as file:
        lines = [line for line in file.read().splitlines()
                 if not line.lstrip().startswith("#")]
    text = re.sub(r"\\\n", " ", "\n".join(lines))
    found = []
    for line in filter(str.strip, text.splitlines()):
        word, _, rest = line.strip().partition(" ")
        if word.upper() not in KNOWN:
            raise Problem("%s: unknown instruction: %s" % (path, line))
        found.append((word.upper(), rest.strip()))
    return found


def words_of(rest):
    """Of the JSON form; the shell form is a command for /bin/sh."""
    if rest.startswith("["):
        return json.loads(rest)
    return ["/bin/sh", "-c", rest]


def copy_of(rest):
    """(stage or None, sources, destination)"""
    words = shlex.split(rest)
    stage = None
    if words[0].startswith("--from="):
        stage = words.pop(0)[len("--from="):]
    return stage, words[:-1], words[-1]


def health_of(rest):
    return words_of(rest[rest.index("CMD") + len("CMD"):].strip())


def context_files(context):
    """What .dockerignore leaves, as names in the context; it must be a list
    of exceptions from *."""
    with open(os.path.join(context, ".dockerignore")) as file:
        lines = [line.strip() for line in file
                 if line.strip() and not line.startswith("#")]
    if lines[0] != "*" or not all(line[0] == "!" for line in lines[1:]):
        raise Problem(".dockerignore must be * and exceptions")
    return [line[1:] for line in lines[1:]]


def context_path(context, name):
    name = name.rstrip("/")
    kept = context_files(context)
    if not any(name == k or name.startswith(k + "/") for k in kept):
        raise Problem(".dockerignore hides %s, which COPY wants" % name)
    path = os.path.join(context, name)
    if not os.path.exists(path):
        raise Problem("COPY: no %s" % path)
    return path


# ---- checking ---------------------------------------------------------------

def check(path, context):
    found = instructions(path)
    stages = set()
    for word, rest in found:
        if word == "FROM":
            image = rest.split()[0]
            if not re.fullmatch(r"[a-z/]+:[0-9][\w.-]*", image):
                raise Problem("FROM %s: no version" % image)
            stages.update(rest.split()[2:])
        elif word == "COPY":
            stage, sources, _ = copy_of(rest)
            if stage is not None and stage not in stages:
                raise Problem("COPY: no stage %s" % stage)
            for source in sources if stage is None else []:
                context_path(context, source)
        elif word in ("ENTRYPOINT", "CMD"):
            if not rest.startswith("["):
                raise Problem("%s: a shell would not pass signals on" % word)
    last = dict(found[max(i for i, (word, _) in enumerate(found)
                          if word == "FROM"):])
    if last.get("USER", "root").split(":")[0] in ("root", "0"):
        raise Problem("the program runs as root")
    for word, rest in (("EXPOSE", "8000"), ("STOPSIGNAL", "SIGTERM"),
                       ("VOLUME", "/models")):
        if last.get(word) != rest:
            raise Problem("%s is not %s" % (word, rest))
    health_of(last["HEALTHCHECK"])


# ---- building ---------------------------------------------------------------

def run_in(root, folder, words):
    subprocess.run(
        ["chroot", root, "/bin/sh", "-c", 'cd "$0" && exec "$@"', folder,
         *words], check=True, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                     "/sbin:/bin", "HOME": "/root"})


def copy_into(source, root, folder, destination):
    """As COPY does: a folder's contents, not the folder; a file keeps its name
    when the destination ends with a slash."""
    target = root + os.path.normpath(os.path.join(folder, destination))
    if os.path.isdir(source):
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        return
    if destination.endswith("/"):
        target = os.path.join(target, os.path.basename(source))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)


def do_copy(rest, context, roots, root, folder):
    stage, sources, destination = copy_of(rest)
    for source in sources:
        path = context_path(context, source) if stage is None \
            else roots[stage] + source
        copy_into(path, root, folder, destination)


def build(path, context, base, out):
    roots, root, folder, image = {}, None, "/", {}
    for word, rest in instructions(path):
        print("%s %s" % (word, rest), flush=True)
        if word == "FROM":
            name = (rest.split() + [None, None])[2] or "last"
            root, folder, image = os.path.join(out, name), "/", {}
            roots[name] = root
            subprocess.run(["cp", "-a", base, root], check=True)
        elif word == "WORKDIR":
            folder = os.path.join(folder, rest)
            os.makedirs(root + folder, exist_ok=True)
        elif word == "COPY":
            do_copy(rest, context, roots, root, folder)
        elif word == "RUN":
            run_in(root, folder, words_of(rest))
        elif word in ("ENTRYPOINT", "CMD"):
            image[word] = words_of(rest)
        elif word == "HEALTHCHECK":
            image[word] = health_of(rest)
        else:
            image[word] = rest
    os.rename(root, os.path.join(out, "root"))
    with open(os.path.join(out, "image.json"), "w") as file:
        json.dump(image, file, indent=2)


if __name__ == "__main__":
    try:
        {"check": check, "build": build}[sys.argv[1]](*sys.argv[2:])
    except (Problem, subprocess.CalledProcessError) as problem:
        sys.exit(str(problem))
