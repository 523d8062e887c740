"""The words that lists use for parts of an entry, by language, and a text's own.

The only table of its kind. Everything is compared in lower case, blanks folded. To teach the reader
another language, add a line to each group. English, Chinese (both scripts), Japanese, Korean,
Russian, Spanish, French, German, Portuguese and Arabic are there throughout, others where lists
were seen to use them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import chain

from catalog.markdown.chinese import in_both_scripts


def folded(text: str) -> str:
    """A text as words are compared: in lower case, blanks folded."""
    return " ".join(text.casefold().split())


def _words(*languages: str) -> frozenset[str]:
    """The words of a group: a string for each language, words parted by `|`.

    A Chinese word stands for both of its scripts.
    """
    words = (" ".join(word.split()) for line in languages for word in line.split("|"))
    return frozenset(chain.from_iterable(map(in_both_scripts, words)))


def any_of(words: frozenset[str]) -> re.Pattern[str]:
    """A pattern of any of these words, whole ones in scripts that part words."""
    by_length = sorted(words, key=len, reverse=True)
    return re.compile(
        "|".join(rf"\b{w}\b" if w < "\u2e80" else w for w in map(re.escape, by_length)),
        re.IGNORECASE,
    )


GENERIC_TEXTS = _words(
    # Hosts and what is called like one.
    "app store | appstore | arxiv | bilibili | chrome web store | codeberg | colab | discord"
    "| docker hub | dockerhub | f-droid | facebook | gh | git | gitee | github | github link"
    "| github page | github pages | github repo | github repository | gitlab | google colab"
    "| google drive | google play | google scholar | hf | hugging face | huggingface"
    "| huggingface model | instagram | itunes | kaggle | linkedin | mac app store | mastodon"
    "| modelscope | npm | open review | openreview | papers with code | play store | pypi"
    "| reddit | slack | steam | telegram | twitter | wechat | wikipedia | x | youtube | zhihu",
    # Kinds of pages, and the forms they come in.
    "about | abs | abstract | android | announcement | api | api docs | apk | app | article"
    "| audio | award | bib | bibtex | blog | blog post | book | changelog | checkpoint"
    "| checkpoints | code | code link | community | data | dataset | dataset link | dataset(s)"
    "| datasets | demo | demo link | demo page | demo video | details | doc | doc link | docs"
    "| documentation | doi | epub | examples | feed | feeds | forum | free | full text | guide"
    "| home | home page | homepage | html | info | intro | introduction | ios | issue | issues"
    "| kindle | landing page | lecture | lectures | link | link 1 | link 2 | links | live"
    "| live demo | main page | manual | mirror | mobi | model | model card | models | more info"
    "| news | notebook | notes | official | official code | official link | official page"
    "| official site | official website | online | online demo | original | original article"
    "| page | paper | paper link | papers | pdf | playlist | podcast | post | poster | preprint"
    "| press | preview | privacy policy | project | project link | project page | project site"
    "| project website | projects | readme | reference | release | releases | repo | repo link"
    "| report | repository | review | rss | rss feed | samples | scholar | screenshot | screenshots"
    "| site | slide | slides | solution | solutions | source | source code | sources | space | spec"
    "| specification | summary | supp | supplementary | supplementary material | talk | talks"
    "| tech report | technical report | thread | torrent | tutorial | tweet | url | video"
    "| videos | web | web page | web site | webpage | website | weights | wiki | wp | zip",
    # What goes with a course.
    "assignment | assignments | course page | course website | course materials | discussion"
    "| exams | exercises | homework | homeworks | labs | lecture note | lecture notes"
    "| lecture slides | lecture video | lecture videos | problem set | problem sets | quizzes"
    "| syllabus | youtube channel | youtube playlist",
    "作业 | 讲义 | 课件 | 教学大纲 | 课程主页 | 课程网站 | 课程视频 | 教材 | 实验 | 习题",
    "課題 | 講義 | 講義ノート | 講義動画 | 講義資料 | シラバス | 演習",
    "과제 | 강의 노트 | 강의 자료 | 강의 영상 | 강의계획서 | 실습",
    "лекции | задания | домашние задания | конспекты | видеолекции | упражнения",
    "tareas | apuntes | temario | ejercicios | clases",
    "devoirs | notes de cours | exercices | travaux pratiques",
    "übungen | vorlesungsfolien | vorlesungsvideos | skript | aufgaben",
    "tarefas | notas de aula | ementa | exercícios",
    "الواجبات | المحاضرات | المنهج | التمارين",
    # Other editions and copies of it.
    "archive | archived | archived version | chinese translation | chinese version | ebook"
    "| english translation | english version | errata | github mirror | read online | transcript"
    "| translation | translations | wayback machine | web archive",
    "中译 | 中译本 | 中译版 | 中文翻译 | 中文翻译版 | 译文 | 译本 | 中文版 | 英文版 | 英文原版"
    "| 原版 | 在线阅读 | 在线版 | 电子书 | 勘误 | 镜像 | 备份 | 存档 | github 仓库 | github 地址"
    "| github 链接 | github 项目 | github 主页 | 源代码",
    "中譯 | 中文翻譯 | 譯文 | 譯本 | 線上閱讀 | 電子書 | 勘誤 | 鏡像 | 備份",
    "翻訳 | 和訳 | 日本語訳 | 日本語版 | 英語版 | 原著 | アーカイブ | オンライン版",
    "번역 | 번역본 | 한국어판 | 한글판 | 영문판 | 원서 | 아카이브",
    "перевод | переводы | на русском | оригинал | архив | зеркало | читать онлайн",
    "traducción | versión en español | versión en inglés | leer en línea",
    "traduction | version française | version anglaise | lire en ligne",
    "übersetzung | deutsche übersetzung | deutsche version | online lesen | archiv",
    "tradução | versão em português | versão em inglês | ler online | arquivo",
    "ترجمة | الترجمة | النسخة العربية | أرشيف",
    # What to do there.
    "browse | click here | dl | download | downloads | get | here | install | learn more | more"
    "| open | play | read | read more | see | see all | see more | subscribe | this | try"
    "| try it | try it online | view | view demo | view more | visit | visit site | visit website"
    "| watch",
    # Chinese.
    "百度云 | 百度网盘 | 百度云下载链接 | 网盘 | 网盘链接 | 夸克网盘 | 阿里云盘 | 蓝奏云",
    "下载 | 下载地址 | 下载链接 | 中文 | 主页 | 介绍 | 仓库 | 代码 | 代码地址 | 代码链接 | 体验"
    "| 体验地址 | 公众号 | 博客 | 原文 | 地址 | 在线体验 | 官方网站 | 官网 | 官网地址 | 开源地址"
    "| 报告 | 数据 | 数据集 | 文档 | 文章 | 查看 | 模型 | 模型下载 | 源码 | 演示 | 点击"
    "| 点击查看 | 点击进入 | 网址 | 网站 | 网页 | 英文 | 视频 | 订阅 | 论文 | 论文地址 | 论文链接"
    "| 详情 | 资源 | 这里 | 链接 | 项目 | 项目主页 | 项目地址 | 项目链接 | 答案 | 解答 | 解析"
    "| 题解 | 示例",
    "程式碼 | 部落格 | 資料 | 文件 | 查看 | 影片 | 連結 | 專案 | 原始碼 | 解答 | 文章 | 模型"
    "| 演示 | 原文 | 瀏覽 | 範例",
    # Japanese, Korean.
    "コード | リンク | 公式 | 公式サイト | サイト | ソース | ソースコード | デモ | ダウンロード"
    "| ドキュメント | ブログ | ホームページ | リポジトリ | 論文 | 動画 | 記事 | スライド | こちら"
    "| 詳細 | ウェブサイト | フィード | 解答 | 解説 | 回答 | 資料 | データ | データセット | モデル"
    "| 見る | 続きを読む | 文書 | サンプル | 例",
    "논문 | 링크 | 코드 | 소스 | 소스 코드 | 데모 | 다운로드 | 문서 | 블로그 | 홈페이지"
    "| 웹사이트 | 사이트 | 공식 사이트 | 저장소 | 동영상 | 영상 | 기사 | 슬라이드 | 여기 | 자세히"
    "| 피드 | 풀이 | 해설 | 정답 | 데이터 | 데이터셋 | 모델 | 발표 자료 | 보기 | 더 보기 | 글"
    "| 예제",
    # Russian, Spanish, French, German, Portuguese, Arabic.
    "видео | код | сайт | ссылка | ссылки | статья | исходный код | исходники | демо | скачать"
    "| документация | блог | репозиторий | официальный сайт | здесь | тут | подробнее | доклад"
    "| слайды | проект | страница | лента | решение | решения | разбор | данные | датасет | модель"
    "| смотреть | читать | открыть | перейти | презентация | пост | примеры",
    "enlace | enlaces | sitio | sitio web | página | página web | web oficial | sitio oficial"
    "| código | código fuente | descargar | descarga | documentación | repositorio | artículo"
    "| vídeo | aquí | ver | ver más | leer | leer más | diapositivas | solución | soluciones"
    "| datos"
    "| conjunto de datos | modelo | proyecto | demostración | presentación | entrada | abrir"
    "| ejemplos",
    "lien | liens | site web | site officiel | source du code | code source | télécharger"
    "| téléchargement | documentation | dépôt | article | vidéo | démo | ici | voir | lire"
    "| en savoir plus | diapositives | flux | solutions | corrigé | données | jeu de données"
    "| modèle"
    "| projet | démonstration | présentation | billet | ouvrir"
    "| exemples",
    "webseite | webauftritt | quelle | quellcode | quelltext | herunterladen | dokumentation"
    "| artikel | hier | ansehen | lesen | mehr | offizielle seite | folien | repositorium | lösung"
    "| lösungen | daten | datensatz | modell | projekt | vorführung | präsentation | beitrag"
    "| öffnen | beispiele",
    "ligação | página | site oficial | código | código fonte | código-fonte | baixar | transferir"
    "| documentação | repositório | artigo | aqui | ver | ver mais | ler | leia mais | slides"
    "| solução | soluções | dados | conjunto de dados | modelo | projeto | demonstração"
    "| apresentação | abrir | exemplos",
    "رابط | الرابط | روابط | الموقع | موقع | الموقع الرسمي | الكود | كود | الشيفرة | المصدر"
    "| تحميل | تنزيل | التوثيق | وثائق | مستودع | المستودع | مقال | المقال | فيديو | هنا | المزيد"
    "| ورقة | الورقة | بحث | عرض | الحل | البيانات | النموذج | المشروع | اقرأ المزيد | شاهد"
    "| أمثلة",
)
"""Link texts that say what kind of page a link leads to, not what the thing is called.

