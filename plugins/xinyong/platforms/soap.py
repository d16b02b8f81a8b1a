"""
The service channel where the platform speaks SOAP 1.1: the same questions and batches, each in an envelope.

One operation per question, one string argument with JSON, the answer as JSON in `return`. Account, task number and
signature stand in the header of the envelope, as such services have no token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError  # noqa: S405 – what is parsed goes through defusedxml
from xml.sax.saxutils import escape

import requests
from requests.adapters import HTTPAdapter

from xinyong.platforms.session import NOT_FOUND, OK, REFUSALS, UNAUTHORISED, Session, patience

SERVICE = "/services/InterfaceUploadService"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACE = "http://service.upload.credit/"
UPLOAD = "upload"

_QUOTED = {'"': "&quot;"}  # the interface asks for it, although XML does not


def envelope(operation: str, argument: str, header: dict[str, str]) -> bytes:
    """Write a call; the same call is always the same bytes."""
    told = "".join(f"<ser:{name}>{escape(value, _QUOTED)}</ser:{name}>" for name, value in header.items())
    call = f"<ser:{operation}><arg0>{escape(argument, _QUOTED)}</arg0></ser:{operation}>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{ENVELOPE}" xmlns:ser="{NAMESPACE}">'
        f"<soap:Header>{told}</soap:Header><soap:Body>{call}</soap:Body></soap:Envelope>"
    ).encode()


def question(path: str, query: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return operation and argument of what the interface in JSON asks with a path."""
    _, kind, *names = [unquote(part) for part in path.strip("/").split("/")]
    if kind == "problems":
        return "queryProblems", {"rwbh": query["batch"]}
    if kind == "batches":
        return "queryBatch", {"rwbh": names[0]}
    if len(names) == 1:
        return "listRecords", {"tableCode": names[0], **query}
    return "queryRecord", {"tableCode": names[0], "key": names[1]}


@dataclass(slots=True)
class SoapSession(Session):
    """Asks and tells as a session in JSON does, in envelopes; every call is a POST to one address."""

    service: str = SERVICE
    _once: requests.Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        Session.__post_init__(self)
        self._http.mount(f"{self.url}{self.service}", HTTPAdapter(max_retries=patience({"POST"})))
        self._once = requests.Session()
        self._once.trust_env = False

    def ask(self, path: str, **query: str) -> Any | None:
        operation, argument = question(path, query)
        answer = self._called(self._http, operation, json.dumps(argument, ensure_ascii=False), {})
        return None if _code(answer) == NOT_FOUND else answer

    def tell(self, path: str, body: bytes, headers: dict[str, str]) -> Any:
        header = {"rwbh": headers["Idempotency-Key"], "signature": headers["X-Signature"]}
        answer = self._called(self._once, UPLOAD, body.decode(), header)
        code = _code(answer)
        if code in REFUSALS:
            raise self.refused(UPLOAD, code, f"code {code}")
        return answer

    def _called(self, http: requests.Session, operation: str, argument: str, header: dict[str, str]) -> Any:
        account = {"loginName": self.department, "password": self.secret}
        request = {
            "data": envelope(operation, argument, account | header),
            "headers": {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation}"'},
        }
        answer = self._returned(self._send("POST", self.service, http=http, **request), operation)
        if _code(answer) == UNAUTHORISED:
            raise self.unusable(operation, f"code {UNAUTHORISED}", "success with our department and secret")
        return answer

    def _returned(self, response: requests.Response, operation: str) -> Any:
        """Read the JSON in `return`; a fault, a page for people or a hostile document tells us nothing."""
        from defusedxml import ElementTree
        from defusedxml.common import DefusedXmlException

        if response.status_code != OK:
            raise self.not_ok(response, operation)
        try:
            found = ElementTree.fromstring(response.content)
            text = next((one.text for one in found.iter() if one.tag.rpartition("}")[2] == "return"), None)
            if text is not None:
                return json.loads(text)
            reason = "no `return` in it"
        except (ParseError, DefusedXmlException, ValueError) as error:
            reason = f"not readable ({type(error).__name__})"
        raise self.unusable(operation, f"{len(response.content)} bytes, {reason}", "an envelope that returns JSON")


def _code(answer: Any) -> int | None:
    found = answer.get("errorCode") if isinstance(answer, dict) else None
    return found if isinstance(found, int) else None
