"""Values in the cells of a table: where one ends, which are none, which are the same.

Pure text functions on inline markdown; what a value means is decided in `tagger.py`, and which
spellings mean the same by the tables here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz, process

from catalog.markdown.chinese import in_both_scripts
from catalog.markdown.inline import plain_text

# Values that lists spell in many ways: licences, languages, prices and the like
#
# Each row is one value, by what it is compared as: its SPDX identifier, its language code, an
# English word. Spellings are parted by commas, and compared by `spelling_key`, so that case,
# spaces and punctuation need none of their own. To teach another language, add its words.


LICENSES = {
    "0BSD": "BSD Zero Clause, Zero-Clause BSD, BSD 0-Clause",
    "AAL": "Attribution Assurance",
    "AFL-3.0": "Academic Free 3.0",
    "AGPL-3.0": "AGPLv3, AGPL 3, AGPL-3.0-only, GNU AGPL v3, GNU AGPLv3, GNU AGPL 3.0, "
    "AGPL v3.0, GNU Affero General Public v3, GNU Affero General Public v3.0, Affero GPL v3",
    "AGPL-3.0-or-later": "AGPL-3.0+, AGPLv3+",
    "Apache-1.1": "Apache Software 1.1",
    "Apache-2.0": "Apache, Apache 2, Apache v2, Apache v2.0, Apache-2, Apache2, "
    "Apache Version 2.0, Apache License Version 2.0, Apache License 2.0, Apache License v2, "
    "Apache License v2.0, Apache Software 2.0, ASL 2.0, AL2, APL 2.0",
    "Artistic-2.0": "Artistic 2, Artistic License 2.0",
    "BSD-2-Clause": "BSD 2, BSD2, Simplified BSD, FreeBSD, 2-clause BSD",
    "BSD-2-Clause-FreeBSD": "",
    "BSD-3-Clause": "BSD 3, BSD3, New BSD, Modified BSD, 3-clause BSD, Revised BSD",
    "BSD-4-Clause": "BSD 4, Original BSD, 4-clause BSD",
    "BSD-3-Clause-Attribution": "",
    "BSD-3-Clause-Clear": "",
    "BSL-1.0": "Boost, Boost 1.0, Boost Software, Boost Software 1.0",
    "BUSL-1.1": "Business Source 1.1, BSL 1.1, BUSL",
    "CAL-1.0": "Cryptographic Autonomy 1.0",
    "CC-BY-4.0": "CC BY, Creative Commons Attribution 4.0",
    "CC-BY-3.0": "Creative Commons Attribution 3.0",
    "CC-BY-NC-4.0": "CC BY NC",
    "CC-BY-NC-ND-4.0": "CC BY NC ND",
    "CC-BY-NC-SA-4.0": "CC BY NC SA",
    "CC-BY-ND-4.0": "CC BY ND",
    "CC-BY-SA-3.0": "",
    "CC-BY-SA-4.0": "CC BY SA",
    "CC0-1.0": "CC0, CC-0, CC0 1.0 Universal",
    "CDDL-1.0": "CDDL",
    "CECILL-2.1": "CeCILL",
    "CECILL-B": "",
    "CPAL-1.0": "CPAL",
    "ECL-2.0": "",
    "EPL-1.0": "Eclipse Public 1.0",
    "EPL-2.0": "EPL, EPL 2, Eclipse Public 2.0",
    "EUPL-1.1": "",
    "EUPL-1.2": "EUPL",
    "Elastic-2.0": "Elastic, ELv2, Elastic License 2.0",
    "GFDL-1.3": "GFDL, GNU FDL",
    "GPL-1.0": "GPLv1",
    "GPL-2.0": "GPLv2, GPL 2, GPL2, GPL-2.0-only, GNU GPL v2, GNU GPLv2, GNU GPL 2.0, GPL v2.0, "
    "GNU General Public v2, GNU General Public v2.0",
    "GPL-2.0-or-later": "GPL-2.0+, GPLv2+, GPL 2+",
    "GPL-3.0": "GPLv3, GPL 3, GPL3, GPL-3.0-only, GNU GPL v3, GNU GPLv3, GNU GPL 3.0, GPL v3.0, "
    "GNU General Public v3, GNU General Public v3.0",
    "GPL-3.0-or-later": "GPL-3.0+, GPLv3+, GPL 3+",
    "IPL-1.0": "IBM Public 1.0",
    "ISC": "",
    "LGPL-2.0": "LGPLv2",
    "LGPL-2.1": "LGPLv2.1, LGPL-2.1-only, GNU LGPL v2.1, GNU LGPLv2.1",
    "LGPL-2.1-or-later": "LGPL-2.1+",
    "LGPL-3.0": "LGPLv3, LGPL 3, LGPL-3.0-only, GNU LGPL v3, GNU LGPLv3, GNU LGPL 3.0, "
    "GNU Lesser General Public v3.0",
    "LGPL-3.0-or-later": "LGPL-3.0+",
    "LPPL-1.3c": "LPPL",
    "MIT": "Expat, MIT Expat, MIT/Expat, X11/MIT",
    "MIT-0": "MIT No Attribution",
    "MPL-1.1": "MPLv1.1",
    "MPL-2.0": "MPL, MPL 2, MPLv2, MPLv2.0, Mozilla, Mozilla Public 2.0, Mozilla Public v2.0",
    "MS-PL": "Microsoft Public, Ms-PL",
    "MS-RL": "Microsoft Reciprocal",
    "MulanPSL-2.0": "Mulan PSL v2, 木兰宽松许可证第2版",
    "NCSA": "",
    "OFL-1.1": "OFL, SIL OFL 1.1, SIL Open Font 1.1",
    "ODbL-1.0": "ODbL",
    "OSL-3.0": "OSL, Open Software 3.0",
    "OpenRAIL": "OpenRAIL-M",
    "PHP-3.01": "PHP 3.01",
    "PSF-2.0": "PSF, Python Software Foundation, PSFL",
    "SSPL-1.0": "SSPL, SSPLv1, Server Side Public v1",
    "Sendmail": "",
    "Sleepycat": "",
    "UPL-1.0": "UPL",
    "Unlicense": "Unlicence, The Unlicense",
    "WTFPL": "Do What The F*ck You Want To",
    "Zlib": "zlib/libpng",
    "ZPL-2.1": "ZPL, Zope Public 2.1",
    "ZPL-2.0": "",
}
"""Spellings of licences by SPDX identifier, which names the tag; `License` behind a name is
implied."""
LICENSE_FAMILIES = (
    "AGPL, BSD, CC BY, CC BY NC, CC BY SA, CDDL, EULA, GPL, LGPL, Public Domain, RAIL"
)
"""Licences without a version, which stand for themselves."""
LICENSE_FORMS = (
    "%s License, The %s License, %s Licence, The %s Licence, The %s, %s 许可证, %s 协议, %s 授權, "
    "%s ライセンス, %s 라이선스, Лицензия %s, Licencia %s, Licence %s, "
    "Licença %s, %s-Lizenz, رخصة %s"
)
"""Additions to a licence's name that do not change its meaning."""

