"""How long a call to a provider may take and how large its answer may be (money.md 3)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of each call to one provider.

    `total_milliseconds` None = the provider's own `timeout_seconds`; the wait for a free slot is
    part of it. An idle connection is used again for `idle_milliseconds` at most, and never for an
    add. `reads_max` calls that read run at once, beside the adds, which the provider's
    `in_flight_max` bounds.
    """

    connect_milliseconds: int = 5_000
    write_milliseconds: int = 5_000
    read_milliseconds: int = 30_000
    slot_milliseconds: int = 2_000
    idle_milliseconds: int = 2_000
    total_milliseconds: int | None = None
    reads_max: int = 2
    reply_bytes_max: int = 256 * 1024
    services_bytes_max: int = 32 * 1024 * 1024
