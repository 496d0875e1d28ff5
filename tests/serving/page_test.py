"""The page at / in a real Chromium: what it shows, that it asks no other host,
and that its figures are the server's.

    tests/serving/page_test.py                the test
    tests/serving/page_test.py --screenshot   also writes its pictures into
                                              docs/images: three minutes under
                                              load come first
"""
import gzip
import itertools
import math
import os
import random
import sys
import tempfile
import threading
import time

from browser import (ARGS, CHROMIUM, Watched, check_accessible,
                     sync_playwright)
from server import (ROOT, Server, check, clickmill, copy_models, finish,
                    predict_body, read_rows, skip, versions)

PAGE = os.path.join(ROOT, "src", "serving", "page")
CHART = os.environ.get("CHART_JS",
                       "/usr/share/javascript/chart.js/chart.min.js")

QUICK = ("--threads", "1", "--drain-delay", "0", "--precision", "17")

try:
    from PIL import Image
except ImportError:
    skip("no pillow in build/venv")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def close(a, b, tolerance=1e-12):
    return abs(a - b) <= tolerance


# ---- without a browser --------------------------------------------------------

def check_files(server):
    """Each file of the page, plain and compressed, byte by byte."""
    files = {"/assets/" + name: os.path.join(PAGE, name)
             for name in os.listdir(PAGE)}
    files["/"] = files["/assets/index.html"]
    files["/assets/chart.min.js"] = CHART
    wrong = [path for path, file in files.items()
             if server.get(path).body != read(file)]
    check("every file is served as it is", not wrong, wrong)
    packed = {"Accept-Encoding": "gzip, br"}
    wrong = [path for path, file in files.items()
             if gzip.decompress(server.get(path, packed).body) != read(file)]
    check("and compressed where that is accepted", not wrong, wrong)
    check("nothing else is",
          [server.get("/assets/" + name).status
           for name in ("nothing.js", "../page.css", "", "page.css/x")] ==
          [404] * 4)


def check_headers(server):
    page = server.get("/", {"Accept-Encoding": "gzip"})
    plain = server.get("/")
    tag = page.headers["ETag"]
    policy = page.headers["Content-Security-Policy"]
    check("the page's headers",
          page.headers["Content-Type"] == "text/html; charset=utf-8" and
          page.headers["Content-Encoding"] == "gzip" and
          page.headers["Vary"] == "Accept-Encoding" and
          page.headers["X-Content-Type-Options"] == "nosniff",
          page.headers.items())
    check("a policy without inline scripts", "default-src 'self'" in policy and
          "unsafe" not in policy, policy)
    check("plain and compressed have tags of their own",
          tag != plain.headers["ETag"] and
          plain.headers["Content-Encoding"] is None)
    for known, status in ((tag, 304), ('"x", W/' + tag, 304), ("*", 304),
                          ('"x"', 200), (plain.headers["ETag"], 200)):
        again = server.get("/", {"Accept-Encoding": "gzip",
                                 "If-None-Match": known})
        check("If-None-Match: %s gives %d" % (known, status),
              again.status == status and
              (status == 200 or (again.body == b"" and
                                 again.headers["ETag"] == tag)), again.status)


def check_explain(server):
    for row in read_rows(20)[1]:
        body = predict_body((read_rows(1)[0], [row]))
        told = server.post("/explain", body).json()
        predicted = server.post("/predict/", body).json()[0]["click_proba"]
        parts = sum(f["contribution"] for f in told["features"])
        if not (told["click_proba"] == predicted and
                close(told["expected"] + parts, told["raw"]) and
                close(1 / (1 + math.exp(-told["raw"])), predicted, 1e-15)):
            return check("/explain adds up to /predict", False, told)
    return check("/explain adds up to /predict, to the last digit", True)


def check_explain_problems(server):
    names, rows = read_rows(2)
    for n in 0, 2:
        answer = server.post("/explain", predict_body((names, rows[:n])))
        check("%d rows to explain: 422" % n, answer.status == 422 and
              answer.json()["detail"][0]["type"] in ("too_short", "too_long"),
              answer.text())
    hour = names.index("hour")
    answer = server.post("/explain", predict_body(
        (names, [rows[0][:hour] + ["oops"] + rows[0][hour + 1:]])))
    check("a broken field is named", answer.status == 422 and
          answer.json()["detail"][0]["loc"][-1] == hour, answer.text())
    check("no JSON: 422", server.post("/explain", "{").status == 422)
    seen = {f["name"]: f["seen"] for f in server.post("/explain", predict_body(
        (names, [["never" if name == "site_id" else value
                  for name, value in zip(names, rows[0])]]))
    ).json()["features"]}
    check("a value that training did not see is told",
          seen["site_id"] is False and seen["app_id"] is True and
          seen["hour_of_day"] is True, seen)


