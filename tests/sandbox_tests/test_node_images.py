# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images are known, what they start, and what PostgreSQL's images make of their variables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sandbox.entrypoints.postgres import Refused, library, options, sclorg, with_files
from sandbox.inference_services import IMAGE as MODEL_SERVER
from sandbox.node.images import Images

DIGEST = "@sha256:" + "0" * 64
RELEASE = {"path": ["/venv/bin"], "environment": {"A": "b"}}
STAND_INS = {
    "litellm": {"1.108.6": RELEASE, "1.81.0": RELEASE},
    "postgres": {"path": "/pg/bin", "volumes": "/volumes"},
    "services": "/services.json",
    "router": "http://127.0.0.1:1",
}
IMAGES = Images({"docker.io/ogx:1": "/ogx"}, STAND_INS)
POD = SimpleNamespace(address="127.9.0.2", namespace="litemaas", uid="u1")


@pytest.mark.parametrize(
    "name",
    [
        "ghcr.io/berriai/litellm:main-v1.108.6-stable",
        "ghcr.io/berriai/litellm:v1.108.6",
        "ghcr.io/berriai/litellm-database:main-v1.81.0-stable",
        f"ghcr.io/berriai/litellm-non_root:v1.108.6{DIGEST}",
        "docker.litellm.ai/berriai/litellm:1.108.6",
        "quay.io/rh-aiservices-bu/litellm-non-root:main-v1.81.0-stable-custom",
        "registry.redhat.io/rhel9/postgresql-16:latest",
        "registry.redhat.io/rhel9/postgresql-16",
        "registry.redhat.io/rhel9/postgresql-15:1-1738000000",
        f"registry.redhat.io/rhel10/postgresql-18{DIGEST}",
        "quay.io/sclorg/postgresql-16-c9s:latest",
        "postgres:16",
        "docker.io/library/postgres:16-alpine",
        "docker.io/postgres:17.2-bookworm",
        "quay.io/rh-aiservices-bu/litemaas-backend:0.4.0",
        "quay.io/rh-aiservices-bu/litemaas-frontend:0.4.0",
        "docker.io/vllm/vllm-openai:v0.11.0",
    ],
)
def test_families_are_known_by_their_names(name: str) -> None:
    assert IMAGES.find(name) and IMAGES.starts_alone(name)


@pytest.mark.parametrize(
    "name",
    [
        "ghcr.io/berriai/litellm:main-v1.82.7-stable",
        "ghcr.io/berriai/litellm:main-latest",
        f"ghcr.io/berriai/litellm{DIGEST}",
        "example.com/litellm:1.108.6",
        "registry.redhat.io/rhel9/postgresql-12",
        "registry.redhat.io/rhel9/postgresql-16:nope",
        "postgres:latest",
        "postgres:9.6",
        "example.com/postgres:16",
        "quay.io/rh-aiservices-bu/litemaas-backend:0.3.1",
    ],
)
def test_another_image_or_tag_cannot_be_pulled(name: str) -> None:
    assert IMAGES.find(name) is None


def test_without_stand_ins_there_is_what_has_a_folder() -> None:
    images = Images({"docker.io/ogx:1": "/ogx"}, {})
    assert images.find("docker.io/ogx:1").path == ("/ogx/bin",)
    assert not images.starts_alone("docker.io/ogx:1")
    assert images.find("postgres:16") is None and images.find("ghcr.io/berriai/litellm:v1.108.6") is None


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({}, ["litellm", "--port", "4000"]),
        ({"args": ["--port", "5000"]}, ["litellm", "--port", "5000"]),
        ({"command": ["litellm"], "args": ["--skip_server_startup"]}, ["litellm", "--skip_server_startup"]),
        ({"command": ["sh", "-c", "true"]}, ["sh", "-c", "true"]),
    ],
)
def test_the_image_says_what_the_pod_does_not(container: dict[str, Any], words: list[str]) -> None:
    assert IMAGES.find("ghcr.io/berriai/litellm:v1.108.6").words(container) == words


def test_a_program_of_ours_is_started_with_what_the_pod_gives_it() -> None:
    backend, model = (IMAGES.find(name) for name in ("quay.io/rh-aiservices-bu/litemaas-backend:0.4.0", MODEL_SERVER))
    assert backend.words({})[1:] == ["-m", "sandbox.litemaas", "backend"]
    assert model.words({"args": ["--port=8080"]})[1:] == ["-m", "sandbox.model_server", "--port=8080"]
    found = backend.environment_of(POD, str)
    assert (found["HOST"], found["SANDBOX_ROUTER"]) == ("127.9.0.2", "http://127.0.0.1:1")