A word belongs here when lists use it so more often than as a name; one letter of an alphabet never
does, `x` aside, nor does a common name of a thing itself (`Company`, `Chinese`).
"""

NUMBERED_WORDS = _words(
    "article | chapter | day | ep | episode | figure | lecture | lesson | part | post | section"
    "| step | vol | volume | week",
    "第 | 部分 | 章 | 篇 | 集 | 课",
    "パート | 回 | 編",
    "파트 | 부 | 편 | 화",
    "часть | глава | выпуск | урок | серия",
    "parte | capítulo | lección | episodio",
    "partie | chapitre | leçon | épisode",
    "teil | kapitel | folge | lektion",
    "parte | capítulo | lição | episódio",
    "الجزء | جزء | الفصل | الحلقة | الدرس",
    # Terms of a year.
    "autumn | fall | spring | summer | winter",
    "春季 | 夏季 | 秋季 | 冬季",
    "春 | 夏 | 秋 | 冬",
    "봄 | 여름 | 가을 | 겨울",
    "весна | лето | осень | зима",
    "primavera | verano | otoño | invierno",
    "printemps | été | automne | hiver",
    "frühling | frühjahr | sommer | herbst | winter | sommersemester | wintersemester",
    "primavera | verão | outono | inverno",
    "الربيع | الصيف | الخريف | الشتاء",
)
"""Words that name nothing with a number behind them: `Part 1`, `Spring 2016`."""

NAME_HEADERS = _words(
    "algorithm | algorithms | api | app | application | applications | apps | benchmark | book"
    "| books | channel | corpus | course | courses | dataset | datasets | extension | font"
    "| framework | game | item | language model | library | llm | method | methods | model"
    "| models | movie | name | names | package | platform | plugin | podcast | problem | product"
    "| program | project | projects | question | script | service | software | theme | title"
    "| titles | tool | tools",
    "书名 | 产品 | 产品名称 | 内容 | 名 | 名字 | 名称 | 大模型 | 工具 | 工具名称 | 平台 | 应用"
    "| 数据集 | 标题 | 模型 | 模型名称 | 网站 | 课程 | 软件 | 项目 | 项目名 | 项目名称 | 题目"
    "| 问题",
    "資料集 | 軟體 | 專案",
    "タイトル | ツール | データセット | プロジェクト | モデル | ライブラリ | アプリ | サービス"
    "| 名前 | 名称 | 作品 | 問題 | 書名 | 製品 | ソフトウェア",
    "이름 | 제목 | 도구 | 프로젝트 | 모델 | 데이터셋 | 라이브러리 | 앱 | 서비스 | 문제 | 명칭"
    "| 제품"
    "| 책 | 소프트웨어",
    "имя | название | проект | наименование | инструмент | модель | библиотека | приложение"
    "| сервис | книга | курс | задача | вопрос | программа | продукт | игра | фильм",
    "nombre | proyecto | título | herramienta | modelo | biblioteca | aplicación | servicio | libro"
    "| problema | pregunta | programa | producto | juego | curso",
    "nom | projet | titre | outil | modèle | bibliothèque | application | livre | problème"
    "| question"
    "| logiciel | produit | jeu | cours",
    "titel | projekt | werkzeug | modell | bibliothek | anwendung | dienst | buch | bezeichnung"
    "| aufgabe | frage | programm | produkt | spiel | kurs",
    "nome | projeto | título | ferramenta | modelo | biblioteca | aplicativo | serviço | livro"
    "| problema | questão | programa | produto | jogo | curso",
    "الاسم | اسم | العنوان | المشروع | الأداة | النموذج | المكتبة | التطبيق | الكتاب | المسألة"
    "| السؤال | البرنامج | المنتج | اللعبة",
    "ad | adı | isim",
)
"""Headers of the column that says what the thing is called.

