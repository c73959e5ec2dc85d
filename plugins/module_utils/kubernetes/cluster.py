# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster: plain dicts in, plain dicts out.

Authentication, ``K8S_AUTH_*``, impersonation, proxies and the cached API discovery are those of kubernetes.core.
Nothing is decided here.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import typing as t
from email.utils import parsedate_to_datetime
from http.client import HTTPException, IncompleteRead
from urllib.parse import quote

from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import get_api_client
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.exceptions import CoreException

from ansible_collections.llamastack.maas.plugins.module_utils.base import local_paths, parallel, resend, yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import (
    credentials_in,
    hide,
    leave,
    without_known,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import NO_ANSWER, ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import FIELD_MANAGER, OURS, selector
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import decode

try:
    from kubernetes.client.exceptions import ApiException
    from kubernetes.dynamic.exceptions import ResourceNotFoundError, ResourceNotUniqueError
    from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProtocolError
    from urllib3.util import Retry
except ImportError:
    # AnsibleK8SModule says what is missing before anything here is called.
    ApiException = ResourceNotFoundError = ResourceNotUniqueError = HTTPError = ConnectTimeoutError = ProtocolError = ()
    Retry = None

SET_ARGUMENTS: dict[str, t.Any] = {
    "namespace": {"type": "str", "required": True},
    "set": {"type": "str", "default": "default"},
    "kinds": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "api_version": {"type": "str", "required": True},
            "kind": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
        },
    },
}
"""The options of a module that say which instance set to look for, and where."""

_PAGE = 500
_TIMEOUT = (10, 60)
_DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_METADATA_ONLY = "application/json;as={};g=meta.k8s.io;v=v1"

# The parameter keeps the clients 25.3 to 36.0.3 from serialising a body that is serialised already: they look for the
# type without one. The API server cuts it off.
_APPLY = "application/apply-patch+yaml; charset=utf-8"

# The connection options that hold one.
_CREDENTIALS = ("api_key", "client_key", "kubeconfig", "password", "proxy_headers")

Object = t.Dict[str, t.Any]
Group = t.Tuple[str, str, t.Optional[str]]
"""API version, kind and namespace."""

T = t.TypeVar("T")


class KindNotServed(ApiError):
    """The API server does not serve this kind."""

    def __init__(self, api_version: str, kind: str) -> None:
        super().__init__("GET", api_version, 404, f"the cluster serves no {kind} of {api_version}")
        self.api_version = api_version
        self.kind = kind

    @property
    def outcome(self) -> str:
        return self.message

    def __str__(self) -> str:
        return self.message


