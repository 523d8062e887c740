"""Well-known sites and what their addresses lead to."""

from __future__ import annotations

# By host: (beginning of the path, kind). The first that fits counts.
_SITES: dict[str, tuple[tuple[str, str], ...]] = {
    "aclanthology.org": (("/", "paper"),),
    "aclweb.org": (("/anthology/", "paper"),),
    "anaconda.org": (("/", "package"),),
    "b23.tv": (("/", "video"),),
    "bilibili.com": (("/video/", "video"),),
    "biorxiv.org": (("/content/", "paper"),),
    "central.sonatype.com": (("/artifact/", "package"),),
    "cocoapods.org": (("/pods/", "package"),),
    "cran.r-project.org": (("/package=", "package"), ("/web/packages/", "package")),
    "crates.io": (("/crates/", "package"),),
    "dl.acm.org": (("/doi/", "paper"), ("/citation.cfm", "paper")),
    "hackage.haskell.org": (("/package/", "package"),),
    "hex.pm": (("/packages/", "package"),),
    "hub.docker.com": (("/r/", "package"), ("/_/", "package")),
    "ieeexplore.ieee.org": (("/document/", "paper"), ("/abstract/document/", "paper")),
    "jmlr.org": (("/papers/", "paper"),),
    "kaggle.com": (("/datasets/", "dataset"), ("/models/", "model")),
    "link.springer.com": (("/article/", "paper"), ("/chapter/", "paper")),
    "luarocks.org": (("/modules/", "package"),),
    "medrxiv.org": (("/content/", "paper"),),
    "metacpan.org": (("/pod/", "package"), ("/release/", "package"), ("/dist/", "package")),
    "modelscope.cn": (("/models/", "model"), ("/datasets/", "dataset"), ("/studios/", "space")),
    "mvnrepository.com": (("/artifact/", "package"),),
    "nature.com": (("/articles/", "paper"),),
    "nuget.org": (("/packages/", "package"),),
    "openaccess.thecvf.com": (("/", "paper"),),
    "openreview.net": (("/forum", "paper"), ("/pdf", "paper")),
    "packagist.org": (("/packages/", "package"),),
    "papers.nips.cc": (("/", "paper"),),
    "papers.ssrn.com": (("/", "paper"),),
    "paperswithcode.com": (("/paper/", "paper"), ("/dataset/", "dataset")),
    "pkg.go.dev": (("/", "package"),),
    "proceedings.mlr.press": (("/", "paper"),),
    "proceedings.neurips.cc": (("/", "paper"),),
    "pub.dev": (("/packages/", "package"),),
    "pubmed.ncbi.nlm.nih.gov": (("/", "paper"),),
    "rubygems.org": (("/gems/", "package"),),
    "sciencedirect.com": (("/science/article/", "paper"),),
    "semanticscholar.org": (("/paper/", "paper"),),
    "v.youku.com": (("/", "video"),),
    "vimeo.com": (("/", "video"),),
    "youtu.be": (("/", "video"),),
    "m.youtube.com": (("/", "video"),),
    "youtube.com": (("/", "video"),),
}

# Indexes that answer under more than one host: by the first part of its name.
_INDEXES: dict[str, tuple[tuple[str, str], ...]] = {
    "npmjs": (("/package/", "package"),),
    "pypi": (("/project/", "package"), ("/pypi/", "package")),
}


def kind_of_site(host: str, path: str) -> str:
    """The kind of what stands at `path` of `host` (lower case, no ``www.``); else ``site``."""
    known = _SITES.get(host) or _INDEXES.get(host.partition(".")[0], ())
    for beginning, kind in known:
        if path.startswith(beginning) and len(path) > 1:
            return kind
    return "site"
