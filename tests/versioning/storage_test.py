"""src/storage over a real S3 server that verifies signatures, over one that
spoils a fifth of the requests, and over one with prepared answers."""
import os
import random
import signal
import subprocess
import tempfile

import boto3  # noqa: F401  (its absence skips everything)

from checks import BUILD, check, finish, md5_of, wait_until
import pretender
from faulty_proxy import FaultyProxy, certificate_in
from pretender import error_xml
from repository import read, write
from seaweed import Seaweed, USER_KEY, USER_SECRET

PROBE = os.path.join(BUILD, "tests", "parity", "probe_storage")
# Without a backslash, which this server takes for a slash.
ODD_KEYS = ["plain", "a b", "a+b", "100%", "a%20b", "k=v&w=x", "~tilde",
            "клик/по рекламе", "q?x#y", "it's \"quoted\"", "<xml>&amp;",
            "colon:semi;comma,", "$@!*()[]{}|^`", "deep/er/and/deeper",
            "dot./.hidden", "x" * 200, "files/md5/ab/cdef.dir"]
random.seed(7)


class Storage:
    """The probe with a server's settings."""

    def __init__(self, environment, url, **settings):
        self.environment, self.url, self.settings = environment, url, settings

    def command(self, *words, **settings):
        named = {"url": self.url, **self.settings, **settings}
        return [PROBE] + ["%s=%s" % p for p in named.items()] + list(words)

    def run(self, *words, **settings):
        """(exit code, output)"""
        done = subprocess.run(self.command(*words, **settings), text=True,
                              env=self.environment, capture_output=True)
        return done.returncode, done.stdout + done.stderr

    def ok(self, name, *words, **settings):
        code, said = self.run(*words, **settings)
        return check(name, code == 0, said)

    def refused(self, name, *words, says=(), **settings):
        code, said = self.run(*words, **settings)
        secret = settings.get("secret_access_key", "a-secret")
        check(name, code == 1 and all(s in said for s in says) and
              secret not in said, said)


def write_list(folder, rows):
    """rows: (key, path, md5, size)"""
    text = "".join("%s\t%s\t%s\t%s\n" % row for row in rows)
    return write(folder, "list", text.encode())


# ---- one object ----------------------------------------------------------------

def round_trips(storage, client, folder):
    path = write(folder, "in", b"clicks\n")
    digest = md5_of(b"clicks\n")
    out = os.path.join(folder, "out")
    wrong = []
    for key in ODD_KEYS:
        for words in (("put", key, path, digest), ("stat", key),
                      ("get", key, out, digest)):
            code, said = storage.run(*words)
            if code != 0 or (words[0] == "stat" and said != "7\n"):
                wrong.append((words, said))
        if client.get_object(Bucket="data", Key="pre fix/" + key)[
                "Body"].read() != b"clicks\n":
            wrong.append(("boto3 reads", key))
        client.put_object(Bucket="data", Key="pre fix/" + key, Body=b"boto")
        if storage.run("read", key)[1] != "boto":
            wrong.append(("boto3 wrote", key))
    check("odd keys there and back, ours and boto3's", not wrong, wrong)
    listed = sorted(line.split(" ", 1)[1]
                    for line in storage.run("list")[1].splitlines())
    check("a listing has them all", listed == sorted(ODD_KEYS), listed)
    check("a listing of a prefix", storage.run("list", "files/md5/")[1] ==
          "4 files/md5/ab/cdef.dir\n")
    for key in ODD_KEYS:
        storage.run("remove", key)
    check("removed", storage.run("list")[1] == "")
    storage.ok("removing what is not there", "remove", "nothing")
    check("a missing key is no error of stat",
          storage.run("stat", "nothing") == (0, "missing\n"))


def sizes(storage, client, folder):
    wrong = []
    for size in (0, 1, 65535, 65536, 65537, 5 << 20):
        data = random.randbytes(size)
        path = write(folder, "in", data)
        out = os.path.join(folder, "out")
        for words in (("put", "size", path, md5_of(data)),
                      ("put", "size", path),
                      ("get", "size", out, md5_of(data))):
            code, said = storage.run(*words)
            if code != 0:
                wrong.append((size, words, said))
        if read(out) != data or client.get_object(
                Bucket="data", Key="pre fix/size")["Body"].read() != data:
            wrong.append((size, "content"))
    check("sizes around the buffers, with nothing in it too", not wrong, wrong)


