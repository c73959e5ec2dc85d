# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base import local_paths


@pytest.fixture(autouse=True)
def home(monkeypatch):
    monkeypatch.setenv("HOME", "/home/jo")
    monkeypatch.setenv("CERTS", "/etc/certs")


@pytest.mark.parametrize(
    ("name", "given", "path"),
    [
        ("kubeconfig", "dev.yml", "/srv/dev.yml"),
        ("kubeconfig", "../dev.yml:sub/b.yml:/c.yml", "/dev.yml:/srv/sub/b.yml:/c.yml"),
        ("kubeconfig", "~/dev.yml::./b", "/home/jo/dev.yml:/srv/b"),
        ("ca_cert", "a:b.pem", "/srv/a:b.pem"),
        ("ssl_ca_cert", "$CERTS/ca.pem", "/etc/certs/ca.pem"),
        ("client_cert", "me.crt", "/srv/me.crt"),
        ("key_file", "~/me.key", "/home/jo/me.key"),
        ("ca_file", "maas.pem", "/srv/maas.pem"),
    ],
)
def test_a_relative_path_counts_from_the_folder_of_the_user(name, given, path):
    assert local_paths.resolved({name: given}, local_paths.ARGUMENTS, "/srv") == {name: path}


@pytest.mark.parametrize("value", ["/a/../b", "/a:/b", "", None, {"apiVersion": "v1"}])
def test_everything_else_stays_as_it_is(value):
    assert local_paths.resolved({"kubeconfig": value, "host": "x", "path": "y"}, local_paths.ARGUMENTS, "/w") == {}


@pytest.mark.parametrize(
    "name",
    [
        "KUBECONFIG",
        "K8S_AUTH_KUBECONFIG",
        "K8S_AUTH_SSL_CA_CERT",
        "K8S_AUTH_CERT_FILE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ],
)
def test_the_variables_that_clients_read_are_resolved(name):
    assert local_paths.resolved({name: "x"}, local_paths.VARIABLES, "/srv") == {name: "/srv/x"}


TOKEN = {"host": "https://api", "api_key": "x"}


@pytest.mark.parametrize(
    ("options", "environment", "found"),
    [
        ({"kubeconfig": "/a"}, {"KUBECONFIG": "/b"}, ["kubeconfig: there is no file /a"]),
        ({}, {"K8S_AUTH_KUBECONFIG": "/a:/there"}, ["K8S_AUTH_KUBECONFIG: there is no file /a"]),
        ({}, {"KUBECONFIG": "/a:~/b"}, ["KUBECONFIG: there is no file /a", "KUBECONFIG: there is no file /home/jo/b"]),
        (
            {},
            {},
            [f"{local_paths._NO_CONNECTION}: there is no file /home/jo/.kube/config"],
        ),
        ({"kubeconfig": {"apiVersion": "v1"}}, {"KUBECONFIG": "/a"}, []),
        (TOKEN, {"KUBECONFIG": "/a"}, []),
        (TOKEN, {"K8S_AUTH_SSL_CA_CERT": "/a"}, ["K8S_AUTH_SSL_CA_CERT: there is no file /a"]),
        ({**TOKEN, "ca_cert": "/there"}, {"K8S_AUTH_SSL_CA_CERT": "/a"}, []),
        (
            {"host": "https://api", "client_cert": "/a", "client_key": "/b"},
            {},
            ["client_cert: there is no file /a", "client_key: there is no file /b"],
        ),
    ],
)
def test_what_is_missing_is_named_with_the_path_that_was_tried(options, environment, found):
    assert local_paths.missing(options, environment, exists="/there".__eq__) == found
