# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteMaaS backend and frontend 0.4.0, imitated, because their images cannot be had: ``python -m sandbox.litemaas``.

``backend`` is the program of the image ``litemaas-backend:0.4.0``, ``frontend`` that of ``litemaas-frontend:0.4.0``.
What a deployment has to meet is enforced as the real programs do, what they do wrong is done wrong:

1. The backend exits where a required variable is missing or ``OAUTH_ISSUER`` is no URL (`settings`).
2. ``NODE_ENV=production`` means TLS to PostgreSQL unless the URL says otherwise. Where the first connection fails, for
   whatever reason, it goes on with invented users, makes no table, and says that it is healthy (`database`).
3. It makes its 17 tables at every start; a failure of that is only logged (`schema.sql`). Keys stand there in clear.
4. It calls LiteLLM with the header ``x-litellm-api-key``, three times, and makes its default team there (`gateway`).
5. With ``LITELLM_DATABASE_URL`` it ignores models that LiteLLM's database does not name (`sync`).
6. It synchronises at every start. A name that is gone becomes unavailable, with it every subscription and key of it,
   and a name that comes back is a model only (`sync`).
7. ``/api/v1/health``, ``/ready`` and ``/live`` answer as they do, and so do the users' and the admins' endpoints (`backend`).
8. An admin's key is one of ``ADMIN_API_KEYS``, and begins with ``ltm_admin_``; users' endpoints believe a browser.

Imitated, too: ``POST /api/v1/admin/models`` answers 500 although the model is there. The frontend has one page, and hands
``/api/`` on to ``BACKEND_URL``.

It deviates:

- Every other path below ``/api/`` is 501, the end of a login included: a user is a row of ``users``, and a token of that
  user is signed with ``JWT_SECRET`` (`tokens`).
- Tables have the columns that are used here, not all columns.
- A query is a run of ``psql``, so that a certificate is checked by libpq: against the file of ``sslrootcert``, else that of
  ``NODE_EXTRA_CA_CERTS``, and not against the system's authorities.
- LiteLLM at an https URL is reached through the sandbox's router, for there is no DNS that knows a Route's host.
- Calls of LiteLLM are repeated after 0.1 s in place of 1 s, and there is no circuit breaker, cache, rate limit, Redis or
  interval of synchronisation.
"""
