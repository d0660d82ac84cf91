"""A session of ``requests`` that sends JSON to one address with less work, and all else as ever.

``Session.request`` merges settings, reads ``~/.netrc``, looks for proxies and prepares the address at each
call: half of what ``requests`` costs. Here the request is made as it would be, and given to the same
session's ``send``, where other packages look on. Where somebody replaced ``Session.request`` itself, or
gave the session something of its own, that one does the whole work.
"""

import functools
import re
from types import FunctionType
from typing import Any

_JSON = "application/json"
# Headers that `requests` sends as they are; it looks more closely at others, and refuses some.
_HEADER_NAME = re.compile(r"[0-9A-Za-z_-]+")
_HEADER_VALUE = re.compile(r"[!-~][ -~]*")


class LightSession:
    """In place of a session, for its `request` alone."""

    def __init__(self, session: Any, address: str) -> None:
        self._session = session
        self._address = address + "/"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def request(self, method: str, url: str, allow_redirects: bool = True, **kwargs: Any) -> Any:
        """As the session's own."""
        session = self._session
        if method == "POST" and url.startswith(self._address) and _is_plain(session, kwargs):
            try:
                body = _dump(kwargs["json"])
            except ValueError:
                # It says what is wrong with it.
                return session.request(method, url, allow_redirects=allow_redirects, **kwargs)
            settings = {"timeout": kwargs.get("timeout"), "verify": kwargs.get("verify"), "cert": None}
            prepared = _prepared(session, url, kwargs["headers"], body)
            return session.send(
                prepared, allow_redirects=allow_redirects, proxies={}, stream=False, **settings
            )
        return session.request(method, url, allow_redirects=allow_redirects, **kwargs)


def _is_plain(session: Any, kwargs: "dict[str, Any]") -> bool:
    """Whether nothing but JSON with headers is sent, by a session that is as MLflow made it."""
    return (
        kwargs.keys() <= {"json", "headers", "timeout", "verify"}
        and isinstance(kwargs.get("json"), dict)
        and isinstance(kwargs.get("headers"), dict)
        and all(map(_is_plain_header, kwargs["headers"].items()))
        and session.auth is None
        and not (session.cookies or session.params or session.hooks.get("response"))
        and _is_own_request(session)
    )


def _is_plain_header(header: "tuple[Any, Any]") -> bool:
    name, value = header
    is_text = isinstance(name, str) and isinstance(value, str)
    return is_text and bool(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value))


def _is_own_request(session: Any) -> bool:
    import requests

    method = type(session).request
    return (
        "request" not in vars(session)
        and isinstance(method, FunctionType)
        and method.__globals__ is vars(requests.sessions)
    )


def _dump(value: Any) -> bytes:
    from requests.compat import json  # type: ignore[import-untyped,attr-defined]

    return bytes(json.dumps(value, allow_nan=False).encode())


def _prepared(session: Any, url: str, headers: "dict[str, str]", body: bytes) -> Any:
    """As `Session.prepare_request` makes it, in the same order."""
    from requests.cookies import RequestsCookieJar
    from requests.hooks import default_hooks
    from requests.models import PreparedRequest

    request: Any = PreparedRequest()
    request.method = "POST"
    request.url = _prepared_url(url)
    request.headers = session.headers.copy()
    request.headers.update(headers)
    request.headers["Content-Length"] = str(len(body))
    request.headers.setdefault("Content-Type", _JSON)
    request.body = body
    request.hooks = default_hooks()
    request._cookies = RequestsCookieJar()
    return request


@functools.lru_cache(maxsize=256)
def _prepared_url(url: str) -> Any:
    from requests.models import PreparedRequest

    request: Any = PreparedRequest()
    request.prepare_url(url, None)
    return request.url
