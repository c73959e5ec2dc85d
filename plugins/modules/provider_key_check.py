#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: provider_key_check
short_description: Ask providers whether they accept credentials
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Makes one request per instance, for the provider's list of models, with the credentials that the instance is to use.
    What is asked for is said by C(check) of the provider's entry in the registry.
  - Where the list comes, it is asked for again with what is no key. A provider that gives it to anybody has not said
    whether it accepts the key, which is a warning.
  - Asks from where the module runs, through the proxy and with the authorities of O(egress). An instance itself cannot
    be asked, because its server adds what a second key lists to what its own key lists, and says nothing of a refusal.
  - Fails when a provider refuses credentials, and when it cannot be had to say.
  - No value leaves the module but to the provider, and none is in an argument of a process.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - llamastack.maas.options.credentials
  - kubernetes.core.k8s_auth_options
options:
  namespace:
    description: The model namespace, where the Secrets that others own and the ConfigMap of O(egress) are read.
    type: str
    required: true
  secret_data:
    description: The credentials, by C(<namespace>/<Secret>), each a dictionary of key and text.
      Those of an instance that uses an unmanaged Secret are read there.
    type: dict
    default: {}
  egress:
    description:
      - The egress to the providers, with C(proxy), C(no_proxy) and C(ca_bundle) (C(name) and C(key) of a ConfigMap).
    type: dict
    default: {}
  request_timeout:
    description: For how many seconds to wait for one answer.
    type: float
    default: 30
seealso:
  - module: llamastack.maas.maas_key_rotation_info
"""

EXAMPLES = r"""
- name: Ask the providers whether they accept the keys in the environment
  llamastack.maas.provider_key_check:
    namespace: llm
    instances: "{{ checked.instances }}"
    secret_data: "{{ my_credentials }}"
    egress: "{{ checked.settings.egress }}"
"""

RETURN = r"""
instances:
  description: What came of it, by the name of the instance.
  returned: always
  type: dict
  contains:
    state:
      description: V(accepted) or V(refused) by the provider; V(undecided) when it lists its models to anybody;
        V(unknown) when it cannot be had to say; V(skipped) when its entry in the registry names no request.
      type: str
    reason:
      description: What was asked and what came.
      type: str
    remedy:
      description: What to do.
      type: str
    cause:
      description: What a refusal is about in one word, such as V(key_refused). Empty otherwise.
      type: str
  sample:
    openai-prod:
      state: accepted
      reason: GET https://api.openai.com/v1/models answered 200
      remedy: ''
      cause: ''
"""

import contextlib
import tempfile
import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.http.transport import sender, through_proxy
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import take
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import decode
from ansible_collections.llamastack.maas.plugins.module_utils.providers import key_check
from ansible_collections.llamastack.maas.plugins.module_utils.providers.key_check import KeyVerdict

Object = t.Dict[str, t.Any]
Values = t.Dict[str, str]


def foreign_values(cluster: Cluster, instances: t.Sequence[Object], namespace: str) -> dict[str, Values]:
    """The values by field of the instances that use an unmanaged Secret."""
    foreign = [each for each in instances if each["credentials"]["source"] == "secret"]
    refs = {each["name"]: Ref("v1", "Secret", namespace, each["credentials"]["secret"]["name"]) for each in foreign}
    found = cluster.read(set(refs.values()))
    values = {}
    for instance in foreign:
        secret = found[refs[instance["name"]]]
        if isinstance(secret, ApiError):
            raise secret
        data = (secret or {}).get("data") or {}
        fields = [each for each in instance["credentials"]["fields"] if each["key"] in data]
        values[instance["name"]] = {each["field"]: decode(data[each["key"]]) for each in fields}
    return values


def authorities(cluster: Cluster, bundle: t.Mapping[str, str] | None, namespace: str) -> str | None:
    """The PEM text of the ConfigMap that the instances trust, None where there is none."""
    if not bundle:
        return None
    found = cluster.get("v1", "ConfigMap", bundle["name"], namespace)
    return ((found or {}).get("data") or {}).get(bundle["key"])


@contextlib.contextmanager
def ca_file(text: str | None) -> t.Iterator[str | None]:
    """A file that holds the text, for the time of a C(with) block."""
    if not text:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(text)
        file.flush()
        yield file.name


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "namespace": {"type": "str", "required": True},
            "instances": {"type": "list", "elements": "dict", "required": True},
            "secret_data": {"type": "dict", "default": {}, "no_log": True},
            "egress": {"type": "dict", "default": {}},
            "request_timeout": {"type": "float", "default": 30.0},
        },
        supports_check_mode=True,
    )
    params, secret_data = module.params, take(module, "secret_data")
    instances, namespace, egress = params["instances"], params["namespace"], params["egress"]
    try:
        cluster = Cluster(module)
        theirs = foreign_values(cluster, instances, namespace)
        bundle = authorities(cluster, egress.get("ca_bundle"), namespace)
    except ApiError as exc:
        module.fail_json(msg=f"Nothing was asked of the providers: {exc}", instances={})
    calls = []
    with ca_file(bundle) as file, through_proxy(egress.get("proxy"), egress.get("no_proxy")):
        try:
            send = sender(ca_file=file, validate_certs=True)
        except ValueError as exc:
            module.fail_json(msg=f"egress.ca_bundle: {exc}", instances={})
        for instance in instances:
            secret = instance["credentials"]["secret"] or {}
            values = theirs.get(instance["name"]) or secret_data.get(f"{namespace}/{secret.get('name')}") or {}
            calls.append(lambda i=instance, v=values: key_check.ask(send, i, v, params["request_timeout"]))
        verdicts = dict(zip((instance["name"] for instance in instances), in_parallel(calls)))

    results = {name: t.cast(KeyVerdict, verdict)._asdict() for name, verdict in verdicts.items()}
    for name, result in results.items():
        if result["state"] == key_check.UNDECIDED:
            module.warn(f"{name}: {result['reason']}. {result['remedy']}")
    bad = [name for name, result in results.items() if result["state"] in (key_check.REFUSED, key_check.UNKNOWN)]
    if bad:
        lines = [f"{name}: {results[name]['reason']} -- {results[name]['remedy']}" for name in bad]
        head = f"{len(bad)} of {len(results)} keys were not accepted, so none is written:"
        module.fail_json(msg="\n".join([head, *lines]), instances=results)
    module.exit_json(changed=False, instances=results)


if __name__ == "__main__":
    main()