def wrong_content(storage, folder):
    path = write(folder, "in", b"clicks\n")
    out = os.path.join(folder, "never")
    other = md5_of(b"other")
    storage.refused("put refuses a file with another md5", "put", "bad", path,
                    other, says=(path, other, md5_of(b"clicks\n")))
    check("and leaves nothing", storage.run("stat", "bad")[1] == "missing\n")
    storage.ok("put without an md5", "put", "good", path)
    storage.ok("get makes the folders it needs", "get", "good",
               os.path.join(folder, "new", "folder", "file"))
    storage.refused("get refuses an object with another md5", "get", "good",
                    out, other, says=("good", other))
    check("and leaves nothing beside the target",
          not [n for n in os.listdir(folder) if "never" in n])


# ---- many -----------------------------------------------------------------------

def make_many(folder, n, most):
    rows = []
    for i in range(n):
        data = random.randbytes(random.randrange(most) if i % 7 else 0)
        path = write(folder, "many-%d" % i, data)
        digest = md5_of(data + b"%d" % i)  # a name, not its md5
        rows.append(("files/md5/%s/%s" % (digest[:2], digest[2:]), path,
                     md5_of(data), len(data)))
    return rows


def get_back(storage, folder, rows):
    """Which of them come back wrong."""
    back = [(key, path + ".back", digest, size)
            for key, path, digest, size in rows]
    code, said = storage.run("get_all", write_list(folder, back))
    return [said] * (code != 0) + [path for _, path, digest, _ in back
                                   if not os.path.exists(path) or
                                   md5_of(read(path)) != digest]


def damaged(storage, folder, rows):
    """Among many, which are checked together."""
    bad = (0, 17, 18, 49)
    back = [(key, path + ".part", md5_of(b"%d" % i) if i in bad else digest,
             size) for i, (key, path, digest, size) in enumerate(rows)]
    code, said = storage.run("get_all", write_list(folder, back))
    check("damaged objects are named", code == 1 and
          "4 of 50 objects failed" in said and
          all(back[i][0] in said and back[i][2] in said for i in bad), said)
    there = [i for i, row in enumerate(back) if os.path.exists(row[1])]
    check("and are not there, as the others are",
          there == [i for i in range(50) if i not in bad] and
          all(md5_of(read(back[i][1])) == back[i][2] for i in there), there)
    check("and left nothing", not [name for name in os.listdir(folder)
                                   if name.endswith(".tmp")])


def many(storage, folder):
    rows = make_many(folder, 300, 20000)
    storage.ok("300 objects put", "put_all", write_list(folder, rows))
    wrong = get_back(storage, folder, rows)
    check("and got back", not wrong, wrong)
    damaged(storage, folder, rows[:50])
    # Of those asked for, every third is not there or has another size.
    asked = [(key + ("" if i % 3 else "x"), "", "-",
              size + (1 if i % 5 == 1 and i % 3 else 0))
             for i, (key, _, _, size) in enumerate(rows)]
    expected = ["%d %s" % (i % 3 != 0 and i % 5 != 1, row[0])
                for i, row in enumerate(asked)]
    for n in (1, 20, 99, 100, 300):
        code, said = storage.run("find_all", write_list(folder, asked[:n]))
        check("%d looked for, by asking or listing" % n,
              code == 0 and said.splitlines() == expected[:n], said[:300])
    asked = [("files/md5/%02x/none" % (i % 256), "", "-", "-")
             for i in range(150)] + [(rows[5][0], "", "-", "-")]
    code, said = storage.run("find_all", write_list(folder, asked))
    check("found when most are not there", code == 0 and [
        line for line in said.splitlines() if line[0] == "1"] ==
        ["1 " + rows[5][0]], said[-300:])
    bad = rows[:3] + [("gone", os.path.join(folder, "no-file"), "-", 1)]
    code, said = storage.run("put_all", write_list(folder, bad))
    check("one that fails does not stop the others",
          code == 1 and "1 of 4 objects failed" in said and
          said.count("failed ") == 1, said)