LANGUAGES = {
    "ar": "ara, Arabic, العربية, عربي, 阿拉伯语, 阿拉伯文, アラビア語, 아랍어, "
    "арабский, árabe, arabe, Arabisch",
    "bg": "Bulgarian, български, 保加利亚语, болгарский, búlgaro, bulgare, Bulgarisch",
    "bn": "Bengali, বাংলা, 孟加拉语, бенгальский, bengalí",
    "ca": "Catalan, català, catalán, 加泰罗尼亚语",
    "cs": "Czech, čeština, 捷克语, чешский, checo, tchèque, Tschechisch, tcheco",
    "da": "Danish, dansk, 丹麦语, датский, danés, danois, Dänisch",
    "de": "deu, ger, German, Deutsch, 德语, 德文, ドイツ語, 독일어, немецкий, alemán, "
    "allemand, alemão, الألمانية",
    "el": "Greek, Ελληνικά, 希腊语, греческий, griego, grec, Griechisch, grego",
    "en": "eng, English, Englisch, 英语, 英文, 영어, английский, inglés, anglais, inglês, "
    "inglese, الإنجليزية",
    "es": "spa, Spanish, español, castellano, 西班牙语, 西班牙文, スペイン語, "
    "스페인어, испанский, espagnol, Spanisch, espanhol, الإسبانية",
    "fa": "Persian, Farsi, فارسی, 波斯语, персидский, persa, persan, Persisch",
    "fi": "Finnish, suomi, 芬兰语, финский, finés, finnois, Finnisch",
    "fr": "fra, fre, French, français, 法语, 法文, フランス語, 프랑스어, французский, "
    "francés, Französisch, francês, الفرنسية",
    "he": "Hebrew, עברית, 希伯来语, иврит, hebreo, hébreu, Hebräisch, hebraico",
    "hi": "Hindi, हिन्दी, हिंदी, 印地语, хинди",
    "hu": "Hungarian, magyar, 匈牙利语, венгерский, húngaro, hongrois, Ungarisch",
    "id": "Indonesian, Bahasa Indonesia, 印尼语, 印度尼西亚语, индонезийский, indonesio",
    "it": "ita, Italian, italiano, 意大利语, 意大利文, 義大利語, イタリア語, 이탈리아어, "
    "итальянский, italien, Italienisch, الإيطالية",
    "ja": "jp, jpn, Japanese, 日本語, 日语, 日文, 일본어, японский, japonés, japonais, "
    "Japanisch, japonês, اليابانية",
    "ko": "kr, kor, Korean, 한국어, 韩语, 韩文, 韓国語, корейский, coreano, coréen, "
    "Koreanisch, الكورية",
    "nl": "Dutch, Nederlands, 荷兰语, нидерландский, neerlandés, néerlandais, Niederländisch",
    "no": "nb, Norwegian, norsk, 挪威语, норвежский, noruego, norvégien, Norwegisch",
    "pl": "Polish, polski, 波兰语, польский, polaco, polonais, Polnisch, polonês",
    "pt": "por, Portuguese, português, 葡萄牙语, 葡萄牙文, ポルトガル語, 포르투갈어, "
    "португальский, portugués, portugais, Portugiesisch, البرتغالية",
    "pt-BR": "Brazilian Portuguese, português do Brasil, Portuguese (Brazil)",
    "ro": "Romanian, română, 罗马尼亚语, румынский, rumano, roumain, Rumänisch",
    "ru": "rus, Russian, русский, 俄语, 俄文, ロシア語, 러시아어, ruso, russe, Russisch, "
    "russo, الروسية",
    "sv": "Swedish, svenska, 瑞典语, шведский, sueco, suédois, Schwedisch",
    "th": "Thai, ไทย, 泰语, 泰文, тайский, tailandés",
    "tr": "Turkish, Türkçe, 土耳其语, турецкий, turco, turc, Türkisch",
    "uk": "Ukrainian, українська, 乌克兰语, украинский, ucraniano, ukrainien, Ukrainisch",
    "vi": "Vietnamese, Tiếng Việt, 越南语, вьетнамский, vietnamita, vietnamien",
    "zh": "cn, zho, chi, Chinese, Mandarin, 中文, 汉语, 华语, 中国語, 중국어, "
    "китайский, chino, chinois, Chinesisch, chinês, cinese, الصينية",
    "zh-Hans": "zh-CN, Simplified Chinese, Chinese (Simplified), 简体中文, 中文(简体), 简体, "
    "簡體中文",
    "zh-Hant": "zh-TW, Traditional Chinese, Chinese (Traditional), 繁体中文, 中文(繁體), 繁體",
}
"""Spellings of languages by code, from CLDR. Names of programming languages are not among them."""

