"""Bodies too large for a queue or an item, in one private bucket whose objects expire by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from perennial.adapters.errors import code_of, translated
from perennial.errors import Misconfigured

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HIDDEN = "AccessDenied"
"""What S3 says of a missing object to a role without s3:ListBucket (GetObject, "Permissions"); ours need not list."""


@dataclass(frozen=True, slots=True)
class S3Bodies:
    """`make_client` is only called for a body that is too large: most processes never meet one."""

    bucket: str
    make_client: "Callable[[], S3Client]"

    def keep(self, key: str, body: str) -> None:
        with translated():
            self.make_client().put_object(
                Bucket=self.bucket, Key=key, Body=body.encode(), ContentType="application/json"
            )

    def fetch(self, key: str) -> str | None:
        try:
            with translated("NoSuchKey", HIDDEN):
                answer = self.make_client().get_object(Bucket=self.bucket, Key=key)
                return answer["Body"].read().decode()
        except ClientError as error:
            if code_of(error) == HIDDEN:
                raise Misconfigured(f"{key} is gone from the bucket, or this role may not read it") from error
            return None

    def forget(self, key: str) -> None:
        with translated():
            self.make_client().delete_object(Bucket=self.bucket, Key=key)

    def clear(self, prefix: str) -> int:
        pages = self.make_client().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        with translated():
            keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        for key in keys:
            self.forget(key)
        return len(keys)