def check_totals(server):
    before = server.get("/stats").json()
    server.predict(read_rows(30))
    server.get("/nothing")
    after = server.get("/stats").json()
    moved = {key: after["requests"][key] - before["requests"][key]
             for key in after["requests"]}
    check("/stats counts what others ask, not itself",
          moved == {"1xx": 0, "2xx": 1, "3xx": 0, "4xx": 1, "5xx": 0}, moved)
    counts = [b - a for a, b in zip(before["probabilities"]["counts"],
                                    after["probabilities"]["counts"])]
    check("/stats has the rows and where their probabilities lie",
          after["rows"] - before["rows"] == 30 and sum(counts) == 30 and
          len(counts) == len(after["probabilities"]["bounds"]) + 1, counts)
    check("/explain is not counted", (
        server.post("/explain", predict_body(read_rows(1))).status,
        server.get("/stats").json()["rows"]) == (200, after["rows"]))


# ---- a browser ----------------------------------------------------------------

def scored(view):
    view.until("the row is scored",
               "() => document.getElementById('result').dataset.scored &&"
               " !document.querySelector('.stale')")


COLOURS = """(id) => {
  const canvas = document.getElementById(id);
  const { data } = canvas.getContext('2d')
    .getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""
BARS = "() => Chart.getChart('waterfall').data.datasets[0].data"


def check_scored(view, server):
    """What is shown of the row in the form is what the server says of it."""
    row = view.run("() => Object.fromEntries([...document.querySelectorAll("
                   "'#fields input')].map((i) => [i.name, i.value]))")
    body = predict_body((list(row), [list(row.values())]))
    told = server.post("/explain", body).json()
    predicted = server.post("/predict/", body).json()[0]["click_proba"]
    shown = view.page.get_attribute("#probability", "title")
    check("the page shows /predict's probability",
          float(shown) == predicted and
          view.text("#probability") == "%.2f %%" % (100 * predicted),
          (shown, predicted))
    bars = view.run(BARS)
    check("the waterfall leads from the average row to this one",
          close(bars[0][0], told["expected"]) and
          close(bars[-1][1], told["raw"]) and
          all(close(a[1], b[0]) for a, b in zip(bars, bars[1:])), bars)
    sizes = sorted((abs(f["contribution"]) for f in told["features"]),
                   reverse=True)
    drawn = [abs(end - start) for start, end in bars[1:-2]]
    check("the largest come first",
          all(close(a, b, 1e-9) for a, b in zip(drawn, sizes)), drawn)
    cells = view.run(
        "() => [...document.querySelectorAll('#shap tr td:last-child')]"
        ".map((td) => Number(td.textContent.replace('−', '-')))")
    check("the table adds up, rounded as it is",
          len(cells) == len(told["features"]) + 2 and
          close(sum(cells[:-1]), cells[-1], .0005 * len(cells)), cells)


def check_form(view, server):
    scored(view)
    check_scored(view, server)
    before = view.text("#probability")
    for _ in range(5):
        view.page.click("#another")
    view.until("another example is another row",
               "() => document.getElementById('probability').textContent !== "
               "'%s'" % before)
    view.page.wait_for_load_state("networkidle")
    check_scored(view, server)
    view.page.fill("#field-site_id", "neverseen")
    view.page.click("#submit")
    view.until("a value never seen is marked",
               "() => document.querySelector('#shap .new') && document"
               ".getElementById('note-site_id').textContent")
    check_scored(view, server)


def check_mistakes(view):
    good = view.page.input_value("#field-hour")
    view.page.fill("#field-hour", "oops")
    view.page.press("#field-hour", "Enter")
    view.until("a broken field is marked", "() => document.querySelector("
               "'#field-hour[aria-invalid]') !== null")
    view.page.fill("#field-hour", good)
    view.page.click("#submit")
    view.until("and unmarked when it is mended", "() => document.querySelector("
               "'[aria-invalid], .stale') === null")


def check_json(view):
    view.page.click("#paste summary")
    view.page.fill("#json", '{"site_id": "85f751fd", "C14": 15706, '
                   '"device_ip": 18446744073709551615, "hour": "14102100", '
                   '"click": 1}')
    view.page.click("#fill")
    check("JSON fills the form, digit for digit",
          [view.page.input_value("#field-" + name) for name in
           ("site_id", "C14", "device_ip", "C15")] ==
          ["85f751fd", "15706", "18446744073709551615", ""])
    view.page.fill("#json", "{")
    view.page.click("#fill")
    view.until("broken JSON is said",
               "() => !document.getElementById('problem').hidden")
    view.page.click("#another")
    scored(view)


def check_model(view, server):
    model = server.get("/model").json()
    text = " ".join(view.text("#model").split())
    wanted = [model["version"], "%.4f" % model["metrics"]["log_loss"],
              "%.4f" % model["metrics"]["roc_auc_score"],
              str(model["trees"]), model["schema"],
              model["created"].replace("T", " ")[:16]]
    missing = [word for word in wanted if word not in text]
    check("the model is told", not missing, missing)
    check("the form has the model's columns", view.run(
        "() => [...document.querySelectorAll('#fields label')]"
        ".map((l) => l.textContent)") == model["columns"])


def check_live(view, server):
    names, rows = read_rows(400)
    for row in rows:
        server.predict((names, [row]))
    server.get("/nothing")
    view.until("requests appear", "() => Chart.getChart('rates').data.datasets"
               "[0].data.some((p) => p.y > 1)")
    view.until("errors appear", "() => Chart.getChart('rates').data.datasets"
               "[1].data.some((p) => p.y > 0)")
    view.until("latency appears", "() => Chart.getChart('latency').data"
               ".datasets.every((d) => d.data.some((p) => p.y > 0))")
    counts = server.get("/stats").json()["probabilities"]["counts"]
    profile = server.get("/model").json()["training_profile"]["histogram"]
    view.until("the histogram has all rows",
               "() => document.getElementById('drift-note').textContent"
               ".includes('over %s rows')" % format(int(sum(counts)), ","))
    served, training = view.run("() => Chart.getChart('drift').data.datasets"
                                ".map((d) => d.data)")
    check("shares of what was served",
          all(close(s, c / sum(counts)) for s, c in zip(served, counts)),
          (served, counts))
    edges = [0, 1, 2, 5, 10, 15, 18, 19, 20]  # twentieths: the bounds
    grouped = [sum(profile[a:b]) / sum(profile)
               for a, b in zip(edges, edges[1:])]
    check("beside those of the training",
          all(close(a, b) for a, b in zip(training, grouped)), training)
    ps = view.run("() => Chart.getChart('latency').data.datasets.map((d) =>"
                  " d.data.filter((p) => p.y !== null).at(-1).y)")
    check("percentiles are in order", ps == sorted(ps), ps)


def check_drawn(view, name):
    few = {chart: n for chart in ("waterfall", "rates", "latency", "drift")
           if (n := view.run(COLOURS, chart)) < 10}
    check("no chart is blank, " + name, not few, few)


def check_arithmetic(view):
    """figures.js alone."""
    got = view.run("""async () => {
      const f = await import('/assets/figures.js');
      return [
        f.quantile([1, 2, 4], [10, 0, 10, 0], .5),
        f.quantile([1, 2, 4], [10, 0, 10, 0], .75),
        f.quantile([1, 2, 4], [0, 0, 0, 5], .5),
        f.quantile([1, 2, 4], [0, 0, 0, 0], .5),
        f.difference([3, 5], [1, 5]), f.difference([0, 5], [1, 5]),
        f.regroup([1, 2, 3, 4], [.25, .5]),
        f.stabilityIndex([.5, .5], [.5, .5], 10, 10),
        f.stabilityIndex([.9, .1], [.5, .5], 100, 100),
        f.percent(.14464), f.percent(.00032), f.percent(0),
        f.seconds(.00064), f.seconds(.0123), f.seconds(2.5), f.rate(1234.5),
        f.span(59), f.span(7300), f.span(200000)];
    }""")
    wanted = [1, 3, 4, None, [2, 0], None, [1, 2, 7], 0,
              .4 * math.log(1.8) - .4 * math.log(.2),
              "14.46 %", "0.032 %", "0.00 %", "640 µs", "12.3 ms", "2.50 s",
              "1,235", "59 s", "2 h 1 min", "2 d 7 h"]
    wrong = [(a, b) for a, b in zip(got, wanted)
             if not (a == b or isinstance(a, float) and close(a, b))]
    check("percentiles, rates and wording", not wrong, wrong)


def check_light(browser, server):
    view = Watched(browser, server, color_scheme="light",
                   viewport={"width": 1280, "height": 900})
    check_form(view, server)
    check_model(view, server)
    check_mistakes(view)
    check_json(view)
    check_live(view, server)
    check_arithmetic(view)
    check_drawn(view, "light")
    check_accessible(view, "light")
    background = view.run("() => getComputedStyle(document.body).background")
    bar = view.run("() => Chart.getChart('drift').data.datasets[0]"
                   ".backgroundColor")
    view.page.emulate_media(color_scheme="dark")
    view.until("the charts follow into the dark", "() => Chart.getChart("
               "'drift').data.datasets[0].backgroundColor !== '%s'" % bar)
    check("and so does the page", background != view.run(
        "() => getComputedStyle(document.body).background"))
    check_drawn(view, "dark")
    check_accessible(view, "dark")
    view.close(expected=["422"])


def check_narrow(browser, server):
    for width in 320, 390, 768:
        view = Watched(browser, server, viewport={"width": width,
                                                  "height": 800})
        scored(view)
        wide = view.run("() => document.documentElement.scrollWidth")
        check("nothing sticks out of %d pixels" % width, wide <= width, wide)
        check_drawn(view, "%d pixels" % width)
        view.close()


def check_another_model(browser):
    with tempfile.TemporaryDirectory() as folder:
        root = copy_models(folder)
        with Server(*QUICK, "--watch-interval", "0.1", model=root) as server:
            view = Watched(browser, server)
            scored(view)
            view.page.fill("#field-site_id", "typed")
            clickmill("model", "rollback", root)
            view.until("another model is shown", "() => document"
                       ".getElementById('version').textContent === '%s'" %
                       versions(root)[0])
            view.until("and scores the row",
                       "() => document.getElementById('result').dataset.scored"
                       " === '%s'" % versions(root)[0])
            check("what was typed stays",
                  view.page.input_value("#field-site_id") == "typed")
            check_scored(view, server)
            view.close()


def check_no_model(browser):
    with tempfile.TemporaryDirectory() as empty, \
            Server(*QUICK, model=empty, clean=False) as server:
        view = Watched(browser, server)
        view.until("without a model the page says so", "() => document"
                   ".getElementById('state').textContent === 'no model' &&"
                   " document.getElementById('score').hidden &&"
                   " !document.getElementById('banner').hidden")
        check("and why", len(view.text("#banner")) > 40, view.text("#banner"))
        view.close()


def check_gone(browser):
    with Server(*QUICK) as server:
        view = Watched(browser, server)
        scored(view)
    view.until("a server that is gone is noticed", "() => document"
               ".getElementById('state').textContent === 'no answer'")
    view.close(expected=["ERR_CONNECTION_REFUSED", "ERR_EMPTY_RESPONSE",
                         "ERR_CONNECTION_RESET"])


# ---- pictures for the documentation -------------------------------------------

def send_load(server, stop):
    """Some hundred requests a second, in waves."""
    names, rows = read_rows(20000)
    bodies = [predict_body((names, [row]))
              for row in random.Random(3).sample(rows, 4000)]
    connection = server.connect()
    for i in itertools.count():
        path = "/nothing" if i % 397 == 0 else "/predict/"
        connection.request("POST", path, bodies[i % len(bodies)],
                           {"Content-Type": "application/json"})
        connection.getresponse().read()
        now = time.monotonic()
        time.sleep(.0015 + .001 * math.sin(now / 9) + .0004 * math.sin(now))
        if stop.is_set():
            break


def take_pictures(browser, server):
    folder = os.path.join(ROOT, "docs", "images")
    os.makedirs(folder, exist_ok=True)
    stop = threading.Event()
    sender = threading.Thread(target=send_load, args=(server, stop))
    sender.start()
    views = {"serving-page.png": {"color_scheme": "light"},
             "serving-page-dark.png": {"color_scheme": "dark"}}
    pages = {name: Watched(browser, server, viewport={
        "width": 1280, "height": 900}, **options)
        for name, options in views.items()}
    time.sleep(185)
    for name, view in pages.items():
        for _ in range(3):
            view.page.click("#another")
        view.page.wait_for_timeout(800)
        view.page.mouse.move(0, 0)
        path = os.path.join(folder, name)
        view.page.screenshot(path=path, full_page=True)
        with Image.open(path) as image:
            image.convert("RGB").quantize(256).save(path, optimize=True)
        view.page.close()
    stop.set()
    sender.join()


def main():
    with Server(*QUICK) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGS)
        if "--screenshot" in sys.argv:
            take_pictures(browser, server)
        check_files(server)
        check_headers(server)
        check_explain(server)
        check_explain_problems(server)
        check_totals(server)
        check_light(browser, server)
        check_narrow(browser, server)
        check_another_model(browser)
        check_no_model(browser)
        check_gone(browser)
        browser.close()
    finish()


main()