VALUES = {
    "free": "gratis, 免费, 無料, 무료, бесплатно, бесплатный, бесплатная, gratuito, "
    "gratuita, gratuit, gratuite, kostenlos, kostenfrei, grátis, مجاني, مجانا, free of charge",
    "paid": "付费, 收费, 有料, 유료, платно, платный, платная, de pago, payant, "
    "payante, kostenpflichtig, pago, مدفوع",
    "freemium": "部分免费, 免费增值, 一部無料, 부분 무료, условно-бесплатный",
    "open source": "opensource, 开源, オープンソース, 오픈소스, открытый исходный код, "
    "código abierto, código aberto, quelloffen, مفتوح المصدر",
    "proprietary": "closed source, 闭源, 专有, проприетарный, propietario, propriétaire, "
    "proprietär, proprietário, プロプライエタリ",
    "yes": "✓, 是, 有, はい, 예, да, sí, oui, ja, sim, نعم",
    "no": "✗, 否, いいえ, 아니요, нет, non, nein, não, لا",
    "easy": "简单, 容易, 簡単, 쉬움, лёгкий, легкий, fácil, facile, einfach, leicht, سهل",
    "medium": "中等, 普通, 중간, средний, medio, moyen, mittel, médio, متوسط",
    "hard": "difficult, 困难, 难, 難しい, 어려움, сложный, трудный, difícil, difficile, "
    "schwer, schwierig, صعب",
    "beginner": "初级, 入门, 초급, начинающий, principiante, débutant, Anfänger, iniciante, مبتدئ",
    "intermediate": "中级, 중급, intermedio, intermédiaire, intermediário",
    "advanced": "高级, 上級, 고급, продвинутый, avanzado, avancé, fortgeschritten, avançado, متقدم",
    "macos": "mac, mac os, osx, os x, mac os x, macosx",
    "windows": "win, ms windows",
    "linux": "gnu/linux",
    "web": "网页, ウェブ, 웹, веб, الويب",
}
"""Spellings of values in any facet."""

