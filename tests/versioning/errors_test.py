"""What push and pull say when the remote, the network or the disk refuse: the
object, what is wrong and what to do; and never a secret.  Over a real S3 server
where it refuses by itself.  Answers marked "as documented" are AWS's, in the
format of its documentation, from a prepared server: SeaweedFS takes any region,
and its tokens do not expire."""
import os
import shutil
import subprocess
import sys
import tempfile

from checks import CLICKMILL, check, finish
from faulty_proxy import FaultyProxy, certificate_in
from pretender import Pretender
from repository import Program, content_of, read, s3_remote, write
from seaweed import SECRET, USER_KEY, USER_SECRET, Seaweed

WRONG = "a-wrong/secret+nobody=has"
TOKEN = "a/session+token=of-nobody"
SECRETS = (SECRET, USER_SECRET, WRONG, TOKEN)
ODD = "pre fix/a+b=c%20d~é/клик"
FILES = 5


class Runner:
    """Runs commands in one repository and keeps all they said."""

    def __init__(self, work, server):
        self.server, self.said = server, []
        self.environment = server.environment()
        self.folder = os.path.join(work, "repository")
        os.mkdir(self.folder)
        Program("git", self.environment)("init", "-q", cwd=self.folder)
        self.run("init")
        for i in range(FILES):
            write(self.folder, "data/file %d" % i, b"content %d\n" % i * 3000)
        self.run("add", "data")

    def configure(self, text):
        write(self.folder, ".dvc/config", text.encode())

    def run(self, *words, before=(), **environment):
        """(exit code, standard error)"""
        done = subprocess.run(
            [*before, CLICKMILL, *words], cwd=self.folder, text=True,
            env={**self.environment, **environment}, capture_output=True)
        self.said.append(done.stdout + done.stderr)
        return done.returncode, done.stderr

    def refused(self, name, *words, says, **more):
        code, said = self.run(*words, **more)
        check(name, code == 1 and all(text in said for text in says),
              (code, said))

    def forget(self):
        for name in (".dvc/cache", "data"):
            path = os.path.join(self.folder, name)
            shutil.rmtree(path, ignore_errors=True)


# ---- what the server refuses -------------------------------------------------------

def keys(runner):
    runner.configure(s3_remote(runner.server, "keys"))
    from_environment = "the environment (AWS_ACCESS_KEY_ID)"
    for words in (("push",), ("push", "--verbose"), ("push", "--json"),
                  ("status", "--cloud")):
        runner.refused("wrong secret: " + " ".join(words), *words,
                       AWS_SECRET_ACCESS_KEY=WRONG,
                       says=("s3://data/keys/files/md5/",
                             "SignatureDoesNotMatch", from_environment))
    runner.refused("unknown access key", "push", AWS_ACCESS_KEY_ID="NOBODYS",
                   says=("s3://data/keys/files/md5/", "InvalidAccessKeyId",
                         from_environment, "check it"))
    runner.run("remote", "modify", "--local", "s3", "access_key_id",
               runner.server.key)
    runner.run("remote", "modify", "--local", "s3", "secret_access_key", WRONG)
    runner.refused("wrong secret of .dvc/config.local", "push",
                   says=("SignatureDoesNotMatch", "the remote's configuration"))
    for words in (("remote", "list"), ("remote", "list", "--json"),
                  ("config", "show"), ("status", "--json")):
        runner.run(*words)
    os.remove(os.path.join(runner.folder, ".dvc/config.local"))


def buckets(runner):
    """With the key that may not make one."""
    runner.configure(s3_remote(runner.server, "x").replace("//data/",
                                                           "//no-bucket/"))
    for word in ("push", "pull"):
        if word == "pull":
            runner.forget()
        runner.refused("missing bucket: " + word, word,
                       AWS_ACCESS_KEY_ID=USER_KEY,
                       AWS_SECRET_ACCESS_KEY=USER_SECRET,
                       says=("no bucket no-bucket at http://127.0.0.1:",
                             "create it"))


