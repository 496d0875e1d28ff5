"""A real Prometheus with deploy's own configuration, scraping another port and
faster: what is 5 s there is 1 s here."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request

from server import PATIENCE, ROOT, wait_until

FASTER = (("scrape_interval: 5s", "scrape_interval: 1s"),
          ("scrape_timeout: 4s", "scrape_timeout: 1s"),
          ("evaluation_interval: 15s", "evaluation_interval: 1s"))


class Prometheus:
    def __init__(self, target):
        self.folder = tempfile.mkdtemp(prefix="prometheus-")
        shutil.copy(ROOT + "/deploy/prometheus/rules.yml", self.folder)
        with open(ROOT + "/deploy/prometheus/prometheus.yml") as file:
            text = file.read()
        for old, new in (*FASTER, ("clickmill:8000", target)):
            assert old in text, old
            text = text.replace(old, new)
        config = os.path.join(self.folder, "prometheus.yml")
        with open(config, "w") as file:
            file.write(text)
        self.log = open(os.path.join(self.folder, "log"), "w")
        self.process = subprocess.Popen(
            ["prometheus", "--config.file=" + config,
             "--storage.tsdb.path=" + os.path.join(self.folder, "data"),
             "--web.listen-address=127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.port = wait_until(self._port)
        assert self.port, self.said()
        assert wait_until(self._ready), self.said()

    def _port(self):
        found = re.search(r'"Listening on" address=127.0.0.1:(\d+)',
                          self.said())
        return found and int(found.group(1))

    def _ready(self):
        try:
            return self._get("/-/ready") is not None
        except OSError:
            return False

    def said(self):
        with open(self.log.name) as file:
            return file.read()

    def _get(self, path, **arguments):
        url = "http://127.0.0.1:%d%s?%s" % (
            self.port, path, urllib.parse.urlencode(arguments))
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.read()

    def api(self, name, **arguments):
        answer = json.loads(self._get("/api/v1/" + name, **arguments))
        assert answer["status"] == "success", answer
        return answer["data"]

    def query(self, expr):
        """[(labels, value)] of now."""
        return [(r["metric"], float(r["value"][1]))
                for r in self.api("query", query=expr)["result"]]

    def query_range(self, expr, start, end, step):
        """[(labels, [value])]"""
        return [(r["metric"], [float(v) for _, v in r["values"]])
                for r in self.api("query_range", query=expr, start=start,
                                  end=end, step=step)["result"]]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
