"""What `templates/messages/<name>/message.yaml` says about a message; its bodies lie beside it."""

from typing import Literal

from pydantic import Field

from perennial.events import Channel, MessageClass, Model
from perennial.store import Name


class Push(Model):
    """Shown on a lock screen: no personal data."""

    title: str
    body: str


class Message(Model):
    """One message: its class, its channels in order of preference, and the short texts. Texts are Jinja."""

    message: Name
    about: str
    class_: MessageClass = Field(alias="class")
    channels: tuple[Channel, ...] = Field(min_length=1)
    subject: str | None = None
    preheader: str | None = None
    push: Push | None = None
    one_per: Literal["order"] | None = Field(default=None, description="Journeys share it: it goes once.")
    segments: int = Field(default=1, ge=1, le=3, description="How many parts its text may take.")
    promotional: bool = Field(default=False, description="Sells something: an offer or a suggestion.")
