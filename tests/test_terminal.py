"""Commands end with our own words, and with 1, when something is wrong."""

from __future__ import annotations

import signal

import pytest
import typer

from xinyong.errors import CatalogueError
from xinyong.terminal import terminable, told


def test_an_error_of_ours_becomes_its_message_and_an_ending_with_1(capsys):
    @told
    def command():
        raise CatalogueError("Found: [red]. Expected: plain words.")

    with pytest.raises(typer.Exit) as ended:
        command()
    assert (ended.value.exit_code, capsys.readouterr().err) == (1, "Found: [red]. Expected: plain words.\n")


def test_a_fault_of_the_program_is_not_hidden():
    @told
    def command():
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        command()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_terminate_interrupts_once_and_does_not_disturb_the_ending(number):
    before, ended = signal.getsignal(number), []
    with pytest.raises(KeyboardInterrupt), terminable():
        try:
            signal.raise_signal(number)
        finally:
            signal.raise_signal(signal.SIGTERM)
            ended.append("in order")
    assert (ended, signal.getsignal(number)) == (["in order"], before)