PROGRAMMING_LANGUAGES = """
ada assembly awk bash c c# c++ clojure cobol common-lisp coffeescript crystal css d dart delphi
elixir elm erlang f# fortran gleam go golang groovy hack haskell haxe html java javascript js julia
kotlin lisp lua matlab mojo nim nix objective-c objc ocaml pascal perl php powershell prolog python
python2 python3 r racket raku reasonml rescript ruby rust scala scheme shell smalltalk solidity sql
swift tcl ts typescript v vala vb vb.net visual-basic zig
"""
PLATFORMS = """
.net android apache apple-tv arm bsd browser browser-extension chrome cli cloud command-line
cross-platform deb desktop django docker electron embedded esp32 firefox flatpak freebsd helm ios
ipad iphone java k8s kubernetes laravel linux mac macos mobile netbsd node node.js nodejs openbsd
openwrt osx podman raspberry-pi rails rpm saas self-hosted server serverless snap terminal tvos
unix unity vm wasm watchos wear-os web windows windows-phone wordpress wsl xbox
"""
FORMATS = """
asciidoc audio azw3 csv djvu doc docx epub gitbook html json kindle markdown md mobi mp3 odt online
pdf podcast pptx ps rtf screencast tex text txt video xml yaml zip
"""
"""Words that say what something is written in, where it runs, and what it comes as."""


MAX_CELL_LENGTH = 2000
"""Code points. A longer cell is prose; the limit also bounds what hostile text can cost."""
MAX_VALUE_LENGTH = 100
"""Code points. What is longer explains something and names nothing."""
MAX_VALUE_WORDS = 8
MAX_REMARK_WORDS = 3
"""After a link: `[MIT](…) with a patent clause added` is MIT and a remark."""

