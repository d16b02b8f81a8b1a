"""Files that appear whole: nothing of an unfinished one stays where the public could read it."""

import pytest

from xinyong.platforms.folders import written


def test_the_draft_of_a_killed_process_is_replaced(tmp_path):
    (tmp_path / ".page.html.tmp").write_bytes(b"what a killed process left")
    with written(tmp_path / "page.html") as stream:
        stream.write(b"whole")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"page.html": b"whole"}


def test_of_two_who_write_one_file_at_once_the_later_one_goes_on_and_the_earlier_one_is_told(tmp_path):
    page = tmp_path / "page.html"
    with pytest.raises(OSError, match="another process"), written(page) as early:
        early.write(b"early")
        with written(page) as late:
            late.write(b"late")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"page.html": b"late"}


def test_what_fails_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="full"), written(tmp_path / "page.html"):
        raise ValueError("full")
    assert list(tmp_path.iterdir()) == []
