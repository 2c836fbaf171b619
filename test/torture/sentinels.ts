import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzip } from '../ingest/made-logs.ts';
import { type Ended, type Fault, listOperations, placesFor, runProgram } from './faulty-run.ts';
import type { Reference } from './reference.ts';
import { inParallel, type OnDone, type Result, share, type Which } from './result.ts';

/** In the middle of every key that is planted: what may be shown of a key, its scheme and its last four, is not of it. */
const MARK = 'sentinelQ7xW9vB3';

/** A key for each place: no vendor's, and of no system. */
function keyFor(place: number): string {
  return `sk_test_${MARK}${String(place).padStart(4, '0')}`;
}

/** The mark as it may be written somewhere, whatever stands around it. */
export const TRACES: readonly Buffer[] = [
  MARK,
  MARK.toLowerCase(),
  [...MARK].toReversed().join(''),
  Buffer.from(MARK).toString('hex'),
  Buffer.from(MARK).toString('hex').toUpperCase(),
  escaped('%'),
  escaped('\\x'),
  escaped('\\u00'),
  ...[0, 1, 2].map(base64At),
].map((text) => Buffer.from(text));

function escaped(by: string): string {
  return Buffer.from(MARK)
    .toString('hex')
    .replaceAll(/../g, (hex) => by + hex);
}

/** The characters of base64 that depend on the mark alone when so many bytes stand before it. */
function base64At(before: number): string {
  return Buffer.from('x'.repeat(before) + MARK)
    .toString('base64')
    .slice(before === 0 ? 0 : before + 1, -4);
}

/** The names of the files, and of the streams, that hold a trace of a planted key. */
export function findTraces(contents: Iterable<readonly [string, Buffer]>): string[] {
  return [...contents].filter(([, bytes]) => TRACES.some((trace) => bytes.includes(trace))).map(([name]) => name);
}

/** Runs of all kinds, unharmed and crashed everywhere: nothing that is written holds a key. */
export async function searchSentinels(
  { shim, cli }: Pick<Reference, 'shim' | 'cli'>,
  which: Which,
  onDone?: OnDone,
): Promise<Result> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-sentinels-'));
  const start = path.join(dir, 'start');
  plant(start);
  const whole = path.join(dir, 'whole');
  fs.cpSync(start, whole, { recursive: true });
  const operations = await listOperations(SCAN, { cwd: whole, shim, below: whole, cli });
  const faults: Fault[] = (['kill', 'half', 'enospc', 'eio'] as const).flatMap((mode) =>
    placesFor(mode, operations).map(({ number }) => ({ mode, at: number, persists: mode === 'enospc' })),
  );
  const jobs = [
    ...COMMANDS.map((args) => ({ args, fault: undefined })),
    ...share(faults, which).map((fault) => ({ args: SCAN, fault })),
  ];
  const result = await inParallel(
    jobs,
    async ({ args, fault }) => {
      const cwd = fs.mkdtempSync(path.join(dir, 'run-'));
      fs.cpSync(fault === undefined ? whole : start, cwd, { recursive: true });
      const injection = fault === undefined ? undefined : { shim, below: cwd, fault };
      const ended = await runProgram(args, { cwd, injection, cli, env: { NODE_OPTIONS: '--report-on-fatalerror' } });
      const found = findTraces([...filesOf(cwd), ...streamsOf(ended)]);
      if (found.length > 0)
        throw new Error(`${args.join(' ')} ${JSON.stringify(fault)}: a key stands in ${found.join(', ')}`);
      fs.rmSync(cwd, { recursive: true });
    },
    onDone,
  );
  fs.rmSync(dir, { recursive: true });
  return result;
}

const DB = ['--db', 'out/x.db'];
const BASE = [...DB, '--as-of', '2026-12-01'];
const OUTPUTS = ['json', 'csv', 'markdown', 'html', 'sarif', 'ocsf', 'prometheus'];
const SCAN = [
  'scan',
  'logs',
  '--keys',
  'keys.csv',
  ...BASE,
  '--verbose',
  '--fail-on',
  'none',
  ...OUTPUTS.flatMap((name) => ['-o', `${name}=out/report.${name}`]),
  '-o',
  'table',
];
const COMMANDS = [
  SCAN,
  ['report', ...BASE, '-o', 'json'],
  ['parse', 'logs'],
  ['parse', 'logs', '--keys', 'keys.csv', '--inventory-ids'],
  ['explain', 'listed', ...BASE],
  ['check', keyFor(0), ...DB],
  ['explain', keyFor(1), ...BASE],
  ['coverage', ...BASE],
  ['keys', 'list', ...DB],
  ['doctor', ...BASE],
  ['status', ...DB],
  ['backtest', ...BASE],
  ['plan', ...DB],
  ['completion', 'bash'],
  ['init', 'logs', 'keys.csv', '--yes', '--config', 'out/lastcall.yaml'],
  ['formats', 'detect', 'logs/app.log'],
  ['scan', 'logs', '--db', keyFor(2).repeat(20)],
  // What was typed by mistake.
  [keyFor(2)],
  ['scan', keyFor(2)],
  ['scan', `--${keyFor(2)}`],
  ['scan', '--config', keyFor(2)],
  ['scan', '--log-format', keyFor(2)],
  ['report', '--since', keyFor(2), ...BASE],
  ['plan', 'verify', keyFor(2), ...DB],
  ['explain', 'listed', '--successor', keyFor(2), ...BASE],
];

