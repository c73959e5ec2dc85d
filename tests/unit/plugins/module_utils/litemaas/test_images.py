# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import images


@pytest.mark.parametrize(
    "reference, version",
    [
        ("ghcr.io/berriai/litellm-non_root:main-v1.81.0-stable", "1.81.0"),
        ("quay.io/rh-aiservices-bu/litellm-non-root:main-v1.81.0-stable-custom", "1.81.0"),
        ("registry.local:5000/litellm:v1.108.6@sha256:0123", "1.108.6"),
        ("ghcr.io/berriai/litellm:1.108.6", "1.108.6"),
        ("ghcr.io/berriai/litellm:main-latest", None),
        ("registry.local:5000/litellm", None),
        ("ghcr.io/berriai/litellm:v1.108.6.post1", None),
    ],
)
def test_the_version_is_that_of_the_tag(reference, version):
    assert images.litellm_version(reference) == version


@pytest.mark.parametrize("version", ["1.82.7", "1.82.8", "1.107.0"])
@pytest.mark.parametrize("form", ["ghcr.io/berriai/litellm:v{}", "x/litellm-non_root:main-v{}-stable", "l:{}@sha256:0"])
def test_compromised_versions_are_refused_with_the_reason(version, form):
    problem = images.litellm_problem(form.format(version))
    assert f"is LiteLLM {version}, which is refused: it" in problem


@pytest.mark.parametrize(
    "reference",
    [
        "ghcr.io/berriai/litellm",
        "l:latest",
        "l:main-latest",
        "l:main-stable",
        "l:stable",
        "registry.local:5000/litellm",
    ],
)
def test_an_image_that_is_another_one_tomorrow_is_refused(reference):
    assert "names no version" in images.litellm_problem(reference)


@pytest.mark.parametrize("reference", [images.LITELLM, "l@sha256:0123", "l:latest@sha256:0123", "l:our-build-7"])
def test_what_is_pinned_is_taken(reference):
    assert images.litellm_problem(reference) == ""


@pytest.mark.parametrize(
    "version, fixed",
    [("1.81.0", "1.103.1"), ("1.100.3", "1.100.4"), ("1.102.1", "1.102.2"), ("1.100.4", ""), ("1.108.6", "")],
)
def test_a_known_weakness_is_a_warning(version, fixed):
    warning = images.litellm_warning(f"l:v{version}")
    assert (fixed in warning and "GHSA-7hp6-4w63-5g45" in warning) if fixed else warning == ""


def test_the_default_has_neither_problem_nor_warning():
    assert (images.litellm_problem(images.LITELLM), images.litellm_warning(images.LITELLM)) == ("", "")


@pytest.mark.parametrize(
    "reference, family, major, user",
    [
        (images.POSTGRES, images.SCLORG, 16, 26),
        ("registry.redhat.io/rhel9/postgresql-15:9.7", images.SCLORG, 15, 26),
        ("mirror.local/a/b/postgresql-18-c10s@sha256:0", images.SCLORG, 18, 26),
        ("docker.io/library/postgres:16.11", images.DOCKER_LIBRARY, 16, 999),
        ("postgres:18", images.DOCKER_LIBRARY, 18, 999),
        ("mirror.local:5000/postgres:16-alpine", images.DOCKER_LIBRARY, 16, 70),
    ],
)
def test_the_family_of_a_postgresql_image_is_known_by_its_name(reference, family, major, user):
    assert images.postgres(reference) == (family, major)
    assert images.postgres_user(reference) == user


@pytest.mark.parametrize("reference", ["bitnami/postgresql:16", "postgres:latest", "postgres", "crunchy-postgres:16"])
def test_other_images_are_of_no_known_family(reference):
    assert images.postgres(reference) is None
