"""The table of column roles: what a column of a table says about an entry, and what follows.

The guesses, the edits, the forms, the administration, the API with its schema and the tests read
it; CONTRIBUTING.md says how a role is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from catalog.markdown.chinese import in_both_scripts


def _spellings(words: str) -> list[str]:
    """The words of a string; a plus in them stands for a space, a Chinese one for both scripts."""
    return [each.replace("+", " ") for word in words.split() for each in in_both_scripts(word)]


# The words of table headers, in the languages that lists are most often written in.
NAME = """
model models llm project projects name names title titles method methods data dataset datasets
corpus benchmark benchmarks algorithm algorithms api apis app apps application tool tools library
libraries package packages software program course courses book books movie film podcast website
websites site resource resources service services product products game repo repository paper
papers plugin extension skill 项目 项目名 项目名称 名字 名称 名 标题 模型 模型名称 方法 数据 数据集
语料 基准 算法 工具 库 软件 应用 课程 书名 书籍 网站 论文 产品 資料集 工具名稱 名前
プロジェクト プロジェクト名 モデル ツール タイトル データセット 이름 프로젝트 모델 제목 도구
название имя проект модель инструмент nombre nombres proyecto modelo título herramienta nom projet
modèle titre outil nome titolo progetto projekt modell titel isim adı ad
"""
DESCRIPTION = """
description descriptions desc details detail feature features summary about introduction intro
overview abstract note notes remark remarks comment comments purpose explanation annotation 简介
描述 说明 介绍 备注 功能 特点 特性 特色 概述 摘要 概要 特徴 備考 설명 소개
특징 비고 описание примечание примечания особенности descripción descripciones notas
características resumen descrição descrizione remarques résumé beschreibung bemerkung açıklama
"""
# Never a facet, however often a value comes back.
TEXT = """
date time commit updated update published release released last created star stars fork forks
issues downloads download rank ranking id no number count params parameters length size link links
url urls homepage address demo blog code github hf huggingface duration rating score citation
citations image images icon logo cover contact email phone 日期 时间
发布时间 更新时间 链接 連結 連接 地址 下载 代码地址 引用 封面 时长 序号 编号 星 大小 参数
参数量 评分 日付 リンク 링크 날짜 дата ссылка ссылки fecha enlace enlaces lien liens datum
"""
FACETS = {
    "language": "language languages lang langs 语言 言語 언어 язык языки idioma idiomas "
    "lenguaje lenguajes langue langues langage langages sprache sprachen linguagem lingua dil"
    " اللغة لغة",
    "license": "license licenses licence licences 许可 许可证 许可协议 协议 授权 "
    "ライセンス 라이선스 라이센스 лицензия licencia licencias licenza licença lizenz lisans"
    " lizenzen licenças الرخصة الترخيص رخصة",
    "contributor": "contributor contributors 贡献者 contribuidor contributeur участник",
    "author": "author authors 作者 著者 저자 автор авторы autor autores auteur auteurs autore"
    " 著作者 autoren autora المؤلف مؤلف المؤلفون",
    "organization": "organization organizations organisation organisations org institute "
    "institutes institution institutions affiliation affiliations university lab 机构 单位 "
    "组织 研究机构 기관 소속 организация organización organizzazione"
    " organizacion organização 研究機関 المنظمة المؤسسة",
    "company": "company companies 公司 企业 厂商 会社 회사 компания empresa "
    "entreprise firma"
    " companhia unternehmen société الشركة شركة",
    "team": "team teams 团队 チーム 팀 команда equipo équipe",
    "developer": "developer developers 开发者 開発者 개발자 разработчик"
    " desarrollador développeur entwickler desenvolvedor المطور",
    "creator": "creator creators maker makers 创建者 создатель creador créateur",
    "publisher": "publisher publishers 出版社 发布方 издатель"
    " 出版者 출판사 издательство éditeur verlag editora الناشر",
    "maintainer": "maintainer maintainers 维护者",
    "base-model": "base+model base+models base+llm backbone backbones foundation+model "
    "foundation+models 基座 基座模型 底座 底座模型 基础模型 基底模型 ベースモデル 베이스+모델 "
    "базовая+модель modelo+base",
    "domain": "domain domains field fields area areas 领域 分野 분야 область сфера dominio "
    "domaine"
    " domínio fachgebiet المجال",
    "category": "category categories 类别 分类 カテゴリ カテゴリー 카테고리 분류 "
    "категория категории categoría categorías catégorie catégories categoria kategorie "
    "kategori"
    " 類目 الفئة التصنيف فئة",
    "type": "type types kind kinds 类型 種類 種別 タイプ 유형 종류 тип tipo tipos tür النوع نوع",
    "genre": "genre genres 体裁 ジャンル 장르 жанр género géneros gênero gêneros",
    "topic": "topic topics subject subjects theme themes 主题 话题 テーマ 주제 тема "
    "тематика tema sujet"
    " thema themen assunto الموضوع موضوع",
    "tags": "tag tags label labels keyword keywords 标签 关键词 关键字 タグ 태그 "
    "метки etiquetas"
    " schlagwörter mots+clés palabras+clave palavras+chave ключевые+слова الوسوم",
    "task": "task tasks 任务 タスク 태스크 задача tarea tâche 작업 aufgabe tarefa المهمة",
    "modality": "modality modalities 模态",
    "architecture": "architecture architectures arch 架构 アーキテクチャ 아키텍처 архитектура",
    "framework": "framework frameworks 框架 フレームワーク 프레임워크 фреймворк الإطار",
    "platform": "platform platforms 平台 プラットフォーム 플랫폼 платформа платформы plataforma "
    "plataformas plateforme plateformes plattform"
    " plattformen المنصة منصة",
    "os": "os operating+system operating+systems 操作系统 系统 作業系統"
    " sistema+operativo betriebssystem sistema+operacional 운영체제 ос نظام+التشغيل",
    "country": "country countries nation 国家 国 国別 국가 страна страны país países pays "
    "land ülke"
    " البلد الدولة",
    "region": "region regions province 地区 省市 省份 地域 지역 регион región"
    " région bundesland região المنطقة",
    "location": "location locations city cities place 城市 地点 所在地 место город ciudad lieu "
    "ville ort"
    " localização standort الموقع+الجغرافي المدينة",
    "venue": "venue venues conference conferences journal journals 会议 期刊 学会 학회 "
    "конференция журнал conferencia conférence konferenz tagung zeitschrift conferência المؤتمر",
    "year": "year years 年份 年 公開年 発行年 発売年 출시년도 연도 год año année jahr yıl ano "
    "anos années السنة سنة",
    "status": "status state 状态 상태 статус estado statut situação zustand الحالة",
    "level": "level levels difficulty 难度 级别 难易度 난이도 уровень nivel niveau"
    " dificultad difficulté сложность schwierigkeit dificuldade stufe nível "
    "레벨 المستوى الصعوبة",
    "format": "format formats 格式 フォーマット формат formato formate formatos الصيغة",
    "price": "price prices pricing cost costs 价格 费用 收费 料金 価格 値段 가격 цена precio "
    "precios "
    "prix preis"
    " fee fees 價錢 资费 料金プラン 가격대 요금 비용 стоимость "
    "tarif tarifs tarifa tarifas coût costo coste custo preço preços preise "
    "kosten gebühr السعر التكلفة الرسوم",
    "auth": "auth authentication authorization 认证 鉴权 인증 авторизация autenticación"
    " autenticação authentification authentifizierung المصادقة",
    "https": "https",
    "cors": "cors",
    "used-in": "used+in used+by 用于 应用于",
    "driven-by": "driven+by powered+by based+on 基于 驱动",
}
_DATES = """
date dates released release release+date published publication+date published+date
日期 发布日期 发布时间 时间 日付 公開日 날짜 출시일 дата дата+выхода fecha
fecha+de+publicación date+de+sortie datum erscheinungsdatum veröffentlicht
data+de+publicação data+de+lançamento التاريخ تاريخ+النشر
"""
DATE_HEADERS = frozenset(_spellings(_DATES))
"""Headers of the day that a thing came out; its year is a value."""
LOOSE_FACETS = frozenset(
    {"topic", "tags", "type", "status", "level", "format", "price", "location"}
)
"""Their headers stand over free text as well, so the values have to come back."""
NUMERIC_FACETS = frozenset({"year", "level"})
PEOPLE_AND_PRODUCTS = frozenset(
    {"contributor", "author", "organization", "company", "team", "developer", "creator"}
    | {"publisher", "maintainer", "base-model", "used-in", "driven-by"}
    | {"language", "framework", "platform"}
)
"""Facets whose values an ampersand separates; in a category it is a word (`Food & Drink`)."""


class ColumnRole(TextChoices):
    """The role of a table column: which property of an entry it holds."""

    NAME = "name", _("name and link")
    DESCRIPTION = "description", _("description")
    FACET = "facet", _("facet values")
    TEXT = "text", _("other text")


@dataclass(frozen=True, slots=True)
class RoleRow:
    """Consequences of one role."""

    role: ColumnRole
    words: Mapping[str, str]
    """Words of headers, by the facet that they stand for; '' where the role has no facets."""
    is_of_table: bool = False
    """Whether the codec says of each table which column it is, and fills a field of the entry from
    it; under the same header in another table there may be other text."""
    has_tags: bool = False
    """Whether its cells are read as tags, and its field in forms offers them."""
    is_long: bool = False
    """Whether its field in forms has several lines."""


_ROWS = (
    RoleRow(ColumnRole.NAME, {"": NAME}, is_of_table=True),
    RoleRow(ColumnRole.DESCRIPTION, {"": DESCRIPTION}, is_of_table=True, is_long=True),
    RoleRow(ColumnRole.FACET, FACETS, has_tags=True),
    RoleRow(ColumnRole.TEXT, {"": TEXT}),
)
ROLES = {row.role: row for row in _ROWS}
"""The consequences of each role."""

OF_TABLE = frozenset(row.role for row in _ROWS if row.is_of_table)
WITH_TAGS = frozenset(row.role for row in _ROWS if row.has_tags)
LONG = frozenset(row.role for row in _ROWS if row.is_long)

MEANINGS = {
    spelling: (row.role.value, facet)
    for row in _ROWS
    for facet, words in row.words.items()
    for spelling in _spellings(words)
}
"""Role and facet by the words of headers."""


def role_in_table(
    number: int, role: str, *, name_column: int | None, description_column: int | None
) -> str:
    """The role of a column in one table, where `role` is what its header means in the catalog."""
    if number == name_column:
        return ColumnRole.NAME
    if number == description_column:
        return ColumnRole.DESCRIPTION
    return ColumnRole.TEXT if role in OF_TABLE else role
