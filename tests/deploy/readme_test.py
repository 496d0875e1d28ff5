"""README.md's Kubernetes example against a server started with its own
arguments, and the image's HEALTHCHECK beside it."""
import re
import subprocess

from defaults import default_of
from server import ROOT, Server, check, finish, skip, wait_until

try:
    import yaml
except ImportError:
    skip("no PyYAML")


def read_deployment():
    with open(ROOT + "/deploy/README.md") as file:
        text = re.search(r"```yaml\n(.*?)```", file.read(), re.S).group(1)
    return yaml.safe_load(text)["spec"]["template"]["spec"]


def option(args, name):
    return args[args.index(name) + 1]


def check_pod(pod):
    container = pod["containers"][0]
    delay = float(option(container["args"], "--drain-delay"))
    check("the pod has the time to drain",
          pod["terminationGracePeriodSeconds"] >
          delay + default_of("limits.drain_timeout"))
    probe = container["readinessProbe"]
    check("it is out of the endpoints before it stops to accept",
          delay > probe["periodSeconds"] * probe["failureThreshold"])
    check("the port is the server's",
          container["ports"][0]["containerPort"] == default_of("port"))
    mounted = container["volumeMounts"][0]
    check("the model is mounted where it is looked for",
          option(container["args"], "--model-path") == mounted["mountPath"] and
          mounted["name"] == pod["volumes"][0]["name"])
    return {container[kind]["httpGet"]["path"] for kind in (
        "startupProbe", "livenessProbe", "readinessProbe")}


def health(*words):
    return subprocess.run([ROOT + "/deploy/healthcheck.sh", *words],
                          capture_output=True).returncode


def check_probes(paths):
    with Server("--drain-delay", "0") as server:
        port = str(server.port)
        for path in sorted(paths):
            check("%s comes to 200" % path, wait_until(
                lambda: server.get(path).status == 200))
        check("healthcheck.sh: alive", health(port) == 0)
        check("healthcheck.sh: ready", health(port, "/readyz") == 0)
        check("healthcheck.sh: what is not there", health(port, "/x") == 1)
    check("healthcheck.sh: nobody there", health(port) == 1)


def main():
    check_probes(check_pod(read_deployment()))
    finish()


main()