def killed(storage, folder):
    """kill -9 in the middle of getting: what is there is whole; the next run
    gets the rest and clears away what the killed one left."""
    rows = make_many(folder, 150, 60000)
    storage.run("put_all", write_list(folder, rows))
    back = [(key, path + ".killed", digest, size)
            for key, path, digest, size in rows]
    words = ("get_all", write_list(folder, back))
    halves, middles = [], 0
    for wanted in range(15, 150, 30):
        child = subprocess.Popen(storage.command(*words),
                                 env=storage.environment,
                                 stdout=subprocess.DEVNULL)
        wait_until(lambda: child.poll() is not None or sum(
            os.path.exists(row[1]) for row in back) >= wanted, pause=0.001)
        child.kill()
        middles += child.wait() == -signal.SIGKILL
        halves += [row[1] for row in back if os.path.exists(row[1]) and
                   md5_of(read(row[1])) != row[2]]
    check("killed in the middle %d times" % middles, middles > 0)
    check("files are there whole or not at all", not halves, halves)
    storage.ok("the next run gets them all", *words)
    check("and they are whole", all(md5_of(read(row[1])) == row[2]
                                    for row in back))
    check("and nothing else is left", not [
        name for name in os.listdir(folder) if name.endswith(".tmp")])


# ---- in parts ---------------------------------------------------------------------

def in_parts(storage, client, folder):
    data = random.randbytes(100 * 1000 * 1000 + 13)
    path, digest = write(folder, "large", data), md5_of(data)
    out = os.path.join(folder, "out")
    storage.ok("100 MB in parts", "put", "large", path, digest)
    head = client.head_object(Bucket="data", Key="pre fix/large")
    check("with an ETag of parts",
          head["ETag"].endswith('-6"') and
          head["ContentLength"] == len(data), head)
    storage.ok("and back", "get", "large", out, digest)
    check("the same", read(out) == data)
    storage.refused("a large file with another md5", "put", "other", path,
                    md5_of(b""), says=(path, digest))
    check("leaves no object and no upload",
          storage.run("stat", "other")[1] == "missing\n" and
          not open_uploads(client))
    resume(storage, client, folder, path, digest)
    client.upload_file(write(folder, "large", data[:20 << 20]), "data",
                       "pre fix/boto-large")  # its parts are 8 MiB
    storage.ok("what boto3 sent in parts", "get", "boto-large", out,
               md5_of(data[:20 << 20]))


def open_uploads(client):
    return client.list_multipart_uploads(Bucket="data").get("Uploads", [])


def parts_there(client, key):
    for one in open_uploads(client):
        if one["Key"] == key:
            return len(client.list_parts(Bucket="data", Key=key,
                                         UploadId=one["UploadId"])
                       .get("Parts", []))
    return 0


def resume(storage, client, folder, path, digest):
    """Killed when two parts are there; the next try sends only the others."""
    with FaultyProxy("127.0.0.1", storage.port, part=1, how=("delay",),
                     delay=0.15) as slow:
        child = subprocess.Popen(
            storage.command("put", "again", path, digest, jobs=1,
                            endpoint_url=slow.endpoint),
            env=storage.environment, stdout=subprocess.DEVNULL)
        there = wait_until(lambda: child.poll() is not None or
                           parts_there(client, "pre fix/again") >= 2)
        child.send_signal(signal.SIGKILL)
        check("killed in the middle", child.wait() == -signal.SIGKILL and there)
    had = parts_there(client, "pre fix/again")
    with FaultyProxy("127.0.0.1", storage.port, part=0) as counting:
        storage.ok("put goes on where it was killed", "put", "again", path,
                   digest, endpoint_url=counting.endpoint)
        sent = sum("partNumber=" in line for line in counting.lines)
    check("and sends only what is missing", had >= 2 and sent == 6 - had,
          "%d were there, %d sent" % (had, sent))
    out = os.path.join(folder, "out")
    storage.ok("and it is whole", "get", "again", out, digest)
    check("no upload is left open", not open_uploads(client))


# ---- refusals -----------------------------------------------------------------------

def refusals(storage, folder):
    path = write(folder, "in", b"x")
    for words in (("put", "k", path), ("stat", "k"), ("list",)):
        storage.refused("wrong secret: " + words[0], *words,
                        access_key_id=storage.environment["AWS_ACCESS_KEY_ID"],
                        secret_access_key="wrong-secret",
                        says=("SignatureDoesNotMatch", "s3://data",
                              "the remote's configuration"))
    storage.refused("unknown key", "put", "k", path, access_key_id="UNKNOWN",
                    secret_access_key="wrong-secret",
                    says=("InvalidAccessKeyId", "the remote's configuration"))
    storage.refused("anonymous", "put", "k", path, anonymous=1,
                    says=("AccessDenied", "anonymous"))
    for seconds in (-1300, 1300):
        storage.refused("clock off by %d s" % seconds, "put", "k", path,
                        clock=seconds, says=("RequestTimeTooSkewed",
                                             "the clock here says", "GMT"))
    storage.refused("nobody listens", "stat", "k",
                    endpoint_url="http://127.0.0.1:1",
                    says=("127.0.0.1", "3 attempts", "check the endpoint"))
    storage.refused("missing object", "get", "none", path + ".no",
                    says=("NoSuchKey", "s3://data/pre fix/none"))
    user = Storage(storage.environment, "s3://no-such-bucket/x",
                   **dict(storage.settings, access_key_id=USER_KEY,
                          secret_access_key=USER_SECRET))
    for words in (("stat", "k"), ("list",), ("get", "k", path + ".no")):
        code, said = user.run(*words)
        check("missing bucket: " + words[0], code == 1 and
              "no bucket no-such-bucket at http://" in said and
              USER_SECRET not in said, said)


