// Copyright: (c) 2026, llamastack.maas contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Stands in for the query engine of prisma-client-py 0.11.0, through which LiteLLM reads and writes PostgreSQL, on
// machines that cannot reach binaries.prisma.sh.
//
// prisma-client-py starts an engine as a process, with `-p PORT`, and sends it GraphQL. The engine that npm's
// @prisma/client carries as WebAssembly speaks JSON and needs a driver of JavaScript; this translates between the two.
//
// Deviates: it is a later engine (5.17 for 5.4.2), and slower. Of the parameters of the database's URL it knows schema,
// connection_limit, sslmode (require; all else is no TLS), sslcert and sslaccept=strict. No metrics, no log of queries.

const fs = require('fs');
const http = require('http');
const path = require('path');

const { PrismaPg } = require('@prisma/adapter-pg');
const { bindAdapter } = require('@prisma/driver-adapter-utils');
const { parse } = require('graphql');
const { Pool } = require('pg');

const ACTIONS = [
  'findUnique',
  'findFirst',
  'findMany',
  'createMany',
  'createOne',
  'updateMany',
  'updateOne',
  'deleteMany',
  'deleteOne',
  'upsertOne',
  'aggregate',
  'groupBy',
  'executeRaw',
  'queryRaw',
];
const JSON_FILTERS = [
  'equals',
  'not',
  'set',
  'array_contains',
  'string_contains',
  'array_starts_with',
  'array_ends_with',
];
const NO_TRACE = '{}';

function engineClass() {
  const runtime = path.join(path.dirname(require.resolve('@prisma/client/package.json')), 'runtime');
  const bindings = require(path.join(runtime, 'query_engine_bg.postgresql.js'));
  const code = fs.readFileSync(path.join(runtime, 'query_engine_bg.postgresql.wasm'));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), { './query_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  return bindings.QueryEngine;
}

function databaseUrl() {
  const overwritten = JSON.parse(process.env.OVERWRITE_DATASOURCES || '[]');
  return overwritten[0]?.url || process.env.DATABASE_URL;
}

function tls(parameters) {
  if (parameters.get('sslmode') !== 'require') return false;
  const authority = parameters.get('sslcert');
  return {
    ca: authority ? fs.readFileSync(authority, 'utf8') : undefined,
    rejectUnauthorized: parameters.get('sslaccept') === 'strict',
  };
}

// Model -> field -> type, which only the schema tells: JSON and relations look alike in GraphQL.
function fieldTypes(schema) {
  const models = {};
  let fields = null;
  for (const line of schema.split('\n')) {
    const model = line.match(/^\s*model\s+(\w+)\s*\{/);
    const field = line.match(/^\s*(\w+)\s+(\w+)/);
    if (model) fields = models[model[1]] = {};
    else if (/^\s*\}/.test(line)) fields = null;
    else if (fields && field) fields[field[1]] = field[2];
  }
  return models;
}

const schema = fs.readFileSync(process.env.PRISMA_DML_PATH, 'utf8').replace(/binaryTargets\s*=.*\n/, '');
const models = fieldTypes(schema);

// From GraphQL

function valueOf(node) {
  switch (node.kind) {
    case 'ObjectValue':
      return Object.fromEntries(node.fields.map((field) => [field.name.value, valueOf(field.value)]));
    case 'ListValue':
      return node.values.map(valueOf);
    case 'NullValue':
      return null;
    case 'BooleanValue':
      return node.value;
    case 'IntValue':
      return Number.isSafeInteger(Number(node.value)) ? Number(node.value) : { $type: 'BigInt', value: node.value };
    case 'FloatValue':
      return Number(node.value);
    default:
      return node.value;
  }
}

function argumentsOf(nodes) {
  return Object.fromEntries((nodes || []).map((node) => [node.name.value, valueOf(node.value)]));
}

function selectionOf(set) {
  if (!set) return {};
  return Object.fromEntries(
    set.selections.map((field) => [
      field.name.value,
      field.selectionSet || field.arguments?.length
        ? { arguments: argumentsOf(field.arguments), selection: selectionOf(field.selectionSet) }
        : true,
    ]),
  );
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

function withTypes(value, model) {
  if (Array.isArray(value)) return value.map((each) => withTypes(each, model));
  if (!isObject(value) || '$type' in value) return value;
  const types = models[model] || {};
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const type = types[name];
      return [name, type === 'Json' ? asJson(inner) : withTypes(inner, models[type] ? type : model)];
    }),
  );
}

function asJson(value) {
  if (typeof value === 'string') return { $type: 'Json', value };
  if (Array.isArray(value)) return value.map(asJson);
  if (!isObject(value) || '$type' in value) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, JSON_FILTERS.includes(name) ? asJson(inner) : inner]),
  );
}

