"""What MLflow loads of Stepwell where both are installed: its own client, made lighter before a gateway.

MLflow looks for providers of request headers in the packages that are installed, and asks each at every
request. This one adds no header. It looks where MLflow's client speaks to, so that a program that nobody
changed is as quick under ``stepwell run`` and after ``eval "$(stepwell env)"`` as it is in a step. It
imports nothing of ``stepwell`` and no other package: a program that only uses MLflow pays nothing for it.
"""

from .light_client import follow_mlflow


class GatewayFollower:
    """A provider of request headers without headers."""

    def in_context(self) -> bool:
        """Whether it has headers; MLflow asks this before each request."""
        follow_mlflow()
        return False

    def request_headers(self) -> "dict[str, str]":
        """None."""
        return {}