def virtual_host(storage, folder):
    config = write(folder, "config", b"[default]\ns3 =\n"
                                     b"    addressing_style = virtual\n")
    path = write(folder, "in", b"virtual")
    at = Storage(dict(storage.environment, AWS_CONFIG_FILE=config),
                 storage.url,
                 endpoint_url="http://localhost:%d" % storage.port)
    at.ok("bucket in the host's name: put", "put", "virtual", path)
    check("and it is the same bucket",
          storage.run("read", "virtual")[1] == "virtual")


# ---- a spoiled line ---------------------------------------------------------------------

def spoiled(storage, folder):
    rows = make_many(folder, 120, 300000)
    data = random.randbytes((64 << 20) + 12345)
    rows.append(("files/md5/la/rge", write(folder, "many-large", data),
                 md5_of(data), len(data)))
    with FaultyProxy("127.0.0.1", storage.port, part=0.2, seed=3,
                     delay=0.05) as proxy:
        through = Storage(storage.environment, "s3://data/spoiled",
                          endpoint_url=proxy.endpoint)
        through.ok("121 objects put, every fifth request spoiled", "put_all",
                   write_list(folder, rows))
        wrong = get_back(through, folder, rows)
        check("and got back", not wrong, wrong)
        asked = [(key, "", "-", size) for key, _, _, size in rows]
        code, said = through.run("find_all", write_list(folder, asked))
        check("and found", code == 0 and said.count("1 files") == 121, said)
        check("each kind of fault came", all(proxy.spoiled.values()),
              proxy.spoiled)
    wrong = get_back(Storage(storage.environment, "s3://data/spoiled",
                             endpoint_url=storage.endpoint), folder, rows)
    check("they are whole on the server", not wrong, wrong)


# ---- prepared answers -----------------------------------------------------------------------

class Pretender(pretender.Pretender):
    def storage(self, environment, **settings):
        return Storage(environment, "s3://data", region="ru-msk",
                       endpoint_url=self.endpoint, **settings)


def prepared(environment, folder):
    path = write(folder, "in", b"clicks\n")
    malformed = (400, {}, error_xml(
        "AuthorizationHeaderMalformed", "the region 'ru-msk' is wrong",
        "<Region>eu-north-1</Region>"))
    with Pretender(PUT=[malformed], GET=[malformed],
                   HEAD=[(400, {}, b"")]) as server:
        storage = server.storage(environment)
        for words in (("put", "k", path), ("stat", "k")):
            storage.refused("wrong region: " + words[0], *words,
                            says=("region ru-msk", "wants eu-north-1"))
    missing = (404, {}, error_xml("NoSuchBucket", "none"))
    with Pretender(PUT=[missing]) as server:
        server.storage(environment).refused(
            "missing bucket: put", "put", "k", path,
            says=("no bucket data at http://",))
    with Pretender(GET=[(301, {"x-amz-bucket-region": "kz-ast"}, b"")]) as s:
        s.storage(environment).refused("a redirect to another region", "list",
                                       says=("wants kz-ast",))
    with Pretender(PUT=[(503, {"Retry-After": "1"}, error_xml(
            "SlowDown", "slower")), (200, {}, b"")]) as server:
        server.storage(environment).ok("put after SlowDown", "put", "k", path)
        check("tried twice", len(server.seen) == 2, server.seen)
    late = (400, {}, error_xml("RequestTimeout", "idle"))
    with Pretender(PUT=[late, (200, {}, b"")]) as server:
        server.storage(environment).ok("put after RequestTimeout", "put", "k",
                                       path)
    with Pretender(GET=[(200, {"Content-Length": "9",
                               "Connection": "close"}, b"clicks\n"),
                        (200, {}, b"clicks\n")]) as server:
        out = os.path.join(folder, "out")
        server.storage(environment).ok(
            "get after an answer that stopped", "get", "k", out,
            md5_of(b"clicks\n"))
        check("it is whole", read(out) == b"clicks\n")
    with Pretender(PUT=[(200, {"ETag": '"%s"' % md5_of(b"x")}, b"")],
                   DELETE=[(204, {}, b"")]) as server:
        server.storage(environment).refused(
            "another ETag than was sent", "put", "k", path,
            md5_of(b"clicks\n"), says=("another md5",))
        check("is removed", server.seen[-1][0] == "DELETE")
    with Pretender(HEAD=[(200, {"Content-Length": "5"}, b"")]) as server:
        server.storage(environment, access_key_id="K", secret_access_key="s",
                       session_token="the-token").ok("a session token",
                                                     "stat", "k")
        headers = server.seen[0][2]
        check("is sent and signed",
              headers["x-amz-security-token"] == "the-token" and
              "x-amz-security-token" in headers["Authorization"] and
              "/ru-msk/s3/aws4_request" in headers["Authorization"], headers)
        server.storage(environment, anonymous=1).ok("anonymous", "stat", "k")
        check("is not signed", server.seen[1][2]["Authorization"] is None)
    with Pretender(GET=[(200, {}, b"<html>hello</html>")]) as server:
        server.storage(environment).refused("no S3 server", "list",
                                            says=("is an S3 server",))


