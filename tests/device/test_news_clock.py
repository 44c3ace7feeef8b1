"""A sleep ends for news, whoever brings them and in whatever moment."""

import os
import signal
import subprocess
import sys
import threading
import time

from fumo.device.edges.news_clock import NewsClock

# The handler is shut out while the signal arrives, as in the moment before a sleep begins.
TOLD_BEFORE_IT_SLEEPS = """
import os, signal
from fumo.device.edges.news_clock import NewsClock

clock, told = NewsClock(), []
signal.set_wakeup_fd(clock.mouth, warn_on_full_buffer=False)
signal.signal(signal.SIGTERM, lambda *_: told.append(1))
read = clock._comes_within
def late(seconds):
    os.kill(os.getpid(), signal.SIGTERM)
    return read(seconds)
clock._comes_within = late
clock.sleep(3600)
print(told)
"""


def test_news_that_came_before_the_sleep_end_it():
    clock = NewsClock()
    clock.wake()
    began_s = time.monotonic()
    clock.sleep(3600)
    assert time.monotonic() - began_s < 60


def test_all_news_are_taken_at_once():
    clock = NewsClock()
    for _ in range(100_000):  # more than a pipe holds
        clock.wake()
    clock.sleep(3600)
    began_s = time.monotonic()
    clock.sleep(0.05)
    assert time.monotonic() - began_s >= 0.04


def test_a_thread_ends_a_sleep():
    clock = NewsClock()
    threading.Timer(0.05, clock.wake).start()
    began_s = time.monotonic()
    clock.sleep(3600)
    assert time.monotonic() - began_s < 60


def test_a_signal_that_arrives_just_before_a_sleep_ends_it():
    line = [sys.executable, "-c", TOLD_BEFORE_IT_SLEEPS]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[1]\n"


def test_its_pipe_goes_with_it():
    clock = NewsClock()
    mouth = clock.mouth
    del clock
    try:
        os.fstat(mouth)
    except OSError:
        return
    raise AssertionError("the pipe is still open")


def test_a_signal_is_news_by_the_pipe_alone():
    """What the C handler does: a byte, before any Python runs."""
    clock = NewsClock()
    os.write(clock.mouth, bytes([signal.SIGTERM]))
    began_s = time.monotonic()
    clock.sleep(3600)
    assert time.monotonic() - began_s < 60
