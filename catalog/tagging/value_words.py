"""Values that lists spell in many ways: licences, languages, prices and the like.

Each row is one value, by what it is compared as: its SPDX identifier, its language code, an English
word. Spellings are parted by commas, and compared by `tagging.values.spelling_key`, so that case,
spaces and punctuation need no spellings of their own. To teach another language, add its words.
"""

LICENSES = {
    "0BSD": "BSD Zero Clause, Zero-Clause BSD, BSD 0-Clause",
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
    "BSD-3-Clause": "BSD 3, BSD3, New BSD, Modified BSD, 3-clause BSD, Revised BSD",
    "BSD-4-Clause": "BSD 4, Original BSD, 4-clause BSD",
    "BSL-1.0": "Boost, Boost 1.0, Boost Software, Boost Software 1.0",
    "BUSL-1.1": "Business Source 1.1, BSL 1.1, BUSL",
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
    "%s License, The %s License, %s Licence, The %s Licence, The %s, %s 许可证, %s 协议, "
    "%s 許可證, %s 授權, %s ライセンス, %s 라이선스, Лицензия %s, Licencia %s, Licence %s, "
    "Licença %s, %s-Lizenz, رخصة %s"
)
"""Additions to a licence's name that do not change its meaning."""

LANGUAGES = {
    "ar": "ara, Arabic, العربية, عربي, 阿拉伯语, 阿拉伯文, 阿拉伯語, アラビア語, 아랍어, "
    "арабский, árabe, arabe, Arabisch",
    "bg": "Bulgarian, български, 保加利亚语, болгарский, búlgaro, bulgare, Bulgarisch",
    "bn": "Bengali, বাংলা, 孟加拉语, бенгальский, bengalí",
    "ca": "Catalan, català, catalán, 加泰罗尼亚语",
    "cs": "Czech, čeština, 捷克语, чешский, checo, tchèque, Tschechisch, tcheco",
    "da": "Danish, dansk, 丹麦语, датский, danés, danois, Dänisch",
    "de": "deu, ger, German, Deutsch, 德语, 德文, 德語, ドイツ語, 독일어, немецкий, alemán, "
    "allemand, alemão, الألمانية",
    "el": "Greek, Ελληνικά, 希腊语, греческий, griego, grec, Griechisch, grego",
    "en": "eng, English, Englisch, 英语, 英文, 英語, 영어, английский, inglés, anglais, inglês, "
    "inglese, الإنجليزية",
    "es": "spa, Spanish, español, castellano, 西班牙语, 西班牙文, 西班牙語, スペイン語, "
    "스페인어, испанский, espagnol, Spanisch, espanhol, الإسبانية",
    "fa": "Persian, Farsi, فارسی, 波斯语, персидский, persa, persan, Persisch",
    "fi": "Finnish, suomi, 芬兰语, финский, finés, finnois, Finnisch",
    "fr": "fra, fre, French, français, 法语, 法文, 法語, フランス語, 프랑스어, французский, "
    "francés, Französisch, francês, الفرنسية",
    "he": "Hebrew, עברית, 希伯来语, иврит, hebreo, hébreu, Hebräisch, hebraico",
    "hi": "Hindi, हिन्दी, हिंदी, 印地语, хинди",
    "hu": "Hungarian, magyar, 匈牙利语, венгерский, húngaro, hongrois, Ungarisch",
    "id": "Indonesian, Bahasa Indonesia, 印尼语, 印度尼西亚语, индонезийский, indonesio",
    "it": "ita, Italian, italiano, 意大利语, 意大利文, 義大利語, イタリア語, 이탈리아어, "
    "итальянский, italien, Italienisch, الإيطالية",
    "ja": "jp, jpn, Japanese, 日本語, 日语, 日文, 日語, 일본어, японский, japonés, japonais, "
    "Japanisch, japonês, اليابانية",
    "ko": "kr, kor, Korean, 한국어, 韩语, 韩文, 韓語, 韓文, 韓国語, корейский, coreano, coréen, "
    "Koreanisch, الكورية",
    "nl": "Dutch, Nederlands, 荷兰语, нидерландский, neerlandés, néerlandais, Niederländisch",
    "no": "nb, Norwegian, norsk, 挪威语, норвежский, noruego, norvégien, Norwegisch",
    "pl": "Polish, polski, 波兰语, польский, polaco, polonais, Polnisch, polonês",
    "pt": "por, Portuguese, português, 葡萄牙语, 葡萄牙文, 葡萄牙語, ポルトガル語, 포르투갈어, "
    "португальский, portugués, portugais, Portugiesisch, البرتغالية",
    "pt-BR": "Brazilian Portuguese, português do Brasil, Portuguese (Brazil)",
    "ro": "Romanian, română, 罗马尼亚语, румынский, rumano, roumain, Rumänisch",
    "ru": "rus, Russian, русский, 俄语, 俄文, 俄語, ロシア語, 러시아어, ruso, russe, Russisch, "
    "russo, الروسية",
    "sv": "Swedish, svenska, 瑞典语, шведский, sueco, suédois, Schwedisch",
    "th": "Thai, ไทย, 泰语, 泰文, тайский, tailandés",
    "tr": "Turkish, Türkçe, 土耳其语, турецкий, turco, turc, Türkisch",
    "uk": "Ukrainian, українська, 乌克兰语, украинский, ucraniano, ukrainien, Ukrainisch",
    "vi": "Vietnamese, Tiếng Việt, 越南语, вьетнамский, vietnamita, vietnamien",
    "zh": "cn, zho, chi, Chinese, Mandarin, 中文, 汉语, 漢語, 华语, 華語, 中国語, 중국어, "
    "китайский, chino, chinois, Chinesisch, chinês, cinese, الصينية",
    "zh-Hans": "zh-CN, Simplified Chinese, Chinese (Simplified), 简体中文, 中文(简体), 简体, "
    "簡體中文",
    "zh-Hant": "zh-TW, Traditional Chinese, Chinese (Traditional), 繁體中文, 繁体中文, "
    "中文(繁體), 繁體",
}
"""Spellings of languages by code, from CLDR. Names of programming languages are not among them."""

