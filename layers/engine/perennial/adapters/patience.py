"""Writes that met somebody else's, made again within the second.

botocore tries again what names itself a throttle. It leaves to its caller a write that met a transaction on the same
item (TransactionConflictException) and a transaction cancelled for reasons that pass, and no setting adds codes to its
list. DynamoDB says of both that nothing was written, so each try is a call of its own, with a token of its own.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from botocore.exceptions import ClientError

from perennial.adapters.errors import code_of, reasons_of

CONFLICT = "TransactionConflictException"
CANCELLED = "TransactionCanceledException"

PASSING_REASONS = frozenset(
    {"ProvisionedThroughputExceeded", "RequestLimitExceeded", "ThrottlingError", "TransactionConflict"}
)
"""Why a transaction may be cancelled that would succeed a moment later; a condition that failed is an answer."""

WAITS = (0.06, 0.12, 0.2, 0.3)
"""Seconds before each further try, at most, and half of it at least: 0.68 s in all, of a door's ten."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Patience:
    """`wait` takes seconds; `chance`, from 0 to 1, keeps apart those who met once."""

    wait: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def through(self, call: Callable[[], Answer]) -> Answer:
        """The answer to the first try that met nobody. Raises whatever else was said, and the last conflict."""
        for longest in WAITS:
            try:
                return call()
            except ClientError as error:
                if not passes(error):
                    raise
            self.wait(longest * (1 + self.chance()) / 2)
        return call()


def passes(error: ClientError) -> bool:
    """Whether others were in the way for a moment, and nothing else was."""
    if code_of(error) != CANCELLED:
        return code_of(error) == CONFLICT
    codes = {str(reason.get("Code", "None")) for reason in reasons_of(error)} - {"None"}
    return bool(codes) and codes <= PASSING_REASONS
