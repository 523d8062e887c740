"""The language that a short text is written in, told by its script and its commonest words.

A name with a description is all there is to go by, a dozen words or fewer, so that frequent words
tell more than statistics of letters. Where they leave it open the answer is ''.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

# Letters of a script that one language, or nearly one, is written in.
_SCRIPTS = {
    "zh": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
    "ja": "\u3041-\u3096\u30a1-\u30fa\uff66-\uff9f",
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "ru": "\u0400-\u052f",
    "ar": "\u0620-\u06ff\u0750-\u077f",
    "he": "\u05d0-\u05ea",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "th": "\u0e00-\u0e7f",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
    "my": "\u1000-\u109f",
    "km": "\u1780-\u17ff",
    "si": "\u0d80-\u0dff",
}
_LETTERS = re.compile("|".join(f"([{letters}])" for letters in _SCRIPTS.values()))
_CODES = tuple(_SCRIPTS)
_FOREIGN = re.compile(f"[{''.join(_SCRIPTS.values())}]")
_LETTERS_OF_A_WORD = {"zh": 2, "ja": 2, "ko": 3}
"""About how many of its letters tell as much as one word in Latin letters; 5 of most others."""
_SHARE = 0.3
"""Share of a text from which it is one in another script that quotes Latin words."""
_LEAST_CHINESE = 5
_KANA = 0.1
"""Share of Chinese characters and kana that are kana, from which the text is Japanese."""
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SMALL_WORD = re.compile(r"(?<![\w./-])[a-z]{3,}(?![\w./-])")
# What tells the languages of one script apart, first that fits.
_BY_LETTER = {
    "ru": (("uk", "іїєґ"), ("be", "ў"), ("kk", "қәңұ"), ("sr", "ђћљњџј")),
    "ar": (("ur", "ٹڈڑےں"), ("fa", "پچژگ\u06cc\u06a9")),
}
# In Russian the sign stands only before a vowel, in Bulgarian it is one.
_BULGARIAN = re.compile(r"ъ(?![еёюя])|\b(?:се|със|във|това|са|ще|най|чрез|език)\b")

_FREQUENT = {
    "en": "a about an and any are as at based be build built by can code for from get has have "
    "how if in into is it its learn like more not of on open or other our out over source "
    "that the their these this to tool tools use used using via was we what when where "
    "which who will with without you your",
    "es": "al como con cómo de del desde el en entre es esta este guía la las los más muy no o "
    "para pero por que qué se sin sobre su sus todo tu un una uno y curso introducción "
    "programación libro",
    "fr": "à au aux avec ce cette comme comment créer dans de des du elle en est et être il la "
    "le les leur mais ne nos notre ou par pas plus pour que qui sa sans se ses son sur "
    "tout un une votre vous apprendre cours l'",
    "de": "als am an auf aus bei das dem den der des die durch ein eine einem einen einer es "
    "für im in ist kann mit nach nicht oder ohne sich sie sind über um und vom von wie "
    "wird zu zum zur einführung deutsch",
    "pt": "à ao aos as até com como da das de do dos e é em entre essa este isso mais mas na "
    "nas não no nos o os ou para pela pelo por que se sem seu sobre sua também tudo um "
    "uma você programação introdução aprenda",
    "it": "al alla che come con da dal dalla degli dei del della delle di e è gli i il in la le "
    "lo ma nel nella non o per più sono su sul un una uno programmazione introduzione",
    "nl": "aan als bij dat de deze die door een en het hoe ik in is je met naar niet of om "
    "onder ook op over te tot uit van voor wat wordt zijn",
    "pl": "aby ale czy dla do i jak jest już lub na nie o od oraz po pod przez przy się są to w "
    "we wersja z za że kurs programowania",
    "sv": "att av de den det du eller en ett för från har hur i inte kan med och om på samt som "
    "till var är över",
    "da": "af at den der det du eller en er et for fra har hvordan i ikke kan med og om på som til",
    "no": "av den det du eller en er et for fra har hvordan i ikke kan med og om på som til å",
    "fi": "ei että he hän ja joka jotka kanssa kun mutta myös niin olla on ovat se sekä tai",
    "tr": "bir bu çok da daha de en gibi için ile ilgili kadar nasıl olan olarak ve veya ya "
    "programlama",
    "cs": "a aby ale co do i jak je jsou k která které který na nebo o od po pro při s se si v "
    "z za že",
    "ro": "a al ale că cu cum de din este în la mai nu o pe pentru prin sau se și un unei unui",
    "hu": "a az egy és hogy is nem meg vagy van ez ezt lehet",
    "id": "adalah anda atau dalam dari dengan itu oleh pada untuk belajar pemrograman",
    "vi": "cho các có của được là này những với và học trong một",
    "ca": "amb als de del dels el els en és i la les per que són un una",
}
# A letter alone is more often an initial or a name.
_LETTER_WORDS = frozenset("aàéy")
_WORDS: dict[str, tuple[str, ...]] = {}
for _code, _words in _FREQUENT.items():
    for _word in _words.split():
        # What is English as well tells nothing about another language: most lists are English.
        if "en" not in _WORDS.get(_word, ()) and (len(_word) > 1 or _word in _LETTER_WORDS):
            _WORDS[_word] = (*_WORDS.get(_word, ()), _code)
# Letters with marks that few languages have; each counts as half a word for these.
_MARKED = {
    "ñ": "es", "¿": "es", "¡": "es", "ß": "de", "ä": "de sv fi", "ö": "de sv fi tr hu",
    "ü": "de tr hu es", "ã": "pt", "õ": "pt", "ç": "fr pt tr ca", "é": "fr es pt hu cs ca it",
    "è": "fr it ca", "ê": "fr pt vi", "à": "fr it ca pt", "ù": "fr it", "ì": "it", "ò": "it ca",
    "œ": "fr", "î": "fr ro", "â": "fr pt ro vi", "ô": "fr pt vi", "á": "es pt hu cs",
    "í": "es pt hu cs", "ó": "es pt pl hu cs", "ú": "es pt hu cs", "ł": "pl", "ż": "pl",
    "ś": "pl", "ą": "pl", "ę": "pl", "ć": "pl", "ń": "pl", "å": "sv da no", "ø": "da no",
    "æ": "da no", "ğ": "tr", "ı": "tr", "ş": "tr", "ě": "cs", "ř": "cs", "ů": "cs", "č": "cs",
    "š": "cs", "ž": "cs", "ă": "ro vi", "ț": "ro", "ș": "ro", "ő": "hu", "ű": "hu", "đ": "vi",
    "ơ": "vi", "ư": "vi", "ạ": "vi", "ế": "vi", "ộ": "vi",
}  # fmt: skip
_ENOUGH = 2
"""So many frequent words tell a language other than English, which one word tells."""
_PLAIN = 3
"""So many words in small letters, and none or no mark of another language, are English as well."""


@lru_cache(maxsize=4096)
def language_of(text: str) -> str:
    """The code of the language that plain text is written in, as CLDR has it; '' if it is open.

    Both scripts of Chinese are ``zh``. Names and code that a text quotes in Latin letters do not
    count where another script prevails.
    """
    folded = text.casefold()
    words = _LATIN_WORD.findall(folded)
    if _FOREIGN.search(text):
        counts = Counter(_CODES[(letter.lastindex or 1) - 1] for letter in _LETTERS.finditer(text))
        words = [word for word in words if not _FOREIGN.search(word)]
        size = sum(count / _LETTERS_OF_A_WORD.get(code, 5) for code, count in counts.items())
        if size >= _SHARE * (size + len(words)):
            return _of_script(counts, folded)
    return _of_latin(words, len(_SMALL_WORD.findall(text)))


def _of_script(counts: Counter[str], text: str) -> str:
    script, _count = counts.most_common(1)[0]
    if script in {"zh", "ja"}:
        if counts["ja"] >= _KANA * (counts["ja"] + counts["zh"]):
            return "ja"
        # A name of a few characters may be Japanese.
        return "zh" if counts["zh"] >= _LEAST_CHINESE else ""
    for code, letters in _BY_LETTER.get(script, ()):
        if any(letter in text for letter in letters):
            return code
    return "bg" if script == "ru" and _BULGARIAN.search(text) else script


def _of_latin(words: list[str], small: int) -> str:
    scores: dict[str, float] = dict.fromkeys(_FREQUENT, 0)
    distinct = set(words)
    for word in distinct:
        for code in _WORDS.get(word, ()):
            scores[code] += 1
    for letter in {letter for word in distinct if not word.isascii() for letter in word}:
        for code in _MARKED.get(letter, "").split():
            scores[code] += 0.5
    english = scores.pop("en")
    best = max(scores, key=scores.__getitem__)
    if english > scores[best] or (english and english == scores[best] < _ENOUGH):
        return "en"
    if scores[best] >= _ENOUGH and list(scores.values()).count(scores[best]) == 1:
        return best
    is_plain = not any(scores.values()) and all(map(str.isascii, words))
    return "en" if is_plain and small >= _PLAIN else ""


NAMES = {
    "ar": "العربية", "be": "беларуская", "bg": "български", "bn": "বাংলা", "ca": "català",
    "cs": "čeština", "da": "dansk", "de": "Deutsch", "el": "Ελληνικά", "en": "English",
    "es": "español", "fa": "فارسی", "fi": "suomi", "fr": "français", "he": "עברית",
    "hi": "हिन्दी", "hu": "magyar", "hy": "հայերեն", "id": "Indonesia", "it": "italiano",
    "ja": "日本語", "ka": "ქართული", "kk": "қазақ тілі", "km": "ខ្មែរ", "ko": "한국어",
    "my": "မြန်မာ", "nl": "Nederlands", "no": "norsk", "pl": "polski", "pt": "português",
    "ro": "română", "ru": "русский", "si": "සිංහල", "sr": "српски", "sv": "svenska",
    "ta": "தமிழ்", "te": "తెలుగు", "th": "ไทย", "tr": "Türkçe", "uk": "українська",
    "ur": "اردو", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip
"""Names of the languages in themselves, by CLDR."""
