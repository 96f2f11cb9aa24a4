"""Hooks for schemathesis: what random input hardly hits by itself.

Every other well-formed random call is made a sound one: of an agent that there is, to numbers that are not taken, about
ids that were answered before. So is the first well-formed case at the edges of a call's schemas. Now and then an hour
passes, so that messages come to their ends. And it is noted which codes each call was answered with.

Nothing here is random: the same calls in the same order make the same changes.
"""

import atexit
import itertools
import json
import os
import urllib.request
from collections import Counter, defaultdict

import schemathesis

BASE = os.environ["JUDGE_URL"]
AGENT = "demo_agent"
CALLS_AN_HOUR = 100

calls = itertools.count(1)
turns = defaultdict(itertools.count)
# Numbers that are not used elsewhere.
numbers = itertools.count(int(os.environ["JUDGE_NUMBERS"]))
codes = defaultdict(Counter)
# Ids by the first word of the path that answered them: `contacts`, `groups`, `campaigns`, `messages`, `stoplist`.
ids = defaultdict(list)


def number():
    return next(numbers)


def recipient():
    at = number()
    return {"number": str(at), "reference_id": f"r{at}"}


def latest(family):
    """The id that was answered last; without one, what it names is made first."""
    return ids[family][-1] if ids[family] else fresh(family)


def fresh(family):
    """The id of something new."""
    path, call = MAKERS[family]
    made = post(path, BODIES[call]())["data"]
    ids[family].append((made[0] if isinstance(made, list) else made)["id"])
    return ids[family][-1]


def filled_list():
    """The id of a new contact list with a contact on it."""
    members = {"contacts": [fresh("contacts")], "groups": [fresh("groups")]}
    post("/api/groups/attach", members)
    return members["groups"][0]


def field():
    """The id of a new field of contacts."""
    return post("/api/contacts/fields", {"name": f"Field {number()}", "type": "text"})["data"]["id"]


def job():
    """The key of a new statistics job; there is room for it."""
    made = post("/api/stat/jobs", {"type": "message", "message_id": [number()]})
    if made["key"] is None:
        for old in get("/api/stat/jobs")["data"]:
            delete(f"/api/stat/jobs/{old['key']}")
        return job()
    return made["key"]


def paused():
    """The id of a new campaign that ran out of funds, which there are again."""
    balance = "/sandbox/accounts/live_sandbox/balance"
    post(balance, {"balance": "0"})
    made = fresh("campaigns")
    post("/sandbox/clock", {"advance": "5s"})
    post(balance, {"balance": "1000000"})
    return made


def get(path):
    return call("GET", path, None)


def delete(path):
    return call("DELETE", path, None)


def post(path, body):
    return call("POST", path, body)


def call(method, path, body):
    """A call of ours, which is not judged."""
    headers = {"content-type": "application/json", "authorization": os.environ["JUDGE_TOKEN"]}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def message():
    """A text, a card, or a carousel; every other one falls back to SMS."""
    turn = next(turns["message"])
    card = {
        "title": "Menu",
        "text": "Today's three.",
        "media": {"url": "https://example.com/menu.jpg"},
        "suggestions": [
            {"type": "link", "text": "Book", "url": "https://example.com", "postback_data": "book"},
            {"type": "call", "text": "Call us", "phone": "380661231231"},
        ],
    }
    options = {"text": "Your table is ready."} if turn % 3 == 0 else {"cards": [card] * (turn % 3)}
    body = {"sender": AGENT, "options": options, "check_stop_list": turn % 5 == 0}
    if turn % 2:
        sms = {"text": "Your table is ready.", "sender": "Bistro"}
        body["alternative_channel"] = {"sms": sms}
    return body


def universal():
    return {
        "channels": ["rcs", "sms"],
        "rcs": {"sender": AGENT, "text": "Your table is ready."},
        "sms": {"sender": "Bistro", "text": "Your table is ready."},
        "dry_run": True,
    }


def members():
    return {"contacts": [latest("contacts")], "groups": [latest("groups")]}