The first such column names the rows, whether links are in it or not.
"""

MAYBE_NAME_HEADERS = _words(
    "architecture | article | articles | awesome | blog | company | data | entry | feed | list"
    "| paper | papers | provider | repo | repository | resource | resources | site | source"
    "| topic | tutorial | video | website | websites",
    "公司 | 机构 | 论文 | 资源 | 文章 | 博客 | 仓库",
    "部落格",
    "記事 | サイト | リポジトリ | 会社 | 動画",
    "논문 | 사이트 | 저장소 | 회사 | 자료",
    "статья | сайт | ресурс | репозиторий | компания | видео",
    "artículo | sitio | recurso | repositorio | empresa",
    "article | ressource | dépôt | entreprise | vidéo",
    "artikel | webseite | ressource | firma | unternehmen",
    "artigo | recurso | repositório | empresa",
    "المقال | الموقع | المصدر | الشركة | المستودع",
)
"""Headers of a column that names the thing if links are in it, and goes with it if not."""

LINK_HEADERS = _words(
    "address | code | demo | download | github | hf | homepage | huggingface | icon | link"
    "| links | logo | opml | paper link | rss | rss feed | site link | solution | url | urls"
    "| website link",
    "下载 | 下载地址 | 主页 | 地址 | 官网 | 查看 | 连接 | 链接 | 项目地址 | 图标 | 代码 | 题解"
    "| 解答",
    "連結 | 圖示 | 網址 | 程式碼 | 解答",
    "リンク | アドレス | ダウンロード | コード | デモ | 解答 | フィード | ホームページ",
    "링크 | 주소 | 다운로드 | 코드 | 데모 | 풀이 | 해설 | 피드 | 홈페이지",
    "ссылка | ссылки | адрес | скачать | код | демо | решение | лента",
    "enlace | enlaces | descarga | dirección | código | solución",
    "lien | liens | adresse | téléchargement | démo | flux | solution",
    "verweis | verweise | adresse | herunterladen | quellcode | lösung",
    "ligação | ligações | endereço | código | solução | descarregar",
    "رابط | الرابط | روابط | الكود | الحل | تحميل",
)
"""Headers of a column with nothing but links or pictures."""

DESCRIPTION_WORDS = _words(
    "about | abstract | desc | description | descriptions | details | explanation | feature"
    "| features | intro | introduction | main feature | main features | overview | purpose"
    "| summary | tagline | tl;dr | what it does",
    "主要特点 | 介绍 | 功能 | 描述 | 概要 | 概述 | 特点 | 特性 | 简介 | 说明 | 摘要 | 用途"
    "| 一句话介绍",
    "敘述 | 描述 | 用途 | 摘要 | 概述",
    "概要 | 特徴 | 紹介 | 要約 | 内容説明 | 用途 | 機能",
    "설명 | 소개 | 특징 | 개요 | 요약 | 용도 | 기능 | 한 줄 소개",
    "описание | особенности | назначение | аннотация | краткое описание | обзор | о проекте",
    "descripción | descripcion | resumen | características | introducción | detalles | uso",
    "description | résumé | présentation | caractéristiques | aperçu | détails | à propos",
    "beschreibung | zusammenfassung | kurzbeschreibung | merkmale | überblick | zweck",
    "descrição | descricao | resumo | características | introdução | detalhes | sobre",
    "الوصف | وصف | نبذة | ملخص | المميزات | التفاصيل | مقدمة",
    "açıklama | özet",
)
"""Headers and labels of what describes a thing."""
WIDE_DESCRIPTIONS = tuple(
    sorted(word for word in DESCRIPTION_WORDS if "\u3000" < word[0] < "\ua000")
)
"""Those of them that other words stand in front of without a space: `数据集说明`."""


def is_description(label: str) -> bool:
    """Whether a folded label is a word for a description, in Chinese or Japanese of something."""
    is_wide = label[:1] > "\u3000" and label.isalpha()
    return label in DESCRIPTION_WORDS or (is_wide and label.endswith(WIDE_DESCRIPTIONS))


NOTE_WORDS = _words(
    "comment | comments | note | notes | remark | remarks",
    "备注 | 注释 | 评论 | 点评",
    "註解",
    "備考 | メモ | コメント",
    "비고 | 메모 | 참고",
    "примечание | примечания | комментарий | заметки",
    "nota | notas | comentario | comentarios | observaciones",
    "note | notes | remarque | remarques | commentaire",
    "anmerkung | anmerkungen | bemerkung | hinweis | hinweise | notiz",
    "nota | notas | comentário | observações",
    "ملاحظات | ملاحظة | تعليق",
)
"""Headers and labels of what somebody notes about it; describes it where nothing else does."""

VALUE_HEADERS = _words(
    "author | authors | auth | category | categories | cors | count | country | date | difficulty"
    "| https | language | languages | level | license | licence | lang | os | platform"
    "| platforms | price | rating | size | stars | status | tag | tags | type | venue | version"
    "| year",
    "标签 | 分类 | 类别 | 类型 | 语言 | 平台 | 许可证 | 协议 | 作者 | 年份 | 日期 | 时间 | 难度"
    "| 价格 | 费用 | 状态",
    "授權 | 日期",
    "タグ | カテゴリ | 種類 | 言語 | ライセンス | 著者 | 年 | 日付 | 難易度 | 価格 | 状態",
    "태그 | 분류 | 종류 | 언어 | 라이선스 | 저자 | 연도 | 날짜 | 난이도 | 가격 | 상태",
    "тег | теги | категория | тип | язык | лицензия | автор | год | дата | сложность | цена"
    "| статус",
    "etiqueta | etiquetas | categoría | tipo | idioma | lenguaje | licencia | autor | año | fecha"
    "| dificultad | precio | estado",
    "étiquette | catégorie | type | langue | langage | licence | auteur | année | date"
    "| difficulté | prix | statut",
    "schlagwort | kategorie | typ | art | sprache | lizenz | autor | jahr | datum | preis| status",
    "etiqueta | categoria | tipo | idioma | linguagem | licença | autor | ano | data"
    "| dificuldade | preço | estado",
    "الوسوم | التصنيف | النوع | اللغة | الرخصة | المؤلف | السنة | التاريخ | المستوى | السعر"
    "| الحالة",
)
"""Headers and labels of values that many things share."""

TAG_HEADERS = _words(
    "keyword | keywords | tag | tags | topics",
    "标签 | 关键词 | 关键字",
    "タグ | キーワード",
    "태그 | 키워드",
    "тег | теги | метки | ключевые слова",
    "etiqueta | etiquetas | palabras clave | palavras-chave",
    "étiquette | étiquettes | mots-clés",
    "schlagwort | schlagwörter | stichwörter",
    "الوسوم | وسوم | الكلمات المفتاحية",
)
"""Headers of cells with several values."""

_OTHER_LABELS = _words(
    "accepted at | affiliation | affiliations | arxiv link | base model | by | conference"
    "| contact | creator | developer | email | features | format | framework | github stars"
    "| home | institution | institutions | journal | keywords | maintainer | organization"
    "| parameters | params | publication | published | published in | publisher | release"
    "| release date | released | requirements | task | tasks | technology | tech | topics"
    "| training data | website | written in",
    "机构 | 单位 | 会议 | 发表 | 发布 | 发布时间 | 更新时间 | 参数 | 参数量 | 规模 | 开发者"
    "| 联系方式 | 关键词 | 星标",
    "所属 | 公開日 | 開発者 | 発表",
    "기관 | 학회 | 발표 | 개발자 | 공개일",
    "разработчик | организация | конференция | дата выхода",
    "desarrollador | institución | publicado",
    "développeur | institution | publié",
    "entwickler | herausgeber | veröffentlicht",
    "desenvolvedor | instituição | publicado",
    "المطور | المؤسسة | النشر",
)

FIELD_LABELS = (
    GENERIC_TEXTS | DESCRIPTION_WORDS | NOTE_WORDS | VALUE_HEADERS | LINK_HEADERS | _OTHER_LABELS
)
"""Labels before the colon of a line that describes the thing above it."""

UNLISTED_TITLES = _words(
    "acknowledgement | acknowledgements | acknowledgment | acknowledgments | backers | change log"
    "| changelog | code of conduct | contact | contact me | contact us | contribute | contributing"
    "| contributing guidelines | contribution | contribution guide | contribution guidelines"
    "| contribution rules | contributions | contributors | credits | disclaimer | faq | faqs"
    "| follow me | follow us | frequently asked questions"
    "| get in touch | get involved | how to add | how to contribute | how to participate"
    "| how to share | how to submit"
    "| latest updates | license | licence"
    "| maintainers | our sponsors | our team | recent changes | recent updates | release notes"
    "| share this list"
    "| special thanks | special thanks to | sponsor | sponsors | star history | stargazers"
    "| supporters | support us"
    "| team | the team"
    "| thank you | thanks | thanks to | what's new"
    "| latest additions | license list | list of licenses | the latest additions"
    "| translations",
    "致谢 | 贡献 | 贡献者 | 贡献指南 | 赞助 | 赞助商 | 赞助者 | 许可证 | 开源协议 | 如何贡献"
    "| 参与贡献 | 感谢 | 鸣谢 | 特别感谢 | 更新 | 更新日志 | 更新记录 | 最近更新 | 最新更新"
    "| 联系我们 | 联系作者 | 联系方式 | 关注我们 | 常见问题 | 免责声明"
    "| 团队 | 维护者 | 如何参与 | 参与方式 | 如何添加 | 如何提交 | 许可证列表 | 翻译版本"
    "| 最近添加 | 最新添加",
    "授權條款 | 更新紀錄 | 最近更新 | 最新更新 | 聯絡我們 | 聯絡方式"
    "| 授權清單 | 最近新增 | 最新新增",
    "謝辞 | 貢献 | 貢献者 | 貢献方法 | コントリビューター | コントリビュート | スポンサー"
    "| ライセンス | 感謝 | 更新履歴 | 変更履歴 | 連絡先 | お問い合わせ | よくある質問 | 免責事項"
    "| チーム | メンテナー | 参加方法 | 追加方法 | ライセンス一覧 | 翻訳版 | 最近の追加",
    "감사의 글 | 기여 | 기여자 | 기여하기 | 기여 방법 | 후원 | 후원자 | 라이선스 | 감사"
    "| 감사합니다 | 변경 이력 | 업데이트 내역 | 연락처 | 문의 | 자주 묻는 질문 | 면책 조항"
    "| 팀 | 참여 방법 | 추가 방법 | 등록 방법 | 라이선스 목록 | 번역본 | 최근 추가",
    "благодарности | участники | контрибьюторы | как помочь | спонсоры | лицензия | спасибо"
    "| контакты | история изменений | список изменений | последние обновления"
    "| частые вопросы | часто задаваемые вопросы | отказ от ответственности | команда"
    "| как добавить | как участвовать | список лицензий | переводы | последние добавления",
    "agradecimientos | contribuir | contribuciones | cómo contribuir | contribuidores"
    "| colaboradores | patrocinadores | licencia | gracias | créditos | contacto"
    "| registro de cambios | últimas actualizaciones | preguntas frecuentes"
    "| descargo de responsabilidad | equipo | mantenedores"
    "| cómo añadir | cómo agregar | cómo participar | lista de licencias | traducciones"
    "| últimas incorporaciones",
    "remerciements | contribuer | comment contribuer | contributeurs | parrains | licence"
    "| merci | crédits | contact | journal des modifications | dernières mises à jour"
    "| foire aux questions | questions fréquentes | avertissement | équipe | l'équipe"
    "| comment ajouter | comment participer | liste des licences | traductions | derniers ajouts",
    "danksagung | mitwirken | mitmachen | beitragen | mitwirkende | unterstützer | sponsoren"
    "| lizenz | danke | kontakt | änderungsprotokoll | letzte änderungen | häufige fragen"
    "| haftungsausschluss | team | das team"
    "| einträge hinzufügen | so machen sie mit | liste der lizenzen | übersetzungen"
    "| neueste einträge",
    "agradecimentos | contribuir | contribuindo | como contribuir | contribuidores"
    "| patrocinadores | licença | obrigado | créditos | contato | registro de alterações"
    "| últimas atualizações | perguntas frequentes | isenção de responsabilidade"
    "| equipe | como adicionar | como participar | mantenedores | lista de licenças | traduções"
    "| últimas adições",
    "شكر وتقدير | المساهمة | كيفية المساهمة | المساهمون | الرعاة | الرخصة | الترخيص | شكر خاص"
    "| اتصل بنا | للتواصل | سجل التغييرات | آخر التحديثات | الأسئلة الشائعة | إخلاء المسؤولية"
    "| الفريق | كيفية الإضافة | كيفية المشاركة | قائمة الرخص | الترجمات | آخر الإضافات",
)
"""Titles of sections about the list itself: nothing in them is listed."""

RELATED_TITLES = _words(
    "links | more links | related | related links | related projects | see also",
    "相关 | 相关链接 | 链接 | 参见 | 相關連結 | 連結",
    "関連 | 関連リンク | リンク",
    "관련 | 관련 링크 | 링크",
    "ссылки | связанные ссылки | см. также | смотрите также",
    "enlaces | enlaces relacionados | véase también | ver también",
    "liens | liens connexes | voir aussi",
    "links | verwandte links | weiterführende links | siehe auch",
    "ligações | links relacionados | ver também | veja também",
    "روابط | روابط ذات صلة | انظر أيضا",
)
"""What leads to more about the thing above, before a colon (`Related links:`)."""

TITLES_OF_PARTS = _words(
    "about | awesome | banner | contents | cover | header | index | introduction | logo | overview"
    "| readme | table of contents | toc | what is this | why",
    "目录 | 简介 | 介绍 | 前言 | 概述 | 关于 | 为什么 | 说明",
    "目次 | はじめに | 概要 | ロゴ",
    "목차 | 소개 | 개요 | 로고",
    "содержание | оглавление | введение | о проекте | логотип",
    "índice | contenido | contenidos | introducción | acerca de | logotipo",
    "sommaire | table des matières | présentation | à propos",
    "inhalt | inhaltsverzeichnis | einleitung | einführung | über | übersicht",
    "conteúdo | sumário | introdução | sobre",
    "المحتويات | الفهرس | مقدمة | نبذة | شعار",
)
"""Headings and alternative texts that a list begins with and that do not name it."""

OF_A_LIST = _words(
    "list of | lists of | collection of | collections of | directory of | selection of"
    "| compilation of | curated | resources for | resources on",
    "收集 | 收录 | 清单 | 合集 | 汇总 | 大全",
    "蒐集 | 合輯 | 彙整",
    "まとめ | 一覧 | 収集",
    "목록 | 모음 | 수집",
    "список | подборка | коллекция | собраны | собран",
    "lista de | colección de | recopilación | directorio de",
    "liste de | liste des | collection de | recueil | annuaire",
    "liste von | sammlung | zusammenstellung | verzeichnis",
    "lista com | coleção | coletânea | curadoria",
    "قائمة | مجموعة | دليل",
)
"""Words of the sentence that says what a list is."""

ADVERTISING_WORDS = _words(
    "sponsored | sponsored by | supported by | powered by | brought to you by | in partnership with"
    "| made possible by | our sponsors | our backers"
    "| get started | sign up | join us | join our | join the | subscribe to | follow us | follow me"
    "| check out | make sure to | support us | donate | buy me a coffee | star this"
    "| give it a star | discount code",
    "赞助 | 赞助商 | 支持本项目 | 欢迎加入 | 加入我们 | 交流群 | 关注我 | 关注公众号 | 扫码"
    "| 欢迎订阅 | 立即注册 | 购买 | 点个 | 优惠",
    "追蹤我們 | 折扣",
    "協賛 | スポンサー | ご参加 | 参加してください | フォローして | 購読してください"
    "| 登録してください | 寄付",
    "후원합니다 | 후원사 | 협찬 | 참여하세요 | 가입하세요 | 팔로우 | 구독하세요 | 기부",
    "при поддержке | наши спонсоры | спонсорам | спонсируется | присоединяйтесь"
    "| подписывайтесь | подпишитесь | зарегистрируйтесь | поставьте звезду | пожертвовать",
    "patrocinado por | nuestros patrocinadores | con el apoyo de | únete"
    "| síguenos | suscríbete | regístrate | donación",
    "parrainé par | nos parrains | nos sponsors | sponsorisé par | soutenu par"
    "| rejoignez | suivez-nous | abonnez-vous | inscrivez-vous | faites un don",
    "gesponsert | unsere sponsoren | unseren sponsoren | unterstützt von"
    "| tritt unserem | tritt unserer | folge uns | folge mir | abonniere | melde dich an | spende",
    "com o apoio de | nossos patrocinadores | junte-se | siga-nos | inscreva-se"
    "| cadastre-se | doação",
    "برعاية | رعاتنا | بدعم من | انضم | تابعنا | اشترك | سجل الآن | تبرع",
)
"""Words of a sentence that advertises or invites, and does not say what a list is."""

OF_ITSELF = _words(
    "this list | this project | this repo | this repository",
    "本列表 | 本清单 | 本项目 | 本仓库 | 这个列表 | 这个项目 | 这个仓库",
    "このリスト | このプロジェクト | このリポジトリ",
    "이 목록 | 이 프로젝트 | 이 저장소",
    "этот список | этот проект | этого проекта | этот репозиторий | этого репозитория",
    "esta lista | este proyecto | este repositorio",
    "cette liste | ce projet | ce dépôt",
    "diese liste | dieses projekt | dieses repository",
    "esta lista | este projeto | este repositório",
    "هذه القائمة | هذا المشروع | هذا المستودع",
)
"""Words for the list itself, in the text of a link to what goes with it."""

NAVIGATION_TEXTS = _words(
    "back to top | to top | go to top | return to top | back to contents"
    "| back to the top | back to index | back to table of contents | back to toc"
    "| back to main page",
    "返回顶部 | 回到顶部 | 返回目录 | 回到目录 | 返回首页 | 回到首页",
    "回到頂端",
    "トップへ戻る | トップに戻る | 目次へ戻る | 目次に戻る",
    "맨 위로 | 위로 가기 | 목차로 | 목차로 돌아가기",
    "наверх | вверх | к содержанию | к оглавлению",
    "volver arriba | ir arriba | volver al índice",
    "retour en haut | haut de page | retour au sommaire",
    "nach oben | zurück nach oben | zum inhaltsverzeichnis",
    "voltar ao topo | voltar ao índice | voltar para o topo",
    "العودة للأعلى | العودة إلى الأعلى | العودة إلى الفهرس",
)
"""Link texts that lead around in the document."""

LANGUAGE_NAMES = _words(
    "arabic | chinese | czech | dutch | english | french | german | greek | hebrew | hindi"
    "| indonesian | italian | japanese | korean | persian | polish | portuguese | russian"
    "| spanish | turkish | ukrainian | vietnamese",
    "中文 | 简体中文 | 中文版 | 英文 | 日文 | 韩文 | 俄文",
    "繁体中文 | 正體中文",
    "日本語 | 英語 | 中国語",
    "한국어 | 영어 | 중국어",
    "русский | английский",
    "español | castellano | inglés",
    "français | anglais",
    "deutsch | englisch",
    "português | inglês",
    "العربية | الإنجليزية",
    "italiano | polski | türkçe | українська | tiếng việt | हिन्दी | فارسی | nederlands",
)
"""Names of languages, as links to translations of a list have them."""

LEADING_WORDS = _words(
    "a | about | an | and | at | by | for | from | in | into | its | of | on | or | our | read"
    "| see | the | their | this | through | to | using | via | visit | with | your",
    "见 | 在 | 的 | 和 | 请看 | 参见 | 关于 | 通过",
    "の | と | は | を | について",
    "및 | 와 | 의 | 통해",
    "в | и | из | к | на | о | об | от | по | с | см | см. | через",
    "al | con | de | del | el | en | la | las | los | para | por | sobre | su | un | una | ver | y",
    "au | avec | de | des | du | en | et | la | le | les | par | pour | sur | un | une | voir | à",
    "am | auf | das | dem | den | der | die | durch | ein | eine | für | im | in | mit | siehe"
    "| und | von | zu | zum | zur | über",
    "a | ao | as | com | da | de | do | e | em | na | no | o | os | para | por | sobre | um | uma"
    "| ver",
    "في | من | على | إلى | انظر | و | عبر | عن",
)
"""Words that a sentence does not end with: a link behind one belongs to it."""

OF_SOMEBODY = _words(
    "by", "作者 | 由 | 来自", "作者", "作者 | 作", "제작", "от | автор", "por | de", "par | de",
    "von", "por | de", "بواسطة | من",
)  # fmt: skip
"""Words between a thing and who made it: `Kite by Ann`."""

WITH = _words("with", "с | со", "con", "avec", "mit", "com", "مع")
"""Words behind which a kind of page is told more closely: `Repo with samples`."""

LEGEND_WORDS = _words(
    "means | means that it is a | means that it's a | means that it is | means that it's"
    "| means that it has | is for | stands for | denotes | indicates | represents | marks",
    "表示 | 代表 | 意思是 | 指",
    "を表す | は",
    "는 | 은 | 의미",
    "означает | значит | обозначает",
    "significa | indica | quiere decir",
    "signifie | indique | désigne",
    "bedeutet | steht für | kennzeichnet",
    "significa | indica | representa",
    "يعني | تعني | يدل على",
)
"""Words between a sign and its meaning: `🐍 means Python`."""

DEAD_MARKS = _words(
    ":skull: | 💀 | ☠ | :skull_and_crossbones: | ⚰ | :coffin: | 🪦 | :headstone: | :x: | ❌ | ✖"
    "| ⛔ | :no_entry: | 🚫 | :no_entry_sign: | :warning: | ⚠ | 🗑 | :wastebasket: | 🔴 | 🛑"
)
"""Signs that a thing is gone or given up: none is written beside a new one."""


# The language of a short text, by its script and its commonest words
#
# A name with a description is all there is to go by, a dozen words or fewer, so that frequent
# words tell more than statistics of letters. Where they leave it open the answer is ''.


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
_LETTERS = re.compile("|".join(f"([{letters}]+)" for letters in _SCRIPTS.values()))
_CODES = tuple(_SCRIPTS)
_FOREIGN = re.compile(f"[{''.join(_SCRIPTS.values())}]+")
_LETTERS_OF_A_WORD = {"zh": 2, "ja": 2, "ko": 3}
"""About how many of its letters tell as much as one word in Latin letters; 5 of most others."""
_SHARE = 0.3
"""Share of a text from which it is one in another script that quotes Latin words."""
_LEAST_CHINESE = 5
_TRADITIONAL = frozenset(
    "這們說讓與會來對發學應實數據擇碼圖證專觀單雙雜戰驗處聽體產團樣區權繼續邊遷釋鏈壓藝廣寫讀裡麼沒啟"
    "檔圍點總轉變濟歷彈錄擊譯驅齊鐵關榮勞的"
)
"""Characters that Japan writes otherwise today though its codes have them, or seldom alone."""
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
_RUSSIAN = re.compile(
    r"[ыэё]|программ|ть(?:ся)?\b"
    r"|\b(?:для|ее|если|его|их|к|мы|об?|только|что|чтобы|это)\b"
)
# Bulgarian or Ukrainian, without a letter that is only theirs.
_NOT_RUSSIAN = re.compile(r"програм(?!м)|(?:а[нв]е(?:то)?|ння|ите|ията)\b|\b(?:за|та|мов[аи])\b")

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
_WEAK = frozenset({"a", "an", "as", "be", "by", "in", "is", "on", "or", "to", "was"})
"""English words that stand in names and credits within other languages, or are words of these: two
tell as much as one other."""
# A letter alone is more often an initial or a name.
_LETTER_WORDS = frozenset("aàéy")
_WORDS: dict[str, tuple[str, ...]] = {}
for _code, _text in _FREQUENT.items():
    for _word in _text.split():
        # What is English as well tells nothing about another language: most lists are English.
        if "en" not in _WORDS.get(_word, ()) and (len(_word) > 1 or _word in _LETTER_WORDS):
            _WORDS[_word] = (*_WORDS.get(_word, ()), _code)
_WITH_LANGUAGES = frozenset(_WORDS)
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
    if not text.isascii() and (foreign := "\n".join(_FOREIGN.findall(text))):
        counts: dict[str, int] = {}
        for run in _LETTERS.finditer(foreign):
            code = _CODES[(run.lastindex or 1) - 1]
            counts[code] = counts.get(code, 0) + run.end() - run.start()
        words = [word for word in words if not _FOREIGN.search(word)]
        size = sum(count / _LETTERS_OF_A_WORD.get(code, 5) for code, count in counts.items())
        if size >= _SHARE * (size + len(words)):
            return _of_script(counts, folded)
    return _of_latin(words, text)


def _of_script(counts: Mapping[str, int], text: str) -> str:
    script = max(counts, key=counts.__getitem__)
    if script in {"zh", "ja"}:
        chinese, kana = counts.get("zh", 0), counts.get("ja", 0)
        if kana >= _KANA * (kana + chinese):
            return "ja"
        # What both write alike may be either, and so may a name of a few characters.
        countries = [*map(_country_of, set(text))]
        surplus = countries.count("zh") - countries.count("ja")
        if surplus > 0 and chinese >= _LEAST_CHINESE:
            return "zh"
        return "ja" if surplus < 0 else ""
    for code, letters in _BY_LETTER.get(script, ()):
        if any(letter in text for letter in letters):
            return code
    if script != "ru":
        return script
    if _BULGARIAN.search(text):
        return "bg"
    return "ru" if _RUSSIAN.search(text) or not _NOT_RUSSIAN.search(text) else ""


@lru_cache(maxsize=8192)
def _country_of(char: str) -> str:
    """The language whose country alone writes a character so, by its codes; else ''."""
    if char < "\u3400" or not _FOREIGN.match(char):
        return ""
    in_japan, *in_china = (bool(char.encode(code, "ignore")) for code in _CODES_OF_COUNTRIES)
    if in_japan and char not in _TRADITIONAL:
        return "" if any(in_china) else "ja"
    return "zh"


_CODES_OF_COUNTRIES = ("shift_jis", "gb2312", "big5")


def _of_latin(words: list[str], text: str) -> str:
    scores: dict[str, float] = {}
    distinct = set(words)
    for word in distinct & _WITH_LANGUAGES:
        for code in _WORDS[word]:
            scores[code] = scores.get(code, 0) + 1
    is_ascii = all(map(str.isascii, distinct))
    for letter in () if is_ascii else set("".join(distinct)):
        for code in _MARKED.get(letter, "").split():
            scores[code] = scores.get(code, 0) + 0.5
    english = scores.pop("en", 0) - len(distinct & _WEAK) / 2
    most = max(scores.values(), default=0)
    if english >= 1 and (english > most or english == most < _ENOUGH):
        return "en"
    best = [code for code, score in scores.items() if score == most >= _ENOUGH]
    if len(best) == 1:
        return best[0]
    is_plain = not scores and is_ascii
    return "en" if is_plain and len(_SMALL_WORD.findall(text)) >= _PLAIN else ""


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
