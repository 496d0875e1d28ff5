"""compose.yaml as docker-compose understands it, and its neighbours: every
file it mounts is there, no secret is in it, the services are hardened."""
import json
import os
import re
import shutil
import subprocess

from defaults import drain_seconds, seconds
from server import ROOT, check, finish, skip

try:
    import yaml
except ImportError:
    skip("no PyYAML")
DEPLOY = ROOT + "/deploy"


def config(*options):
    done = subprocess.run(
        ["docker-compose", "-f", DEPLOY + "/compose.yaml", *options, "config"],
        text=True, capture_output=True)
    check(" ".join(("docker-compose", *options, "config is clean")),
          done.returncode == 0 and not done.stderr, done.stderr)
    return yaml.safe_load(done.stdout)


def check_service(name, service):
    check(name + ": read-only root", service["read_only"] is True)
    check(name + ": no new privileges, no capabilities",
          service["security_opt"] == ["no-new-privileges:true"] and
          service["cap_drop"] == ["ALL"])
    check(name + ": memory, CPUs and processes are limited",
          all(service.get(k) for k in ("mem_limit", "cpus", "pids_limit")))
    check(name + ": ports of this machine only",
          all(port.startswith("127.0.0.1:") for port in service["ports"]))
    for volume in service["volumes"]:
        source = volume.split(":")[0]
        if source.startswith("/"):
            check("%s: %s is there" % (name, os.path.relpath(source, ROOT)),
                  os.path.isdir(source))
            check("%s: it is mounted read-only" % name,
                  volume.endswith(":ro"))


def check_images(services):
    for name in "prometheus", "grafana":
        image = services[name]["image"]
        check("%s: pinned to a version" % name,
              re.fullmatch(r"[\w/-]+:v?\d+\.\d+\.\d+", image), image)
        check("%s: has a healthcheck" % name, services[name]["healthcheck"])
    build = services["clickmill"]["build"]
    check("the Dockerfile's context is the repository",
          os.path.samefile(build["context"], ROOT) and
          os.path.exists(os.path.join(ROOT, build["dockerfile"])))


def check_stop(service):
    check("stop_grace_period is over the drain's %g s" % drain_seconds(),
          seconds(service["stop_grace_period"]) > drain_seconds())


def check_secrets(whole, services):
    shown = json.dumps(services["grafana"]["environment"])
    check("Grafana's password comes from a file",
          "GF_SECURITY_ADMIN_PASSWORD__FILE" in shown and
          "GF_SECURITY_ADMIN_PASSWORD\"" not in shown)
    secret = whole["secrets"]["grafana_admin_password"]["file"]
    for path in secret, DEPLOY + "/.env":
        done = subprocess.run(["git", "-C", ROOT, "check-ignore", "-q", path],
                              capture_output=True)
        check("git ignores " + os.path.relpath(path, ROOT),
              done.returncode in (0, 128))  # 128: no git here


def check_provisioning(services):
    with open(DEPLOY + "/grafana/provisioning/datasources/prometheus.yaml"
              ) as file:
        source = yaml.safe_load(file)["datasources"][0]
    check("the data source is compose's Prometheus",
          source["url"] == "http://prometheus:9090" and
          source["access"] == "proxy" and source["type"] == "prometheus")
    with open(DEPLOY + "/prometheus/prometheus.yml") as file:
        scrape = yaml.safe_load(file)
    check("the data source knows how often is scraped",
          source["jsonData"]["timeInterval"] ==
          scrape["global"]["scrape_interval"] == "5s")
    targets = {job["job_name"]: job["static_configs"][0]["targets"]
               for job in scrape["scrape_configs"]}
    check("what is scraped is compose's clickmill",
          targets["clickmill"] == ["clickmill:8000"])
    with open(DEPLOY + "/grafana/provisioning/dashboards/clickmill.yaml"
              ) as file:
        provider = yaml.safe_load(file)["providers"][0]
    check("dashboards are where the provider looks", any(
        volume.split(":")[1] == provider["options"]["path"]
        for volume in services["grafana"]["volumes"]))


def main():
    if not shutil.which("docker-compose"):
        skip("no docker-compose")
    whole = config()
    check(".env.example says the defaults",
          config("--env-file", DEPLOY + "/.env.example") == whole)
    services = whole["services"]
    check("three services",
          sorted(services) == ["clickmill", "grafana", "prometheus"])
    for name, service in services.items():
        check_service(name, service)
    check_images(services)
    check_stop(services["clickmill"])
    check_secrets(whole, services)
    check_provisioning(services)
    finish()


main()
