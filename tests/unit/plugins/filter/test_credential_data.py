# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest
from ansible.errors import AnsibleFilterError
from ansible.parsing.vault import VaultLib, VaultSecret
from ansible_collections.llamastack.maas.plugins.filter.credential_data import read

KEY = "sk-proj-0123456789abcdefghij"
PASSWORD = "the password of the vault"

VARIABLES = """\
llamastack_maas_instances:
  - name: openai-prod
    provider: openai
    models: [gpt-4o]
    api_key: !vault |
{vaulted}
"""
READ = """{
    'message': (llamastack_maas_instances | llamastack.maas.instances).message,
    'values': llamastack_maas_instances | llamastack.maas.credential_data,
}"""


def test_the_environment_is_read_when_the_filter_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [{"name": "a", "api_key_env": "UNIT_TEST_KEY"}]
    monkeypatch.delenv("UNIT_TEST_KEY", raising=False)
    assert read(entries) == {}
    monkeypatch.setenv("UNIT_TEST_KEY", KEY)
    assert read(entries, settings={"namespace": "team"}) == {"team/a-credentials": {"api_key": KEY}}


def test_text_is_read_too() -> None:
    assert read(f"- name: a\n  api_key: {KEY}\n") == {"llm/a-credentials": {"api_key": KEY}}


def test_only_those_that_are_named_are_read() -> None:
    entries = [{"name": name, "api_key": KEY} for name in ("a", "b")]
    assert read(entries, names=["b"]) == {"llm/b-credentials": {"api_key": KEY}}


def test_an_entry_that_is_no_mapping_is_left_to_the_check_of_the_list() -> None:
    assert read(["text", None]) == {}


def test_bad_text_is_an_error_that_does_not_quote_it() -> None:
    with pytest.raises(AnsibleFilterError, match="llamastack.maas.credential_data: .*not valid YAML") as raised:
        read(f"- api_key: '{KEY}")
    assert KEY not in str(raised.value)


def test_a_vaulted_value_is_decrypted(tmp_path: Path) -> None:
    vaulted = VaultLib([("default", VaultSecret(PASSWORD.encode()))]).encrypt(KEY).decode()
    (tmp_path / "variables.yml").write_text(VARIABLES.format(vaulted=indent(vaulted, " " * 6)), encoding="utf-8")
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    ansible = [str(Path(sys.executable).with_name("ansible")), "localhost", "-m", "ansible.builtin.debug"]
    values = [
        "-e",
        "@variables.yml",
        "--vault-password-file",
        "password",
        "-a",
        json.dumps({"msg": f"{{{{ {READ} }}}}"}),
    ]
    run = subprocess.run([*ansible, *values], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    shown = json.loads(run.stdout.split("=>", 1)[1])["msg"]
    assert shown == {"message": "", "values": {"llm/openai-prod-credentials": {"api_key": KEY}}}
