"""Ways to a server: TLS with a certificate authority of one's own, basic and
bearer authentication behind nginx; files through the server in parts, straight
to S3, and into a folder."""
import os
import shutil
import subprocess
import tempfile

import compare
from assertions import check, finish, poll, skip
from compare import LocalRun, differences
from mlflow_server import MlflowServer, free_port
from seaweed import Seaweed, weed_program

PROBE = os.path.join(os.environ["BUILD"], "tests/parity/probe_tracking")
SECRET = "s3cret-pass"
NGINX = """
worker_processes 1; daemon off; pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_max_body_size 0;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} ssl; server_name localhost;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location /basic/ {{
      auth_basic "mlflow"; auth_basic_user_file {folder}/users;
      proxy_pass http://127.0.0.1:{mlflow}/; proxy_set_header Host localhost;
    }}
    location /bearer/ {{
      if ($http_authorization != "Bearer {secret}") {{ return 401; }}
      proxy_pass http://127.0.0.1:{mlflow}/; proxy_set_header Host localhost;
    }}
  }}
}}
"""


class Nginx:
    def __init__(self, folder, mlflow):
        self.folder, self.port = folder, free_port()
        self.cert = os.path.join(folder, "cert.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout",
             os.path.join(folder, "key.pem"), "-out", self.cert],
            check=True, capture_output=True)
        hashed = subprocess.run(["openssl", "passwd", "-apr1", SECRET],
                                check=True, capture_output=True, text=True)
        with open(os.path.join(folder, "users"), "w") as file:
            file.write("me:" + hashed.stdout)
        with open(os.path.join(folder, "nginx.conf"), "w") as file:
            file.write(NGINX.format(folder=folder, port=self.port,
                                    mlflow=mlflow, secret=SECRET))
        os.chmod(folder, 0o755)  # its workers are another user's
        self.process = subprocess.Popen(
            [shutil.which("nginx") or "/usr/sbin/nginx", "-p", folder, "-c",
             os.path.join(folder, "nginx.conf")], stderr=subprocess.PIPE)

    def uri(self, way):
        return "https://localhost:%d/%s" % (self.port, way)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


def write(folder, experiment="probe", files=()):
    done = subprocess.run(
        [PROBE, "write", os.path.join(folder, "runs"), "3", "2", *files],
        check=True, capture_output=True, text=True,
        env={**os.environ, "PROBE_EXPERIMENT": experiment})
    return LocalRun(os.path.join(folder, "runs", done.stdout.strip()))


def push(folder, run, uri, seconds=60, **environment):
    return subprocess.run(
        [PROBE, "push", os.path.join(folder, "runs"), run.id, uri,
         str(seconds)], capture_output=True, text=True,
        env={**os.environ, **environment})


def everything(folder):
    found = ""
    for at, _, names in os.walk(os.path.join(folder, "runs")):
        for name in names:
            with open(os.path.join(at, name), errors="replace") as file:
                found += file.read()
    return found


def test_credentials(server, folder):
    with tempfile.TemporaryDirectory() as place, \
            Nginx(place, server.port) as nginx:
        ca = {"MLFLOW_TRACKING_SERVER_CERT_PATH": nginx.cert}
        me = {"MLFLOW_TRACKING_USERNAME": "me",
              "MLFLOW_TRACKING_PASSWORD": SECRET}
        said = []

        def tried(way, **environment):
            run = write(folder)
            done = push(folder, run, nginx.uri(way), 20, **environment)
            said.append(done.stdout + done.stderr)
            there = done.returncode == 0 and differences(
                server.client(), run) == []
            return there, done.stderr

        poll(lambda: tried("basic", **ca, **me)[0], 20, 0.1)
        there, what = tried("basic", **me)
        check("an authority that is not known is refused", not there
              and "MLFLOW_TRACKING_SERVER_CERT_PATH" in what, what)
        check("any certificate will do when told so", tried(
            "basic", MLFLOW_TRACKING_INSECURE_TLS="true", **me)[0])
        check("basic authentication", tried("basic", **ca, **me)[0])
        there, what = tried("basic", **ca)
        check("without it the variables are named", not there
              and "MLFLOW_TRACKING_USERNAME" in what, what)
        there, what = tried("bearer", **ca,
                            MLFLOW_TRACKING_TOKEN=SECRET + "x")
        check("a wrong token is refused", not there and "401" in what, what)
        check("bearer authentication", tried(
            "bearer", **ca, MLFLOW_TRACKING_TOKEN=SECRET)[0])
        check("no secret is said or kept", SECRET not in "".join(said)
              and SECRET not in everything(folder))


def large_file(folder):
    path = os.path.join(folder, "large.bin")
    with open(path, "wb") as file:
        file.write(os.urandom(20 << 20))
    return path


def test_parts(server, folder):
    """The server's store is S3: a large file goes to it in parts."""
    run = write(folder, "parts", [large_file(folder)])
    done = push(folder, run, server.uri,
                MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE=str(8 << 20))
    check("a large file is pushed", done.returncode == 0, done.stderr)
    asked = [one for one in server.requests() if "/mpu/" in one]
    check("in parts", [one.split("/mpu/")[1].split("/")[0] for one in asked]
          == ["create", "complete"], asked)
    found = differences(server.client(), run)
    check("and is what it was", found == [], found)


def test_places(server, folder, environment):
    """Experiments whose files are elsewhere."""
    disk = os.path.join(folder, "disk")
    for name, place in (("s3", "s3://direct/some/where"), ("folder", disk),
                        ("file", "file://" + disk)):
        server.client().create_experiment(name, artifact_location=place)
        run = write(folder, name, [compare.__file__])
        done = push(folder, run, server.uri, **environment)
        found = done.stderr
        if done.returncode == 0:
            found = differences(server.client(), run)
        check("files go where the experiment says: " + name, found == [],
              found)
    proxied = [one for one in server.requests()
               if one.startswith("PUT") and "compare.py" in one]
    check("and not through the server", proxied == [], proxied)


def main():
    if weed_program() is None:
        skip("no SeaweedFS: ./test versioning installs it")
    with tempfile.TemporaryDirectory() as folder, Seaweed() as store:
        store.make_bucket("proxied")
        store.make_bucket("direct")
        environment = {**store.environment(),
                       "MLFLOW_S3_ENDPOINT_URL": store.endpoint}
        os.environ.update(environment)  # mlflow's client, too
        with MlflowServer("--artifacts-destination", "s3://proxied/in/it",
                          environment=environment) as server:
            test_parts(server, folder)
            test_places(server, folder, environment)
            test_credentials(server, folder)
    finish()


if __name__ == "__main__":
    main()
