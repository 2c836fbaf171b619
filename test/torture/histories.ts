import * as fc from 'fast-check';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createFingerprinter } from '../../src/attribution/fingerprint.ts';
import { openForReading, type Store } from '../../src/engines/sqlite/store.ts';
import { dump } from '../ingest/dump.ts';
import { FIXED_SECRET } from '../run-cli.ts';
import { runInside } from './inside-run.ts';
import { explain, type OnDone, type Result } from './result.ts';
import { keyOfLine, type Line, Rotation } from './rotation.ts';

type Step =
  | { readonly do: 'append'; readonly count: number; readonly toRotated: boolean }
  | { readonly do: 'logrotate'; readonly way: string }
  | { readonly do: 'compress'; readonly by: 'gzip' | 'zstd' }
  | { readonly do: 'part' | 'rename' | 'copytruncate' | 'link' | 'move' | 'replace' | 'run' };

/** What happens to a log and when it is read; the first lines are many enough to be told apart. */
function steps(hasLogrotate: boolean): fc.Arbitrary<readonly Step[]> {
  const plain = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        count: fc.integer({ min: 1, max: 30 }),
        toRotated: fc.boolean(),
      }),
    },
    { weight: 5, arbitrary: fc.constant<Step>({ do: 'run' }) },
    { weight: 3, arbitrary: fc.constant<Step>({ do: 'rename' }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('compress' as const),
        by: fc.constantFrom('gzip' as const, 'zstd' as const),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.constantFrom<Step>(
        { do: 'part' },
        { do: 'copytruncate' },
        { do: 'link' },
        { do: 'move' },
        { do: 'replace' },
      ),
    },
  );
  // One way for a whole history: logrotate itself overwrites logs when it is told to compress and not to compress in turn.
  const real = (way: string): fc.Arbitrary<Step> =>
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('append' as const),
          count: fc.integer({ min: 1, max: 30 }),
          toRotated: fc.constant(false),
        }),
      },
      { weight: 3, arbitrary: fc.constant<Step>({ do: 'run' }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('logrotate' as const), way: fc.constant(way) }) },
    );
  const lists = [fc.array(plain, { minLength: 3, maxLength: 14 })];
  if (hasLogrotate)
    lists.push(
      fc
        .constantFrom(...WAYS)
        .chain((way) => fc.array(real(way), { minLength: 3, maxLength: 10 })) as (typeof lists)[0],
    );
  const orderly = fc
    .array(fc.integer({ min: 1, max: 30 }), { minLength: 3, maxLength: 9 })
    .map((counts) => counts.flatMap(nightOf));
  return fc.oneof({ weight: 9, arbitrary: lists[0] as (typeof lists)[0] }, orderly, ...lists.slice(1));
}

function nightOf(count: number): readonly Step[] {
  return [{ do: 'append', count, toRotated: false }, { do: 'run' }, { do: 'rename' }];
}

const WAYS = [
  'nocompress',
  'compress',
  'compress\n  delaycompress',
  'copytruncate',
  'copytruncate\n  compress',
  'create 0600',
];

/**
 * Histories of a log, each against the truth: every line counts exactly once, or the time of those that are missing is
 * covered by a blocker.
 */
export async function tryHistories(count: number, seed: number, onDone?: OnDone): Promise<Result> {
  const logrotate = ['/usr/sbin/logrotate', '/usr/bin/logrotate'].find((file) => fs.existsSync(file));
  let done = 0;
  const property = fc.asyncProperty(steps(logrotate !== undefined), async (history) => {
    done++;
    onDone?.(done, 0);
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-history-'));
    try {
      await live(new Rotation(dir), history, logrotate);
    } finally {
      fs.rmSync(dir, { recursive: true, force: true });
    }
  });
  const { failed, counterexample, errorInstance } = await fc.check(property, {
    seed,
    numRuns: count,
    endOnFailure: true,
  });
  if (!failed) return { done: count, failures: [] };
  return { done, failures: [`${JSON.stringify(counterexample)}: ${explain(errorInstance)}`] };
}

