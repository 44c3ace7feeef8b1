"""The machine in memory keeps its promises."""

from fumo.testing.machine import VirtualClock


def test_time_goes_on_however_short_a_sleep_is():
    clock = VirtualClock()
    before_s = clock.now_s()
    clock.sleep(1e-300)
    assert clock.now_s() > before_s


def test_an_alarm_ends_a_sleep():
    clock = VirtualClock()
    clock.alarms_s.append(clock.now_s() + 5)
    clock.sleep(60)
    assert clock.slept_s == 5
