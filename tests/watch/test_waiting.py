import datetime as dt

import pytest

from pipeline.watch.settings import Schedule
from pipeline.watch.waiting import keep_watch, next_time
from tests.collect.site import FakeClock


def utc(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        ("15 6 * * *", "UTC", utc(2026, 7, 1, 7), utc(2026, 7, 2, 6, 15)),
        ("15 6 * * *", "Europe/London", utc(2026, 7, 1, 7), utc(2026, 7, 2, 5, 15)),
        ("15 6 * * *", "Europe/London", utc(2026, 1, 1, 7), utc(2026, 1, 2, 6, 15)),
        ("0 6 * * 1-5", "Europe/London", utc(2026, 3, 27, 7), utc(2026, 3, 30, 5)),
        # on 29 March 2026 London has no half past one: it falls on the hour that takes its place
        ("30 1 * * *", "Europe/London", utc(2026, 3, 28, 12), utc(2026, 3, 29, 1)),
        # on 25 October 2026 it has two: the first counts, and the next is tomorrow's
        ("30 1 * * *", "Europe/London", utc(2026, 10, 24, 12), utc(2026, 10, 25, 0, 30)),
        ("30 1 * * *", "Europe/London", utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)),
    ],
)
def test_the_next_time_in_a_zone(cron, zone, after, due):
    assert next_time(Schedule(cron=cron, timezone=zone), after) == due


HOURLY = Schedule(cron="0 * * * *", timezone="UTC")


def watch(clock, rounds, during=lambda clock, n: None):
    done = []

    def work(due):
        done.append((due, clock.now()))
        during(clock, len(done))

    keep_watch(HOURLY, work, clock, rounds)
    return done


def test_rounds_come_when_they_are_due():
    clock = FakeClock(utc(2026, 5, 1, 6, 10))
    assert [due.hour for due, _ in watch(clock, 3)] == [7, 8, 9]
    assert max(clock.slept) <= 60


def test_times_that_pass_during_a_round_are_made_up_for_by_the_next():
    clock = FakeClock(utc(2026, 5, 1, 6, 10))
    done = watch(clock, 2, lambda c, n: c.pass_days(0.5) if n == 1 else None)
    assert [due.hour for due, _ in done] == [7, 20]


def test_a_clock_that_goes_back_a_little_brings_no_time_twice():
    clock = FakeClock(utc(2026, 5, 1, 6, 59))
    done = watch(clock, 2, lambda c, n: c.pass_days(-0.02) if n == 1 else None)
    assert [due.hour for due, _ in done] == [7, 8]


def test_a_clock_that_goes_back_a_year_does_not_stop_the_watch_for_a_year():
    clock = FakeClock(utc(2026, 5, 1, 6, 59))
    done = watch(clock, 2, lambda c, n: c.pass_days(-365) if n == 1 else None)
    assert done[1][0] == utc(2025, 5, 1, 8)


def test_a_clock_that_goes_back_while_waiting_is_noticed():
    clock = FakeClock(utc(2026, 5, 1, 6, 10))
    sleep, seen = clock.sleep, []

    def sleep_and_set_back(seconds):
        sleep(seconds)
        seen.append(seconds)
        if len(seen) == 5:
            clock.pass_days(-100)

    clock.sleep = sleep_and_set_back
    assert watch(clock, 1)[0][0] == utc(2026, 1, 21, 7)


def test_a_machine_that_slept_catches_up_at_once():
    clock = FakeClock(utc(2026, 5, 1, 6, 10))
    sleep = clock.sleep
    clock.sleep = lambda s: (sleep(s), clock.pass_days(1) if len(clock.slept) == 3 else None)
    ((due, when),) = watch(clock, 1)
    assert (due, when.date()) == (utc(2026, 5, 1, 7), dt.date(2026, 5, 2))
