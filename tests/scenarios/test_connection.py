# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run finds its cluster when there is no kubeconfig, as in a job of Ansible Automation Platform."""

from __future__ import annotations

import os

import yaml
from sandbox import pki
from scenarios.harness import OPENAI


def test_the_variables_of_kubernetes_core_connect_every_module(sandbox, tmp_path):
    cluster = yaml.safe_load((sandbox.folder / "admin.kubeconfig").read_text())["clusters"][0]["cluster"]
    connection = {
        "KUBECONFIG": str(tmp_path / "none"),
        # As docs/security.md advises: no file on this machine holds the keys.
        "ANSIBLE_PIPELINING": "true",
        "K8S_AUTH_HOST": cluster["server"],
        "K8S_AUTH_API_KEY": sandbox.state["admin_token"],
        # From the folder in which the playbooks are started.
        "K8S_AUTH_SSL_CA_CERT": os.path.relpath(cluster["certificate-authority"], sandbox.scratch),
    }
    deployed = sandbox.play("deploy", [OPENAI], env=connection)
    assert deployed.code == 0 and "openai    proven " in deployed.output, deployed.output
    # As AAP's own credential does where no authority was entered.
    unverified = {**connection, "K8S_AUTH_VERIFY_SSL": "False"}
    del unverified["K8S_AUTH_SSL_CA_CERT"]
    for verb in ("preflight", "status", "validate", "remove"):
        env = unverified if verb in ("preflight", "status", "remove") else connection
        run = sandbox.play(verb, [OPENAI], env=env)
        assert run.code == 0, run.output
        said = run.text.count(f"The certificate of the API server {cluster['server']} is not verified")
        assert said == (env is unverified), run.output
    pki.create(tmp_path / "other")
    other = {"K8S_AUTH_SSL_CA_CERT": str(tmp_path / "other" / "ca.pem")}
    wrong = sandbox.play("preflight", [OPENAI], env=connection | other)
    assert wrong.code != 0 and "K8S_AUTH_SSL_CA_CERT" in wrong.text, wrong.output
