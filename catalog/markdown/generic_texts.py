"""Link texts that say what kind of page a link leads to, not what the thing is called.

`[GitHub](…)`, `[paper](…)` and `[地址](…)` stand beside the name of what they lead to. A word
belongs here when lists use it so more often than as a name; one letter never does, nor does a
word that is a common name of a thing itself (`Book`, `Company`, `Chinese`).
"""

from __future__ import annotations

GENERIC_TEXTS = frozenset(
    {
        # Where it is kept or talked about.
        "app store", "appstore", "arxiv", "codeberg", "colab", "discord", "f-droid", "facebook",
        "gh", "git", "gitee", "github", "github link", "github repo", "github repository", "gitlab",
        "google colab", "google drive", "google play", "google scholar", "hf", "hugging face",
        "huggingface", "huggingface model", "instagram", "itunes", "kaggle", "linkedin",
        "mac app store", "open review", "openreview", "play store", "reddit", "telegram", "twitter",
        "wikipedia", "youtube",
        # The kinds of pages.
        "about", "abs", "abstract", "announcement", "api docs", "article", "award", "bib", "bibtex",
        "blog", "blog post", "changelog", "code", "code link", "data", "dataset", "dataset(s)",
        "datasets", "demo", "demo link", "demo video", "details", "doc", "doc link", "docs",
        "documentation", "doi", "forum", "guide", "home", "home page", "homepage", "info", "intro",
        "introduction", "issue", "issues", "landing page", "lecture", "lectures", "link", "link 1",
        "link 2", "links", "live", "live demo", "main page", "manual", "mirror", "model",
        "model card", "models", "more info", "news", "notebook", "notes", "official",
        "official link", "official page", "official site", "official website", "online",
        "online demo", "original", "original article", "page", "paper", "paper link", "papers",
        "playlist", "podcast", "post", "poster", "preprint", "press", "preview", "privacy policy",
        "project", "project link", "project page", "project site", "project website", "projects",
        "readme", "reference", "release", "releases", "repo", "report", "repository", "review",
        "scholar", "screenshot", "site", "slide", "slides", "source", "source code", "sources",
        "space", "spec", "specification", "summary", "supp", "supplementary", "talk", "talks",
        "tech report", "technical report", "thread", "tutorial", "tweet", "url", "video", "videos",
        "web", "web page", "web site", "webpage", "website", "weights", "wiki",
        # The forms it comes in.
        "apk", "audio", "epub", "free", "html", "kindle", "mobi", "pdf", "rss", "zip",
        # What to do there.
        "click here", "dl", "download", "downloads", "here", "learn more", "more", "open", "play",
        "read", "read more", "see", "see more", "subscribe", "this", "try", "try it",
        "try it online", "view", "view demo", "visit", "watch",
        # The same in Chinese.
        "下载", "下载地址", "中文", "主页", "介绍", "仓库", "代码", "代码地址", "体验", "体验地址",
        "博客", "原文", "地址", "官方网站", "官网", "开源地址", "报告", "数据", "数据集", "文档",
        "模型", "模型下载", "源码", "演示", "点击", "网址", "网站", "网页", "英文", "视频", "论文",
        "论文地址", "详情", "资源", "这里", "链接", "项目", "项目主页", "项目地址",
        # And in other languages.
        "enlace", "lien", "página", "site web", "sitio", "sitio web", "source du code", "видео",
        "код", "сайт", "ссылка", "статья", "コード", "リンク", "公式", "公式サイト", "論文", "논문",
        "링크", "코드",
    }
)  # fmt: skip
