# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An imitated node: scheduler, kubelet and container runtime in one process, without containers and without root.

``python -m sandbox.node --dir DIR`` registers one Node and runs the pods that the real deployment and replicaset
controllers make: each container is a process with the pod's own command, arguments, environment, volumes, probes,
preStop hook and grace period. Timings, states, reasons and messages follow the kubelet's source (1.34): probe
workers, crash-loop and image back-off of 10 s doubling to 5 min, one burst of 25 events per pod. Logs are served over
HTTPS where the API server looks for them, so that ``kubectl logs`` goes its real way.

It deviates because there are no containers, so that a pod shares the machine's files, processes and network:

- An image is a folder of the sandbox's state (a Python virtual environment) whose ``bin`` comes first on PATH; it has
  no entrypoint. `images` has what stands in for LiteLLM's and PostgreSQL's. An image that is not there cannot be pulled.
- A claim is bound to a folder (`claims`).
- Volumes lie below ``DIR/pods/<uid>``. Mount paths are rewritten to that place in the command, the arguments, the
  environment (values from Secrets excepted) and the text files of ConfigMap volumes; `rewrite` has the rules. ``/tmp``
  is a mount of every container, TMPDIR names it; HOME, where the pod does not set it, names a folder of its own.
- Each pod has a loopback address of its own and listens on it, because ``0.0.0.0`` and ``[::]`` are rewritten to it in
  the same places. A server that binds to all addresses without being told so collides with the next one.
  ``127.0.0.1`` is the machine's. Services have such addresses, too, and their names are replaced where a process gets
  them (`services`); the environment variables of Services are not set.
- Limits (nothing is OOMKilled), security contexts, read-only mounts and user ids are not enforced; subPath mounts are
  refreshed too; the termination message file is not read (the end of the log is, where the pod asks for that).
- A pod has its address as soon as it is seen, before it is scheduled, so that KServe's controller, which issues
  certificates for pod addresses, has something to put into them.
- Probes end when a pod's deletion begins, a redirect counts as success, probes are not made by ``grpc``, preStop knows
  ``exec`` and ``sleep``, and postStart ``exec``. A restarted node starts a pod's init containers again.
- Similar events are counted, but not combined under one message; logs are not rotated.
- With ``--null`` pods become Ready at once and nothing is run.

What it cannot honour it refuses: the pod stays Pending with a FailedCreatePodSandBox event that says why (`podspec`).
"""