async function live(rotation: Rotation, history: readonly Step[], logrotate: string | undefined): Promise<void> {
  rotation.append(5, false);
  for (const step of history) await take(rotation, step, logrotate);
  rotation.finishLine();
  await readAll(rotation);
  checkLines(rotation.dir, rotation.knowable, true);
  if (isOrderly(history)) checkNoAlarm(rotation.dir);
}

/** Rotated by renaming alone, and looked at after each time: nothing is lost, and nothing seems to be. */
function isOrderly(history: readonly Step[]): boolean {
  let rotations = 0;
  return history.every((step) => {
    if (step.do === 'run') rotations = 0;
    if (step.do === 'rename' || step.do === 'logrotate') rotations++;
    const isKnown = step.do === 'run' || step.do === 'rename' || (step.do === 'append' && !step.toRotated);
    return rotations <= 1 && (isKnown || (step.do === 'logrotate' && !step.way.includes('copytruncate')));
  });
}

function checkNoAlarm(dir: string): void {
  const store = openForReading(path.join(dir, 'x.db'), undefined);
  try {
    const faults = store.db.prepare<[], { path: string; reason: string }>('SELECT path, reason FROM faults').all();
    if (faults.length > 0) throw new Error(`nothing is lost, and yet: ${JSON.stringify(faults)}`);
  } finally {
    store.close();
  }
}

async function take(rotation: Rotation, step: Step, logrotate: string | undefined): Promise<void> {
  switch (step.do) {
    case 'append':
      return rotation.append(step.count, step.toRotated);
    case 'compress':
      return rotation.compress(step.by);
    case 'logrotate':
      return logrotate === undefined ? undefined : rotation.logrotate(logrotate, step.way);
    case 'part':
      return rotation.appendPart();
    case 'run':
      return readAll(rotation);
    default:
      return rotation[step.do]();
  }
}

async function readAll(rotation: Rotation): Promise<void> {
  await runOver(rotation.dir, rotation.place);
  rotation.seen();
}

/** A run over the logs in a place, with the database in a folder. */
export async function runOver(dir: string, place: string): Promise<void> {
  const named = ['--source', 'gateway', '--log-format', 'json'];
  const { status, stderr } = await runInside(['ingest', place, '--db', path.join(dir, 'x.db'), ...named]);
  if (status !== 0 && status !== 3) throw new Error(`the run ended with ${status}: ${stderr}`);
}

/** Each line counts once, or its time is blocked if it may be. */
export function checkLines(dir: string, lines: readonly Line[], mayBlock: boolean): void {
  const store = openForReading(path.join(dir, 'x.db'), undefined);
  try {
    const counts = countsByKey(store);
    const blocked = mayBlock ? blockedSpans(store) : [];
    for (const line of lines) checkLine(line, counts.get(keyNamed(line.number)) ?? 0, blocked);
  } finally {
    store.close();
  }
}

const fingerprinter = createFingerprinter(FIXED_SECRET);

function keyNamed(number: number): string {
  return fingerprinter.ofKey(keyOfLine(number)).key;
}

function checkLine({ number, at }: Line, count: number, blocked: readonly Span[]): void {
  if (count > 1) throw new Error(`line ${number} counts ${count} times`);
  const isBlocked = blocked.some(({ from, to }) => from <= at && at <= to);
  if (count === 0 && !isBlocked) throw new Error(`line ${number} is missing, and nothing blocks its time`);
}

function countsByKey(store: Store): Map<string, number> {
  const counts = new Map<string, number>();
  for (const use of dump(store.db).uses) {
    const [, key = '', , , , , , accepted] = use.split(' | ');
    counts.set(key, (counts.get(key) ?? 0) + Number(accepted));
  }
  return counts;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** When something may have been missed: before the first record, and where there is a fault. */
function blockedSpans({ db }: Store): Span[] {
  const first = db.prepare<[], { at: number | null }>('SELECT min(first_at) AS at FROM days').get()?.at;
  const rows = db
    .prepare<[], { from_at: number | null; to_at: number | null }>(
      "SELECT from_at, to_at FROM faults WHERE reason <> 'clock'",
    )
    .all();
  const faults = rows.map(({ from_at, to_at }) => ({ from: from_at ?? -Infinity, to: to_at ?? Infinity }));
  return [...faults, { from: -Infinity, to: first ?? Infinity }];
}
