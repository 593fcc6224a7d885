"""The sender of each channel, made when the first message of that channel goes out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from perennial import ports
from perennial.events import Channel

CHANNELS: tuple[Channel, ...] = ("email", "text", "push")


class Senders(Mapping[Channel, ports.Sender]):
    """`make_client` gives a client that never retries, by the name of its service."""

    def __init__(self, make_client: Callable[[str], Any], configuration_set: str) -> None:
        self._make_client, self._configuration_set = make_client, configuration_set

    def __getitem__(self, channel: Channel) -> ports.Sender:
        if channel == "email":
            from perennial.adapters.ses import SesSender

            return SesSender(self._make_client("sesv2"), self._configuration_set)
        from perennial.adapters.sns import SnsPushSender, SnsTextSender

        return (SnsTextSender if channel == "text" else SnsPushSender)(self._make_client("sns"))

    def __iter__(self) -> Iterator[Channel]:
        return iter(CHANNELS)

    def __len__(self) -> int:
        return len(CHANNELS)