VALUES = {
    "free": "gratis, 免费, 免費, 無料, 무료, бесплатно, бесплатный, бесплатная, gratuito, "
    "gratuita, gratuit, gratuite, kostenlos, kostenfrei, grátis, مجاني, مجانا, free of charge",
    "paid": "付费, 付費, 收费, 收費, 有料, 유료, платно, платный, платная, de pago, payant, "
    "payante, kostenpflichtig, pago, مدفوع",
    "freemium": "部分免费, 免费增值, 一部無料, 부분 무료, условно-бесплатный",
    "open source": "opensource, 开源, 開源, オープンソース, 오픈소스, открытый исходный код, "
    "código abierto, código aberto, quelloffen, مفتوح المصدر",
    "proprietary": "closed source, 闭源, 閉源, 专有, проприетарный, propietario, propriétaire, "
    "proprietär, proprietário, プロプライエタリ",
    "yes": "✓, 是, 有, はい, 예, да, sí, oui, ja, sim, نعم",
    "no": "✗, 否, いいえ, 아니요, нет, non, nein, não, لا",
    "easy": "简单, 簡單, 容易, 簡単, 쉬움, лёгкий, легкий, fácil, facile, einfach, leicht, سهل",
    "medium": "中等, 普通, 중간, средний, medio, moyen, mittel, médio, متوسط",
    "hard": "difficult, 困难, 困難, 难, 難しい, 어려움, сложный, трудный, difícil, difficile, "
    "schwer, schwierig, صعب",
    "beginner": "初级, 初級, 入门, 초급, начинающий, principiante, débutant, Anfänger, "
    "iniciante, مبتدئ",
    "intermediate": "中级, 中級, 중급, intermedio, intermédiaire, intermediário",
    "advanced": "高级, 高級, 上級, 고급, продвинутый, avanzado, avancé, fortgeschritten, "
    "avançado, متقدم",
    "macos": "mac, mac os, osx, os x, mac os x, macosx",
    "windows": "win, ms windows",
    "linux": "gnu/linux",
    "web": "网页, 網頁, ウェブ, 웹, веб, الويب",
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
