"""Where something goes, in the lines of an envelope: one of the facts that templates see."""

from dataclasses import dataclass

TOWN_ABOVE = frozenset({"GB", "IE", "GG", "JE", "IM", "GI", "ZA", "KE", "NG"})
REGION_IN_LINE = frozenset({"US", "CA", "AU", "PR"})
"""Countries whose envelopes name the postcode below the town, or region and postcode behind it."""


@dataclass(frozen=True, slots=True)
class Address:
    name: str | None = None
    company: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    country_name: str | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """As one would write it on an envelope there, empty lines left out."""
        parts = (self.name, self.company, self.line1, self.line2, *self._place(), self.country_name)
        return tuple(part for part in parts if part)

    def _place(self) -> tuple[str | None, ...]:
        """Town and postcode in the country's order (UPU S42); where it is unknown, the one most countries use."""
        if self.country in TOWN_ABOVE:
            return (self.city, self.postcode)
        if self.country in REGION_IN_LINE:
            town = ", ".join(part for part in (self.city, self.region) if part)
            return (" ".join(part for part in (town, self.postcode) if part),)
        return (" ".join(part for part in (self.postcode, self.city) if part), self.region)
