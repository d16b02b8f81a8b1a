"""The search index without a browser: what is found where, and that no file of it grows without bound."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from messages import COMPANY
from portals import OTHER, a_portal, a_publication, an_entry, found_by, mentions, shard

from xinyong.platforms import portal_search as index


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("闽明工信罚〔2026〕 12 号", "闽明工信罚202612号", id="brackets and blanks"),
        pytest.param("ＡＢｃ１２－３", "ABC123", id="full width"),
        pytest.param("甲\u200b乙\u202e丙\ufeff", "甲乙丙", id="invisible signs"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_only_letters_and_digits_count(text, expected):
    assert index.normal(text) == expected


@given(st.text(max_size=40))
def test_what_is_normal_stays_normal_and_hides_no_markup(text):
    once = index.normal(text)
    assert index.normal(once) == once
    assert not set(once) & set("<>\"'&/ \u2028")


def test_a_code_is_found_by_its_organisation_and_a_name_by_its_pairs():
    assert index.terms(["甲乙丙", "乙丙"], COMPANY["uscc"]) == {"甲乙", "乙丙", COMPANY["uscc"][8:17]}
    assert index.terms(["甲"], "123") == {"123"}


@pytest.mark.parametrize(
    ("document", "bucket"),
    [
        ("〔2026〕12号", "612"),
        ("7号", "7"),
        ("2026-00123-1", "231"),
        ("第１２３４号", "234"),
        ("〔2026〕第12号", "612"),
    ],
)
def test_a_document_lies_where_its_last_digits_say(document, bucket):
    assert index.document_bucket(document) == bucket


def test_a_document_without_digits_has_a_place_too():
    assert index.document_bucket("决定书") == index.document_bucket(" 决定〔书〕") != index.document_bucket("通知书")


def test_a_term_of_too_many_names_says_how_many_and_lists_the_first_only():
    text = index.terms_file(0, [("有限", 2498, "7,5,9"), ("沙县", 2, "70,3")]).decode()
    assert '"\\u6c99\\u53bf":[2,3,67]' in text
    assert '"\\u6709\\u9650":[2498,5,2,2]' in text


def test_an_index_file_is_plain_ascii_whatever_it_says():
    text = index.shard("x.js", ["</script>\u2028\"';</公司"])
    assert text.decode("ascii").count("\n") == 1


def test_many_documents_with_the_same_end_are_spread_over_files_that_go_again(tmp_path, monkeypatch):
    monkeypatch.setattr(index, "DOCUMENTS_PER_FILE", 2)
    folder = tmp_path / "portal"
    portal = a_portal(folder)
    items = [an_entry(f"{at}〕001", **OTHER) for at in range(5)]
    items = [dataclasses.replace(item, position=at, record_id=str(at)) for at, item in enumerate(items, 1)]
    portal.send(a_publication(*items, number=1))
    parts = [shard(folder, index.documents_path("001", part)) for part in (1, 2, 3)]
    assert [len(part["rows"]) for part in parts] == [2, 2, 1]
    assert parts[0]["parts"] == [1, 2, 3]  # the first one is asked for the others
    gone = [dataclasses.replace(item, operation="withdraw") for item in items[1:]]
    portal.send(a_publication(*gone, number=2))
    assert shard(folder, index.documents_path("001", 1))["parts"] == [1]
    assert not (folder / index.documents_path("001", 2)).exists()
    assert mentions(folder, gone[0].payload["行政处罚决定书文号"]) == []


def test_a_subject_keeps_its_number_and_is_told_with_its_counts(tmp_path):
    folder = tmp_path / "portal"
    portal = a_portal(folder)
    portal.send(a_publication(an_entry(1), an_entry(2, **OTHER), number=1))
    before = shard(folder, index.subjects_path(0))
    portal.send(a_publication(an_entry(3, **OTHER), an_entry(1, "withdraw"), number=2))
    rows = shard(folder, index.subjects_path(0))
    assert [row[:4] for row in rows] == [row[:4] for row in before if row[2] == [OTHER["行政相对人名称"]]]
    assert rows[0][4] == [["penalty", 2]]
    assert found_by(folder, "东庆") == []