# No pattern here scans the same text twice: cells come from anybody.
_DROPPED = re.compile(
    r"<!--(?:(?!<!--|-->).)*+-->|<img\b[^<>]*>"
    r"|!\[[^\[\]]*+\](?:\([^()]*+\)|\[[^\[\]]*+\])|\[\^[^\[\]]++\]",
    re.S | re.I,
)
_LINE_BREAK = re.compile(r"</?(?:br|p|li|ul|ol|div)\b[^<>]*>|\r\n?", re.I)
# Whatever the separators inside it, it is one piece.
_ATOM = re.compile(
    r"""
    (?<!`)(?P<ticks>`{1,3})(?!`)(?P<code>[^`]++)(?P=ticks)(?!`)
  | \[(?P<link>(?:[^\[\]\\]|\\.|\[[^\[\]]*+\])*+)\]
      (?:\((?:[^()\\]|\\.|\([^()]*+\))*+\)|\[[^\[\]]*+\])
  | <a\b[^<>]*>(?P<anchor>[^<]*+(?:<(?!/?a\b)[^<]*+)*+)</a>
  | <(?P<autolink>[a-z][a-z0-9+.-]*:[^\s<>]*)>
  | (?P<url>https?://[^\s<>]*[^\s<>,;.:!?'\")])
  | \\(?P<escaped>[!-/:-@\[-`{-~])
  | (?P<group>\((?P<inner>(?:[^()]|\([^()]*+\))*+)\)|（(?P<wide>[^（）]*+)）)
  | (?<![\w/])(?P<compound>n/a|tcp/ip|i/o|ci/cd|a/b|and/or|gnu/linux|pl/(?:pg)?sql|s/mime
      |client/server|w/o|r&d|q&a|at&t)(?![\w/])
    """,
    re.X | re.I | re.S,
)
_SUFFIX_OF_A_COMPANY = re.compile(r",(?=\s*(?:inc|ltd|llc|gmbh|corp)\b)", re.I)
# What is held stands in the text as one character of the last private plane, which no list needs.
_PLACE = 0x100000
_BADGE = re.compile(
    r"\s*\[?!\[(?:[^\[\]:：]{1,20}[:：]\s*)?([^\[\]:：]+)\]"
    r"(?:\([^()]*\)|\[[^\[\]]*\])(?:\]\([^()]*\))?\s*"
)
_SHOWN_BY_BADGES = frozenset(
    (*PLATFORMS.split(), *PROGRAMMING_LANGUAGES.split(), "free", "paid", "freemium", "yes", "no")
)
_HELD = re.compile("[\U00100000-\U0010ffff]")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.I)
_STRONG = re.compile(r"(\*\*|__|~~)(?=\S)([^*_~]+|.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])(?:\*(?=\S)([^*]+)(?<=\S)\*|_(?=\S)([^_]+)(?<=\S)_)(?![\w*])")

_SEPARATOR = (
    # A line break, an enumeration comma, or a comma that does not group digits.
    r"\n|[，、;；]|,(?!(?<=\d,)\d{3}(?!\d))"
    # A slash, but not in 4/5, HTTP/2 and hours/week.
    r"|(?<!\d)[/／](?!\d+(?:\.\d+)?(?!\w))(?!(?:week|month|mo|year|yr|day|hour|hr|min|sec|user|seat)\b)"
    r"|(?<=\d)[/／](?!\d)|(?<=\s)[·•∙](?=\s)"
)
_DEFAULT = re.compile(f"({_SEPARATOR})")
# Both sides are words: `CMU & MIT`, `Google&Princeton`, not `R&D`.
_WITH_AMPERSAND = re.compile(f"({_SEPARATOR}|(?<=\\s)[&＆](?=\\s)|(?<=\\w{{3}})[&＆](?=\\w{{3}}))")

# What begins markup or may end a value. A cell without any of it, as most are, is one value.
_SEVERAL = re.compile("[\0\r\n&＆<\\[`\\\\(（*_~/／,，、;；·•∙\U00100000-\U0010ffff]")

# Spaces of no width, and marks of direction.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u2060]")
_LEADING = re.compile(r"\A(?:[-–—*•·:：]|and\b|和(?=\s))\s+", re.I)
_TRAILING = re.compile(
    r"(?:[\s,，、&]*+(?:\.{2,}|…+|\betc\b\.?|\bet\s+al\b\.?|\band\s+more\b|(?<=\s)等|(?<=\s)и\s+др\b\.?)"
    r"|[\s:：,，。]++)++\Z",
    re.I,
)
_NO_VALUE = """
na nan nil null none unknown unspecified undisclosed tbd tba notclear unclear notspecified etal
notavailable notapplicable notdisclosed notstated tobeannounced tobedetermined etc ❓ ❔
无 無 暂无 暫無 未知 不详 不詳 不明 未公开 未公開 未说明 待定 没有 なし 없음
неизвестно desconocido inconnu unbekannt
"""
_NONE = frozenset(_NO_VALUE.split())
"""Spellings of no value, by their `spelling_key`."""
YES, NO = "✓", "✗"
"""The values that every kind of tick and cross is read as."""
_SIGNS = {
    **dict.fromkeys(("✓", "✔", "✅", "☑", "√", ":white_check_mark:", ":heavy_check_mark:"), YES),
    **dict.fromkeys(("✗", "✘", "❌", "✖", "☒", "❎", "×", ":x:", ":heavy_multiplication_x:"), NO),
    **dict.fromkeys((":question:", ":grey_question:"), ""),
}

