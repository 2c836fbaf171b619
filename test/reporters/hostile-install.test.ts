import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Run, runCli } from '../run-cli.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS } from './hostile.ts';
import { showOnTerminal } from './terminal.ts';

// The real program on an installation in which labels, owners, systems, paths, file names and what commands print are
// hostile: both outputs, with --verbose, as a terminal and a CI service take them.

const DAY_MS = 86_400_000;
const TODAY = Date.UTC(2026, 0, 10);
const FIRST = TODAY - 500 * DAY_MS;
/** The known tricks come first; long ones are cut. */
const TEXTS = HOSTILE_STRINGS.filter((text) => text.trim() !== '')
  .slice(0, 80)
  .map((text) => text.slice(0, 120));
/** With the first of them nobody has called for half a year. */
const GONE = 10;
const keyOf = (index: number): string => `acme_live_EXAMPLE${String(index).padStart(15, '0')}`;
const LOG_NAMES = ['\u001b[2J\u001b]0;x\u0007.log', '::set-env name=x::y.log', 'user\u202egol.log', 'two\nlines.log'];

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-hostile-'));
  const write = (name: string, text: string, mode = 0o644): void =>
    fs.writeFileSync(path.join(folder, name), text, { mode });
  write('app.log', [...callLines()].join(''));
  for (const name of LOG_NAMES) write(name, lineOf(GONE, FIRST));
  const keys = TEXTS.map((text, index) => ({
    id: `key-${index}`,
    label: text,
    owner: text,
    note: text,
    created: '2023-10-01',
    key: keyOf(index),
  }));
  write('keys.json', JSON.stringify(keys));
  write('said.txt', TEXTS.join('\n'));
  write('provider.sh', '#!/bin/sh\ncd "$(dirname "$0")" && cat said.txt && echo "$2" >> provider.log\n', 0o755);
  write('lastcall.yaml', JSON.stringify(configuration()));
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function* callLines(): Iterable<string> {
  for (let day = FIRST; day < TODAY; day += DAY_MS) {
    for (const index of TEXTS.keys()) {
      if (index < GONE && day > FIRST + 300 * DAY_MS) continue;
      yield lineOf(index, day + index * 60_000);
    }
  }
}

function lineOf(index: number, at: number): string {
  const system = TEXTS[index]!;
  const time = new Date(at).toISOString();
  return `${JSON.stringify({ time, key: keyOf(index), system, path: `/${system}`, agent: system, status: 200 })}\n`;
}

function configuration(): object {
  return {
    sources: [
      {
        name: 'app',
        paths: ['*.log'],
        format: 'json',
        deliveryLag: '1 hour',
        fields: { time: 'time', key: 'key', system: 'system', action: 'path', userAgent: 'agent', status: 'status' },
      },
    ],
    inventories: [{ path: 'keys.json' }],
    handoff: {
      maxNewlySafeShare: 1,
      providers: [
        { match: { id: 'key-1*' }, disable: { steps: ['Look for {keyId}'] } },
        { match: {}, disable: ['./provider.sh', 'disable', '{keyId}'] },
      ],
    },
  };
}

function run(args: readonly string[], input = ''): Run {
  return runCli(args, { cwd: folder, input, env: { LASTCALL_NOW: new Date(TODAY).toISOString(), COLUMNS: '100' } });
}

describe('on a terminal and in a CI service', { timeout: 300_000 }, () => {
  it.each<[number, string, string]>([
    [0, 'scan --verbose --no-progress', ''],
    [0, 'status', ''],
    [0, 'doctor', ''],
    [0, 'coverage', ''],
    [0, 'coverage -o json', ''],
    [0, 'explain key-0', ''],
    [0, 'explain key-3 --successor key-30', ''],
    [2, 'explain ?', ''],
    [0, 'keys list', ''],
    [0, 'keys list -o json', ''],
    [0, 'check key-0', ''],
    [0, 'check key-2 --json', ''],
    [0, 'plan -o table -o json=plan.json', ''],
    [0, 'plan verify plan.json', ''],
    [0, 'plan verify plan.json --json', ''],
    [0, 'handoff plan.json', ''],
    [1, 'handoff plan.json --execute', `${TEXTS[0]!.trim()}\n${TEXTS[1]!.trim()}\ndone\n`],
    [6, 'handoff plan.json --execute --yes --json', ''],
    [0, 'handoff history', ''],
    [0, 'handoff history --json', ''],
    [0, 'handoff decide key-0 enabled', ''],
    [2, 'handoff decide ? enabled', ''],
    [0, 'formats detect !', ''],
    [2, 'formats detect ?', ''],
    [0, 'parse ?', ''],
    [0, 'init . --config new.yaml', ''],
    [0, 'report --since 1', ''],
    [0, 'backtest', ''],
  ])('ends with %i: lastcall %s', async (status, words, input) => {
    const args = words.split(' ').flatMap((word) => (word === '?' ? LOG_NAMES : [word === '!' ? LOG_NAMES[0]! : word]));
    const { status: code, stdout, stderr } = run(args, input);
    for (const output of [stdout, stderr]) await expectInert(output);
    expect(code, stderr.slice(0, 2000)).toBe(status);
  });
});

async function expectInert(output: string): Promise<void> {
  expect(firstHazard(output)).toBeUndefined();
  expect(ciCommands(output)).toEqual([]);
  const lines = output.split('\n');
  const { rows, acted } = await showOnTerminal(lines, 2 * Math.max(...lines.map((line) => line.length), 1));
  expect(acted).toEqual([]);
  expect(rows.map((row) => row.trimEnd())).toEqual(lines.map((line) => line.trimEnd()));
}
