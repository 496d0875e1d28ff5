"""The page of a run in MLflow's own web interface, opened in Chromium:
    page.py URI EXPERIMENT_ID RUN_ID [PICTURE]
Exit 77: there is no browser.  Run by the Python of build/venv."""
import os
import re
import sys

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE = 120  # seconds

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sys.exit(77)
if not os.path.exists(CHROMIUM):
    sys.exit(77)

uri, experiment, run = sys.argv[1:4]
# Without the assistant that MLflow opens beside it.
LEFT = {"x": 0, "y": 0, "width": 944, "height": 1500}
EXPECTED = ("train_params.depth", "log_loss", "roc_auc_score", "model",
            "click", "Finished")

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM,
                                         args=["--no-sandbox"])
    page = browser.new_page(viewport={"width": 1280, "height": 1500})
    page.set_default_timeout(PATIENCE * 1000)
    page.goto("%s/#/experiments/%s/runs/%s" % (uri, experiment, run))
    try:
        page.wait_for_function(
            "words => words.every(w => document.body.innerText.includes(w))",
            arg=EXPECTED)
    finally:
        text = re.sub(r"\s+", " ", page.inner_text("body"))
        if len(sys.argv) > 4:
            page.screenshot(path=sys.argv[4], clip=LEFT)
        print("the page says:", text[:3000], file=sys.stderr)
    browser.close()