_SIZE = re.compile(r"\d+(?:\.\d+)?[bmk]", re.I)
_ENDS_IN_SIZE = re.compile(r"(.*\w[-_ ])\d+(?:\.\d+)?[bmk]", re.I)
_SIGNIFICANT_SIGNS = frozenset("+#%*")


@lru_cache(maxsize=65536)
def spelling_key(value: str) -> str:
    """Fold a value so that spellings of the same thing are equal, and nothing bolder.

    Case, width, spaces and punctuation are folded. Signs that tell names apart stay (`C`, `C++`,
    `C#`), and so does what stands between digits: `1.3B` is not `13B`. Never empty for a value
    that is not.
    """
    text = unicodedata.normalize("NFKC", value).casefold()
    characters: list[str] = []
    between = ""
    for character in text:
        category = unicodedata.category(character)
        if character == "\ufe0f" or (category[0] in "ZPC" and character not in _SIGNIFICANT_SIGNS):
            if category != "Cf":
                between = character if character in ".," else between or "-"
            continue
        if between and characters and characters[-1].isdigit() and character.isdigit():
            characters.append(between)
        between = ""
        characters.append(character)
    return "".join(characters)[:200] or "".join(text.split())[:200]


def _by_spelling(rows: Mapping[str, str], forms: Iterable[str] = ()) -> dict[str, str]:
    """Return the comparison key of each spelling of these values, and of its forms."""
    known: dict[str, str] = {}
    for name, row in rows.items():
        key = spelling_key(name)
        for spelling in filter(None, [name, *row.split(", ")]):
            for form in ("%s", *forms):
                for script in in_both_scripts(form % spelling):
                    known.setdefault(spelling_key(script), key)
    return known


# Thousands of spellings, made when the first value is compared: most processes compare none.
@cache
def _spellings(kind: str) -> dict[str, str]:
    """The comparison key of each known spelling of a licence, a language or any other value."""
    if kind == "license":
        families = dict.fromkeys(LICENSE_FAMILIES.split(", "), "")
        return _by_spelling(LICENSES | families, LICENSE_FORMS.split(", "))
    if kind == "language":
        return _spellings("") | _by_spelling(LANGUAGES)
    return _by_spelling(VALUES)


def _spellings_of(facet: str) -> dict[str, str]:
    return _spellings(_KINDS.get(facet, ""))


_KINDS = {"language": "language", "text-language": "language", "license": "license"}
_EXCEPTION = re.compile(r"\sWITH\s.*", re.DOTALL)
"""`GPL-2.0-only WITH Classpath-exception-2.0`, as SPDX writes it."""
_SPDX = {spelling_key(name): name for name in LICENSES}


def value_key(facet: str, value: str) -> str:
    """Fold a value of a facet so that all spellings of it that are known are equal.

    `Free`, `free` and `免费` are one price, `Apache 2.0` and `Apache-2.0` one licence, `en` and
    `English` one language; an exception does not make another licence. Takes what `spelling_key`
    has folded as well.
    """
    if facet == "license":
        value = _EXCEPTION.sub("", value)
    key = spelling_key(value)
    return _spellings_of(facet).get(key, key)


def is_known(facet: str, value: str) -> bool:
    """Whether other spellings may mean the same value of a facet: see `value_key`."""
    return facet == "license" or spelling_key(value) in _spellings_of(facet)


@lru_cache(maxsize=1000)
def is_answer(value: str) -> bool:
    """Whether a value says yes or no, which means nothing without its question."""
    return value_key("", value) in {"yes", "no"}


def standard_name(facet: str, key: str) -> str:
    """The SPDX identifier of a licence by its `value_key`; '' for everything else."""
    return _SPDX.get(key, "") if facet == "license" else ""


