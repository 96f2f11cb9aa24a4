"""Walks the sandbox's page in a real browser, with the program's own campaigns beneath.

    walk.py PROGRAM BROWSER FOLDER

PROGRAM is bsg-rcs, BROWSER a chromium, FOLDER is where the pictures of every view go. It uses the keyboard alone,
except where it looks at what another window sees.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

# One message is to be read and clicked, one has no RCS and is followed by an SMS, one expires.
PEOPLE = ["380661231291", "380661231210", "380661231295", "380661231292", "380661231298"]
CARDS = """
agent = "demo_agent"
[[cards]]
title = "Menu"
text = "Today's three. See https://example.com/menu."
media = "https://example.com/menu.jpg"
[[cards.suggestions]]
text = "Book"
url = "https://example.com/book"
postback = "book"
[[cards.suggestions]]
text = "Call us"
phone = "380661231231"
[[cards]]
title = "Wine"
text = "A <b>glass</b> & more"
[sms]
sender = "Bistro"
text = "Today's three: soup, pie, surprise."
"""
TEXT = 'agent = "demo_agent"\ntext = "Your table is ready."\n'
# Enough for the cards to five people and for 150 of 1000 texts at 0.01.
CONFIG = '[[accounts]]\nkey = "live_sandbox"\nbalance = "1.6500000"\n'
WIDTHS = [1280, 390]


class Program:
    """A running bsg-rcs, and what it says first."""

    def __init__(self, program, folder, *arguments, env=None):
        self.process = subprocess.Popen(
            [program, *arguments], cwd=folder, env=env, stdout=subprocess.PIPE, text=True
        )
        self.first = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def steer(url, path, body):
    request = urllib.request.Request(url + path, json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class Walk:
    """A window that is used with the keyboard."""

    def __init__(self, page, url, pictures):
        self.page, self.url, self.pictures = page, url, pictures

    def go(self, path):
        self.page.goto(self.url + path)

    def press(self, selector):
        """Tabs to the first element like this, and presses Enter on it."""
        self.reach(selector)
        self.page.keyboard.press("Enter")

    def follow(self, selector):
        """The same, on what leads to a page."""
        with self.page.expect_navigation():
            self.press(selector)

    def reach(self, selector):
        self.page.evaluate("document.activeElement.blur()")
        for _ in range(400):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("one => document.activeElement.matches(one)", selector):
                return
        raise AssertionError(f"no key leads to {selector} on {self.page.url}")

    def look(self, name):
        """A picture at each width, and what axe says. Nothing may stick out sideways."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=self.pictures / f"{name}-{width}.png", full_page=True)
            inside = self.page.evaluate(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
            assert inside, f"{name} is wider than {width}"
            found = Axe().run(self.page).response["violations"]
            bad = [one for one in found if one["impact"] in ("serious", "critical")]
            told = "\n".join(f"{one['id']}: {node['html']}" for one in bad for node in one["nodes"])
            assert not bad, f"axe on {name} at {width}:\n{told}"
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def campaign(program, folder, env, message, people):
    folder = pathlib.Path(folder)
    (folder / "message.toml").write_text(message)
    (folder / "people.csv").write_text("phone\n" + "\n".join(people) + "\n")
    plan = [program, "campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"]
    run = lambda *words: subprocess.run(words, cwd=folder, env=env, check=True, capture_output=True)
    planned = run(*plan, "--output", "json")
    run(program, "campaign", "apply", json.loads(planned.stdout)["campaign"])


def walk(program, browser, pictures):
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "sandbox.toml").write_text(CONFIG)
        serve = ["sandbox", "--listen", "127.0.0.1:0", "--speed", "0", "--config", "sandbox.toml"]
        with Program(program, folder, *serve) as sandbox:
            url = sandbox.first.rsplit(" ", 1)[1]
            env = {**os.environ, "BSG_BASE_URL": url, "BSG_API_KEY": "live_sandbox"}
            receive = ["webhook", "--listen", "127.0.0.1:0"]
            with Program(program, folder, *receive, env=env) as webhook:
                steer(url, "/sandbox/callbacks", {"key": "live_sandbox", "url": webhook.first})
                journey(program, folder, env, url, browser, pictures)


