"""The pages that the demo's messages lead to, as the customer finds them when everything has arrived."""

import re

from perennial.links import BY_PATH, PATHS
from perennial_cli.cloud import Cloud
from perennial_cli.page_visits import LinkOf, visit

MESSAGE = "order-confirmation"
_WITHIN = re.compile(r'href="/([a-z])/[A-Za-z0-9_-]{44}"')


def opened(cloud: Cloud) -> dict[str, str]:
    """Each page's HTML, by its name. Looking is not counted among the year's calls, and changes nothing."""
    counted = cloud.witness.calls.copy()
    found: dict[str, str] = {}
    for purpose in PATHS:
        answer = visit(cloud, LinkOf(message=MESSAGE, purpose=purpose), "GET", {}, None).answer
        found[purpose] = _WITHIN.sub(lambda link: f'href="{BY_PATH[link[1]]}.html"', answer.body)
    cloud.witness.calls = counted
    return found
