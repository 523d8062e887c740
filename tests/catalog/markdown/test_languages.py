"""The language of a name with its description."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.markdown.words import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Keepall A tool for saving pages.", "en"),
        ("Keepall Fast snapshots, small archives", "en"),
        ("Keepall 把网页保存成一个文件", "zh"),
        ("Keepall 把網頁存成一個檔案", "zh"),
        ("Keepall ページを保存するツール", "ja"),
        ("Keepall 웹 페이지를 저장하는 도구", "ko"),
        ("Keepall Сохраняет страницы в один файл", "ru"),
        ("Keepall Зберігає сторінки в один файл", "uk"),
        ("Keepall Записва страници със снимки", "bg"),
        ("Keepall Guarda las páginas en un archivo", "es"),
        ("Keepall Enregistre les pages dans un fichier", "fr"),
        ("Keepall Speichert eine Seite als Datei", "de"),
        ("Keepall Guarda as páginas em um arquivo", "pt"),
        ("Keepall يحفظ الصفحات في ملف", "ar"),
        ("Keepall صفحه‌ها را در یک پرونده نگه می‌دارد", "fa"),
        # One word of another script or language does not turn a text.
        ("WeChat (微信) client for Linux desktops", "en"),
        ("Todo A sample app with todo lists", "en"),
        ("Paper by Leandro von Werra, Di Yang and others", "en"),
        # Latin names do not either.
        ("基于 Transformer 的 LLM 推理框架，支持 CUDA", "zh"),
        # Nor do an English word in a German name, and one in a Portuguese remark.
        ("Einstieg in ABAP Karl-Heinz Kühnhauser", ""),
        ("Imergindo na JVM (account or mail)", ""),
        ("React in a Day", "en"),
        # Languages of one script: by letters and words that the others do not have.
        ("Основи на програмирането с Java", ""),
        ("Мова програмування Java", ""),
        ("Основы программирования", "ru"),
        ("Учебник по React", "ru"),
        ("自然言語処理入門", "ja"),
        ("機器學習入門教程", "zh"),
        ("机器学习入门", "zh"),
        ("数学入門", ""),
        # A name alone tells nothing.
        ("Keepall", ""),
        ("Data Science Platform 2.0", ""),
        ("", ""),
    ],
)
def test_the_language_follows_from_script_and_common_words(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert language_of(text) == "" or len(language_of(text)) == 2