// At its start LiteLLM aggregates a column of type name[], which the driver does not know.
function withKnownTypes(given) {
  if (typeof given.query !== 'string') return given;
  return { ...given, query: given.query.replace(/ARRAY_AGG\(viewname\)/i, 'ARRAY_AGG(viewname::text)') };
}

function operation(name) {
  const action = ACTIONS.find((each) => name.startsWith(each));
  if (!action) throw new Error(`this stand-in does not know the operation ${name}`);
  const rest = name.slice(action.length);
  return rest.endsWith('OrThrow') ? [`${action}OrThrow`, rest.slice(0, -'OrThrow'.length)] : [action, rest];
}

function toJsonProtocol(query) {
  const field = parse(query).definitions[0].selectionSet.selections[0];
  const [action, modelName] = operation(field.name.value);
  const given = argumentsOf(field.arguments);
  return {
    action,
    modelName: modelName || undefined,
    query: {
      arguments: modelName ? withTypes(given, modelName) : withKnownTypes(given),
      selection: selectionOf(field.selectionSet),
    },
  };
}

// To what prisma-client-py reads

function withoutTypes(value) {
  if (Array.isArray(value)) return value.map(withoutTypes);
  if (!isObject(value)) return value;
  if ('$type' in value) {
    return value.$type === 'BigInt' && Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutTypes(inner)]));
}

function rawValue(type, value) {
  if (value === null || value === undefined) return { prisma__type: 'null', prisma__value: null };
  if (!type.endsWith('-array')) return { prisma__type: type, prisma__value: value };
  const element = type.slice(0, -'-array'.length);
  return { prisma__type: 'array', prisma__value: value.map((each) => rawValue(element, each)) };
}

function rawRows({ columns, types, rows }) {
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, rawValue(types[index], row[index])])),
  );
}

function asError(error) {
  const text = error.error || String(error);
  return { error: text, user_facing_error: error.user_facing_error || { message: text, meta: {} } };
}

function toResult(answer) {
  if (answer.errors) return { errors: answer.errors.map(asError) };
  const [value] = Object.values(answer.data);
  const isRaw = isObject(value) && value.columns && value.types && value.rows;
  return { data: { result: isRaw ? rawRows(value) : withoutTypes(value) } };
}

// The server

const url = databaseUrl();
const address = new URL(url);
const parameters = address.searchParams;
const pool = new Pool({
  host: decodeURIComponent(address.hostname),
  port: Number(address.port) || 5432,
  user: decodeURIComponent(address.username),
  password: decodeURIComponent(address.password),
  database: decodeURIComponent(address.pathname.slice(1)),
  max: Number(parameters.get('connection_limit')) || 10,
  ssl: tls(parameters),
});
// A connection that the server ends while nobody uses it: the pool makes another one.
pool.on('error', (error) => console.error(`database connection lost: ${error.message}`));

const QueryEngine = engineClass();
const engine = new QueryEngine(
  {
    datamodel: schema,
    logLevel: 'error',
    logQueries: false,
    env: { DATABASE_URL: url },
    configDir: '.',
    ignoreEnvVarErrors: true,
    datasourceOverrides: {},
    engineProtocol: 'json',
  },
  () => {},
  bindAdapter(new PrismaPg(pool, { schema: parameters.get('schema') || 'public' })),
);

async function run(body, transaction) {
  if (!body.batch) {
    const query = JSON.stringify(toJsonProtocol(body.query));
    return toResult(JSON.parse(await engine.query(query, NO_TRACE, transaction)));
  }
  const batch = {
    batch: body.batch.map((each) => toJsonProtocol(each.query)),
    transaction: body.transaction ? { isolationLevel: body.isolation_level } : undefined,
  };
  const answer = JSON.parse(await engine.query(JSON.stringify(batch), NO_TRACE, transaction));
  return answer.errors ? toResult(answer) : { batchResult: answer.batchResult.map(toResult) };
}

async function answer(request, text) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/status') return { status: 'ok' };
  if (pathname === '/metrics') return { counters: [], gauges: [], histograms: [] };
  if (pathname === '/transaction/start') return engine.startTransaction(text, NO_TRACE);
  const [, id, end] = pathname.match(/^\/transaction\/([^/]+)\/(commit|rollback)$/) || [];
  if (end) return (await engine[`${end}Transaction`](id, NO_TRACE)) || '{}';
  return run(JSON.parse(text), request.headers['x-transaction-id']);
}

async function serve(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  let status = 200;
  let body;
  try {
    body = await answer(request, Buffer.concat(chunks).toString());
  } catch (error) {
    status = 500;
    body = { errors: [asError(error)] };
  }
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
http.createServer(serve).listen(Number(process.argv[process.argv.indexOf('-p') + 1]), 'localhost');
engine.connect(NO_TRACE).catch((error) => {
  console.error('cannot connect to the database:', error);
  process.exit(1);
});
