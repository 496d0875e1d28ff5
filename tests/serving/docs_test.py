"""The page at /docs in a real Chromium: it shows every route of /openapi.json,
and its forms send what they show.

    tests/serving/docs_test.py                the test
    tests/serving/docs_test.py --screenshot   also writes
                                              docs/images/serving-docs.png
"""
import json
import os
import subprocess
import sys

from browser import (ARGS, CHROMIUM, Watched, check_accessible,
                     sync_playwright)
from server import ROOT, Server, check, finish, wait_until

TOKEN = "a token of the tests"


def shown(view):
    view.until("the routes are shown",
               "() => document.querySelector('.operation') &&"
               " !document.getElementById('schemas').hidden")


def opened(view, operation):
    """The form of an operation, its box opened."""
    box = view.page.locator("#" + operation)
    if box.get_attribute("open") is None:
        box.locator("> summary").click()
    return box


def sent(view, box):
    """Presses Send; the status that is shown."""
    reply = box.locator(".reply")
    reply.evaluate("(e) => { delete e.dataset.status; }")
    box.locator(".try button").click()
    wait_until(lambda: reply.get_attribute("data-status"), pause=0.02)
    return reply.get_attribute("data-status")


def body(box):
    return json.loads(box.locator(".reply .body").text_content())


def check_routes(view, document):
    ids = [operation["operationId"] for path in document["paths"].values()
           for operation in path.values()]
    check("every route is there, once", sorted(ids) == sorted(view.run(
        "() => [...document.querySelectorAll('.operation')].map((o) => o.id)")))
    tags = [tag["name"] for tag in document["tags"]]
    check("under its tag", view.run(
        "() => [...document.querySelectorAll('#operations h2')]"
        ".map((h) => h.textContent)") == tags)
    view.run("() => document.querySelectorAll('details').forEach((d) => {"
             " d.open = true; })")
    view.until("every box has something inside",
               "() => [...document.querySelectorAll('.operation, .schema')]"
               ".every((d) => d.childElementCount === 2)")
    broken = view.run(
        "() => [...document.querySelectorAll('a[href^=\"#\"]')].map((a) =>"
        " a.hash.slice(1)).filter((id) => !document.getElementById(id))")
    check("links to schemas lead somewhere", not broken, broken)


def check_predict(view, server):
    box = opened(view, "predict_predict__post")
    check("a row is scored", sent(view, box) == "200", box.text_content())
    told = body(box)
    headers = box.locator(".reply .headers").text_content()
    check("the answer and its headers are shown",
          told[0]["click_proba"] > 0 and "x-model-version: " in headers, told)
    curl = box.locator(".curl").text_content()
    done = subprocess.run(["bash", "-c", curl], capture_output=True, text=True)
    check("the same from a shell", json.loads(
        done.stdout.split("\n\n")[-1]) == told, curl)
    for kind, example in (("application/json", "records"), ("text/csv", "csv")):
        box.locator("select").nth(0).select_option(kind)
        box.locator("select").nth(1).select_option(example)
        check("the same as " + example,
              (sent(view, box), body(box)) == ("200", told), body(box))
    box.locator("textarea").fill("hour\n14102100\n")
    check("what is wrong is shown, all of it", sent(view, box) == "422" and
          len(body(box)["detail"]) == len(server.get("/model").json()
                                          ["columns"]) - 1, body(box))


def check_inference(view):
    box = opened(view, "v2_infer_v2_models__model__infer_post")
    check("a tensor is scored", sent(view, box) == "200" and
          body(box)["outputs"][0]["shape"] == [1], box.text_content())
    box.locator(".choices input").fill("other")
    check("of this model alone", sent(view, box) == "404" and
          "error" in body(box), box.text_content())


def check_reload(view):
    box = opened(view, "reload_admin_reload_post")
    check("no token: 401", sent(view, box) == "401", box.text_content())
    box.locator("input[type=password]").fill(TOKEN)
    check("with it: 200", sent(view, box) == "200" and
          body(box)["result"] == "unchanged", box.text_content())


def check_gets(view, document):
    """Every GET answers as it stands there."""
    wrong = {}
    for path, methods in document["paths"].items():
        if "get" in methods:
            box = opened(view, methods["get"]["operationId"])
            status = sent(view, box)
            if status != "200":
                wrong[path] = status
    check("every GET gets its answer", not wrong, wrong)


def take_picture(browser, server):
    folder = os.path.join(ROOT, "docs", "images")
    os.makedirs(folder, exist_ok=True)
    view = Watched(browser, server, "/docs", color_scheme="light",
                   viewport={"width": 1280, "height": 1800})
    shown(view)
    sent(view, opened(view, "predict_predict__post"))
    view.page.mouse.move(0, 0)
    view.page.screenshot(path=os.path.join(folder, "serving-docs.png"))
    view.page.close()


def main():
    options = {"env": {"CLICKMILL_ADMIN_TOKEN": TOKEN}}
    with Server("--threads", "1", **options) as server, \
            sync_playwright() as playwright:
        wait_until(lambda: server.get("/readyz").status == 200)
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGS)
        if "--screenshot" in sys.argv:
            take_picture(browser, server)
        document = server.get("/openapi.json").json()
        view = Watched(browser, server, "/docs", color_scheme="light",
                       viewport={"width": 1280, "height": 900})
        shown(view)
        check_accessible(view, "closed")
        check_routes(view, document)
        check_accessible(view, "open")
        check_predict(view, server)
        check_inference(view)
        check_reload(view)
        check_gets(view, document)
        view.close(expected=("422", "404", "401"))
        narrow = Watched(browser, server, "/docs#predict_predict__post",
                         color_scheme="dark",
                         viewport={"width": 390, "height": 844})
        shown(narrow)
        narrow.until("what the address names is open",
                     "() => document.querySelector("
                     "'#predict_predict__post[open] .try')")
        check("nothing is wider than a telephone", narrow.run(
            "() => document.documentElement.scrollWidth <= innerWidth"))
        check_accessible(narrow, "dark")
        narrow.close()
        browser.close()
    finish()


main()
