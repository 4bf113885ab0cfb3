"""A release as an RO-Crate 1.2, by roc-validator, offline.

crate.py --seed CACHE CONTEXT          put the JSON-LD context where the validator looks
crate.py CACHE RELEASE SEVERITY [CHECK@ENTITY,...]   those must be said, and nothing else
"""

from __future__ import annotations

import hashlib
import json
import sys
from io import BytesIO
from pathlib import Path

CONTEXT = "https://w3id.org/ro/crate/1.2/context"
OWN = ("ro-crate-metadata.json", "tagmanifest-sha256.txt")


def seed(cache: Path, body: bytes) -> None:
    """Keep an answer to the context's address, as if it had been fetched."""
    import requests
    from requests_cache import CachedSession
    from urllib3 import HTTPResponse

    cache.parent.mkdir(parents=True, exist_ok=True)
    session = CachedSession(str(cache), backend="sqlite", expire_after=-1)
    headers = {"Content-Type": "application/ld+json"}
    answer = requests.Response()
    answer.status_code, answer.url, answer.reason = 200, CONTEXT, "OK"
    answer.request = session.prepare_request(requests.Request("GET", CONTEXT))
    answer.headers.update(headers)
    answer.raw = HTTPResponse(BytesIO(body), headers, 200, preload_content=False)
    answer._content = body
    session.cache.save_response(answer)
    session.close()


def faults(cache: Path, release: Path, severity: str, expected: set[str]) -> list[str]:
    """What the validator says or fails to say, and files that are not as described."""
    from rocrate_validator import models, services
    from rocrate_validator.utils.http import HttpRequester

    settings = services.ValidationSettings(
        rocrate_uri=str(release),
        profile_identifier="ro-crate-1.2",
        requirement_severity=models.Severity[severity],
        offline=True,
        cache_path=cache,
        skip_availability_check=True,
    )
    if not HttpRequester().has_cached(CONTEXT):  # then it would warn, and pass everything
        return [f"{CONTEXT} is not in the cache"]
    issues = services.validate(settings).get_issues()
    said = {f"{each.check.identifier}@{each.violatingEntity}": each.message for each in issues}
    wrong = [f"{place}: {said[place]}" for place in sorted(said.keys() - expected)]
    missing = [f"{place}: expected, and not said" for place in sorted(expected - said.keys())]
    return [*wrong, *missing, *undescribed(release)]


def undescribed(release: Path) -> list[str]:
    """Every file must be described with its size and digest, which the validator never looks at."""
    crate = json.loads((release / OWN[0]).read_bytes())["@graph"]
    told = {
        each["@id"]: (each["contentSize"], each["sha256"]) for each in crate if "sha256" in each
    }
    found = {
        file.relative_to(release).as_posix(): file.read_bytes()
        for file in release.rglob("*")
        if file.is_file()
    }
    real = {
        path: (str(len(data)), hashlib.sha256(data).hexdigest())
        for path, data in found.items()
        if path not in OWN
    }
    return [
        f"{path}: not described as it is"
        for path in sorted(told.keys() | real.keys())
        if told.get(path) != real.get(path)
    ]


if __name__ == "__main__":
    if sys.argv[1] == "--seed":
        seed(Path(sys.argv[2]), Path(sys.argv[3]).read_bytes())
        sys.exit(0)
    expected = set(sys.argv[4].split(",")) if sys.argv[4:] else set()
    wrong = faults(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], expected)
    print("\n".join(wrong))
    sys.exit(bool(wrong))