def is_license(value: str) -> bool:
    """Whether this is a licence's name or identifier."""
    return spelling_key(value) in _spellings("license")


def of_badge(cell: str) -> str:
    """The value that a cell shows as a picture: a known one, else ''."""
    shown = _BADGE.fullmatch(cell) if "![" in cell else None
    if shown is None:
        return ""
    is_known = is_license(shown[1]) or value_key("", shown[1]) in _SHOWN_BY_BADGES
    return shown[1] if is_known else ""


# What a write reads to guess columns by it reads again to count values, and to tag entries.
@lru_cache(maxsize=8192)
def split_values(text: str, separators: str = "", *, ampersand: bool = True) -> tuple[str, ...]:
    """Read the values of a cell, in order, each spelling once.

    `text` is inline markdown. Without `separators` values end at a line break, slash, comma,
    semicolon or spaced middle dot, and at `&` between words when `ampersand` is true; with them
    at any of these characters and at line breaks. Never inside a link, code, parentheses, a
    number or a fixed compound (`TCP/IP`). A link's text is the value. What says that there is
    none (`-`, `N/A`, `not clear`), an open end (`etc.`, `...`) and prose give none. A bare size
    belongs to the name before it: `LLaMA-7B/13B` is `LLaMA-7B` and `LLaMA-13B`.
    """
    if len(text) > MAX_CELL_LENGTH:
        return ()
    text = of_badge(text) or text
    if not separators and not _SEVERAL.search(text):
        value, _is_remark = _value(text, {})
        return (value,) if value else ()
    held: dict[str, str] = {}
    pattern = _pattern(separators, ampersand)
    parts = pattern.split(_without_markup(text, held))
    values: dict[str, str] = {}
    prefix = ""
    in_remark = False
    for index in range(0, len(parts), 2):
        part = parts[index]
        if in_remark and not _HELD.search(part) and parts[index - 1] != "\n":
            continue
        value, in_remark = _value(part, held)
        if prefix and _SIZE.fullmatch(value):
            value = prefix + value
        sized = _ENDS_IN_SIZE.fullmatch(value)
        prefix = sized[1] if sized else ""
        if value:
            values.setdefault(spelling_key(value), value)
    return tuple(values.values())


def _pattern(separators: str, ampersand: bool) -> re.Pattern[str]:
    if separators:
        return re.compile(f"([\n{re.escape(separators)}])")
    return _WITH_AMPERSAND if ampersand else _DEFAULT


def _without_markup(markdown: str, held: dict[str, str]) -> str:
    """Remove the markup; what is one unit goes to `held`, by the character in its place."""

    def hold(match: re.Match[str]) -> str:
        place = chr(_PLACE + len(held))
        held[place] = _atom_text(match)
        return place

    text = _DROPPED.sub("", _HELD.sub("", markdown.replace("\0", "")))
    text = _LINE_BREAK.sub("\n", text)
    text = _SUFFIX_OF_A_COMPANY.sub(r"\\,", text)
    text = html.unescape(_TAG.sub("", _ATOM.sub(hold, text)))
    return _EMPHASIS.sub(r"\1\2", _STRONG.sub(r"\2", text))


def _atom_text(match: re.Match[str]) -> str:
    for linked in ("link", "anchor"):
        if match[linked] is not None:
            return plain_text(match[linked])
    if match["group"]:
        opening, closing = match["group"][0], match["group"][-1]
        return opening + plain_text(match["inner"] or match["wide"] or "") + closing
    literal = match[match.lastgroup or 0]
    return literal.strip() if match["code"] else literal


def _restore(text: str, held: dict[str, str]) -> str:
    # An entity can still have made such a character; it stands for nothing.
    return _HELD.sub(lambda match: held.get(match[0], ""), text)


def _fold_spaces(text: str) -> str:
    return " ".join(_UNSEEN.sub("", text).split())


def _value(part: str, held: dict[str, str]) -> tuple[str, bool]:
    """One piece as a value, '' for none, and whether it ended in a remark on a link."""
    first = _HELD.match(part.strip())
    if first and len(_restore(part.strip()[first.end() :], held).split()) > MAX_REMARK_WORDS:
        return _named(_restore(first[0], held)), True
    value = _fold_spaces(_restore(part, held))
    is_prose = not first and len(value.split()) > MAX_VALUE_WORDS
    return "" if is_prose else _named(value), False