def test_variables_of_an_image_know_the_pod() -> None:
    litellm = IMAGES.find("ghcr.io/berriai/litellm:v1.108.6").environment_of(POD, lambda path: f"/here{path}")
    assert litellm["LITELLM_MIGRATION_DIR"].startswith("/here/tmp/"), "or all pods would write into the same release"
    assert (litellm["HOST"], litellm["SANDBOX_NAMESPACE"], litellm["A"]) == ("127.9.0.2", "litemaas", "b")
    places = {
        "registry.redhat.io/rhel9/postgresql-16": "/var/lib/pgsql/data/userdata",
        "postgres:16": "/var/lib/postgresql/data",
        "postgres:18-alpine": "/var/lib/postgresql/18/docker",
    }
    for name, place in places.items():
        assert IMAGES.find(name).environment_of(POD, lambda path: f"/here{path}")["PGDATA"] == f"/here{place}"


def test_the_loopback_of_a_pod_with_postgresql_is_its_socket() -> None:
    image = IMAGES.find("postgres:16")
    words = ["sh", "-c", "psql -h 127.0.0.1 -U a && pg_isready --host=localhost", "-h", "localhost", "127.0.0.10"]
    expected = [
        "sh",
        "-c",
        "psql -h /volumes/u1 -U a && pg_isready --host=/volumes/u1",
        "-h",
        "/volumes/u1",
        "127.0.0.10",
    ]
    assert image.within(words, POD) == expected
    assert IMAGES.find("ghcr.io/berriai/litellm:v1.108.6").within(words, POD) == words


def test_a_program_that_only_the_image_has_is_found_there() -> None:
    image = IMAGES.find("registry.redhat.io/rhel9/postgresql-16")
    assert image.program("/usr/libexec/check-container").endswith("/entrypoints/bin/check-container")
    assert image.program("/bin/sh") == "/bin/sh"
    assert image.program("/nowhere/nothing") == "/nowhere/nothing"


USER = {"POSTGRESQL_USER": "litellm", "POSTGRESQL_PASSWORD": "it's", "POSTGRESQL_DATABASE": "llm"}


def test_sclorg_makes_one_database_and_applies_passwords_at_every_start() -> None:
    password = """ALTER ROLE "litellm" WITH ENCRYPTED PASSWORD 'it''s'"""
    made = ['CREATE ROLE "litellm" LOGIN', 'CREATE DATABASE "llm" OWNER "litellm"']
    assert sclorg(USER, first=True) == [*made, password]
    assert sclorg(USER, first=False) == [password]
    admin = "ALTER ROLE postgres WITH ENCRYPTED PASSWORD 'a'"
    assert sclorg({"POSTGRESQL_ADMIN_PASSWORD": "a"}, first=False) == [admin]
    assert options({**USER, "POSTGRESQL_MAX_CONNECTIONS": "150"}, "sclorg") == ["max_connections=150"]


@pytest.mark.parametrize("given", [{}, {**USER, "POSTGRESQL_PASSWORD": ""}, {"POSTGRES_PASSWORD": "x"}])
def test_sclorg_wants_all_three_or_the_administrators_password(given: dict[str, str]) -> None:
    with pytest.raises(Refused, match="POSTGRESQL_USER  POSTGRESQL_PASSWORD  POSTGRESQL_DATABASE"):
        sclorg(given, first=False)


def test_library_looks_at_passwords_at_the_first_start_only() -> None:
    given = {"POSTGRES_USER": "a", "POSTGRES_PASSWORD": "p", "POSTGRES_DB": "b"}
    assert library(given, first=True) == ["""ALTER ROLE "a" WITH ENCRYPTED PASSWORD 'p'""", 'CREATE DATABASE "b"']
    assert library(given, first=False) == []
    assert library({}, first=False) == []
    with pytest.raises(Refused, match="superuser password is not specified"):
        library({"POSTGRESQL_PASSWORD": "p"}, first=True)


def test_library_reads_values_from_files(tmp_path) -> None:
    file = tmp_path / "password"
    file.write_text("secret\n")
    assert with_files({"POSTGRES_PASSWORD_FILE": str(file)})["POSTGRES_PASSWORD"] == "secret"