# A sound body by the call.
BODIES = {
    "login": lambda: {"api_key": os.environ["JUDGE_KEY"]},
    "sendRcsMessage": lambda: {"phone": recipient(), **message()},
    "sendRcsCampaign": lambda: {"phones": [recipient() for _ in range(20)], **message()},
    "sendRcsCampaignToLists": lambda: {"groups": [filled_list()], **message()},
    "sendUniversalMessage": lambda: {"phone": recipient(), **universal()},
    "sendUniversalCampaign": lambda: {"recipients": {"phones": [recipient()]}, **universal()},
    "attachToStopList": lambda: {"phones": [number()], "types": ["rcs", "sms"]},
    "detachFromStopList": lambda: {"ids": [fresh("stoplist")], "types": ["rcs", "sms"]},
    "createContact": lambda: {"phone": number(), "fields": [{"id": 7, "value": "Zoya"}]},
    "changeContact": lambda: {"phone": str(number()), "groups": [latest("groups")]},
    "createContactList": lambda: {"name": f"List {number()}"},
    "changeContactList": lambda: {"name": f"List {number()}", "description": "Often here."},
    "createContactField": lambda: {"name": f"Field {number()}", "type": "date"},
    "changeContactField": lambda: {"name": f"Field {number()}", "is_visible": False},
    "deleteContactFields": lambda: {"ids": [field()]},
    "createStatJob": lambda: {"type": "message", "message_id": [latest("messages")]},
    "attachToContactLists": members,
    "detachFromContactLists": members,
}

# What makes one of a family: the path, and the call whose body it takes.
MAKERS = {
    "contacts": ("/api/contacts", "createContact"),
    "groups": ("/api/groups", "createContactList"),
    "campaigns": ("/api/campaigns/rcs/send", "sendRcsCampaign"),
    "stoplist": ("/api/stoplist/attach", "attachToStopList"),
    "messages": ("/api/messages/rcs/send", "sendRcsMessage"),
}

# A sound query by the call.
QUERIES = {
    "listCampaigns": lambda: {"filter[type]": "rcs"},
    "listMessages": lambda: {"filter[campaign_id]": latest("campaigns")},
    "listContacts": lambda: {},
    "deleteContacts": lambda: {"contact_ids[]": latest("contacts")},
    "searchStopList": lambda: {"search[field]": "phone", "search[value]": "380661"},
    "searchContacts": lambda: {"search_fields[0][field]": "7", "search_fields[0][value]": "oy"},
    "searchContactLists": lambda: {"search[field]": "name", "search[value]": "List"},
}


def family(case):
    return case.operation.path.split("/")[2]


def name(case):
    return case.operation.definition.raw["operationId"]


def is_made_sound(case):
    if not case.meta.generation.mode.is_positive:
        return False
    turn = next(turns[name(case)])
    # Of the cases at the edges of the schemas only the first: each stands for something.
    return turn == 0 if case.meta.phase.name == "coverage" else turn % 2 == 0


@schemathesis.hook
def before_call(context, case, kwargs):
    if next(calls) % CALLS_AN_HOUR == 0:
        post("/sandbox/clock", {"advance": "1h"})
    if not is_made_sound(case):
        return
    operation = name(case)
    if operation in BODIES:
        case.body = BODIES[operation]()
    if operation in QUERIES:
        case.query = QUERIES[operation]()
    if "{id}" in case.operation.path:
        # What ended cannot be stopped, and only what is paused be resumed.
        makers = {"stopCampaign": lambda: fresh("campaigns"), "resumeCampaign": paused, "changeContactField": field}
        case.path_parameters = {"id": makers.get(operation, lambda: latest(family(case)))()}
    if "{key}" in case.operation.path:
        case.path_parameters = {"key": job()}


@schemathesis.hook
def after_call(context, case, response):
    operation = name(case)
    codes[operation][response.status_code] += 1
    if response.status_code not in (200, 201):
        if response.status_code == 204 and operation.startswith("delete"):
            ids[family(case)].clear()
        return
    data = response.json().get("data")
    items = data if isinstance(data, list) else [data]
    found = [item["id"] for item in items if isinstance(item, dict) and item.get("id")]
    ids[family(case)].extend(found[-1:])


@atexit.register
def tell():
    with open(os.environ["JUDGE_SEEN"], "w") as file:
        json.dump(codes, file)
