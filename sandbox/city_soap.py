"""
The city platform's older face: the same service in SOAP envelopes, at one address, with a clear account in each.

Like the original it answers every call with 200 and says in `errorCode` what was wrong. Hostile XML it does not read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # noqa: S405 – what is parsed goes through defusedxml
from xml.sax.saxutils import escape

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

PATH = "/services/InterfaceUploadService"
UPLOAD = "upload"
UNREADABLE = "unreadable"
_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
_HEADER = "{http://schemas.xmlsoap.org/soap/envelope/}Header"


@dataclass(frozen=True, slots=True)
class Call:
    """One call: operation, argument, and what its header says."""

    operation: str
    argument: str
    header: dict[str, str]

    def request(self) -> str:
        """Return how the interface in JSON would be asked: the habits of the platform are named by that."""
        return "POST /api/batches" if self.operation == UPLOAD else "GET /api/" + "/".join(self.question()[0])

    def question(self) -> tuple[list[str], dict[str, str]]:
        """Return the names and the query by which the platform looks things up."""
        try:
            asked = json.loads(self.argument)
            match self.operation:
                case "queryBatch":
                    return ["batches", asked["rwbh"]], {}
                case "queryProblems":
                    return ["problems"], {"batch": asked["rwbh"]}
                case "listRecords":
                    return ["records", asked["tableCode"]], asked
                case "queryRecord":
                    return ["records", asked["tableCode"], asked["key"]], {}
        except (ValueError, KeyError, TypeError):
            pass
        return [UNREADABLE], {}


def call(content: bytes) -> Call:
    """Read an envelope."""
    try:
        found = ElementTree.fromstring(content)
        (operation,) = found.findall(f"{_BODY}/*")
        header = {_plain(one): one.text or "" for one in found.findall(f"{_HEADER}/*")}
        return Call(_plain(operation), operation.findtext("arg0") or "", header)
    except (ParseError, DefusedXmlException, ValueError, TypeError):
        return Call(UNREADABLE, "", {})


def enveloped(operation: str, status: int, answer: Any) -> str:
    """Write an answer; what is not a success is told in its `errorCode`."""
    told = answer if status == 200 else {"errorCode": status, **answer}
    text = escape(json.dumps(told, ensure_ascii=False))
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<ns:{operation}Response xmlns:ns="http://service.upload.credit/"><return>{text}</return>'
        f"</ns:{operation}Response></soap:Body></soap:Envelope>"
    )


def _plain(element: Element) -> str:
    return element.tag.rpartition("}")[2]
