"""What somebody with bad intent would write into a list, in each place where a list is written."""

RAN = "document.documentElement.dataset.ran='yes'"
"""What a script does here that should never run."""

MARKUP = [
    f"<script>{RAN}</script>",
    f"<img src=x onerror={RAN}>",
    f'<a href="javascript:{RAN}" onclick="{RAN}" target="_top" style="position:fixed">a</a>',
    f"<svg onload={RAN}><script>{RAN}</script></svg>",
    f"<svg><a xlink:href='javascript:{RAN}'><text y='20'>x</text></a></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RAN}></style></mglyph></table>",
    f"<iframe srcdoc='<script>parent.{RAN}</script>'></iframe>",
    "<base href='https://evil.example/'><meta http-equiv=refresh content='0;url=//evil.example/'>",
    f"<form action=//evil.example/><input autofocus onfocus={RAN} name=attributes><button>ok",
    "<title>taken over",
    f"<noscript><p title='</noscript><img src=x onerror={RAN}>'>",
    f"<template><img src=x onerror={RAN}></template><plaintext>",
    "<!-- never closed",
    "</td></table></li></ul></div></main></body></html>",
    "<div class='bar' id='main' style='position:fixed;inset:0;z-index:9'>over all</div>",
    "<a id='search' name='main' class='skip'>clobbered</a><form id='said'></form>",
    f"<p hx-get='/' hx-trigger='load' hx-on:load='{RAN}' data-hx-on='load: {RAN}'>htmx</p>",
    "<dialog open>modal</dialog><textarea><xmp><listing>",
    "<details open ontoggle=alert(1)><summary>s</summary>x</details><marquee>m</marquee>",
    "<link rel=stylesheet href=//evil.example/a.css><style>main{display:none}</style>",
    "<object data=//evil.example/><embed src=//evil.example/><video src=//evil.example/ autoplay>",
    "<img src='https://evil.example/pixel.png' width=100000 height=100000 alt='pixel'>",
    "&lt;script&gt; &#x3c;img src=x onerror=alert(1)&#x3e; &amp;amp;lt; &#0; &#xd800; &nosuch;",
    "<b><i><u><s>" * 40 + "deep",
    "{{ catalog.title }}{% now 'Y' %}",
    "' onmouseover='alert(1)' \" onmouseover=\"alert(1)\" x=`",
]

CHARACTERS = [
    "\u202egnp.exe",
    "\u2066\u2067\u2068 never popped",
    "zero\u200b\u200d\u2060\ufeff width\u00ad",
    "\u0001\u0008\u001f\u007f\u0085\u2028\u2029 controls",
    "Z" + "\u0351\u0321\u034a\u0360" * 60 + "algo",
    "\u0634\u0628\u0643\u0629 \u05e2\u05d1\u05e8\u05d9\u05ea right to left",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308",
    "W" * 10_000,
    "长" * 3_000,
    "\ufdfd" * 200,
    "]]> ]]&gt; <![CDATA[ <?php ?> --> */",
]

URLS = [
    f"javascript:{RAN}",
    f"JaVaScRiPt:{RAN}",
    f"java&#x09;script:{RAN}",
    f"&#106;avascript:{RAN}",
    f"javascript&colon;{RAN}",
    f"\u0001javascript:{RAN}",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "//evil.example/%2e%2e/",
    "/\\evil.example/",
    "https://good.example@evil.example/",
    "https://evil.example/" + "u" * 5_000,
    "#main",
    "../../admin/logout/?x=\"onclick='y'",
    "https://[::1",
    "https://xn--/",
]

STRINGS = [*MARKUP, *CHARACTERS]


def hostile_text() -> str:
    """A README with all of them as names, descriptions, addresses, cells, headings and prose."""
    items = [f"- [{text}](https://evil.example/{n}) - {text}" for n, text in enumerate(STRINGS)]
    items += [f"- [link {n}](<{url}>) - [again]({url})" for n, url in enumerate(URLS)]
    items += [f'- <a href="{url}">raw {n}</a> - words' for n, url in enumerate(URLS)]
    cells = [text.replace("|", r"\|") for text in STRINGS]
    rows = [
        f"| [name {n} {cell}](https://evil.example/) | {cell} | en, {cell[:60]} |"
        for n, cell in enumerate(cells)
    ]
    headings = [
        f"## {text[:300]}\n\n- [in {n}](https://evil.example/h{n})\n"
        for n, text in enumerate(STRINGS)
    ]
    prose = [f"{text}\n" for text in STRINGS]
    return "\n".join(
        [
            f"# {MARKUP[0]} {MARKUP[14]}\n",
            *prose,
            "## List\n",
            *items,
            "",
            "## Table\n",
            f"| name | {MARKUP[1]} | language |",
            "|---|---|---|",
            *rows,
            "",
            *headings,
        ]
    )
