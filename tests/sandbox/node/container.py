# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container of a pod: image, configuration, process, probes, restarts and its end."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import logs, podspec
from .images import Image
from .probes import Probe, Verdict, check, probes
from .process import Process
from .rewrite import Rewrite
from .status import BackOff, Container, duration, restarts

if TYPE_CHECKING:
    from .pod import Pod

#: A container that could not be configured is tried again after this, up to half as long again.
RETRY_SECONDS = 10.0
#: Seconds between SIGTERM and SIGKILL even where the preStop hook has used up the grace period.
MINIMUM_GRACE = 2.0

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Launch(NamedTuple):
    """All that it takes to start a process for a container."""

    image: Image
    argv: list[str]
    env: dict[str, str]
    cwd: Path


class ContainerRunner:
    """Runs one container; ``status`` is what is known of it.

    :arg mounts: mount path -> the folder that stands for it, see ``mount``.
    """

    def __init__(self, pod: Pod, spec: Mapping[str, Any], mounts: Mapping[str, Path]) -> None:
        self.name: str = spec["name"]
        self.spec = spec
        self.status = Container(self.name, spec["image"])
        self._pod = pod
        self.mount(mounts)
        self._launch: Launch | None = None
        self._process: Process | None = None
        self._prepares = False

    def mount(self, mounts: Mapping[str, Path]) -> None:
        """Take these places for its mounts: where a claim's folder is shows when the claim is bound."""
        tmp = self._pod.folder / "rootfs" / self.name / "tmp"
        self.mounts = {**mounts, **({} if "/tmp" in mounts else {"/tmp": tmp})}
        self.rewrite = Rewrite({path: str(folder) for path, folder in self.mounts.items()}, self._pod.address)

    @property
    def running(self) -> bool:
        return "running" in self.status.state

    def log_file(self, previous: bool = False) -> Path:
        """The log of the current run, or of the one before."""
        return self._pod.folder / "logs" / self.name / f"{self.status.restarts - int(previous)}.log"

    def pretend(self) -> None:
        """Running and ready, without a process."""
        self._create()
        self.status.run(time.time(), started=True, ready=True)

    async def prepare(self) -> bool:
        """Run an init container until it succeeds; False where the pod's restart policy lets it fail."""
        self._prepares = True
        await self.run("OnFailure" if self._pod.restart_policy == "Always" else self._pod.restart_policy)
        self.status.ready = self.status.exit_code == 0
        self._pod.changed()
        return self.status.ready

    async def run(self, policy: str = "") -> None:
        """Run the container again and again, until the policy, by default the pod's, lets it rest."""
        for folder in self.mounts.values():
            if not folder.exists():
                folder.mkdir(parents=True)
        back_off = BackOff()
        while True:
            if self.status.exit_code is not None:
                await self._back_off(back_off.wait(time.time()))
            image = await self._pull()
            self._launch = await self._configure(image)
            await self._run_once()
            if not restarts(policy or self._pod.restart_policy, self.status.exit_code):
                return

    async def stop(self, grace: float) -> None:
        """End the container for good, ``grace`` seconds at most after now."""
        if not self.running:
            return
        code, now = 0, time.time()
        if self._process:
            self._normal("Killing", f"Stopping container {self.name}")
            await self._stop(self._process, grace)
            code = await self._process.wait()
        self.status.end(code, now, time.time())

    async def kill(self) -> None:
        """End the process, if there is one, at once."""
        if self._process:
            self._process.kill()
            await self._process.wait()

    async def _back_off(self, seconds: float) -> None:
        if seconds:
            pod = self._pod
            where = f"{pod.name}_{pod.namespace}({pod.uid})"
            self._warning("BackOff", f"Back-off restarting failed container {self.name} in pod {where}")
            message = f"back-off {duration(seconds)} restarting failed container={self.name} pod={where}"
            self._wait("CrashLoopBackOff", message)
            await asyncio.sleep(seconds)

    async def _pull(self) -> Image:
        image, policy = self.spec["image"], self.spec.get("imagePullPolicy", "IfNotPresent")
        found = self._pod.node.images.find(image)
        if found and policy != "Always":
            self._normal("Pulled", f'Container image "{image}" already present on machine')
        elif found:
            self._normal("Pulling", f'Pulling image "{image}"')
            self._normal("Pulled", f'Successfully pulled image "{image}"')
        elif policy == "Never":
            await self._lack(image)
        else:
            await self._fail_to_pull(image)
        return found

    async def _lack(self, image: str) -> None:
        message = f'Container image "{image}" is not present with pull policy of Never'
        self._wait("ErrImageNeverPull", message)
        while True:
            self._warning("ErrImageNeverPull", message)
            self._warning("Failed", "Error: ErrImageNeverPull")
            await asyncio.sleep(RETRY_SECONDS)

    async def _fail_to_pull(self, image: str) -> None:
        error = f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
        error = f"rpc error: code = NotFound desc = {error}"
        again = f'Back-off pulling image "{image}"'
        back_off = BackOff()
        await asyncio.sleep(back_off.wait(time.time()))
        while True:
            self._normal("Pulling", f'Pulling image "{image}"')
            self._warning("Failed", f'Failed to pull image "{image}": {error}')
            self._warning("Failed", "Error: ErrImagePull")
            self._wait("ErrImagePull", error)
            await asyncio.sleep(1)
            self._normal("BackOff", again)
            self._warning("Failed", "Error: ImagePullBackOff")
            self._wait("ImagePullBackOff", f"{again}: ErrImagePull: {error}")
            await asyncio.sleep(back_off.wait(time.time()) - 1)

    async def _configure(self, image: Image) -> Launch:
        while True:
            try:
                objects = await self._pod.read(podspec.references(self.spec))
                variables = podspec.environment(self.spec, self._pod.described, objects)
                break
            except podspec.Missing as error:
                self._warning("Failed", f"Error: {error}")
                self._wait("CreateContainerConfigError", str(error))
                await asyncio.sleep(RETRY_SECONDS * random.uniform(1, 1.5))
        root = self._pod.folder / "rootfs" / self.name
        home = root / "root"
        given = self.spec.get("workingDir", "/")
        cwd = Path(self.rewrite(given)) if self.rewrite(given) != given else root / given.lstrip("/")
        for folder in (home, cwd):
            folder.mkdir(parents=True, exist_ok=True)
        env = {"HOSTNAME": self._pod.name, "HOME": str(home), "TMPDIR": str(self.mounts["/tmp"])}
        env |= image.environment_of(self._pod, self.rewrite)
        for key, value in variables.values.items():
            env[key] = self._resolve(value if key in variables.secret else self.rewrite(value), key)
        env["PATH"] = ":".join((*image.path, env.get("PATH", _PATH)))
        words = [podspec.expand(word, variables.values) for word in image.words(self.spec)]
        return Launch(image, self._words(words, image), env, cwd)

    def _words(self, words: Sequence[str], image: Image) -> list[str]:
        """Words of a command line as they are on this machine."""
        here = [self._resolve(self.rewrite(word), before) for before, word in zip(["", *words], words, strict=False)]
        return image.within([image.program(here[0]), *here[1:]], self._pod)

    def _resolve(self, text: str, name: str) -> str:
        return self._pod.node.services.resolve(text, self._pod.namespace, name)

    async def _run_once(self) -> None:
        self._create()
        self._normal("Created", f"Created container: {self.name}")
        started = time.time()
        try:
            self._process = self._start()
        except OSError as error:
            message = f"failed to start containerd task: exec: {error.filename}: {error.strerror}"
            self._warning("Failed", f"Error: {message}")
            self.status.end(128, started, time.time(), reason="StartError", message=message)
            self._pod.changed()
            return
        self._normal("Started", f"Started container {self.name}")
        if not await self._post_start(self._process):
            self._warning("FailedPostStartHook", "PostStartHook failed")
            await self._stop(self._process, self._pod.grace_seconds)
            self.status.end(await self._process.wait(), started, time.time())
            self._pod.changed()
            return
        found = probes(self.spec, self._pod.address)
        kinds = {probe.kind for probe in found}
        ready = not self._prepares and not kinds & {"startup", "readiness"}
        self.status.run(started, started="startup" not in kinds, ready=ready)
        self._pod.changed()
        await self._supervise(self._process, found, started)
        code, message = await self._process.wait(), ""
        if code and self.spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            message = logs.termination_message(self.log_file().read_bytes())
        self.status.end(code, started, time.time(), message=message)
        self._pod.changed()

    def _create(self) -> None:
        self.status.create(f"process://{uuid.uuid4().hex}")

    def _start(self) -> Process:
        kept = {self.log_file(), self.log_file(previous=True)}
        for old in self.log_file().parent.glob("*.log"):
            if old not in kept:
                old.unlink()
        return self._process_of(self._launch.argv, self.log_file())

    def _process_of(self, argv: list[str], log: Path) -> Process:
        launch = self._launch
        return Process(argv, launch.env, launch.cwd, logs.Writer(log), launch.image.stop_signal)

    async def _supervise(self, process: Process, found: Sequence[Probe], started: float) -> None:
        """Probe the running container until it ends, and stop it when a probe says so."""
        unhealthy: asyncio.Future[Probe] = asyncio.get_running_loop().create_future()
        up = asyncio.Event()
        if self.status.started:
            up.set()
        probing = [asyncio.create_task(self._probe(probe, started, up, unhealthy)) for probe in found]
        try:
            ended = await first(process.wait(), unhealthy)
        finally:
            for task in probing:
                task.cancel()
            await asyncio.gather(*probing, return_exceptions=True)
        if not ended:
            failed = unhealthy.result()
            self._normal("Killing", f"Container {self.name} failed {failed.kind} probe, will be restarted")
            grace = self._pod.grace_seconds if failed.grace_seconds is None else failed.grace_seconds
            await self._stop(process, grace)

    async def _probe(self, probe: Probe, started: float, up: asyncio.Event, unhealthy: asyncio.Future[Probe]) -> None:
        verdict = Verdict(probe)
        if probe.kind != "startup":
            await up.wait()
        await asyncio.sleep(max(0.0, started + probe.initial_delay - time.time()))
        while True:
            began = time.monotonic()
            failure = await check(self._pod.node.http, probe, self._execute)
            if failure is not None:
                self._warning("Unhealthy", f"{probe.kind.capitalize()} probe failed: {failure}")
            if verdict.observe(failure is None):
                if probe.kind == "readiness":
                    self._set_ready(verdict.value)
                elif not verdict.value:
                    if not unhealthy.done():
                        unhealthy.set_result(probe)
                    return
                elif probe.kind == "startup":
                    self.status.started = True
                    self._set_ready("readinessProbe" not in self.spec)
                    up.set()
                    return
            await asyncio.sleep(max(0.0, began + probe.period - time.monotonic()))

    async def _execute(self, words: Sequence[str], seconds: float) -> tuple[int | None, str]:
        """Run a command in the container for at most so long: its exit code (None: time is up) and what it printed."""
        file = self._pod.folder / "logs" / f"{self.name}.exec" / f"{uuid.uuid4().hex}.log"
        process = self._process_of(self._words(words, self._launch.image), file)
        try:
            ended = await first(process.wait(), seconds=seconds)
        finally:
            process.kill()
            code = await process.wait()
            printed = logs.select(logs.parse(file.read_bytes()), logs.Query()).decode(errors="replace")
            file.unlink()
        return code if ended else None, printed

    async def _stop(self, process: Process, grace: float) -> None:
        """The preStop hook, SIGTERM or what the image wants, and SIGKILL ``grace`` seconds after now."""
        deadline = time.monotonic() + grace
        if grace > 0:
            await self._pre_stop(process, grace)
            process.terminate()
            await first(process.wait(), seconds=max(MINIMUM_GRACE, deadline - time.monotonic()))
        process.kill()
        await process.wait()

    async def _post_start(self, process: Process) -> bool:
        """The postStart hook, which the container is not running before the end of; False where it failed."""
        hook = (self.spec.get("lifecycle") or {}).get("postStart") or {}
        return "exec" not in hook or await self._hook("postStart", hook["exec"]["command"], process)

    async def _hook(self, name: str, command: Sequence[str], process: Process, seconds: float | None = None) -> bool:
        """Run a hook until it ends, the container does, or time is up; whether it did its work."""
        try:
            hooked = self._process_of(
                self._words(command, self._launch.image), self._pod.folder / "logs" / f"{self.name}.{name}"
            )
        except OSError:
            return False
        try:
            await first(process.wait(), hooked.wait(), seconds=seconds)
        finally:
            hooked.kill()
        return await hooked.wait() == 0

    async def _pre_stop(self, process: Process, grace: float) -> None:
        hook = (self.spec.get("lifecycle") or {}).get("preStop") or {}
        if "sleep" in hook:
            await first(process.wait(), asyncio.sleep(hook["sleep"]["seconds"]), seconds=grace)
        elif "exec" in hook:
            if not await self._hook("preStop", hook["exec"]["command"], process, grace):
                self._warning("FailedPreStopHook", "PreStopHook failed")

    def _set_ready(self, ready: bool) -> None:
        self.status.ready = ready
        self._pod.changed()

    def _wait(self, reason: str, message: str) -> None:
        self.status.wait(reason, message)
        self._pod.changed()

    def _normal(self, reason: str, message: str) -> None:
        self._pod.node.events.normal(self._pod.object, reason, message, self.name)

    def _warning(self, reason: str, message: str) -> None:
        self._pod.node.events.warning(self._pod.object, reason, message, self.name)


async def first(*work: Awaitable[Any], seconds: float | None = None) -> bool:
    """Wait until one is done, or time is up, and stop the others; True when the first of them is done."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return tasks[0].done()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