def _named(value: str) -> str:
    """The value without an open end; '' if it names nothing."""
    sign = _SIGNS.get(value.replace("\ufe0f", ""))
    if sign is not None:
        return sign
    if len(value) > MAX_VALUE_LENGTH:
        return ""
    value = _TRAILING.sub("", _LEADING.sub("", value, count=1))
    if value.startswith("[") and value.endswith("]"):
        value = value[1:-1].strip()
    if not value[:1].isalnum() and not any(map(_is_significant, value)):
        return ""
    return "" if spelling_key(value) in _NONE else value


def _is_significant(character: str) -> bool:
    """Letters, digits, currency signs and pictures; a dash or a question mark names nothing."""
    category = unicodedata.category(character)
    return category[0] in "LN" or category in {"So", "Sc"} or character in "√×"


# Spellings that may mean the same, offered to a maintainer


MOST_TAGS = 3000
"""The most used tags of a facet that are compared with each other; bounds the time."""
SIMILAR = 90
"""Percent of equal characters from which a difference may be a slip of the pen."""
SHORTEST = 6
"""Characters from which it may; `UIUC` and `UIC` are two universities."""

_WORD = re.compile(r"[^\W_]+(?:\.\d+)*[+#]*")
_DIGITS = re.compile(r"\d+")
_SIZE_SUFFIX = re.compile(r"-?\d+(?:\.\d+)?[bmk]")
_COMMON = """
a an and by company corp corporation gmbh inc lab labs language licence license ltd of programming
public research team the university version
"""
_WORDS_THAT_SAY_NOTHING = frozenset(_COMMON.split())


class Suggestion(NamedTuple):
    """A suggestion that tag number `alias` may be another spelling of tag number `tag`, counted
    from 0."""

    alias: int
    tag: int


def suggest(names: Sequence[str]) -> list[Suggestion]:
    """Pairs of names that may mean the same; the one that comes first is kept.

    `names` are in order of use, the most used first. A name is offered once, for the name its
    own counterpart is offered for, if that is one.
    """
    keys = [spelling_key(name) for name in names[:MOST_TAGS]]
    known = {key: number for number, key in reversed([*enumerate(keys)])}
    cores = [_core(name) for name in names[:MOST_TAGS]]
    by_core = {core: number for number, core in reversed([*enumerate(cores)]) if core}
    meant: dict[int, int] = {}
    for number, key in enumerate(keys):
        match = _without_size(key, known)
        if match is None:
            match = by_core.get(cores[number], number)
            match = match if match < number else _slip(keys, known, number)
        if match is not None and meant.get(match, match) != number:
            meant[number] = meant.get(match, match)
    return [Suggestion(alias, meant.get(tag, tag)) for alias, tag in meant.items()]


def _without_size(key: str, known: dict[str, int]) -> int | None:
    """`llama7b` and `llama-7b` are sizes of `llama`, whichever is used more."""
    for end in range(len(key) - 2, 1, -1):
        if key[:end] in known and _SIZE_SUFFIX.fullmatch(key, end):
            return known[key[:end]]
    return None


def _core(name: str) -> frozenset[str]:
    """The words that tell; `MIT License` and `MIT` have the same."""
    words = [word.casefold() for word in _WORD.findall(name)]
    return frozenset(word for word in words if word not in _WORDS_THAT_SAY_NOTHING)


def _slip(keys: Sequence[str], known: dict[str, int], number: int) -> int | None:
    """An earlier name that differs by a letter or two, or by a plural, not by a digit."""
    key = keys[number]
    if len(key) > 3:
        for other in (f"{key}s", key.removesuffix("s")):
            if known.get(other, number) < number:
                return known[other]
    if len(key) < SHORTEST:
        return None
    digits = _DIGITS.findall(key)
    matches = process.extract(key, keys[:number], scorer=fuzz.ratio, score_cutoff=SIMILAR, limit=3)
    return next((match for text, _score, match in matches if _DIGITS.findall(text) == digits), None)
