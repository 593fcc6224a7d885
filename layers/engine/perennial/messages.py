"""What `templates/messages/<name>/message.yaml` says about a message; its bodies lie beside it."""

from typing import Literal, Self

from pydantic import Field, model_validator

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
    to: Literal["customer", "store"] = Field(default="customer", description="`store`: its support, by email.")
    subject: str | None = None
    preheader: str | None = None
    push: Push | None = None
    one_per: Literal["order"] | None = Field(default=None, description="Journeys share it: it goes once.")
    segments: int = Field(default=1, ge=1, le=3, description="How many parts its text may take.")
    promotional: bool = Field(default=False, description="Sells something: an offer or a suggestion.")

    @model_validator(mode="after")
    def _store_reads_mail(self) -> Self:
        if self.to == "store" and (self.class_ != "transactional" or self.channels != ("email",)):
            raise ValueError("a message `to: store` is transactional and goes by email only")
        return self