/** What was read is no trace. */
function* filesOf(dir: string): Iterable<[string, Buffer]> {
  for (const entry of fs.readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(dir, file);
    if (!entry.isFile() || name.startsWith('logs') || name === 'keys.csv') continue;
    yield [name, fs.readFileSync(file)];
  }
}

/** The program may repeat the name of a file that somebody typed. */
function streamsOf({ stdout, stderr }: Ended): [string, Buffer][] {
  return [
    ['standard output', Buffer.from(stdout)],
    ['standard error', Buffer.from(stderr.replaceAll(keyFor(2).repeat(20), ''))],
  ];
}

/** Keys in every place and encoding in which logs have them. */
function plant(dir: string): void {
  for (const name of ['logs', 'out']) fs.mkdirSync(path.join(dir, name), { recursive: true });
  fs.writeFileSync(path.join(dir, 'keys.csv'), `id,key,label\nlisted,${keyFor(0)},a label\nother,${keyFor(1)},\n`);
  const records = jsonRecords().map((record, n) =>
    JSON.stringify({ time: new Date(START_AT + n * 60_000).toISOString(), ...record }),
  );
  const escapedKey = records[0]?.replace(
    keyFor(0),
    [...keyFor(0)].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
  fs.writeFileSync(
    path.join(dir, 'logs/app.log'),
    `${[...records, escapedKey, ...malformed(), records[0]?.slice(0, 70)].join('\n')}`,
  );
  fs.writeFileSync(path.join(dir, 'logs/web.log.gz'), gzip(combined()));
  fs.writeFileSync(
    path.join(dir, 'logs/rows.csv'),
    `time,api_key,user_agent\n2026-09-01T10:00:00Z,${keyFor(40)},curl/8\n2026-09-01T10:01:00Z,"${keyFor(41)}\n`,
  );
  fs.writeFileSync(
    path.join(dir, 'logs/long.log'),
    `${combined()}${'x'.repeat(9_000_000)} ${keyFor(42)}\n${combined()}`,
  );
  fs.writeFileSync(
    path.join(dir, 'logs/doc.json'),
    `{"Records":[{"time":"2026-09-01T10:00:00Z","api_key":"${keyFor(43)}"},{"api_key":"${keyFor(44)}",]}`,
  );
}

const START_AT = Date.UTC(2026, 8, 1);

function jsonRecords(): object[] {
  const basic = (n: number): string => `Basic ${Buffer.from(`${keyFor(n)}:`).toString('base64')}`;
  return [
    { api_key: keyFor(0), user_agent: 'curl/8' },
    { authorization: `Bearer ${keyFor(1)}`, user_agent: `tool/1.0 (${keyFor(1)})` },
    { authorization: basic(2) },
    { path: `/v1/things?api_key=${keyFor(3)}&x=1` },
    { path: `/v1/things?api_key=${encodeURIComponent(`Bearer ${keyFor(4)}`)}` },
    { path: `/v1/things?api%5Fkey=${keyFor(5).replaceAll('_', '%5F')}` },
    { path: `/v1/${keyFor(6)}/things`, api_key: 'example-other-key' },
    { user_agent: keyFor(7), api_key: 'example-other-key' },
    { user_agent: `sdk/2 token=${keyFor(8)}`, api_key: 'example-other-key' },
    { headers: { 'x-api-key': keyFor(9), cookie: `a=b; api_key=${keyFor(10)}` } },
    { headers: [{ name: 'X-Api-Key', value: keyFor(11) }] },
    { api_key: keyFor(12), 'api-key': keyFor(13), status: keyFor(14) },
    { api_key: `${keyFor(15)}, ${keyFor(16)}` },
    { referer: `https://example.com/?key=${keyFor(17)}`, api_key: 'example-other-key' },
    { api_key: keyFor(18), consumer: keyFor(18), request_id: keyFor(18), event_id: keyFor(18) },
  ];
}

function malformed(): string[] {
  return [
    `{"api_key":"${keyFor(0)}"`,
    `{"time":"never","api_key":"${keyFor(20)}"}`,
    `{"api_key":"${keyFor(21)}"}TRAILER`,
    `panic: bad key ${keyFor(22)}`,
    `${'['.repeat(3000)}"${keyFor(23)}"`,
    `\0\0\0{"api_key":"${keyFor(24)}"}`,
    `{"time":"${keyFor(25)}"}`,
  ];
}

function combined(): string {
  const line = (request: string, agent = 'curl/8', user = '-'): string =>
    `10.0.0.1 - ${user} [01/Sep/2026:10:00:00 +0000] "${request}" 200 1 "-" "${agent}"\n`;
  return [
    line(`GET /v1/things?api_key=${keyFor(30)} HTTP/1.1`),
    line(`GET /v1/${keyFor(31)}/things HTTP/1.1`),
    line('GET / HTTP/1.1', keyFor(32)),
    line('GET / HTTP/1.1', 'curl/8', keyFor(33)),
    line(`GET https://${keyFor(34)}@example.com/ HTTP/1.1`),
    `10.0.0.1 - - [99/Sep/2026:10:00:00 +0000] "GET /?api_key=${keyFor(35)}" 200\n`,
  ].join('');
}
