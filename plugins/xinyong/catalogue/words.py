"""What every declaration shares: strict models, titles and the words of the domain."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,39}$")]
Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]

PartyKind = Literal["法人及非法人组织", "自然人", "个体工商户"]
Disclosure = Literal["public", "on_authorisation", "government_only"]
# Which disclosure classes an audience may be told; who asks on authorisation is told by a person, never by a message.
OPEN_TO: dict[str, frozenset[Disclosure]] = {
    "public": frozenset({"public"}),
    "government": frozenset({"public", "government_only"}),
}
Dimension = Literal["timeliness", "normativity", "completeness", "accuracy", "consistency"]


class Declaration(BaseModel):
    """A part of the catalogue: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(Declaration):
    """A title for clerks and the public (zh) and for engineers (en)."""

    zh: str
    en: str
