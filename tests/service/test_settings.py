from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.settings import Settings


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("DECIDABLE_")]:
        monkeypatch.delenv(name)


def test_without_any_setting_the_service_listens_on_this_machine_only_and_keeps_a_file():
    settings = Settings()
    assert settings.host == "127.0.0.1"
    assert settings.database_url == "sqlite:///var/decidable.db"
    assert settings.first_key_file is None


def test_settings_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("DECIDABLE_PORT", "9001")
    monkeypatch.setenv("DECIDABLE_FIRST_KEY_FILE", "/data/key")
    monkeypatch.setenv("DECIDABLE_POLL_SECONDS", "0.5")
    settings = Settings()
    assert (settings.port, settings.first_key_file, settings.poll_seconds) == (9001, Path("/data/key"), 0.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("LOG_QUEUE", "0"), ("DATABASE_URL", ""), ("BODY_LIMIT", "-1")],
)
def test_a_wrong_setting_is_named(monkeypatch, name, value):
    monkeypatch.setenv(f"DECIDABLE_{name}", value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_every_setting_says_what_it_is_and_why_its_default_is_what_it_is():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict), name
        assert field.json_schema_extra["reason"], name


def test_a_password_in_the_database_url_is_not_printed():
    settings = Settings(database_url="postgresql://rules:s3cret@db/rules")
    assert "s3cret" not in repr(settings)
    assert "s3cret" not in str(settings)
