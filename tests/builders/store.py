"""A real S3 endpoint on loopback, by moto."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request helps nobody


class Prompt(WSGIRequestHandler):
    """Sends at once; or each answer waits 40 ms for the client."""

    disable_nagle_algorithm = True


class Endpoint:
    """An S3 endpoint; `on_request` is called with the number of each request and what it asks."""

    def __init__(self) -> None:
        self.on_request: Callable[[int, str], None] = lambda _number, _what: None
        self.requests: list[str] = []
        application = DomainDispatcherApplication(create_backend_app)

        def counted(environ: dict[str, Any], start: Any) -> Any:
            what = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
            self.requests.append(what)
            self.on_request(len(self.requests), what)
            return application(environ, start)

        self.server = make_server("127.0.0.1", 0, counted, threaded=True, request_handler=Prompt)
        self.environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server.server_port}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secretsecret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
        }

    def resource(self) -> Any:
        """A client of it."""
        return boto3.resource(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="key",
            aws_secret_access_key="secretsecret",  # noqa: S106 - of this endpoint alone
            region_name="us-east-1",
        )


@contextlib.contextmanager
def storing(bucket: str = "shelf") -> Iterator[Endpoint]:
    """An endpoint with an empty bucket, until the block ends."""
    endpoint = Endpoint()
    thread = threading.Thread(target=endpoint.server.serve_forever, daemon=True)
    thread.start()
    endpoint.resource().create_bucket(Bucket=bucket)
    endpoint.requests.clear()
    try:
        yield endpoint
    finally:
        endpoint.server.shutdown()
        endpoint.server.server_close()
        thread.join()
