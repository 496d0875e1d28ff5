"""More work than there is time for: what is accepted is answered in time, what
is not gets 503 with Retry-After soon, and nobody is forgotten."""
from server import Load, Server, body_file, check, finish, run_load, wait_until

QUEUE = 0.2  # seconds
TURNED_AWAY = 'rejected_requests_total{reason="queue"}'


def is_served(server):
    return wait_until(lambda: server.get("/readyz").status == 200)


def answered(result, status):
    return result["status"].get(status, 0)


def service_time(server, body):
    """Milliseconds of one request when there is nothing else to do."""
    return run_load(server, "/predict/", 1, 0.5, body)["ok_ms"]["p50"]


def reading_time(server, connections, body):
    """Milliseconds until bodies of so many are read, and no more: a path that
    takes none.  What a busy machine adds, it adds here, too."""
    return run_load(server, "/livez", connections, 0.5, body)["rejected_ms"][
        "p99"]


def attempt(rows, connections, seconds):
    """The load's result, what was counted, and the bound of its latency."""
    body = body_file(rows)
    with Server("--threads", "1", "--queue-timeout", str(QUEUE)) as server:
        is_served(server)
        alone = service_time(server, body)
        bound = QUEUE * 1500 + 3 * alone + \
            2 * reading_time(server, connections, body)
        before = server.metric(TURNED_AWAY) or 0
        result = run_load(server, "/predict/", connections, seconds, body)
        return result, server.metric(TURNED_AWAY) - before, bound


def overload(rows, connections, seconds):
    """Far more long requests than can be answered within the queue's time."""
    name = "%d rows from %d connections" % (rows, connections)
    for _ in range(3):
        result, counted, bound = attempt(rows, connections, seconds)
        # Without a p99 nobody was turned away: no overload, not in time.
        in_time = all(result[part].get("p99", bound) < bound
                      for part in ("ok_ms", "rejected_ms"))
        if in_time:
            break
    check(name + ": some are answered, some turned away, nothing else",
          set(result["status"]) == {"200", "503"} and
          result["cut"] == result["refused"] == result["unanswered"] == 0,
          result)
    check(name + ": each 503 has Retry-After", result["no_retry_after"] == 0)
    check(name + ": both come within %d ms" % bound, in_time, result)
    check(name + ": turned away is counted",
          counted == answered(result, "503"), counted)
    check(name + ": hardly anybody is left out",
          result["starved"] < connections / 4 or rows > 1000, result)


def short_beside_long():
    """One row beside many: it waits for one of them, not for all."""
    with Server("--threads", "1", "--queue-timeout", str(QUEUE)) as server:
        is_served(server)
        alone = service_time(server, body_file(1000))
        load = Load(server, "/predict/", 48, 3, body_file(1000))
        wait_until(lambda: (server.metric(TURNED_AWAY) or 0) > 0)
        result = run_load(server, "/predict/", 2, 1, body_file(1))
        load.result()
        check("a row beside thousands is answered", set(result["status"]) ==
              {"200"}, result)
        check("and does not wait for all of them",
              result["ok_ms"]["p50"] < QUEUE * 1e3 / 4 + 5 * alone,
              "alone %.1f ms, %s" % (alone, result))


def no_overload():
    """As many as can be answered: nobody is turned away."""
    with Server("--threads", "1", "--queue-timeout", "2") as server:
        is_served(server)
        result = run_load(server, "/predict/", 8, 1, body_file(1000))
        check("no overload, no 503", set(result["status"]) == {"200"} and
              result["starved"] == 0, result)


overload(1000, 600, 2)
overload(10000, 32, 2)
short_beside_long()
no_overload()
finish()