def journey(program, folder, env, url, browser, pictures):
    context = browser.new_context()
    errors = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    context.on("console", lambda said: said.type == "error" and errors.append(said.text))
    me = Walk(context.new_page(), url, pictures)
    page = me.page

    # A campaign of cards: its messages come by themselves.
    me.go("/")
    expect(page.locator("#conversations")).to_contain_text("No message was sent yet")
    campaign(program, folder, env, CARDS, PEOPLE)
    expect(page.locator("#conversations")).to_contain_text("+380661231291")
    me.look("phones")

    # Time, by the keyboard; then a phone, and a button on it.
    me.follow('a[href="/trouble"]')
    me.follow("[id='jump-24h']")
    expect(page.locator("#clock")).to_be_visible()
    me.look("trouble")
    me.follow('a[href="/"]')
    me.follow("#n380661231291")
    expect(page.locator(".status.read").first).to_be_visible()
    before = page.locator("summary", has_text="click").count()
    me.follow("button[id^=b]")
    clicked = page.locator("summary", has_text=re.compile("click, acknowledged.*answered 200"))
    expect(clicked).to_have_count(before + 1)
    me.press("details[id^=c] > summary")
    expect(page.locator("details[open] pre").first).to_contain_text("380661231291")
    me.look("phone")

    # Out of money: the campaign pauses; seen in a window that is never loaded again.
    many = [str(380670000000 + 100 * at) for at in range(1000)]
    campaign(program, folder, env, TEXT, many)
    me.follow('a[href="/campaigns"]')
    me.follow("#campaigns tbody tr:first-child a")
    watched = page
    watched.evaluate("window.neverLoadedAgain = true")
    funnel = watched.locator(".funnel tbody tr", has_text="delivered").locator("td.number").first
    expect(funnel).to_have_text("0")
    hand = Walk(context.new_page(), url, pictures)
    hand.go("/trouble")
    hand.follow("[id='jump-1h']")
    expect(watched.locator("#standing")).to_contain_text("paused")
    first = int(funnel.inner_text())
    assert 0 < first < 1000, first
    me.look("campaign-paused")
    hand.follow('a[href="/money"]')
    hand.reach("input[name=amount]")
    hand.page.keyboard.press("Control+A")
    hand.page.keyboard.type("20")
    hand.follow("#top-up")
    expect(hand.page.locator("#ledger")).to_contain_text("20.0000000")
    hand.look("money")
    me.follow("#act-resume")
    watched.evaluate("window.neverLoadedAgain = true")
    hand.follow('a[href="/trouble"]')
    hand.follow("[id='jump-24h']")
    expect(funnel).not_to_have_text(str(first))
    expect(watched.locator("#standing")).to_contain_text("done")
    assert watched.evaluate("window.neverLoadedAgain"), "it was loaded again"
    me.look("campaign")
    me.follow('a[href="/campaigns"]')
    me.look("campaigns")

    # Faults, and the calls.
    hand.reach("#unavailable")
    hand.page.keyboard.press("Space")
    hand.follow("#switch-on")
    expect(hand.page.locator("#script")).to_contain_text('"status":503')
    me.follow('a[href="/requests"]')
    me.press("#calls details:first-child > summary")
    expect(page.locator("#calls details[open]")).to_contain_text("curl -g -X")
    me.look("requests")
    hand.follow("#reset")
    expect(page.locator("#calls")).to_contain_text("Nothing was called yet")
    assert not errors, errors
    files(program, folder, env, context, pictures)
    context.close()


def files(program, folder, env, context, pictures):
    """The files that are sent to colleagues: no script runs in them, nothing is fetched, axe is content."""
    folder = pathlib.Path(folder)
    (folder / "message.toml").write_text(CARDS)
    made = {"preview": ["preview", "--message", "message.toml", "--html", "preview.html"]}
    listed = subprocess.run(
        [program, "campaign", "list", "--output", "json"], cwd=folder, env=env, check=True, capture_output=True
    )
    first = json.loads(listed.stdout)[0]["campaign"]
    made["report"] = ["campaign", "report", first, "--html", "report.html"]
    for name, words in made.items():
        subprocess.run([program, *words], cwd=folder, env=env, check=True, capture_output=True)
        page = context.new_page()
        fetched = []
        page.on("request", lambda request: fetched.append(request.url))
        file = (folder / f"{name}.html").as_uri()
        page.goto(file)
        Walk(page, "", pictures).look(name)
        assert fetched == [file], fetched
        page.close()


if __name__ == "__main__":
    with sync_playwright() as playwright:
        # Root may not use the sandbox of the browser, and a container has little shared memory.
        browser = playwright.chromium.launch(
            executable_path=sys.argv[2], args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        walk(sys.argv[1], browser, pathlib.Path(sys.argv[3]))
        browser.close()
    print("walked")
