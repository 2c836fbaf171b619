/**
 * A current ClickHouse behind HTTP on loopback, as far as the official client needs one: the engine of the chdb package in
 * a process of its own. `node chdb-front.ts`; it prints its port, and ends with its standard input.
 */
import http from 'node:http';
import { createRequire } from 'node:module';
import type net from 'node:net';
import zlib from 'node:zlib';
import { READER } from './cluster.ts';

interface Session {
  query(sql: string, format?: string): string;
}

const require = createRequire(new URL('../../bench/rivals/package.json', import.meta.url));
const { Session: Engine } = require('chdb') as { Session: new () => Session };
const engine = new Engine();

const server = http.createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => answer(request, Buffer.concat(pieces).toString(), response));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as net.AddressInfo).port}\n`));
// The engine has threads of its own, which would keep the process.
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume();

function answer(request: http.IncomingMessage, body: string, response: http.ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const query = [url.searchParams.get('query') ?? '', body].filter((part) => part !== '').join('\n');
  try {
    if (!mayAsk(request))
      throw new Error('Code: 516. DB::Exception: reader: Authentication failed (AUTHENTICATION_FAILED)');
    send(response, Buffer.from(engine.query(withSettings(query, url.searchParams), 'TSV')), url.searchParams);
  } catch (error) {
    const text = String((error as Error).message).replace(/^Query failed: /, '');
    const code = /Code: (\d+)/.exec(text)?.[1] ?? '1001';
    response.writeHead(500, { 'x-clickhouse-exception-code': code }).end(text);
  }
}

/** As an administrator without a login, or as the reader. */
function mayAsk({ headers }: http.IncomingMessage): boolean {
  const { authorization } = headers;
  if (authorization === undefined) return true;
  return authorization === `Basic ${Buffer.from(`${READER.user}:${READER.password}`).toString('base64')}`;
}

/** A session of the engine would keep what is set: so each query says it itself. */
function withSettings(query: string, parameters: URLSearchParams): string {
  const settings = [...parameters].filter(([name]) => !NO_SETTINGS.has(name));
  const [, select, format] = /^([\s\S]*?)(\s*FORMAT \w+\s*)$/.exec(query) ?? [];
  if (select === undefined || settings.length === 0) return query;
  return `${select} SETTINGS ${settings.map(([name, value]) => `${name} = '${value}'`).join(', ')}${format}`;
}

const NO_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'enable_http_compression',
  'default_format',
  'session_id',
]);

function send(response: http.ServerResponse, text: Buffer, parameters: URLSearchParams): void {
  if (parameters.get('enable_http_compression') !== '1') return void response.end(text);
  response.writeHead(200, { 'content-encoding': 'gzip' }).end(zlib.gzipSync(text));
}
