"""One HTTP session with a platform: token, timeouts, and every bad answer turned into a message a person can act on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from xinyong.errors import MessageRefused, PlatformUnavailable

OK, UNAUTHORISED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY = 200, 401, 403, 404, 409, 429
REFUSALS = {
    400,
    FORBIDDEN,
    CONFLICT,
    413,
    422,
}  # the platform itself said no; other codes may come from anything between
CONNECT_SECONDS = 5.0  # a government network answers in milliseconds or not at all


@dataclass(slots=True)
class Session:
    """
    Asking is repeated a few times, because it changes nothing; telling is done once.

    After an unusable answer to something told, nothing is known: the caller must ask before it tells again.
    """

    platform: str
    url: str
    department: str
    secret: str = field(repr=False)
    timeout: float
    _http: requests.Session = field(init=False, repr=False)
    _token: str | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self.url = self.url.rstrip("/")
        self._http = requests.Session()
        # A proxy or a .netrc of this machine would replace the token that the platform gave us.
        self._http.trust_env = False
        self._http.mount(f"{self.url}/token", HTTPAdapter(max_retries=patience({"POST"})))
        self._http.mount(f"{self.url}/api", HTTPAdapter(max_retries=patience({"GET"})))

    def ask(self, path: str, **query: str) -> Any | None:
        """Return the answer to a question, or None when the platform does not know what is asked for."""
        response = self._authorised("GET", path, params=query)
        if response.status_code == NOT_FOUND:
            return None
        return self._content(response, f"GET {_kind(path)}")

    def tell(self, path: str, body: bytes, headers: dict[str, str]) -> Any:
        """Hand something over, once."""
        response = self._authorised("POST", path, data=body, headers=headers)
        if response.status_code in REFUSALS:
            said = f"HTTP {response.status_code}{_meaning(response)}"
            raise self.refused(f"POST {_kind(path)}", response.status_code, said)
        return self._content(response, f"POST {_kind(path)}")

    def refused(self, place: str, code: int | None, said: str) -> MessageRefused:
        """Return the error of a message that the platform did not take."""
        refused = MessageRefused(
            f"Platform {self.platform}: {place} was refused with {said}. Expected: 200. Nothing was taken; compare "
            f"secret, signature and message, then write a new message."
        )
        refused.is_key_used = code == CONFLICT
        return refused

    def _authorised(self, method: str, path: str, **request: Any) -> requests.Response:
        """Send with the token; when the platform no longer knows it, get a new one, once."""
        response = self._request(method, path, **request)
        if response.status_code == UNAUTHORISED:
            self._token = None
            response = self._request(method, path, **request)
        return response

    def _request(self, method: str, path: str, **request: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self._token or self._new_token()}", **request.pop("headers", {})}
        return self._send(method, path, headers=headers, **request)

    def _new_token(self) -> str:
        response = self._send("POST", "/token", json={"department": self.department, "secret": self.secret})
        if response.status_code in (UNAUTHORISED, FORBIDDEN):
            raise self.unusable("POST /token", f"HTTP {response.status_code}", "a token for our department and secret")
        token = self._content(response, "POST /token")
        if not isinstance(token, dict) or not isinstance(token.get("token"), str):
            raise self.unusable("POST /token", "JSON without a token", "JSON with `token`")
        self._token = str(token["token"])
        return self._token

    def _send(self, method: str, path: str, http: requests.Session | None = None, **request: Any) -> requests.Response:
        given = {"timeout": (CONNECT_SECONDS, self.timeout), "allow_redirects": False, **request}
        try:
            return (http or self._http).request(method, self.url + path, **given)
        except requests.RequestException as error:  # its own text would quote the address, and with it a record's key
            found = type(error).__name__
            wrong_certificate = isinstance(error, requests.exceptions.SSLError)
        if wrong_certificate:
            expected = "a certificate that is valid today, for this host, from an authority this machine trusts"
            raise self.unusable(f"{method} {_kind(path)}", f"a certificate that is not valid ({found})", expected)
        raise self.unusable(f"{method} {_kind(path)}", f"no answer ({found})", f"an answer within {self.timeout:g} s")

    def _content(self, response: requests.Response, place: str) -> Any:
        """Read the JSON of a good answer; anything else tells us nothing."""
        if response.status_code != OK:
            raise self.not_ok(response, place)
        try:
            return response.json()
        except requests.JSONDecodeError:
            is_page = "html" in response.headers.get("Content-Type", "") or response.content[:1] == b"<"
        found = "an HTML page" if is_page else f"{len(response.content)} bytes that are not JSON"
        raise self.unusable(place, found, "an answer in JSON")

    def not_ok(self, response: requests.Response, place: str) -> PlatformUnavailable:
        """Return the error of another status than 200, with the pause that the platform asks for."""
        pause = response.headers.get("Retry-After", "")
        wish = f" that asks for a pause of {pause} s" if pause.isdigit() else ""
        found = self.unusable(place, f"HTTP {response.status_code}{wish}", "HTTP 200")
        found.pause = float(pause) if pause.isdigit() else None
        return found

    def unusable(self, place: str, found: str, expected: str) -> PlatformUnavailable:
        """Return the error of an answer that says nothing."""
        return PlatformUnavailable(
            f"Platform {self.platform} at {urlsplit(self.url).hostname}: {place} gave no usable answer. "
            f"Found: {found}. Expected: {expected}. The message keeps its number; it is asked for before it is "
            f"sent again, so repeating the task is safe."
        )


def patience(methods: set[str]) -> Retry:
    """Repeat what changes nothing three times within a few seconds; longer pauses belong to the scheduler."""
    return Retry(
        total=3,
        backoff_factor=0.2,
        retry_after_max=3,
        status_forcelist={TOO_MANY, 500, 502, 503, 504},
        allowed_methods=methods,
        raise_on_status=False,
    )


def _kind(path: str) -> str:
    """Name an address without what identifies a record: `/api/records/XZCF`."""
    return "/".join(path.split("/")[:4])


def _meaning(response: requests.Response) -> str:
    """Add the platform's own error code, but none of its text: that may quote what we sent."""
    try:
        code = response.json()["errorCode"]
    except (requests.JSONDecodeError, KeyError, TypeError):
        return ""
    return f" and code {code}" if isinstance(code, int) else ""
