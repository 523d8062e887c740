"""Headings that are dates or people."""

import pytest

from catalog.tagging.titles import Date, date_of, is_person


@pytest.mark.parametrize(
    ("title", "date"),
    [
        ("2024", Date("2024")),
        ("2024年", Date("2024")),
        ("2001 - 2010", Date("2001–2010")),
        ("From 2020/12 to January 2023", Date("2020–2023")),
        ("2023年1月至2023年6月", None),
        ("2023年1月 - 2023年6月", Date("2023")),
        ("Jan - March 2023", Date("2023")),
        ("2026 年 3 月 4 号添加", Date("2026", 3)),
        ("2019-11-05", Date("2019", 11)),
        ("2019/11", Date("2019", 11)),
        ("March 2023", Date("2023", 3)),
        ("Added on May 5th, 2023", Date("2023", 5)),
        ("5 mai 2023", Date("2023", 5)),
        ("12 декабря 2022", Date("2022", 12)),
        ("مارس 2021", Date("2021", 3)),
        ("Week 3 (Jan 12 - Jan 18)", Date("", 1)),
        ("3月", Date("", 3)),
        # These say something else.
        ("ICCV 2021", None),
        ("Week 12", None),
        ("Chapter 7", None),
        ("Python 3", None),
        ("May", None),
        ("365 days of code", None),
        ("1984 and other novels", None),
        ("2048", None),
    ],
)
def test_dates_are_distinguished_from_subjects(title: str, date: Date | None) -> None:
    assert date_of(title) == date


@pytest.mark.parametrize(
    ("title", "is_below_date", "expected"),
    [
        ("@ann-lee", False, True),
        ("Ann Lee - GitHub", False, True),
        ("Ann Lee(上海) - GitHub, 博客", False, True),
        ("Bo Chen(广州)", True, True),
        ("Bo Chen(广州)", False, False),
        ("Machine Learning (ML)", False, False),
        ("Articles", True, False),
        ("Databases - Time series", False, False),
        ("Testing: Unit", False, False),
    ],
)
def test_people_are_distinguished_from_subjects(
    title: str, is_below_date: bool, expected: bool
) -> None:
    assert is_person(title, is_below_date=is_below_date) is expected