def clocks(runner):
    runner.configure(s3_remote(runner.server, "clock"))
    if shutil.which("faketime") is None:
        check("faketime is there", os.environ.get("CI") != "true")
        return
    for minutes in ("+20m", "-20m"):
        runner.refused("a clock that is off by " + minutes, "push",
                       before=("faketime", "-f", minutes),
                       says=("s3://data/clock/files/md5/",
                             "RequestTimeTooSkewed", "the clock here says",
                             "GMT", "15 minutes"))
    code, said = runner.run("push", before=("faketime", "-f", "+10m"))
    check("a clock that is off by 10 minutes is none of our business",
          code == 0, said)


def regions(runner):
    """What this server does not check it must not break."""
    runner.configure(s3_remote(runner.server, "region") +
                     "    region = ru-msk\n")
    code, said = runner.run("push")
    check("any region is signed for", code == 0, said)


def networks(runner):
    for name, endpoint, says in (
            ("nobody listens", "http://127.0.0.1:1", ("attempts", "127.0.0.1",
                                                      "check the endpoint")),
            ("no such host", "http://no-such-host.invalid",
             ("no-such-host.invalid", "check the host's name"))):
        runner.configure(s3_remote(runner.server, "net", endpoint))
        runner.refused(name, "push", says=says)


def over_tls(runner, work):
    alone, both = certificate_in(work)
    with FaultyProxy("127.0.0.1", runner.server.port, part=0,
                     certificate=both) as proxy:
        config = s3_remote(runner.server, "tls", proxy.endpoint)
        runner.configure(config)
        runner.refused("a certificate of nobody known", "push",
                       says=("https://127.0.0.1:", "certificate",
                             "ssl_verify"))
        check("nothing was sent over it", not proxy.lines, proxy.lines)
        for value in (alone, "false"):
            runner.configure(config + "    ssl_verify = %s\n" % value)
            code, said = runner.run("push")
            check("ssl_verify = " + os.path.basename(value), code == 0, said)
        runner.configure(config + "    ssl_verify = /no/such.pem\n")
        runner.refused("a bundle that is not there", "push",
                       says=("/no/such.pem",))


def odd_names(runner, dvc):
    """Prefixes with blanks, +, %, =, ~ and letters of others, for both."""
    runner.configure(s3_remote(runner.server, ODD))
    before = content_of(runner.folder)
    code, said = runner.run("push")
    check("an odd prefix: pushed", code == 0, said)
    said = dvc("status", "--cloud", cwd=runner.folder)
    check("an odd prefix: dvc finds it there", said and "in sync" in said, said)
    runner.forget()
    for word in ("pull", "fetch"):
        runner.refused("wrong secret: " + word, word, AWS_SECRET_ACCESS_KEY=WRONG,
                       says=("s3://data/%s/files/md5/" % ODD,
                             "SignatureDoesNotMatch"))
    code, said = runner.run("pull")
    check("an odd prefix: pulled", code == 0 and
          content_of(runner.folder) == before, said)
    runner.refused("an odd prefix in an error", "push",
                   AWS_SECRET_ACCESS_KEY=WRONG,
                   says=("s3://data/%s/files/md5/" % ODD,))


# ---- as documented ---------------------------------------------------------------------

def answer_of(status, code, message, more="", **headers):
    body = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code>"
            "<Message>%s</Message>%s<RequestId>4442587FB7D0A2F9</RequestId>"
            "<HostId>hostid</HostId></Error>" % (code, message, more))
    return status, {"Content-Type": "application/xml", **headers}, body.encode()


