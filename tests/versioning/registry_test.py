"""The registry of models: over a folder, over S3 and beside dvc; what is fetched
is what was pushed, or nothing; a server follows an alias and loses no request."""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from checks import BUILD, CLICKMILL, ROOT, check, finish, md5_of, wait_until
from faulty_proxy import FaultyProxy
from seaweed import Seaweed

sys.path.insert(0, os.path.join(ROOT, "tests", "serving"))
from server import Server, predict_body  # noqa: E402

random.seed(5)
KILLS = int(os.environ.get("VERSIONING_TEST_KILLS", "10"))
WORK = tempfile.mkdtemp(prefix="registry-")
TOKEN = "a-token-of-the-test"


class Runner:
    """Commands with one environment; the cache of models is its own."""

    def __init__(self, environment, *options):
        self.environment, self.options = environment, options

    def cache(self, name):
        return Runner(dict(self.environment, XDG_CACHE_HOME=WORK + "/" + name),
                      *self.options)

    def run(self, *words, cwd=WORK):
        return subprocess.run([CLICKMILL, *words, *self.options], cwd=cwd,
                              text=True, env=self.environment,
                              capture_output=True)

    def __call__(self, *words, cwd=WORK):
        """Standard output; None when it fails."""
        done = self.run(*words, cwd=cwd)
        if done.returncode != 0:
            print(" ".join(words), "exit", done.returncode, done.stderr)
            return None
        return done.stdout

    def error(self, *words, cwd=WORK):
        done = self.run(*words, cwd=cwd)
        return done.stderr if done.returncode != 0 else "it did not fail"

    def json(self, *words, cwd=WORK):
        return json.loads(self(*words, "--json", cwd=cwd) or "null")

    def start(self, *words, cwd=WORK):
        return subprocess.Popen([CLICKMILL, *words, *self.options], cwd=cwd,
                                text=True, env=self.environment,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def content_of(folder):
    """Names and bytes of the files of a folder, of those below it, too."""
    return {os.path.relpath(os.path.join(root, name), folder):
            read(os.path.join(root, name))
            for root, _, names in os.walk(folder) for name in names}


def make_models(local):
    """Two versions in WORK/models; (older, newer)."""
    local("generate", "--rows", "3000", "--seed", "3", "--output", "log.csv",
          "--quiet")
    names = []
    for trees in "4", "6":
        done = local("train", "--input", "log.csv", "--iterations", trees,
                     "--quiet", "--json")
        names.append(json.loads(done)["version"])
    return names


def version_folder(version):
    return os.path.join(WORK, "models", "versions", version)


def predictions(runner, *words, cwd=WORK):
    return runner("predict", "--input", WORK + "/log.csv", "--quiet", *words,
                  cwd=cwd)


# ---- both kinds of places ------------------------------------------------------

def there_and_back(kind, place, run, old, new):
    run = run.cache("cache-" + kind)
    first = run.json("model", "push", old, "--to", place, "--alias", "champion")
    second = run.json("model", "push", "--to", place)
    check(kind + ": the first push sends six objects, the second the new ones",
          first["pushed"] == 6 and 0 < second["pushed"] < 6,
          (first, second))
    again = run.json("model", "push", "--to", place)
    check(kind + ": pushed again, nothing goes",
          again["pushed"] == 0 and again["was_there"], again)
    listed = run.json("model", "list", place)
    check(kind + ": versions and aliases are listed",
          {v["version"] for v in listed["versions"]} == {old, new} and
          listed["aliases"] == {"champion": old, "latest": new}, listed)
    check(kind + ": with sizes and metrics", all(
        v["size"] == sum(map(len, content_of(version_folder(v["version"]))
                             .values())) and v["nfiles"] == 5 and
        0 < v["metrics"]["log_loss"] < 1 for v in listed["versions"]))
    md5 = {v["version"]: v["md5"] for v in listed["versions"]}
    for version, names in ((old, ["champion", old, old[:9]]),
                           (new, ["latest", md5[new], md5[new][:32],
                                  md5[new][:12]])):
        for name in names:
            folder = run("model", "pull", place + "@" + name)
            check("%s: @%s is what was pushed" % (kind, name), folder and
                  content_of(folder.strip()) ==
                  content_of(version_folder(version)))
    check(kind + ": predictions are those of the bundle here",
          predictions(run, "--model", place + "@champion") ==
          predictions(run, "--model", version_folder(old)) !=
          predictions(run, "--model", version_folder(new)))
    figures = run.json("evaluate", "--input", "log.csv", "--model",
                       place + "@latest", "--quiet")
    check(kind + ": so are metrics", figures["version"] == new and
          figures["metrics"] == run.json(
              "evaluate", "--input", "log.csv", "--quiet")["metrics"])
    return md5


def unknown_names(place, run, old, new):
    run = run.cache("cache-unknown")
    said = run.error("model", "pull", place + "@champoin")
    check("an unknown alias: the nearest, and what there is",
          "did you mean champion?" in said and old in said and new in said,
          said)
    said = run.error("model", "pull", place + "/nothing@latest")
    check("a place without models says how to put one there",
          "clickmill model push --to" in said, said)
    said = run.error("model", "alias", place, "champion", "deadbeef00")
    check("no alias of what is not there", "no version or alias" in said, said)
    said = run.error("model", "alias", place, "deadbeef", old)
    check("no alias that reads as a hash", "hash" in said, said)


# ---- S3 ---------------------------------------------------------------------------

def wrong_access(server, run):
    run = run.cache("cache-wrong")
    said = run.error("model", "list", "s3://no-such-bucket/x")
    check("a missing bucket is named", "NoSuchBucket" in said and
          "no-such-bucket" in said, said)
    said = run.error("model", "pull", "s3://no-such-bucket/x@latest")
    check("also by a pull", "NoSuchBucket" in said, said)
    wrong = Runner(dict(run.environment, AWS_SECRET_ACCESS_KEY="wr0ng"),
                   *run.options)
    said = wrong.error("model", "pull", "s3://models/team@latest")
    check("a wrong secret: what to do, and never the secret",
          "secret access key does not belong" in said and
          server.secret not in said and "wr0ng" not in said, said)


def moves_at_once(place, run, old, new):
    """Of moves side by side each begins where another ended."""
    run("model", "alias", place, "contested", old)
    running = [run.start("model", "alias", place, "contested",
                         [new, old][i % 2], "--json") for i in range(8)]
    moved = {(old, new): 0, (new, old): 0}
    refused = []
    for process in running:
        out, err = process.communicate()
        if process.returncode == 0:
            told = json.loads(out)
            if told["from"] != told["to"]:
                moved[told["from"], told["to"]] += 1
        else:
            refused.append(err)
    is_new = run.json("model", "list", place)["aliases"]["contested"] == new
    check("of two who move an alias at once, none overwrites the other unseen",
          moved[old, new] - moved[new, old] == int(is_new) and
          all("somebody else moved" in said for said in refused),
          (moved, is_new, refused))
    run("model", "alias", "--remove", place, "contested")


class CutFirstPut(FaultyProxy):
    """The answer to the first PUT is lost."""

    def _fate(self, head):
        first = head.startswith(b"PUT ") and not any(
            line.startswith("PUT ") for line in self.lines)
        super()._fate(head)
        return "cut" if first else None


def moves_over_s3(server, run, old, new):
    """The server compares what was read with what is there. (SeaweedFS does so
    before it writes, and not in one step: moves side by side, as in a folder,
    may still both pass there.)"""
    place, alias = "s3://models/team", "contested"
    run("model", "alias", place, alias, old)
    with FaultyProxy("127.0.0.1", server.port, part=1.0, delay=0.5,
                     how=("delay",)) as proxy:
        slow = Runner(run.environment, "--endpoint-url", proxy.endpoint)
        late = slow.start("model", "alias", place, alias, new)
        has_read = wait_until(lambda: any(
            "GET" in line and "aliases/" + alias in line
            for line in proxy.lines), pause=0.005)
        run("model", "alias", "--remove", place, alias)
        run("model", "alias", place, alias, old)
        said = late.communicate()[1]
    check("one who moves what another moved meanwhile is told",
          has_read and "somebody else moved contested" in said and
          run.json("model", "list", place)["aliases"][alias] == old, said)
    with CutFirstPut("127.0.0.1", server.port) as proxy:
        cut = Runner(run.environment, "--endpoint-url", proxy.endpoint)
        said = cut("model", "alias", place, alias, new)
        n = sum(line.startswith("PUT ") for line in proxy.lines)
    check("a move whose answer was lost is no move of somebody else",
          said == "%s: %s -> %s\n" % (alias, old, new) and n == 2, (said, n))
    run("model", "alias", "--remove", place, alias)


def damage(server, run, old, md5):
    """What is not what it is named by is never used."""
    run = run.cache("cache-damage")
    client, key = server.client(), "team/files/md5/%s/%s"
    listing = json.loads(client.get_object(
        Bucket="models",
        Key=key % (md5[old][:2], md5[old][2:]))["Body"].read())
    one = next(f["md5"] for f in listing if f["relpath"] == "catclf.json")
    key = key % (one[:2], one[2:])
    good = client.get_object(Bucket="models", Key=key)["Body"].read()
    name = "s3://models/team@" + old
    client.put_object(Bucket="models", Key=key, Body=good[:-1] + b"!")
    said = run.error("model", "pull", name)
    check("a damaged object is refused", "damaged" in said and one in said,
          said)
    client.delete_object(Bucket="models", Key=key)
    said = run.error("predict", "--input", "log.csv", "--model", name)
    check("one that is missing is named, with what to do",
          "not to be had whole" in said and one[2:] in said and
          "push" in said, said)
    check("neither left anything in the cache",
          run.json("model", "cache")["models"] == [])
    told = run.json("model", "push", old, "--to", "s3://models/team")
    check("pushed again, it is there again",
          told["pushed"] == 1 and run("model", "pull", name) is not None, told)
    run("model", "alias", "s3://models/team", "champion", old)


def damaged_cache(run, old):
    run = run.cache("cache-entry")
    name = "s3://models/team@" + old
    folder = run("model", "pull", name).strip()
    for file in "transformer.cmt", "../listing":
        path = os.path.join(folder, file)
        content = bytearray(read(path))
        content[100] ^= 1
        with open(path, "wb") as out:
            out.write(content)
        done = run.run("model", "pull", name)
        check("a damaged %s of the cache is fetched again" % file,
              done.returncode == 0 and "fetched again" in done.stderr and
              content_of(folder) == content_of(version_folder(old)),
              done.stderr)
    os.remove(os.path.join(folder, "metrics.json"))
    check("so is one that is missing", run.json("model", "pull", name)
          ["fetched"] and
          content_of(folder) == content_of(version_folder(old)))
    check("and what is whole is not", not run.json("model", "pull", name)
          ["fetched"])


def kills(server, run, old):
    """kill -9 at any moment of a pull leaves no half."""
    run = run.cache("cache-kill")
    models = WORK + "/cache-kill/clickmill/models"
    bad = []
    n_killed = 0
    with FaultyProxy("127.0.0.1", server.port, part=1.0, delay=0.1,
                     how=("delay",)) as proxy:
        slow = Runner(run.environment, "--endpoint-url", proxy.endpoint)
        for _ in range(KILLS):
            process = slow.start("model", "pull", "s3://models/team@" + old)
            time.sleep(random.uniform(0.02, 0.45))
            n_killed += process.poll() is None
            process.kill()
            process.communicate()
            for entry in os.listdir(models) if os.path.isdir(models) else []:
                if content_of(os.path.join(models, entry, "bundle")) != \
                        content_of(version_folder(old)):
                    bad.append(entry)
            shutil.rmtree(models, ignore_errors=True)
    check("no kill leaves half a model (%d of %d hit)" % (n_killed, KILLS),
          not bad and n_killed > 0, bad)
    both = [run.start("model", "pull", "s3://models/team@" + old)
            for _ in range(4)]
    folders = {process.communicate()[0].strip() for process in both}
    check("four at once make one entry", len(folders) == 1 and
          content_of(folders.pop()) == content_of(version_folder(old)))
    check("and what was killed is cleared away",
          os.listdir(WORK + "/cache-kill/clickmill/tmp") == [])


def unfounded(server, prefix):
    """What a registry names and does not have."""
    objects = {}
    client = server.client()
    for one in client.list_objects_v2(Bucket="models", Prefix=prefix).get(
            "Contents", []):
        objects[one["Key"][len(prefix):]] = client.get_object(
            Bucket="models", Key=one["Key"])["Body"].read()
    wrong = [key for key, content in objects.items()
             if key.startswith("files/md5/") and
             md5_of(content) != key[10:].replace("/", "")[:32]]
    names = {key: json.loads(content) for key, content in objects.items()
             if key.startswith("models/")}
    for key, record in names.items():
        if "aliases" in key:
            wanted = ["models/versions/%s.json" % record["version"]]
        else:
            listing = "files/md5/%s/%s" % (record["md5"][:2],
                                           record["md5"][2:])
            wanted = [listing] + [
                "files/md5/%s/%s" % (file["md5"][:2], file["md5"][2:])
                for file in json.loads(objects.get(listing, b"[]"))]
        wrong += [(key, name) for name in wanted if name not in objects]
    return wrong, names


def killed_pushes(server, run, old, new):
    """kill -9 at any moment of a push, then a network that spoils a fifth of
    all requests: the place never names what it lacks."""
    run = run.cache("cache-push")
    wrong, n_killed = [], 0
    with FaultyProxy("127.0.0.1", server.port, part=1.0, delay=0.05,
                     how=("delay",)) as proxy:
        slow = Runner(run.environment, "--endpoint-url", proxy.endpoint)
        for i in range(KILLS):
            prefix = "killed%d/" % i
            process = slow.start("model", "push", "--to",
                                 "s3://models/" + prefix)
            time.sleep(random.uniform(0.05, 0.5))
            n_killed += process.poll() is None
            process.kill()
            process.communicate()
            wrong += unfounded(server, prefix)[0]
    check("no kill lets a place name what it lacks (%d of %d hit)"
          % (n_killed, KILLS), not wrong and n_killed > 0, wrong)
    with FaultyProxy("127.0.0.1", server.port, part=0.2, delay=0.05,
                     seed=3) as proxy:
        poor = Runner(run.environment, "--endpoint-url", proxy.endpoint)
        pushed = [poor("model", "push", version, "--to", "s3://models/poor")
                  for version in (old, new)]
        folder = poor("model", "pull", "s3://models/poor@" + old)
        spoiled = sum(proxy.spoiled.values())
    wrong, names = unfounded(server, "poor/")
    check("over a network that spoils a fifth of the requests (%d)" % spoiled,
          all(pushed) and folder and not wrong and len(names) == 3 and
          content_of(folder.strip()) == content_of(version_folder(old)),
          (pushed, wrong))


# ---- a server -----------------------------------------------------------------------

def rows_of_log(n):
    with open(WORK + "/log.csv") as file:
        lines = [line.rstrip("\n").split(",") for line in file][:n + 1]
    return lines[0], lines[1:]


class Client(threading.Thread):
    """Asks again and again; wrong: answers that are of no known version."""

    def __init__(self, server, body, expected):
        super().__init__()
        self.connection, self.body = server.connect(), body
        self.expected, self.stopping = expected, False
        self.wrong, self.n_of = [], {}

    def run(self):
        while not self.stopping:
            self.connection.request("POST", "/predict/", self.body,
                                    {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            version = answer.headers["X-Model-Version"]
            text = answer.read()
            if answer.status != 200 or self.expected.get(version) != text:
                self.wrong.append((answer.status, version, text[:100]))
            self.n_of[version] = self.n_of.get(version, 0) + 1


def answer_of(model, body, env):
    with Server(model=model, env=env) as server:
        answer = server.post("/predict/", body)
        return answer.headers["X-Model-Version"], answer.body


def refused(server):
    return server.metric('model_reloads_total{result="refused"}') or 0


def follow_alias(server, run, old, new):
    run = run.cache("cache-serve")
    env = dict(run.environment, CLICKMILL_ADMIN_TOKEN=TOKEN)
    body = predict_body(rows_of_log(3))
    expected = dict(answer_of(version_folder(v), body, env)
                    for v in (old, new))
    proxy = FaultyProxy("127.0.0.1", server.port, part=0)
    place = "s3://models/team"
    with Server("--endpoint-url", proxy.endpoint, "--ask-interval", "0.2",
                model=place + "@champion", env=env, clean=False) as serving:
        def speaks(version):
            return wait_until(lambda: serving.get(
                "/model").json()["version"] == version)

        check("a server serves what the alias means", speaks(old))
        clients = [Client(serving, body, expected) for _ in range(3)]
        for client in clients:
            client.start()
        for i in range(6):
            version = [new, old][i % 2]
            run("model", "alias", place, "champion", version)
            check("it follows the alias, move %d" % (i + 1), speaks(version))
        before = refused(serving)
        proxy.part, proxy.how = 1, ("drop",)
        check("a place that gives no answer is counted",
              wait_until(lambda: refused(serving) > before))
        check("and the model stays", serving.get("/readyz").status == 200 and
              speaks(old))
        proxy.part = 0
        run("model", "alias", place, "champion", new)
        check("when it answers again, the server follows", speaks(new))
        for client in clients:
            client.stopping = True
        for client in clients:
            client.join()
        check("no request failed, each answer is of the version it names",
              not any(c.wrong for c in clients) and
              all(len(c.n_of) == 2 for c in clients),
              [c.wrong[:2] for c in clients])
    run("model", "alias", place, "champion", old)
    reload_by_hand(server, run, env, old, new)


def reload_by_hand(server, run, env, old, new):
    place = "s3://models/team"
    with Server("--endpoint-url", server.endpoint, "--ask-interval", "3600",
                model=place + "@champion", env=env) as serving:
        run("model", "alias", place, "champion", new)
        answer = serving.post("/admin/reload", b"",
                              {"Authorization": "Bearer " + TOKEN})
        check("/admin/reload asks the place", answer.status == 200 and
              answer.json()["version"] == new, answer.body)
        run("model", "alias", place, "champion", old)
        serving.send_signal(signal.SIGHUP)
        check("so does SIGHUP", wait_until(lambda: serving.get(
            "/model").json()["version"] == old))


def stop_at_once(run):
    """A place that does not answer does not hold the server up."""
    import socket
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = "http://127.0.0.1:%d" % silent.getsockname()[1]
        serving = Server("--endpoint-url", endpoint,
                         model="s3://models/silent@latest",
                         env=run.cache("cache-silent").environment,
                         wait=False, clean=False)
        check("a server starts before its place answers",
              wait_until(lambda: "listening" in serving.log()))
        began = time.monotonic()
        serving.stop()
        check("and ends while it asks", time.monotonic() - began < 5)


# ---- beside dvc ------------------------------------------------------------------------

def git(*words, cwd):
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t",
                    *words], cwd=cwd, check=True, capture_output=True)


def dvc(run, *words, cwd):
    done = subprocess.run(["dvc", *words], cwd=cwd, text=True,
                          env=run.environment, capture_output=True)
    if done.returncode != 0:
        print("dvc", words, done.stderr)
    return done.stdout if done.returncode == 0 else None


def make_repository(server, run, old, new):
    """Two tags, each with a bundle that dvc tracks and pushed."""
    repo = os.path.join(WORK, "repo")
    os.mkdir(repo)
    git("init", "-q", cwd=repo)
    Runner(run.environment)("init", cwd=repo)
    with open(repo + "/.dvc/config", "w") as out:
        out.write("[core]\n    remote = s3\n['remote \"s3\"']\n"
                  "    url = s3://models/dvc\n    endpointurl = %s\n"
                  % server.endpoint)
    for version, tag in ((old, "model@v1.0.0"), (new, "v2")):
        shutil.rmtree(repo + "/models", ignore_errors=True)
        shutil.copytree(version_folder(version), repo + "/models/bundle")
        dvc(run, "add", "-q", "models/bundle", cwd=repo)
        git("add", "-A", cwd=repo)
        git("commit", "-qm", tag, cwd=repo)
        git("tag", tag, cwd=repo)
    dvc(run, "push", "-q", "--all-tags", cwd=repo)
    return repo


def beside_dvc(server, run, old, new):
    plain = Runner(run.environment).cache("cache-dvc")
    repo = make_repository(server, run, old, new)
    place = "remote://s3"
    told = plain.json("model", "push", "--to", place, "--alias", "champion",
                      "--model", "models/bundle", cwd=repo)
    check("dvc pushed the very objects of the bundle already",
          told["pushed"] == 0 and not told["was_there"], told)
    check("dvc finds its remote as it was",
          "in sync" in (dvc(run, "status", "-c", cwd=repo) or ""))
    folder = plain("model", "pull", place + "@champion", cwd=repo)
    check("a remote of dvc is a place", folder and
          content_of(folder.strip()) == content_of(version_folder(new)))
    plain.json("model", "push", "--to", place, "--model", version_folder(old),
               cwd=repo)
    fresh = plain.cache("cache-gc")
    told = plain.json("gc", "-w", "-c", "-f", cwd=repo)
    check("our gc keeps what the registry needs",
          told and told[0]["removed"] > 0 and told[1]["removed"] == 0 and
          fresh("model", "pull", place + "@" + old, cwd=repo) is not None,
          told)
    fresh = plain.cache("cache-dvc-gc")
    dvc(run, "gc", "-w", "-c", "-f", "-q", cwd=repo)
    check("dvc gc -c keeps versions that dvc tracks",
          fresh("model", "pull", place + "@" + new, cwd=repo) is not None)
    said = fresh.error("model", "pull", place + "@" + old, cwd=repo)
    check("others are gone with it, which a pull says",
          "not to be had whole" in said, said)
    told = plain.json("model", "push", "--to", place, "--model",
                      version_folder(old), cwd=repo)
    check("and a push puts them back", told["pushed"] > 0 and
          fresh("model", "pull", place + "@" + old, cwd=repo) is not None)
    return repo


def revisions(run, repo, old, new):
    run = Runner(run.environment).cache("cache-rev")
    # dvc gc took what the old tag has out of the cache of dvc: it comes from
    # the remote; the new one from the cache
    for version, rev in ((old, "model@v1.0.0"), (new, "v2"), (new, "HEAD"),
                         (old, "HEAD~1")):
        check("--rev %s predicts as its bundle" % rev,
              predictions(run, "--rev", rev, cwd=repo) ==
              predictions(run, "--model", version_folder(version)))
    folder = run("model", "pull", "--rev", "model@v1.0.0", cwd=repo)
    check("pull --rev prints the folder", folder and
          content_of(folder.strip()) == content_of(version_folder(old)))
    figures = run.json("evaluate", "--input", WORK + "/log.csv", "--rev",
                       "model@v1.0.0", "--quiet", cwd=repo)
    check("evaluate takes a revision", figures["version"] == old)
    with Server("--rev", "model@v1.0.0", model="models/catclf.json",
                env=run.environment,
                program=("env", "-C", repo, CLICKMILL)) as serving:
        check("so does serve",
              serving.get("/model").json()["version"] == old)
    for path in content_of(repo + "/.dvc/cache/files"):
        path = os.path.join(repo, ".dvc/cache/files", path)
        os.chmod(path, 0o644)
        with open(path, "ab") as out:
            out.write(b"!")
        os.chmod(path, 0o444)
    folder = run.cache("cache-rev-2")("model", "pull", "--rev", "v2", cwd=repo)
    check("what the cache of dvc has damaged comes from the remote", folder and
          content_of(folder.strip()) == content_of(version_folder(new)))
    whole_folder(run, old, new)
    no_revision(run, repo)


def whole_folder(run, old, new):
    """The folder that train writes to is tracked, versions and all: the one
    that was current is meant, though dvc does not keep the link."""
    repo = os.path.join(WORK, "whole")
    os.mkdir(repo)
    git("init", "-q", cwd=repo)
    Runner(run.environment)("init", cwd=repo)
    shutil.copytree(WORK + "/models", repo + "/models", symlinks=True)
    dvc(run, "add", "-q", "models", cwd=repo)
    git("add", "-A", cwd=repo)
    git("commit", "-qm", "all of models", cwd=repo)
    check("of a folder with versions, the current one",
          predictions(run, "--rev", "HEAD", cwd=repo) ==
          predictions(run, "--model", version_folder(new)))
    check("or the one that is named",
          predictions(run, "--rev", "HEAD", "--model",
                      "models/versions/" + old, cwd=repo) ==
          predictions(run, "--model", version_folder(old)))


def no_revision(run, repo):
    said = run.error("model", "pull", "--rev", "v3", cwd=repo)
    check("an unknown revision", "git has no commit 'v3'" in said, said)
    said = run.error("model", "pull", "--rev", "v2", "--model", "other/model",
                     cwd=repo)
    check("a revision without that model: what it has",
          "no model in other" in said or "models/bundle" in said, said)
    said = run.error("model", "pull", "--rev", "v2", cwd=WORK)
    check("no repository", "not inside" in said.lower() or
          "repository" in said, said)


# ---- offline ----------------------------------------------------------------------------

def offline(run, old, new):
    """The server is gone; what was fetched stays of use."""
    run = run.cache("cache-s3")  # has all of there_and_back
    done = run.run("predict", "--input", "log.csv", "--model",
                   "s3://models/team@champion")
    check("an alias that cannot be asked is what it was, and that is said",
          done.returncode == 0 and "could not be asked" in done.stderr and
          done.stdout == predictions(run, "--model", version_folder(old)),
          done.stderr)
    done = run.run("predict", "--input", "log.csv", "--quiet", "--model",
                   "s3://models/team@" + old)
    check("a version needs no question",
          done.returncode == 0 and done.stderr == "", done.stderr)
    said = run.error("model", "pull", "s3://models/team@challenger")
    check("what was never asked for is an error that names the endpoint",
          "127.0.0.1" in said, said)
    with Server(*run.options, model="s3://models/team@champion",
                env=run.environment, clean=False) as serving:
        check("a server starts from the cache",
              serving.get("/model").json()["version"] == old)


def main():
    local = Runner(dict(os.environ, HOME=WORK))
    old, new = make_models(local)
    with Seaweed() as server:
        server.make_bucket("models")
        run = Runner(dict(server.environment(), DVC_GLOBAL_CONFIG_DIR=WORK),
                     "--endpoint-url", server.endpoint)
        there_and_back("folder", WORK + "/registry", local, old, new)
        md5 = there_and_back("s3", "s3://models/team", run, old, new)
        unknown_names("s3://models/team", run, old, new)
        wrong_access(server, run)
        moves_at_once(WORK + "/registry", local, old, new)
        moves_over_s3(server, run, old, new)
        damage(server, run, old, md5)
        damaged_cache(run, old)
        kills(server, run, old)
        killed_pushes(server, run, old, new)
        follow_alias(server, run, old, new)
        stop_at_once(run)
        repo = beside_dvc(server, run, old, new)
        revisions(run, repo, old, new)
    offline(run, old, new)
    shutil.rmtree(WORK, ignore_errors=True)
    finish()


if __name__ == "__main__":
    main()
