"""Hosts on the public web, and addresses that nobody outside may be sent to."""

from __future__ import annotations

import ipaddress
import re
import socket

_BY_HTTPS = """
arxiv.org bitbucket.org codeberg.org crates.io discord.com discord.gg doi.org en.wikipedia.org
facebook.com gist.github.com gitee.com github.com gitlab.com hf.co huggingface.co instagram.com
kaggle.com linkedin.com mastodon.social medium.com nodejs.org npmjs.com openreview.net
packagist.org pypi.org python.org readthedocs.io reddit.com rubygems.org slack.com
stackoverflow.com t.me twitch.tv twitter.com wikipedia.org x.com youtu.be youtube.com zenodo.org
zhihu.com
"""
HTTPS_HOSTS = frozenset(_BY_HTTPS.split())
"""Hosts that answer by https only; of others the list itself has to show it."""
_LOCAL_NAMES = (
    "localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa", "onion",
    "test", "invalid", "localdomain",
)  # fmt: skip
# What address parsers take for an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1.
_NUMERIC = re.compile(
    r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\.?\Z", re.IGNORECASE
)
# IPv6 with an IPv4 address inside: translation (RFC 6052, RFC 8215) and 6to4.
_TRANSLATED = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
)

# Names under which anybody can register, where they have two or three labels. Not the whole public
# suffix list: a suffix that is missing here makes two sites of one registry look like one.
_REGISTRIES = """
ac.cn ac.id ac.il ac.in ac.jp ac.kr ac.nz ac.th ac.uk ac.za co.id co.il co.in co.jp co.kr co.nz
co.th co.uk co.za com.ar com.au com.br com.cn com.co com.hk com.mx com.my com.pl com.sg com.tr
com.tw com.ua com.vn edu.au edu.br edu.cn edu.hk edu.sg edu.tw go.jp gov.au gov.br gov.cn gov.in
gov.uk gr.jp me.uk ne.jp net.au net.br net.cn net.in net.nz or.jp or.kr org.au org.br org.cn
org.hk org.il org.in org.nz org.tw org.uk org.za
appspot.com azurewebsites.net blogspot.com cloudfront.net deno.dev firebaseapp.com fly.dev
git.io github.io gitlab.io glitch.me hatenablog.com herokuapp.com hf.space netlify.app ngrok.io
notion.site now.sh onrender.com pages.dev readthedocs.io repl.co s3.amazonaws.com
sourceforge.io streamlit.app surge.sh tumblr.com vercel.app web.app webflow.io wixsite.com
wordpress.com workers.dev
"""
_SUFFIXES = frozenset(_REGISTRIES.split())


def is_public_ip(address: str) -> bool:
    """Whether an IP address is one of the public internet, also the one wrapped in it."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public_ip(str(ip.ipv4_mapped))
        if any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def is_public_host(host: str) -> bool:
    """Whether a host, as an address names it, may be one of the public web; asks no name server."""
    host = host.lower().rstrip(".")
    if host.startswith("["):
        return is_public_ip(host)
    if _NUMERIC.match(host):
        try:
            return is_public_ip(socket.inet_ntoa(socket.inet_aton(host)))
        except OSError:
            return False
    labels = host.split(".")
    return len(labels) > 1 and not any(
        host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES
    )


def registrable(host: str) -> str:
    """The part of a host that somebody registered: `example.org`, `example.co.uk`."""
    labels = host.lower().rstrip(".").split(".")
    for size in (3, 2):
        if ".".join(labels[-size:]) in _SUFFIXES:
            return ".".join(labels[-size - 1 :])
    return ".".join(labels[-2:])
