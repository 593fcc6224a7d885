from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from perennial import content, wiring
from perennial.errors import Misconfigured
from perennial.settings import PREFIX, AdvancingSettings, ReceivingSettings, read_content

GIVEN = {PREFIX + field.name.upper(): f"the {field.name}" for field in fields(AdvancingSettings)}


def test_settings_are_read_from_variables_of_their_name() -> None:
    settings = AdvancingSettings.read(GIVEN)
    assert settings.table == "the table"
    assert settings.lost_wakes_arn == "the lost_wakes_arn"
    assert ReceivingSettings.read(GIVEN).patient_queue == "the patient_queue"


def test_all_that_is_missing_is_named_at_once() -> None:
    incomplete = {**GIVEN, "PERENNIAL_BUCKET": ""}
    del incomplete["PERENNIAL_TABLE"], incomplete["PERENNIAL_SCHEDULE_ROLE"]
    with pytest.raises(Misconfigured) as caught:
        AdvancingSettings.read(incomplete)
    named = "PERENNIAL_BUCKET, PERENNIAL_SCHEDULE_ROLE, PERENNIAL_TABLE"
    assert str(caught.value) == f"missing environment variables: {named}"


def test_what_a_function_does_not_read_it_does_not_miss() -> None:
    few = {PREFIX + field.name.upper(): "x" for field in fields(ReceivingSettings)}
    assert ReceivingSettings.read(few)
    with pytest.raises(Misconfigured):
        AdvancingSettings.read(few)


def test_settings_do_not_change() -> None:
    settings = ReceivingSettings.read(GIVEN)
    with pytest.raises(FrozenInstanceError):
        settings.table = "another"  # type: ignore[misc]


def test_the_bundle_of_content_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "content.json"
    file.write_text(content.dump(content.make_content([], [], {}, {})))
    assert dict(content.load(read_content(str(file))).stores) == {}


def test_content_that_is_not_there_is_misconfigured(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="content.json cannot be read"):
        read_content(str(tmp_path / "content.json"))


def test_customers_are_named_by_chance_and_nonces_never_repeat() -> None:
    customers = {wiring.mint_customer() for _ in range(100)}
    assert len(customers) == 100
    assert all(len(name) == 16 and name.isalnum() and name == name.lower() for name in customers)
    assert len({wiring.mint_nonce() for _ in range(100)}) == 100


def test_the_only_clock_is_aware() -> None:
    assert wiring.now().tzinfo is not None
