"""A judge of the sandbox: schemathesis, driven by our OpenAPI document.

    python run_schemathesis.py http://127.0.0.1:8080 SECONDS [SEED]

Whatever the sandbox is asked, it must not fail (5xx), must answer with a code that the document lists for the call, in
the documented type, and true to the schema. Without a seed the input is the same in every run; with one, it depends on
the seed. The sandbox has to keep virtual time (`--speed 0`).

What random input hardly hits by itself is in `schemathesis_hooks.py`. In the end every call must have been answered
with success at least once: an answer that was never given was never judged.

Whether every valid request is taken and every other one refused is not asked here: the platform has rules that the
document's schemas cannot say, such as which agents there are.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
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


def run(base, seconds, seed, seen):
    """Runs schemathesis; `seen` is where the hooks write which codes were answered."""
    program = Path(sys.executable).with_name("schemathesis")
    authorization = f"Bearer {token(base)}"
    fixed = ["--generation-deterministic"] if seed is None else ["--seed", seed]
    command = [
        *(program, "run", DOCUMENT, "--url", base),
        *("--header", f"Authorization: {authorization}"),
        *("--checks", ",".join(CHECKS)),
        *("--max-time", seconds),
        *fixed,
        # A budget of time is no budget of examples: whoever is given ten minutes uses them.
        *("--max-examples", str(max(100, 2 * int(seconds)))),
        *("--warnings", "off", "--no-color"),
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": str(HERE / "schemathesis_hooks.py"),
        "JUDGE_URL": base,
        "JUDGE_KEY": KEY,
        "JUDGE_TOKEN": authorization,
        "JUDGE_SEEN": str(seen),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    # What it notes for its next run goes with the folder.
    return subprocess.run([str(word) for word in command], cwd=seen.parent, env=environment).returncode


def unjudged(seen):
    """The calls of the document that were never answered with success."""
    document = json.loads(DOCUMENT.read_text())
    calls = {
        item[method]["operationId"]
        for item in document["paths"].values()
        for method in item.keys() & METHODS
    }
    codes = json.loads(seen.read_text())
    for call in sorted(calls):
        counted = ", ".join(f"{code} x {n}" for code, n in sorted(codes.get(call, {}).items()))
        print(f"{call}: {counted}")
    return sorted(call for call in calls if not any(code < "300" for code in codes.get(call, {})))


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    base, seconds, *seed = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "seen.json"
        code = run(base.rstrip("/"), seconds, seed[0] if seed else None, seen)
        if code != 0:
            sys.exit(code)
        if missing := unjudged(seen):
            sys.exit(f"never answered with success: {', '.join(missing)}")


if __name__ == "__main__":
    main()
