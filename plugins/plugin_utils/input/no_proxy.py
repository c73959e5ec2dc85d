# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is reached without the proxy, in the spellings that every HTTP client of every server image reads.

httpx, httpx2, aiohttp, requests and the clients of OpenAI and Anthropic in LlamaStack 0.7 and OGX 1.2 to 1.5 were asked
(C(tests/ogx/test_no_proxy.py)). Some of them do not start at all with an entry that they cannot read: one of these, and
no call reaches the provider.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
from urllib.parse import urlsplit

_HOST = re.compile(r"\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?", re.IGNORECASE)
_PORT = re.compile(r":([0-9]{1,5})\Z")
_BRACKETS = re.compile(r"\[([^\]]*)\](.*)\Z")

_NOT_READ = "is neither a host nor an address nor a network"


class Read(t.NamedTuple):
    """What became of one entry: ``text`` to write, None for nothing; ``note`` why it is not as it was given."""

    text: str | None
    note: str = ""


def entries(given: str) -> list[str]:
    """The entries of a setting: clients part them by commas, people by blanks and line breaks, too."""
    return [entry for entry in re.split(r"[\s,]+", given) if entry]


def readable(entry: str) -> Read:
    """The entry as every client reads it. Raises ValueError, with nothing of the entry in it, for what nobody can mean."""
    if entry == "*":
        return Read(entry)
    if "://" in entry:
        return _of_url(entry)
    bracketed = _BRACKETS.match(entry)
    if bracketed:
        return _of_brackets(bracketed[1], bracketed[2])
    network = _network(entry)
    return _of_network(entry, network) if network else _of_host(entry)


def _of_url(entry: str) -> Read:
    try:
        parts = urlsplit(entry)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(_NOT_READ) from None
    if "@" in parts.netloc:
        raise ValueError(_NOT_READ)
    host = f"[{host}]" if ":" in host else host
    read = readable(f"{host}:{port}" if port else host)
    return Read(read.text, "clients want a host, no URL" if read.text else read.note)


def _of_brackets(address: str, rest: str) -> Read:
    network = _network(address + rest if rest.startswith("/") else address)
    if not isinstance(network, ipaddress.IPv6Network) or not (rest == "" or rest.startswith("/") or _is_port(rest)):
        raise ValueError(_NOT_READ)
    read = _of_network(address + rest if rest.startswith("/") else address, network)
    note = "clients want an IPv6 address without brackets" + (", and so for all ports" if _is_port(rest) else "")
    return Read(read.text, read.note or note)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network, or the address as one; None for what is neither."""
    try:
        # The zone of an address is none of the network's.
        return ipaddress.ip_network(re.sub(r"%[A-Za-z0-9._-]+", "", text), strict=False)
    except ValueError:
        return None


def _of_network(entry: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Read:
    if network.version == 4 or "/" not in entry:
        return Read(entry)
    if network.prefixlen == network.max_prefixlen:
        return Read(str(network.network_address), "clients cannot read an IPv6 network, but they can this address")
    return Read(None, "clients cannot read an IPv6 network, and with one some of them do not start")


def _of_host(entry: str) -> Read:
    host = entry[1:] if entry.startswith("*.") else entry
    if "*" in host:
        return Read(None, "clients know a wildcard only in place of a whole name")
    port = _PORT.search(host)
    name = host[: port.start()] if port else host
    if not name.isascii() or any(label.lower().startswith("xn--") for label in name.split(".")):
        return Read(None, "clients cannot read an internationalised name, and with one some of them do not start")
    if not _HOST.fullmatch(name) or (port and not _is_port(port[0])):
        raise ValueError(_NOT_READ)
    return Read(host, "clients want a domain without an asterisk" if host != entry else "")


def _is_port(text: str) -> bool:
    port = _PORT.match(text)
    return bool(port) and 0 < int(port[1]) < 65536
