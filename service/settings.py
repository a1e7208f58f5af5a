"""Every environment variable of the service, typed, with its default and the reason for it.

A setting `log_queue` is read from `DECIDABLE_LOG_QUEUE`. What is set wrong stops the start with pydantic's
`ValidationError`, which names the setting.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import AnyHttpUrl, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]


def _setting(default: Any, what: str, *, why: str, **constraints: Any) -> Any:
    """A field with its meaning and the reason for its default, both for people (docs/operations.md)."""
    return Field(default, description=what, json_schema_extra={"reason": why}, **constraints)


class Settings(BaseSettings):
    """How this process runs; immutable once read."""

    model_config = SettingsConfigDict(env_prefix="DECIDABLE_", frozen=True, extra="forbid")

    database_url: str = _setting(
        "sqlite:///var/decidable.db",
        "Where everything is kept: `sqlite:///path.db` or `postgresql://user:password@host/name`.",
        why="One file in the working directory runs without any installation; PostgreSQL serves replicas.",
        min_length=1,
        repr=False,  # it may hold a password
    )
    host: str = _setting(
        "127.0.0.1",
        "The address that is listened on.",
        why="Nothing outside this machine gets in until somebody decides so and makes a key.",
        min_length=1,
    )
    port: int = _setting(8000, "The port that is listened on.", why="uvicorn's habit.", ge=0, le=65535)
    public_url: AnyHttpUrl | None = _setting(
        None,
        "The address at which people reach the pages, `https://rules.example`; one with https makes cookies Secure.",
        why="Behind a proxy that speaks TLS a request looks like plain HTTP; without a proxy it says what it is.",
    )
    log_queue: int = _setting(
        10_000,
        "Decisions that may wait for the log; one more is refused with 503 and Retry-After.",
        why="About a second of full load: a longer queue would only make callers wait for a slow disk.",
        ge=1,
    )
    log_batch: int = _setting(
        500,
        "Decisions that are committed together at most.",
        why="One fsync for many decisions; beyond some hundreds nothing is gained and latency grows.",
        ge=1,
    )
    body_limit: int = _setting(
        1024 * 1024,
        "Bytes of a request body; more is refused with 413. Files have a limit of their own.",
        why="The facts of one case are some kilobytes.",
        ge=1024,
    )
    upload_limit: int = _setting(
        16 * 1024 * 1024,
        "Bytes of the files that are brought in at once; more is refused with 413.",
        why="The largest rulebooks are some megabytes, and a file is held in memory while it is read.",
        ge=1024,
    )
    depth_limit: int = _setting(
        64,
        "Levels of nesting in a request's JSON; deeper is refused with 400.",
        why="Facts nest a few levels; what nests deeper is made to exhaust the stack.",
        ge=4,
        le=500,
    )
    session_hours: float = _setting(
        12.0,
        "Hours for which a staff login lasts.",
        why="A working day, so that nobody is thrown out of a half-written table before the evening.",
        gt=0,
        le=24 * 31,
    )
    first_key_file: Path | None = _setting(
        None,
        "A file that the first API key is written to (mode 0600) when there is none yet.",
        why="A container without a terminal needs some way to hand out its first key; off unless asked for.",
    )
    poll_seconds: float = _setting(
        2.0,
        "Seconds between two looks whether another replica has activated a release.",
        why="One look is one row by primary key; two seconds is soon enough for law.",
        gt=0,
        le=3600,
    )
    budget_steps: int = _setting(
        1_000_000,
        "FEEL evaluation steps of one decision; one more ends it with `budget/exhausted`.",
        why="Some tenths of a second: real cases take thousands, and a runaway loop does not end by itself.",
        ge=1000,
    )
