import pytest

from catalog.models import Catalog, Column
from catalog.tagging.columns import column_values, guess_column, header_key
from catalog.tagging.tagger import Tagger
from tests.factories import make_catalog


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("base\u00a0model", "base model"),
        ("**Base  Model**", "base model"),
        ("⭐ Stars", "stars"),
        ("model/project", "model project"),
        ("Website&nbsp; &nbsp;", "website"),
        ("<b><u>Name</u></b>", "name"),
        ("[Licence](https://example.org)", "licence"),
        ("Ｌａｎｇ", "lang"),
        ("İsim", "isim"),
        ("许可证", "许可证"),
        ("☆", "☆"),
        ("", ""),
    ],
)
def test_header_key_folds(header: str, key: str) -> None:
    assert header_key(header) == key


@pytest.mark.parametrize(
    ("header", "facet"),
    [
        ("language", "language"),
        ("Langs", "language"),
        ("Programming language", "language"),
        ("编程语言", "language"),
        ("言語", "language"),
        ("Язык", "language"),
        ("Lenguaje", "language"),
        ("license", "license"),
        ("Licence", "license"),
        ("开源协议", "license"),
        ("開源協議", "license"),
        ("라이선스", "license"),
        ("Tipo de licencia", "type"),
        ("base\u00a0model", "base-model"),
        ("Backbone", "base-model"),
        ("基座模型", "base-model"),
        ("contributor", "contributor"),
        ("作者/组织", "author"),
        ("Author(s)", "author"),
        ("Institute", "organization"),
        ("机构", "organization"),
        ("公司", "company"),
        ("领域", "domain"),
        ("类别", "category"),
        ("省市", "region"),
        ("国家", "country"),
        ("年份", "year"),
        ("Année", "year"),
        ("Conference", "venue"),
        ("期刊/会议", "venue"),
        ("OS", "os"),
        ("操作系統", "os"),
        ("難度", "level"),
        ("Auth", "auth"),
        ("CORS", "cors"),
        ("used in", "used-in"),
        ("driven by", "driven-by"),
    ],
)
def test_guess_column_knows_facets_by_their_headers(header: str, facet: str) -> None:
    assert guess_column(header, []) == ("facet", facet)


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("model/project", "name"),
        ("Language Model", "name"),
        ("大模型", "name"),
        ("Название", "name"),
        ("API", "name"),
        ("main feature", "description"),
        ("说明", "description"),
        ("Notes", "description"),
        ("Release date", "text"),
        ("Params (B)", "text"),
        ("项目地址", "text"),
        ("downloads/week", "text"),
        ("anything else", "text"),
        ("", "text"),
    ],
)
def test_guess_column_knows_other_roles_by_their_headers(header: str, role: str) -> None:
    assert guess_column(header, []) == (role, "")


@pytest.mark.parametrize(
    ("header", "values", "facet"),
    [
        ("Eyes", ["**5-eyes**", "", "14-eyes", "9-eyes"] * 5, "eyes"),
        ("已录制", ["✅", "✅", ""] * 5, "已录制"),
        ("☆", ["★★☆", "★★★", "★☆☆"] * 5, "rating"),
        ("☆", ["good", "bad", "so so"] * 5, ""),
        ("Города", ["Минск", "Москва", "Минск, Москва"] * 5, "города"),
        # One value on every row, few rows, numbers, times, addresses, sentences, names.
        ("Seen", ["✅"] * 20, ""),
        ("Eyes", ["5-eyes", "9-eyes"] * 3, ""),
        ("Pulls", ["10", "20", "1.5k"] * 10, ""),
        ("Effort", ["4 weeks", "5 hours/week"] * 10, ""),
        ("Where", ["[link](https://a.org)", "[link](https://b.org)"] * 10, ""),
        ("Why", ["It is good. It is ours.", "It is bad. It is theirs."] * 10, ""),
        ("Alias", [f"thing {n}" for n in range(30)], ""),
        # What stands there says no to the header.
        ("Domain", [f"blog{n}.example.org" for n in range(20)], ""),
        ("Size type", [f"{n} GB" for n in range(20)], ""),
        ("Keywords", [f"topic {n}" for n in range(20)], ""),
        ("Platform", ["Runs on everything. Needs a lot of memory for that."] * 20, ""),
    ],
)
def test_guess_column_looks_at_the_cells(header: str, values: list[str], facet: str) -> None:
    assert guess_column(header, values) == (("facet", facet) if facet else ("text", ""))


def guesses(catalog: Catalog) -> dict[str, tuple[str, str]]:
    rows = catalog.columns.values_list("key", "guessed_role", "guessed_facet")
    return {key: (role, facet) for key, role, facet in rows}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("CVPR 2021", ["CVPR"]),
        ("ICML'21, arXiv", ["ICML", "arXiv"]),
        ("Web 2.0", ["Web 2.0"]),
        ("2021", ["2021"]),
    ],
)
def test_the_year_is_no_part_of_a_venue(text: str, values: list[str]) -> None:
    assert list(column_values(Column(key="venue"), "venue", text)) == values


@pytest.mark.django_db
def test_columns_take_the_codecs_word_for_most_rows() -> None:
    catalog = make_catalog()
    tagger = Tagger(catalog)

    tagger.columns_for(["Project", "Details"], 0, [["a", "b", "c"], ["x"] * 3], 1)
    tagger.columns_for(["Model", "Project"], 0, [["m"], ["[GitHub](https://g.org)"]])
    # A legend, in which the first column holds the names for once.
    tagger.columns_for(["Eyes", "Meaning"], 0, [["5-eyes"], ["five countries"]])
    tagger.columns_for(["Project", "Eyes"], 0, [["d"] * 12, ["5-eyes", "9-eyes"] * 6])
    tagger.flush()

    assert guesses(catalog) == {
        "project": ("name", ""),
        "details": ("description", ""),
        "model": ("name", ""),
        "eyes": ("facet", "eyes"),
        "meaning": ("text", ""),
    }


@pytest.mark.django_db
def test_columns_learn_from_imports_and_not_from_edits() -> None:
    catalog = make_catalog()
    header = ["Name", "Eyes"]
    cells = [["a"] * 12, ["5-eyes", "9-eyes"] * 6]
    Tagger(catalog).columns_for(header, 0, cells)
    tagger = Tagger(catalog)
    tagger.columns_for(header, 0, cells)
    tagger.flush()

    edit = Tagger(catalog)
    edit.columns_for(header, 1)
    edit.columns_for(["Name", "License"], 0)
    edit.flush()
    assert guesses(catalog) == {
        "name": ("name", ""),
        "eyes": ("facet", "eyes"),
        "license": ("facet", "license"),
    }

    again = Tagger(catalog)
    again.columns_for(header, 0, [["a"] * 12, [f"eye {n}" for n in range(12)]])
    again.flush()
    assert guesses(catalog)["eyes"] == ("text", "")


@pytest.mark.django_db
def test_columns_keep_what_was_decided() -> None:
    catalog = make_catalog()
    catalog.columns.create(
        key="eyes", header="Eyes", guessed_role="text", role="facet", facet="alliance"
    )
    tagger = Tagger(catalog)

    (_name, eyes) = tagger.columns_for(["Name", "Eyes"], 0, [["a"] * 12, ["5", "9"] * 6])
    tagger.flush()

    assert eyes.effective_facet == "alliance"
    eyes.refresh_from_db()
    assert (eyes.guessed_role, eyes.role, eyes.facet) == ("text", "facet", "alliance")
