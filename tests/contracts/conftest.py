"""`make e2e` only: what neither moto nor a twin can show, on the stand-in for AWS of the contract suites."""

from tests.adapters.conftest import aws, cloud, stand_in

__all__ = ["aws", "cloud", "stand_in"]
