"""Commands end with our own words, and with 1, when something is wrong."""

from __future__ import annotations

import errno
import io
import signal
from collections import Counter
from email.message import Message
from urllib.error import HTTPError

import pytest
import typer
from rich.text import Text
from rich.tree import Tree

from xinyong.errors import CatalogueError
from xinyong.terminal import PlainConsole, table, terminable, told, writable


def test_an_error_of_ours_becomes_its_message_and_an_ending_with_1(capsys):
    @told
    def command():
        raise CatalogueError("Found: [red]. Expected: plain words.")

    with pytest.raises(typer.Exit) as ended:
        command()
    assert (ended.value.exit_code, capsys.readouterr().err) == (1, "Found: [red]. Expected: plain words.\n")


def test_a_file_that_could_not_be_written_is_refused_before_the_work(tmp_path, capsys):
    for file, problem in ((tmp_path / "none" / "x", "no folder"), (tmp_path, "a folder of this name")):
        with pytest.raises(typer.Exit):
            writable(file)
        assert f"Found: {problem}" in " ".join(capsys.readouterr().err.split())
    assert writable(tmp_path / "x") == tmp_path / "x"
    assert writable(None) is None


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


HOSTILE = ["[/]", "[bold]粗[/bold]", "[link=http://example.org]链[/link]", ":smile:", "a\\[b]", "[red]"]
SIGNS = ["\x1b[31m", "\x1b]8;;http://example.org\x07", "\x9b2J", "\u202e", "\u2066", "\u200f"]


def shown(*renderables, width=60):
    written = io.StringIO()
    PlainConsole(file=written, width=width, force_terminal=True, color_system=None).print(*renderables)
    return written.getvalue()


def in_a_table(text):
    made = table("编号", "说明")
    made.add_row(text, Text(text))
    return made


def in_a_tree(text):
    made = Tree(text)
    made.add(Text.assemble((text, "bold"), "后"))
    return made


PLACES = pytest.mark.parametrize("place", [str, Text, in_a_table, in_a_tree])


@PLACES
@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_shown_as_it_is_wherever_it_stands(place, text):
    assert text in shown(place(text), width=200)


@PLACES
@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_a_sign_to_the_terminal_is_shown_and_not_obeyed(place, sign):
    text = shown(place(f"前{sign}后"), width=200)
    assert not set(text) & set("\x07\x1b\x9b\u202e\u2066\u200f")
    assert text.count("后") >= 1 and ("�" in text or "␛" in text)


def test_a_long_sentence_goes_on_in_the_next_line_and_no_number_is_broken():
    sentence = "填写了罚款金额（万元），但处罚类别不包含“罚款”，请核对后重新填报。" * 3
    made = table("行", "文书号", "说明", numbers=("行",))
    made.add_row("1234567", "闽明工信罚〔2026〕1号", sentence)
    text = shown(made)
    assert "…" not in text and "1234567" in text
    assert Counter(sentence) <= Counter(text)


@pytest.mark.parametrize(
    ("path", "found"),
    [("nowhere/a.xlsx", "No such file or directory"), ("", "Is a directory"), ("file/a.xlsx", "Not a directory")],
)
def test_a_file_that_cannot_be_written_is_named_with_what_was_expected(tmp_path, capsys, path, found):
    (tmp_path / "file").touch()

    @told
    def command():
        (tmp_path / path).write_text("")

    with pytest.raises(typer.Exit):
        command()
    said = "".join(capsys.readouterr().err.split())  # without the line ends that the width of a terminal makes
    assert "".join(f"{tmp_path / path}: the file or folder cannot be used. Found: {found}. Expected:".split()) in said


@pytest.mark.parametrize(
    "error",
    [
        BrokenPipeError(errno.EPIPE, "Broken pipe"),
        ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
        HTTPError("http://localhost", 500, "no", Message(), None),
    ],
)
def test_a_pipe_or_connection_that_breaks_is_no_matter_of_a_file(error):
    @told
    def command():
        raise error

    with pytest.raises(type(error)):
        command()


def test_a_full_disk_is_said_to_be_full(capsys):
    @told
    def command():
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(typer.Exit):
        command()
    assert "Found: No space left on device." in capsys.readouterr().err.replace("\n", " ")
