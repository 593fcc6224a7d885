"""The secrets of the embedded cloud: where a real stack has them, the same on every run, worth nothing elsewhere."""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

import boto3

from perennial.content import Content
from perennial_cli.cloud_resources import REGION


def webhook_secret(store: str, platform: str) -> str:
    """What a store's webhooks are signed with in the embedded cloud."""
    digest = _digest(f"{store}|{platform}")
    return f"whsec_{base64.b64encode(digest).decode()}" if platform == "perennial" else digest.hex()


def link_key() -> bytes:
    """What links are signed with in the embedded cloud."""
    return _digest("links")


def put_secrets(content: Content, prefix: str) -> None:
    """Fills Parameter Store below the prefix for every store and platform of the content."""
    parameters = boto3.Session().client("ssm")
    keys = {"pepper": _digest("pepper").hex(), "links": {"current": 1, "keys": {"1": link_key().hex()}}}
    documents = {f"{prefix}/keys": keys}
    for store in content.stores.values():
        for platform in store.platforms:
            name = f"{prefix}/webhooks/{store.store}/{platform}"
            documents[name] = {"current": webhook_secret(store.store, platform)}
    for name, document in documents.items():
        parameters.put_parameter(Name=name, Value=json.dumps(document), Type="SecureString", Overwrite=True)


def _digest(purpose: str) -> bytes:
    return hashlib.sha256(f"perennial embedded cloud|{purpose}".encode()).digest()


CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "embedded",
    "AWS_SECRET_ACCESS_KEY": "embedded",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}


@contextmanager
def credentials() -> Iterator[None]:
    """Keys that open nothing, where botocore looks for some."""
    before = {name: os.environ.get(name) for name in CREDENTIALS}
    os.environ.update(CREDENTIALS)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
