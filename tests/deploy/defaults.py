"""Defaults of the server's parameters, as the program tells them."""
import re

from server import clickmill


def default_of(key):
    """Of a key of serve_config.yaml, a number: limits.body_bytes."""
    for line in clickmill("config", "doc").splitlines():
        cells = [cell.strip(" `") for cell in line.split("|")]
        if len(cells) > 4 and cells[1] == key:
            return float(cells[4])
    raise KeyError(key)


def drain_seconds():
    """The longest a server takes to stop."""
    return default_of("limits.drain_delay") + \
        default_of("limits.drain_timeout")


def seconds(text):
    return float(re.fullmatch(r"([\d.]+)s?", text).group(1))