class Cluster:
    """The API server that the module's options name.

    Every method raises :class:`~.api_errors.ApiError` for an answer that is not a success, and those that take a kind
    raise :class:`KindNotServed`, which is one.
    """

    def __init__(self, module: t.Any) -> None:
        """``module`` is an AnsibleK8SModule with the options of kubernetes.core."""
        resend.report(module)
        self._resend = resend.Resend(clock=time.monotonic, sleep=time.sleep)
        # What fails is sent again here. By itself urllib3 would do so at once, in silence and, through a proxy, with a POST
        # whose answer was lost.
        Retry.DEFAULT = Retry(0, raise_on_redirect=False, respect_retry_after_header=False)
        try:
            self._client = self._resend("GET", "/version", lambda: _asked("GET", "/version", get_api_client, module))
        except (CoreException, OSError) as exc:
            reasons = local_paths.missing(module.params, os.environ)
            # The client says no more than that, and of a kubeconfig not which.
            if not (reasons and (isinstance(exc, OSError) or "No configuration found" in str(exc))):
                reasons.append(str(exc))
            raise ApiError("GET", "/version", NO_ANSWER, "; ".join(reasons)) from exc
        self._impersonates = bool(
            module.params.get("impersonate_user") or "Impersonate-User" in self._api.default_headers
        )
        hide([self._authorization().partition(" ")[2], module.params.get("password") or ""])
        leave(_visible(module))
        self._resources: dict[tuple[str, str], t.Any] = {}
        # The discovery of the client is lazy, writes a file, and knows nothing of threads.
        self._discovery = threading.Lock()
        self._is_fresh = False
        self.server_time: float | None = None
        """Seconds since the epoch by the API server's clock, at its last answer."""

    @property
    def _api(self) -> t.Any:
        return self._client.client.client

    @property
    def url(self) -> str:
        """Base URL of the API server."""
        return self._client.configuration.host

    @property
    def is_verified(self) -> bool:
        """Whether what answers has shown by a certificate that it is the API server."""
        return bool(self._client.configuration.verify_ssl) and self.url.startswith("https://")

    def path(self, api_version: str, kind: str, namespace: str | None = None, name: str | None = None) -> str:
        """The URL path of an object, or without ``name`` of all of its kind."""
        resource = self._resource(api_version, kind)
        parts = [resource.prefix, api_version]
        if resource.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(resource.name)
        if name:
            parts.append(quote(name, safe=""))
        return "/" + "/".join(parts)

    def _resource(self, api_version: str, kind: str) -> t.Any:
        key = (api_version, kind)
        with self._discovery:
            if key not in self._resources:
                self._resources[key] = self._discover(api_version, kind)
            return self._resources[key]

    def _discover(self, api_version: str, kind: str) -> t.Any:
        group, _slash, version = api_version.rpartition("/")
        try:
            return self._discovered(
                self._client.resources.get,
                prefix="apis" if group else "api",
                group=group or None,
                api_version=version,
                kind=kind,
            )
        except (ResourceNotFoundError, ResourceNotUniqueError) as exc:
            raise KindNotServed(api_version, kind) from exc

    def _forget(self, api_version: str, kind: str) -> None:
        """Discover a kind anew: the client keeps what it has discovered in a file that never expires."""
        with self._discovery:
            self._resources.pop((api_version, kind), None)
            if not self._is_fresh:
                self._discovered(self._client.resources.invalidate_cache)
                self._is_fresh = True

    def _discovered(self, discover: t.Callable[..., T], **what: t.Any) -> T:
        """What ``discover`` of the client returns, which keeps what it has read of the API."""
        url = f"{self.url}/apis"
        return self._resend("GET", url, lambda: _asked("GET", url, discover, **what))

    def _of_kind(
        self, method: str, api_version: str, kind: str, namespace: str | None, name: str | None = None, **how: t.Any
    ) -> Object:
        """A request to an object or to all of a kind. Raises KindNotServed where only an old discovery had the kind."""
        try:
            return self.request(method, self.path(api_version, kind, namespace, name), **how)
        except ApiError as exc:
            if not exc.is_unserved_kind:
                raise
            self._forget(api_version, kind)
            path = self.path(api_version, kind, namespace, name)
        try:
            return self.request(method, path, **how)
        except ApiError as exc:
            if exc.is_unserved_kind:
                raise KindNotServed(api_version, kind) from exc
            raise

    def unserved(self, objects: t.Iterable[Object]) -> set[tuple[str, str]]:
        """Of the API versions and kinds of ``objects``, those that are not served."""
        missing = set()
        for api_version, kind in {(obj["apiVersion"], obj["kind"]) for obj in objects}:
            try:
                self.path(api_version, kind)
            except KindNotServed as exc:
                missing.add((exc.api_version, exc.kind))
        return missing

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether a kind is served in a version; outside of the core group, that costs no new discovery."""
        group, _slash, version = api_version.rpartition("/")
        if not group:
            return not self.unserved([{"apiVersion": api_version, "kind": kind}])
        with self._discovery:
            try:
                found = self._discovered(self._client.resources.search, prefix="apis", group=group, kind=kind)
            except ResourceNotFoundError:
                return False
        return any(resource.api_version == version for resource in found)

    def get(
        self, api_version: str, kind: str, name: str, namespace: str | None = None, *, metadata_only: bool = False
    ) -> Object | None:
        """An object, or None where there is none of that name. Without ``metadata_only``, it is whole."""
        accept = _METADATA_ONLY.format("PartialObjectMetadata") if metadata_only else None
        try:
            found = self._of_kind("GET", api_version, kind, namespace, name, accept=accept)
        except ApiError as exc:
            if exc.is_not_found and not isinstance(exc, KindNotServed):
                return None
            raise
        return _noted({**found, "apiVersion": api_version, "kind": kind})

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        *,
        labels: str | None = None,
        fields: str | None = None,
        metadata_only: bool = False,
    ) -> list[Object]:
        """All objects of a kind in a namespace (or in all), narrowed by label and field selectors.

        Unlike in the API's answer, each item carries its ``apiVersion`` and ``kind``.
        """
        selectors = [("labelSelector", labels), ("fieldSelector", fields), ("limit", _PAGE)]
        query = [(key, value) for key, value in selectors if value]
        items: list[Object] = []
        token = None
        while True:
            page = self._of_kind(
                "GET",
                api_version,
                kind,
                namespace,
                query=[*query, ("continue", token)] if token else query,
                accept=_METADATA_ONLY.format("PartialObjectMetadataList") if metadata_only else None,
            )
            items += page.get("items") or []
            token = (page.get("metadata") or {}).get("continue")
            if not token:
                return [_noted({**item, "apiVersion": api_version, "kind": kind}) for item in items]

    def discovery(self) -> list[Object]:
        """Everything that the API server serves: its aggregated discovery documents of ``/api`` and ``/apis``."""
        return [self.request("GET", path, accept=_DISCOVERY) for path in ("/api", "/apis")]

    def read(self, refs: t.Iterable[Ref], *, metadata_only: bool = False) -> dict[Ref, Object | ApiError | None]:
        """The objects of these names, None where there is none, and the refusal where one may not be read.

        Of a kind that is not served there is none.

        Takes one LIST by our label per kind and namespace. What that does not show is absent, or unmanaged, and
        costs a GET each; where it is much, a LIST of all names shows what is absent. Secrets are never listed whole.
        """
        groups: dict[Group, list[str]] = {}
        for ref in refs:
            groups.setdefault(ref[:3], []).append(ref.name)
        many = [group for group, names in groups.items() if len(names) > 1 and group[2]]
        found: dict[Ref, Object | ApiError | None] = {}
        for items in self._lists(many, labels=OURS, metadata_only=metadata_only).values():
            found.update((Ref.of(item), item) for item in items)
        unseen = {group: [name for name in names if Ref(*group, name) not in found] for group, names in groups.items()}
        much = [group for group in many if len(unseen[group]) > parallel.CONCURRENT_REQUESTS and group[1] != "Secret"]
        for group, items in self._lists(much, metadata_only=True).items():
            present = {item["metadata"]["name"] for item in items}
            found.update((Ref(*group, name), None) for name in unseen[group] if name not in present)
        wanted = [Ref(*group, name) for group, names in groups.items() for name in names]
        left = [ref for ref in wanted if ref not in found]
        gets = [
            lambda r=ref: self.get(r.api_version, r.kind, r.name, r.namespace, metadata_only=metadata_only)
            for ref in left
        ]
        answers = in_parallel(gets)
        found.update((ref, None if isinstance(answer, KindNotServed) else answer) for ref, answer in zip(left, answers))
        return {ref: found[ref] for ref in wanted}

    def list_set(self, wanted: t.Mapping[str, t.Any]) -> dict[Group, list[Object] | ApiError]:
        """Of each kind that is served the metadata of the objects of an instance set, or the refusal.

        ``wanted`` has the values of :data:`SET_ARGUMENTS`.
        """
        groups = [(each["api_version"], each["kind"], each["namespace"]) for each in wanted["kinds"]]
        ours = selector(wanted["namespace"], wanted["set"])

        def listed(group: Group) -> list[Object] | None:
            return self.list(*group, labels=ours, metadata_only=True) if self.serves(group[0], group[1]) else None

        answers = zip(groups, in_parallel([lambda g=group: listed(g) for group in groups]))
        return {group: found for group, found in answers if not (found is None or isinstance(found, KindNotServed))}

    def _lists(self, groups: t.Sequence[Group], **how: t.Any) -> dict[Group, list[Object]]:
        """The objects of each group, without those that may not be listed: who may not LIST may still GET."""
        answers = in_parallel([lambda g=group: self.list(*g, **how) for group in groups])
        for answer in answers:
            if isinstance(answer, ApiError) and answer.status != 403 and not isinstance(answer, KindNotServed):
                raise answer
        return {group: answer for group, answer in zip(groups, answers) if not isinstance(answer, ApiError)}

    def put_seen(self, secret: Object, *, dry_run: bool) -> Object:
        """Create a Secret, or put it in the place of the one of its C(resourceVersion): never over one that was not seen."""
        metadata = secret["metadata"]
        is_new = "resourceVersion" not in metadata
        query = [("fieldManager", FIELD_MANAGER), *([("dryRun", "All")] if dry_run else [])]
        path = self.path("v1", "Secret", metadata["namespace"], None if is_new else metadata["name"])
        after = self.request("POST" if is_new else "PUT", path, query=query, body=secret)
        return {**after, "apiVersion": "v1", "kind": "Secret"}

    def apply(self, obj: Object, *, dry_run: bool = False, force: bool = False) -> Object:
        """Server-side apply of a whole object; returns the object as it then is."""
        metadata = _noted(obj)["metadata"]
        query = [("fieldManager", FIELD_MANAGER)]
        if dry_run:
            query.append(("dryRun", "All"))
        if force:
            query.append(("force", "true"))
        return self._of_kind(
            "PATCH",
            obj["apiVersion"],
            obj["kind"],
            metadata.get("namespace"),
            metadata["name"],
            query=query,
            body=yaml_text.as_json(obj),
            content_type=_APPLY,
        )

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        uid: str | None = None,
        dry_run: bool = False,
    ) -> bool:
        """Delete an object after what it owns; False where there is none. ``uid`` spares a namesake made since."""
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Foreground"}
        if uid:
            options["preconditions"] = {"uid": uid}
        if dry_run:
            options["dryRun"] = ["All"]
        try:
            self._of_kind("DELETE", api_version, kind, namespace, name, body=options)
        except ApiError as exc:
            if exc.is_not_found and not isinstance(exc, KindNotServed):
                return exc.after_loss  # then it was this that has deleted it
            raise
        return True

    def log(self, namespace: str, pod: str, *, container: str, lines: int, previous: bool = False) -> list[str]:
        """The last ``lines`` lines of a container's log, or of the run before it crashed, without known credentials."""
        query = [("container", container), ("tailLines", lines)]
        if previous:
            query.append(("previous", "true"))
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/log"
        text = self._send("GET", path, query=query, accept="*/*").decode("utf-8", "replace")
        return without_known(text).splitlines()

    def token(self, namespace: str, service_account: str, *, seconds: int, audiences: t.Sequence[str] = ()) -> str:
        """A token of a ServiceAccount for ``seconds``, at least 600; no ``audiences`` means the API server's own."""
        path = self.path("v1", "ServiceAccount", namespace, service_account) + "/token"
        spec: dict[str, t.Any] = {"expirationSeconds": seconds}
        if audiences:
            spec["audiences"] = list(audiences)
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return self.request("POST", path, body=body)["status"]["token"]

    def allowed(
        self,
        verb: str,
        group: str,
        resource: str,
        namespace: str | None = None,
        name: str | None = None,
        subresource: str | None = None,
    ) -> bool:
        """Whether the caller may, by SelfSubjectAccessReview."""
        attributes = {
            "verb": verb,
            "group": group,
            "resource": resource,
            "subresource": subresource,
            "namespace": namespace,
            "name": name,
        }
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        answer = self.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=review)
        return bool(answer["status"].get("allowed"))

    def user(self) -> Object:
        """The user that the API server sees: C(username), C(groups) and so on, by SelfSubjectReview."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        answer = self.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=review)
        return (answer.get("status") or {}).get("userInfo") or {}

    def own_token(self) -> str | None:
        """The bearer token with which the API is called.

        None for a client certificate or a password, and for an impersonated user, whom the token does not stand for.
        """
        if self._impersonates:
            return None
        scheme, _space, token = self._authorization().partition(" ")
        return token if scheme.lower() == "bearer" and token else None

    def _authorization(self) -> str:
        return self._client.configuration.auth_settings().get("BearerToken", {}).get("value") or ""

    def request(
        self,
        method: str,
        path: str,
        *,
        query: t.Sequence[tuple[str, t.Any]] = (),
        body: t.Any = None,
        content_type: str = "application/json",
        accept: str | None = None,
    ) -> Object:
        """Any request that is answered in JSON."""
        return json.loads(
            self._send(
                method, path, query=query, body=body, content_type=content_type, accept=accept or "application/json"
            )
        )

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: t.Sequence[tuple[str, t.Any]] = (),
        body: t.Any = None,
        content_type: str = "application/json",
        accept: str,
    ) -> bytes:
        """One request, repeated as far as `resend` allows."""
        url = self.url + path

        def send() -> t.Any:
            response = self._client.client.request(
                method,
                path,
                body=body,
                query_params=list(query),
                header_params={"Accept": accept},
                content_type=content_type,
                serialize=False,
                _request_timeout=_TIMEOUT,
            )
            # Read here, where what cuts it off is noticed. Older clients take a part of it for the whole.
            announced = response.headers.get("Content-Length")
            if announced and len(response.data) < int(announced):
                raise IncompleteRead(response.data, int(announced) - len(response.data))
            return response

        response = self._resend(method, url, lambda: _asked(method, url, send))
        self._note_time(response.headers.get("Date"))
        return response.data

    def _note_time(self, date: str | None) -> None:
        if date:
            self.server_time = parsedate_to_datetime(date).timestamp()


def _visible(module: t.Any) -> t.Iterator[str]:
    """The texts that the module was given and does not keep to itself."""
    hidden = getattr(getattr(module, "_module", module), "no_log_values", ())
    given: list[t.Any] = [value for option, value in module.params.items() if option not in _CREDENTIALS]
    while given:
        value = given.pop()
        if isinstance(value, str) and value not in hidden:
            yield value
        elif isinstance(value, (dict, list, tuple)):
            given += value.values() if isinstance(value, dict) else value


def _noted(obj: Object) -> Object:
    """The object; whoever quotes a credential of a Secret that passes here is masked."""
    if obj.get("kind") == "Secret":
        for name, encoded in (obj.get("data") or {}).items():
            value = decode(encoded)
            found = list(credentials_in(name, value))
            hide([encoded, *found] if value in found else found)
    return obj


def _asked(method: str, url: str, ask: t.Callable[..., T], *args: t.Any, **kwargs: t.Any) -> T:
    """What ``ask`` returns; what the client raises of a refused or unanswered request, as an ApiError."""
    try:
        return ask(*args, **kwargs)
    except ApiException as exc:
        raise _refused(method, url, exc) from exc
    except (HTTPError, HTTPException, ValueError) as exc:  # the last of a header that cannot be sent
        raise _unanswered(method, url, exc) from exc


def in_parallel(calls: t.Sequence[t.Callable[[], T]]) -> list[T | ApiError]:
    """Make all calls through a small pool; an :class:`ApiError` that is raised takes the place of the result."""
    return parallel.in_parallel(calls, ApiError)


def _refused(method: str, url: str, exc: t.Any) -> ApiError:
    headers = exc.headers or {}
    body = exc.body or ""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
    if not exc.status:
        # The client has made a text of an error in TLS.
        delivery = resend.LOST if "EOF" in str(exc.reason) else resend.FINAL
        return ApiError(method, url, NO_ANSWER, str(exc.reason), delivery=delivery)
    return ApiError.from_answer(method, url, exc.status, text, headers.get("Retry-After"))


def _unanswered(method: str, url: str, exc: BaseException) -> ApiError:
    # urllib3 wraps the cause, the story of its retries around it.
    cause: t.Any = getattr(exc, "reason", None) if isinstance(exc, HTTPError) else exc
    cause = exc if cause is None else cause
    while not isinstance(cause, ConnectTimeoutError):
        inner = next((each for each in getattr(cause, "args", ()) if isinstance(each, BaseException)), None)
        if inner is None:
            break
        cause = inner
    if isinstance(cause, ConnectTimeoutError):
        why = cause.__cause__ or cause.__context__
        delivery = resend.delivery_of(why) if isinstance(why, socket.gaierror) else resend.UNSENT
    else:
        delivery = resend.LOST if isinstance(cause, ProtocolError) else resend.delivery_of(cause)
    return ApiError(method, url, NO_ANSWER, str(cause), delivery=delivery)