def documented():
    """AWS's answers, by name; with what must be said of them."""
    yield ("wrong region", answer_of(
        400, "AuthorizationHeaderMalformed", "The authorization header is "
        "malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
        "<Region>eu-west-1</Region>"),
        ("signed for region us-east-1", "wants eu-west-1", "set the remote's"))
    yield ("a bucket of another region", answer_of(
        301, "PermanentRedirect", "The bucket you are attempting to access "
        "must be addressed using the specified endpoint.",
        "<Endpoint>data.s3.eu-west-1.amazonaws.com</Endpoint>"
        "<Bucket>data</Bucket>", **{"x-amz-bucket-region": "eu-west-1"}),
        ("PermanentRedirect", "wants eu-west-1"))
    yield ("a clock that is off", answer_of(
        403, "RequestTimeTooSkewed", "The difference between the request time "
        "and the current time is too large.",
        "<RequestTime>20261125T222601Z</RequestTime>"
        "<ServerTime>2026-11-25T22:46:02Z</ServerTime>"
        "<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>"),
        ("the clock here says", "15 minutes"))
    yield ("an expired token", answer_of(
        400, "ExpiredToken", "The provided token has expired.",
        "<Token-0>%s</Token-0>" % TOKEN), ("get a new session token",))
    yield ("a signature that is wrong", answer_of(
        403, "SignatureDoesNotMatch", "The request signature we calculated "
        "does not match the signature you provided.",
        "<AWSAccessKeyId>AKIA</AWSAccessKeyId><StringToSign>AWS4 %s"
        "</StringToSign><CanonicalRequest>x-amz-security-token:%s"
        "</CanonicalRequest>" % (TOKEN, TOKEN)),
        ("the secret access key does not belong",))
    yield ("a right that is missing", answer_of(
        403, "AccessDenied", "Access Denied"), ("may not do this",))
    yield ("a server that stays busy", answer_of(
        503, "SlowDown", "Please reduce your request rate.",
        **{"Retry-After": "0"}), ("SlowDown", "try again later"))


def as_documented(runner):
    for name, answer, says in documented():
        with Pretender(GET=[answer], PUT=[answer], POST=[answer],
                       HEAD=[answer]) as server:
            runner.configure(s3_remote(runner.server, "d", server.endpoint))
            runner.refused("as documented: " + name, "push",
                           AWS_SESSION_TOKEN=TOKEN,
                           says=("s3://data/", *says))
            check("and the token was sent", all(
                headers["x-amz-security-token"] == TOKEN
                for _, _, headers in server.seen), server.seen)


# ---- the disk ------------------------------------------------------------------------

def can_mount():
    return subprocess.run(["unshare", "-m", "true"],
                          capture_output=True).returncode == 0


def mount(options, folder):
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder],
                   check=True)


def whole(runner, expected):
    code, said = runner.run("pull")
    check("and the next pull gets the rest", code == 0 and
          content_of(runner.folder) == expected, said)


def disks(runner, mounted):
    """In a mount namespace of our own, a file system of 16 KB; else the limit
    of a file's size, and rights."""
    runner.configure(s3_remote(runner.server, "disk"))
    runner.run("push")
    expected = content_of(runner.folder)
    cache = os.path.join(runner.folder, ".dvc/cache")
    runner.forget()
    os.makedirs(cache)
    if mounted:
        mount("size=16k", cache)
        runner.refused("a full disk", "pull",
                       says=("data/file ", "the disk is full", "free space"))
        subprocess.run(["mount", "-o", "remount,ro,size=16m", cache],
                       check=True)
    else:
        runner.refused("a file that may not grow", "pull", before=(
            "sh", "-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "-"),
            says=("data/file ", "File too large"))
        os.chmod(cache, 0o555)
    says = ("Read-only file system" if mounted else "Permission denied",)
    if mounted or os.geteuid() != 0:
        runner.refused("a cache that is read-only", "pull",
                       says=("data", cache, *says))
    if mounted:
        subprocess.run(["umount", cache], check=True)
    os.chmod(cache, 0o755)
    whole(runner, expected)


def no_secrets(runner, work):
    for secret in SECRETS:
        check("a secret that nobody said", not any(
            secret in text for text in runner.said), secret)
    kept = [path for root, _, files in os.walk(runner.folder)
            for path in (os.path.join(root, name) for name in files)
            if any(s.encode() in read(path) for s in SECRETS)]
    check("and that no file keeps", not kept, kept)
    check("%d outputs were looked at" % len(runner.said),
          len(runner.said) > 30)


def main():
    if len(sys.argv) == 1 and can_mount():
        # Mounts of this namespace end with the test, whatever ends it.
        os.execvp("unshare", ["unshare", "-m", sys.executable, __file__,
                              "mounted"])
    with tempfile.TemporaryDirectory(prefix="clickmill-errors-") as work, \
            Seaweed() as server:
        server.make_bucket("data")
        runner = Runner(work, server)
        keys(runner)
        clocks(runner)
        regions(runner)
        networks(runner)
        over_tls(runner, work)
        as_documented(runner)
        odd_names(runner, Program("dvc", runner.environment))
        disks(runner, len(sys.argv) > 1)
        buckets(runner)
        no_secrets(runner, work)
    finish()


main()
