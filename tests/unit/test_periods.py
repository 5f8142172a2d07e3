"""Periods are read as people write them, and counted by the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials.periods import Period

NUMBERS = st.integers(min_value=0, max_value=5000)
ENDS = st.one_of(st.just(""), st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(lambda day: f"{day:%m-%d}"))
PERIODS = st.builds(
    Period, years=NUMBERS, months=NUMBERS, weeks=NUMBERS, days=NUMBERS, hours=NUMBERS, minutes=NUMBERS, end=ENDS
)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "period", "words", "stored"),
    [
        ("1 year", Period(years=1), "1 year", "P1Y"),
        ("18 months", Period(months=18), "18 months", "P18M"),
        ("1 year 6 months", Period(years=1, months=6), "1 year 6 months", "P1Y6M"),
        ("1 YEAR, 6 month", Period(years=1, months=6), "1 year 6 months", "P1Y6M"),
        ("2 weeks and 1 day", Period(weeks=2, days=1), "2 weeks 1 day", "P2W1D"),
        ("1 minute 1 hour", Period(hours=1, minutes=1), "1 hour 1 minute", "PT1H1M"),
        ("P1DT12H", Period(days=1, hours=12), "1 day 12 hours", "P1DT12H"),
        ("pt15m", Period(minutes=15), "15 minutes", "PT15M"),
        ("3 00:30:00", Period(days=3, minutes=30), "3 days 30 minutes", "P3DT30M"),
        ("0 days", Period(), "0 days", "P0D"),
        ("until 31 December", Period(end="12-31"), "until 31 December", "P0D/--12-31"),
        ("Until Dec. 31", Period(end="12-31"), "until 31 December", "P0D/--12-31"),
        ("until 1 may", Period(end="05-01"), "until 1 May", "P0D/--05-01"),
        ("6 months until 30 September", Period(months=6, end="09-30"), "6 months until 30 September", "P6M/--09-30"),
        ("P1Y/--02-29", Period(years=1, end="02-29"), "1 year until 29 February", "P1Y/--02-29"),
    ],
)
def test_reading_and_writing(text: str, period: Period, words: str, stored: str) -> None:
    assert Period.read(text) == period
    assert (period.describe(), str(period)) == (words, stored)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "365",
        "-5 days",
        "-P5D",
        "P-5D",
        "P",
        "PT",
        "P1Y6",
        "year",
        "1 yearly",
        "1.5 years",
        "P1.5D",
        "٣ days",
        "until",
        "until 32 May",
        "until 30 February",
        "until 31 Decembre",
        "P1Y/--13-01",
        "until 31 December 2026",
        "until 31 December until 30 May",
        "P1Y/--12-31/--05-01",
        "untilx 31 May",
    ],
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period"):
        Period.read(text)
    stored = Period.read_stored(text or "?")
    assert stored.describe() == str(stored) == (text or "?")
    assert not stored.is_within(Period(), Period(years=100))
    with pytest.raises(OverflowError):
        stored.add_to(at("2026-01-01"))


@given(PERIODS)
def test_what_was_written_is_read_again(period: Period) -> None:
    assert Period.read(str(period)) == period
    assert Period.read(period.describe()) == period


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2024-02-29T12:00", "1 year", "2025-02-28T12:00"),
        ("2024-02-29T12:00", "4 years", "2028-02-29T12:00"),
        ("2026-01-31T12:00", "1 month", "2026-02-28T12:00"),
        ("2026-08-31T12:00", "18 months", "2028-02-29T12:00"),
        ("2026-12-31T23:30", "1 year 6 months", "2028-06-30T23:30"),
        ("2026-03-01T00:00", "2 weeks 1 day", "2026-03-16T00:00"),
        ("2026-03-01T00:00", "25 hours 5 minutes", "2026-03-02T01:05"),
    ],
)
def test_counting_by_the_calendar(settings, start: str, text: str, end: str) -> None:
    settings.TIME_ZONE = "UTC"
    assert Period.read(text).add_to(at(start)) == at(end)


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        # The clocks go forward on 29 March 2026 at 1:00 UTC, and back on 25 October.
        ("2026-03-28T11:00", "1 day", "2026-03-29T10:00"),
        ("2026-03-28T11:00", "24 hours", "2026-03-29T11:00"),
        ("2026-10-24T10:00", "1 day", "2026-10-25T11:00"),
        ("2025-03-29T01:30", "1 year", "2026-03-29T01:30"),  # 2:30 does not exist on that day: 3:30
        ("2026-01-31T23:30", "1 month", "2026-02-28T23:30"),  # on 1 February in Berlin
    ],
)
def test_the_time_of_day_is_that_of_the_project(settings, start: str, text: str, end: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert Period.read(text).add_to(at(start)) == at(end)


@pytest.mark.parametrize("period", [Period(years=10**30), Period(days=10**9), Period(years=9000), Period(hours=10**12)])
def test_the_end_of_the_calendar(period: Period) -> None:
    with pytest.raises(OverflowError):
        period.add_to(at("2026-01-01"))
    assert not period.is_within(Period(days=1), Period(years=100))


@pytest.mark.parametrize(
    ("start", "text", "end"),
    [
        ("2026-03-01T12:00", "until 31 December", "2026-12-31T22:59:59"),
        ("2026-12-31T10:00", "until 31 December", "2026-12-31T22:59:59"),
        ("2026-12-31T23:30", "until 31 December", "2027-12-31T22:59:59"),  # on 1 January in Berlin
        ("2026-08-01T12:00", "6 months until 31 December", "2027-12-31T22:59:59"),
        ("2026-06-01T12:00", "6 months until 31 December", "2026-12-31T22:59:59"),
        ("2026-08-01T12:00", "1 year until 30 September", "2027-09-30T21:59:59"),
        ("2026-03-01T12:00", "until 29 February", "2027-02-28T22:59:59"),
        ("2027-03-01T12:00", "until 29 February", "2028-02-29T22:59:59"),
    ],
)
def test_a_period_can_last_to_a_day_of_the_year(settings, start: str, text: str, end: str) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    assert Period.read(text).add_to(at(start)) == at(end)


@given(PERIODS, st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)))  # noqa: DTZ001
def test_an_end_only_makes_a_period_longer_and_by_a_year_at_most(period: Period, start: datetime) -> None:
    moment = start.replace(tzinfo=UTC)
    try:
        without = replace(period, end="").add_to(moment)
        later = period.add_to(moment)
    except OverflowError:
        return
    assert without - timedelta(seconds=1) <= later <= without + timedelta(days=366)


def test_what_is_repeated_has_no_end() -> None:
    period = Period.read("until 31 December")
    assert period.is_within(Period(days=1), Period(years=100))
    assert not period.is_within(Period(minutes=1), Period(years=1))


def test_durations() -> None:
    assert Period.from_timedelta(timedelta(days=365)) == Period(days=365)
    assert Period.from_timedelta(timedelta(hours=36, seconds=1)) == Period(days=1, hours=12, minutes=1)
    assert str(Period.from_timedelta(timedelta(days=-5))) == "-P5D"
    assert Period.from_timedelta(timedelta(days=-5)).unread


def test_lengths_are_compared_across_units() -> None:
    bounds = Period(days=1), Period(years=1)
    inside = ("1 year", "12 months", "366 days", "24 hours", "52 weeks")
    outside = ("1 year 1 day", "13 months", "367 days", "23 hours 59 minutes", "0 days")
    assert [text for text in inside if not Period.read(text).is_within(*bounds)] == []
    assert [text for text in outside if Period.read(text).is_within(*bounds)] == []
