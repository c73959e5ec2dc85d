# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.no_proxy import entries, readable

AS_THEY_ARE = (
    "*",
    ".svc",
    "svc",
    ".cluster.local",
    "localhost",
    "localhost:11434",
    "api-int.example.com:6443",
    "host_name",
    "example.com.",
    "10.0.0.1",
    "10.0.0.1:6443",
    "10.128.0.0/14",
    "172.30.5.1/16",
    "::1",
    "fd01::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "fe80::1%eth0",
)


@pytest.mark.parametrize("entry", AS_THEY_ARE)
def test_what_every_client_reads_stays(entry):
    assert readable(entry) == (entry, "")


@pytest.mark.parametrize(
    ("entry", "text", "note"),
    [
        ("[::1]", "::1", "without brackets"),
        ("[fd02::5]:8443", "fd02::5", "and so for all ports"),
        ("fd01::7/128", "fd01::7", "they can this address"),
        ("*.svc", ".svc", "without an asterisk"),
        ("*.apps.example.com:443", ".apps.example.com:443", "without an asterisk"),
        ("https://api.example.com", "api.example.com", "no URL"),
        ("http://api.example.com:8080/", "api.example.com:8080", "no URL"),
        ("https://[fd01::1]", "fd01::1", "no URL"),
    ],
)
def test_what_means_something_is_rewritten(entry, text, note):
    read = readable(entry)
    assert read.text == text and note in read.note
    assert readable(text) == (text, "")


@pytest.mark.parametrize(
    ("entry", "note"),
    [
        ("fd01::/48", "IPv6 network"),
        ("fd02::/112", "IPv6 network"),
        ("[fd01::]/48", "IPv6 network"),
        ("[fd01::/48]", "IPv6 network"),
        ("::/0", "IPv6 network"),
        ("::ffff:0:0/96", "IPv6 network"),
        ("xn--mnchen-3ya.de", "internationalised"),
        (".a.xn--mnchen-3ya.de", "internationalised"),
        ("m\u00fcnchen.de", "internationalised"),
        ("https://m\u00fcnchen.de", "internationalised"),
        ("10.*", "wildcard"),
        ("192.168.0.*", "wildcard"),
        ("api.*.example.com", "wildcard"),
    ],
)
def test_what_no_spelling_can_say_is_left_out(entry, note):
    read = readable(entry)
    assert read.text is None and note in read.note


@pytest.mark.parametrize(
    "entry",
    [
        "example.com:abc",
        "example.com:0",
        "example.com:99999",
        "10.0.0.0/33",
        "10.0.0.0/8:80",
        "fd01::/129",
        "[::1",
        "[10.0.0.1]",
        "[::1]:x",
        "g::1",
        "a:b:c",
        "a/b",
        "a;b",
        "http://me:hunter2@proxy",
        "http://",
        "http://[::1",
        "https://a:x",
        "$(KEY)",
        "$HOME",
        "-",
        "..svc",
        '"a"',
    ],
)
def test_what_nobody_can_mean_is_refused_without_a_word_of_it(entry):
    with pytest.raises(ValueError) as refused:
        readable(entry)
    assert str(refused.value) == "is neither a host nor an address nor a network"


def test_entries_are_parted_by_commas_and_blanks():
    assert entries(" .svc, a.example ,,\nb.example  ::1") == [".svc", "a.example", "b.example", "::1"]
    assert entries(" , ") == []