def prepared_parts(environment, folder):
    """What only a server that is in trouble answers to an upload in parts."""
    path = write(folder, "large", bytes((64 << 20) + 1))
    none = (200, {}, b"<ListMultipartUploadsResult/>")
    begun = (200, {}, b"<R><UploadId>the id</UploadId></R>")
    failed = (200, {}, error_xml("InternalError", "at the end"))
    gone = (404, {}, error_xml("NoSuchUpload", "gone"))
    good = (200, {"ETag": '"some-tag"'}, b"")
    other = (200, {"ETag": '"%s"' % md5_of(b"other")}, b"")
    there = (200, {"Content-Length": str((64 << 20) + 1)}, b"")
    with Pretender(GET=[none], POST=[begun, failed], PUT=[good]) as server:
        server.storage(environment).refused(
            "an error in an answer of 200", "put", "k", path,
            says=("InternalError", "at the end"))
        check("five parts were sent", sum(
            "uploadId=the%20id" in line and method == "PUT"
            for method, line, _ in server.seen) == 5, server.seen)
    with Pretender(GET=[none], POST=[begun, gone], PUT=[good],
                   HEAD=[there]) as server:
        server.storage(environment).ok(
            "completed by an attempt whose answer was lost", "put", "k", path)
    with Pretender(GET=[none], POST=[begun], PUT=[other],
                   DELETE=[(204, {}, b"")]) as server:
        server.storage(environment).refused(
            "a part that arrived wrong", "put", "k", path,
            says=("part ", md5_of(b"other")))
        check("ends the upload", server.seen[-1][0] == "DELETE")


def over_tls(environment, folder):
    crt, pem = certificate_in(folder)
    path = write(folder, "in", bytes(30 << 20))
    with Pretender(certificate=pem, HEAD=[(200, {}, b"")],
                   PUT=[None, None, (200, {}, b"")]) as server:
        storage = server.storage(environment)
        storage.refused("a certificate that nobody knows", "stat", "k",
                        says=("ssl_verify", "1 attempt"))
        storage.ok("ssl_verify = its file", "stat", "k",
                   ssl_verify=crt)
        storage.ok("ssl_verify = false", "stat", "k", ssl_verify="false")
        storage.ok("put to a server that closes twice while we send", "put",
                   "k", path, ssl_verify="false")
        check("three attempts", [s[0] for s in server.seen].count("PUT") == 3,
              server.seen)


def main():
    with tempfile.TemporaryDirectory() as folder, Seaweed() as server:
        server.make_bucket("data")
        client = server.client()
        storage = Storage(server.environment(), "s3://data/pre fix",
                          endpoint_url=server.endpoint)
        storage.port, storage.endpoint = server.port, server.endpoint
        round_trips(storage, client, folder)
        sizes(storage, client, folder)
        wrong_content(storage, folder)
        virtual_host(storage, folder)
        many(storage, folder)
        killed(storage, folder)
        in_parts(storage, client, folder)
        refusals(storage, folder)
        prepared(server.environment(), folder)
        prepared_parts(server.environment(), folder)
        over_tls(server.environment(), folder)
        spoiled(storage, folder)
    finish()


if __name__ == "__main__":
    main()
