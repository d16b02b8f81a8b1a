"""A year's announcement is taken over whole or not at all, and moves the due dates that rested on a guess."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from deliveries import a_penalty, day, rows, take_in

from xinyong import catalogue as declarations
from xinyong import stages
from xinyong.announcements import problems, read, take_over
from xinyong.catalogue.codes import CalendarYear
from xinyong.errors import CatalogueError
from xinyong.settings import catalogue_dir
from xinyong.working_days import days

# An invented 2027: 17 weekdays off, 4 make-up days, so the 13 days of the law.
INVENTED = """\
year: 2027
notice: 国办发明电〔2026〕9号
holidays: [2027-01-01..2027-01-03, 2027-02-05..2027-02-11, 2027-04-03..2027-04-05, 2027-05-01..2027-05-05,
  2027-06-09, 2027-09-15, 2027-10-01..2027-10-07]
workdays: [2027-02-13, 2027-05-08, 2027-09-26, 2027-10-09]
"""
CSV = "日期,类别,文号\n2027-01-01..2027-01-03,休,国办发明电〔2026〕9号\n2027-02-13,班,\n"


def announcement(tmp_path, text=INVENTED, name="2027.yaml"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_ranges_are_written_out_and_a_whole_year_has_no_problem(tmp_path):
    year = read(announcement(tmp_path))
    assert len(year.holidays) == 27 and date(2027, 2, 7) in year.holidays
    assert problems(year) == []


def test_a_table_says_the_same_as_a_declaration(tmp_path):
    year = read(announcement(tmp_path, CSV, "2027.csv"))
    assert (year.year, year.notice, year.holidays[0], year.workdays) == (
        2027,
        "国办发明电〔2026〕9号",
        date(2027, 1, 1),
        (date(2027, 2, 13),),
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(("2027-02-13, ", ""), "17 weekdays off less 3 make-up days are 14 days", id="a make-up day lost"),
        pytest.param(("2027-06-09, ", ""), "端午节 is missing", id="a festival lost"),
        pytest.param(("2027-02-05..2027-02-11", "2027-02-05..2027-02-07"), "春节 is missing or too short", id="short"),
        pytest.param(("2027-05-08", "2027-05-07"), "2027-05-07 is a Friday", id="a make-up day on a weekday"),
        pytest.param(("2027-05-08", "2027-05-02"), "2027-05-02 is named 2 times", id="both off and worked"),
        pytest.param(("2027-09-26", "2028-09-24"), "2028-09-24 is outside 2027", id="another year"),
        pytest.param(("〔2026〕9号", "2026-9"), "the notice number is", id="no notice"),
    ],
)
def test_a_contradiction_is_named_and_nothing_is_written(tmp_path, change, expected):
    with pytest.raises(CatalogueError, match=expected):
        take_over(announcement(tmp_path, INVENTED.replace(*change)), tmp_path / "calendar")
    assert not (tmp_path / "calendar").exists()


@pytest.mark.parametrize("text", ["", "- 1", "year: 2027", "year: 2027\nnotice: a\nholidays: [2027-13-01]", "a: ["])
def test_what_is_no_announcement_is_refused_in_plain_words(tmp_path, text):
    with pytest.raises(CatalogueError, match=r"(?s)is not an announcement.*Expected: YAML"):
        read(announcement(tmp_path, text))


def test_a_table_as_a_chinese_excel_writes_it_is_read(tmp_path):
    path = tmp_path / "2027.csv"
    written = CSV.replace("2027-02-13,班,", "2027/2/13,班,,\n,,,")
    path.write_bytes(written.replace("\n", "\r\n").encode("gbk"))
    assert read(path) == read(announcement(tmp_path, CSV, "other.csv"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("日期,类别\n", "line 1 without the heading 文号", id="a heading lost"),
        pytest.param("", "line 1 without the heading 日期、类别、文号", id="nothing"),
        pytest.param(CSV + "2027-02-20\n", "line 4 with nothing under 类别", id="a cell lost"),
        pytest.param(CSV + "2027-02-20,节,\n", "line 4, 类别: `节` instead of 休 or 班", id="another kind"),
        pytest.param(CSV + "2027-02-30,班,\n", "line 4, 日期: `2027-02-30` instead of a date", id="no date"),
        pytest.param(CSV + "2027-02-20,班,国办发〔2026〕1号\n", "2 numbers under 文号", id="two notices"),
    ],
)
def test_a_table_that_is_wrong_is_refused_with_line_and_column(tmp_path, text, found):
    with pytest.raises(
        CatalogueError, match=f"2027.csv is not an announcement; nothing .* Found: {found}.* Expected: "
    ):
        read(announcement(tmp_path, text, "2027.csv"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("holidays: 5", "`holidays` is `5`, not a list of days"),
        ("holidays: [2027-01-01, x]", "`holidays`, entry 2: `x` instead of a date"),
        ("holidays: [2027-01-05..2027-01-01]", "`holidays`, entry 1: the range"),
        ("year: x\nnotice: a\nholidays: []", "`year`: .*found 'x'"),
        ("year: 2027\nholidays: []", "`notice` is missing"),
        ("a: [", "no readable YAML: line 1, column 5"),
        ("- 1", "no keys"),
    ],
)
def test_a_declaration_that_is_wrong_is_refused_with_key_and_entry(tmp_path, text, found):
    with pytest.raises(CatalogueError, match=f"Found: {found}.* Expected: YAML"):
        read(announcement(tmp_path, text))


def test_the_announced_years_that_a_library_knows_have_the_days_of_the_law():
    for known in (2025, 2026):
        of_year = [one for one in days({}, known) if one.day.year == known]
        off = [one.day for one in of_year if one.day.weekday() < 5 and not one.is_working]
        worked = [one.day for one in of_year if one.day.weekday() > 4 and one.is_working]
        weekends = [one.day for one in of_year if one.day.weekday() > 4 and not one.is_working]
        whole = CalendarYear(year=known, notice="国办发〔2025〕1号", holidays=[*off, *weekends], workdays=worked)
        assert problems(whole) == []


def test_a_year_that_is_there_changes_only_when_told_so(tmp_path):
    folder = tmp_path / "calendar"
    take_over(announcement(tmp_path), folder)
    before = (folder / "2027.yml").read_text("utf-8")
    take_over(announcement(tmp_path), folder)
    other = announcement(tmp_path, INVENTED.replace("2027-02-13", "2027-02-14"))
    with pytest.raises(CatalogueError, match="holds other days already"):
        take_over(other, folder)
    assert (folder / "2027.yml").read_text("utf-8") == before
    take_over(other, folder, replace=True)
    assert date(2027, 2, 14) in read(folder / "2027.yml").workdays


def test_new_years_holiday_may_move_days_of_the_december_before():
    moved = CalendarYear(year=2027, notice="a", holidays=(date(2026, 12, 31),), workdays=(date(2026, 12, 26),))
    found = {one.day: one.is_working for one in days({2027: moved}, 2026)}
    assert (found[date(2026, 12, 31)], found[date(2026, 12, 26)], found[date(2026, 12, 30)]) == (False, True, True)


def test_taking_a_year_over_recomputes_the_due_dates_that_were_a_guess(environment, tmp_path, monkeypatch):
    folder = tmp_path / "catalogue"
    shutil.copytree(catalogue_dir(), folder)
    monkeypatch.setenv("XINYONG_CATALOGUE", str(folder))
    take_in("enforcement_penalty", day(30), [a_penalty(1, cf_jdrq="2026-12-23"), a_penalty(2)])
    stages.aggregate(day(30))
    due = "SELECT decision_date, due_date, is_provisional FROM warehouse.deadline ORDER BY decision_date"
    early = (date(2026, 11, 20), date(2026, 12, 1), False)
    assert rows(due) == [early, (date(2026, 12, 23), date(2027, 1, 1), True)]
    take_over(announcement(tmp_path), folder / "calendar")
    declarations.forget()
    moved = stages.recompute_deadlines(day(30))
    assert (moved.changed, moved.provisional_before, moved.provisional_after) == (1, 1, 0)
    assert rows(due) == [early, (date(2026, 12, 23), date(2027, 1, 4), False)]
