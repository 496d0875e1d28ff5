"""deploy/systemd/clickmill.service, and what systemd says."""
import configparser
import subprocess

from server import ROOT

UNIT = ROOT + "/deploy/systemd/clickmill.service"


def read_unit():
    """[Service] as {key: [values]}: some keys come twice."""
    class Lists(dict):
        def __setitem__(self, key, value):
            if key in self and isinstance(value, list):
                self[key].extend(value)
            else:
                super().__setitem__(key, value)
    parser = configparser.RawConfigParser(strict=False, dict_type=Lists)
    parser.optionxform = str
    parser.read(UNIT)
    return {key: value.split("\n") for key, value in
            parser["Service"].items()}


def analyzed(*words):
    return subprocess.run(["systemd-analyze", *words], text=True,
                          capture_output=True)
