"""A judge of the sandbox: schemathesis, driven by our OpenAPI document.

    python run_schemathesis.py http://127.0.0.1:8080 SECONDS [SEED]

On any request the sandbox must not fail (5xx), must answer with a code that the document lists for the call, in
the documented type, and true to the schema. Without a seed the input is the same in every run; with one, it depends on
the seed. The sandbox has to keep virtual time (`--speed 0`).

What random input hardly hits by itself is in `schemathesis_hooks.py`. In the end every call must have been answered
with success at least once: an answer that was never given was never judged.

Every request that the schemas forbid must be refused. Whether every other one is accepted is not asked: the platform has
rules that the document's schemas cannot say, such as which agents there are.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[2] / "bsg-rcs-wire" / "openapi.json"
KEY = "live_sandbox"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
]
METHODS = {"get", "put", "post", "patch", "delete"}


def token(base):
    request = urllib.request.Request(
        base + "/api/auth/login",
        data=json.dumps({"api_key": KEY}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["bearer"]


def run(base, authorization, phases, options, numbers, seen):
    """Runs some of schemathesis' phases. `numbers` is the first number that the hooks may take, `seen` where they write
    which codes were answered."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        *(program, "run", DOCUMENT, "--url", base, "--phases", phases),
        *("--header", f"Authorization: {authorization}"),
        *("--checks", ",".join(CHECKS)),
        *("--warnings", "off", "--no-color"),
        *options,
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py"),
        "JUDGE_URL": base,
        "JUDGE_KEY": KEY,
        "JUDGE_TOKEN": authorization,
        "JUDGE_NUMBERS": str(numbers),
        "JUDGE_SEEN": str(seen),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # What it notes for its next run goes with the folder.
    code = subprocess.run([str(word) for word in command], cwd=seen.parent, env=environment).returncode
    if code != 0:
        sys.exit(code)


def run_all(base, seconds, seed, folder):
    """Every case at the edges of the schemas, however long it takes; then random ones for what is left of the time, and
    for half of it at least."""
    authorization = f"Bearer {token(base)}"
    fixed = ["--generation-deterministic"] if seed is None else ["--seed", seed]
    begun = time.monotonic()
    run(base, authorization, "coverage", fixed, 380_661_000_000, folder / "coverage.json")
    left = max(seconds - (time.monotonic() - begun), seconds / 2, 1)
    # Ten minutes are used up: the time is the limit, not the number of examples.
    limits = ["--max-time", str(round(left)), "--max-examples", str(max(100, 2 * seconds))]
    options = fixed + limits
    run(base, authorization, "fuzzing,stateful", options, 380_662_000_000, folder / "random.json")


def unjudged(folder):
    """The calls of the document that were never answered with success."""
    document = json.loads(DOCUMENT.read_text())
    calls = {
        item[method]["operationId"]
        for item in document["paths"].values()
        for method in item.keys() & METHODS
    }
    codes = {call: Counter() for call in calls}
    for seen in folder.glob("*.json"):
        for call, counted in json.loads(seen.read_text()).items():
            codes[call].update(counted)
    for call, counted in sorted(codes.items()):
        print(f"{call}: {', '.join(f'{code} x {n}' for code, n in sorted(counted.items()))}")
    return sorted(call for call in calls if not any(code < "300" for code in codes[call]))


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    base, seconds, *seed = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_all(base.rstrip("/"), int(seconds), seed[0] if seed else None, folder)
        if missing := unjudged(folder):
            sys.exit(f"never answered with success: {', '.join(missing)}")


if __name__ == "__main__":
    main()
