import fs from 'node:fs';
import path from 'node:path';
import { seeded } from '../ingest/child.ts';
import { type Ended, type Fault, type Mode, placesFor } from './faulty-run.ts';
import { checkIntegrity, dumpOf, NIGHTS, type Night, type Reference } from './reference.ts';
import { inParallel, type OnDone, type Result, share, type Which } from './result.ts';

interface Job {
  readonly night: Night;
  readonly fault: Fault;
  readonly title: string;
  /** What fails is an operation on a log. */
  readonly isOfLog?: boolean;
}

/** SIGKILL before every operation that changes a file, and in the middle of every write: the totals stay equal. */
export function killEverywhere(reference: Reference, which: Which, onDone?: OnDone): Promise<Result> {
  const jobs = (['kill', 'half'] as const).flatMap((mode) => jobsFor(reference, mode, false));
  return inParallel(
    share(jobs, which),
    (job) =>
      withRun(reference, job, ({ status, stderr }) => {
        if (status !== null) throw new Error(`it was not killed but ended with ${status}: ${stderr}`);
      }),
    onDone,
  );
}

/** Killed at random up to three times in a row, also while it recovers from the kill before. */
export function killAtRandom(reference: Reference, count: number, seed: number, onDone?: OnDone): Promise<Result> {
  const random = seeded(seed);
  const jobs = Array.from({ length: count }, (_, n) => {
    const night = NIGHTS[n % 2] as Night;
    const most = reference.operations[night].length;
    return { night, kills: Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.ceil(random() * most)) };
  });
  return inParallel(
    jobs,
    async ({ night, kills }) => {
      const dir = reference.begin(night);
      for (const at of kills) await reference.run(dir, { mode: 'kill', at, persists: true });
      await checked(`night ${night}, killed at ${kills.join(', ')}`, () => reference.checkRepair(dir, night));
      fs.rmSync(dir, { recursive: true });
    },
    onDone,
  );
}

/** Codes with which a run may end when the disk fails: unharmed, refused before work, input unread, storage failure. */
const CLEAN: readonly (number | null)[] = [0, 2, 3, 5];
/** Where one log fails, it is left unread, and the others are read. */
const LOG_FAILED: readonly (number | null)[] = [0, 3];

/** ENOSPC, EIO and short reads and writes at every operation, once and for good: a clean end, equal after repair. */
export function failEverywhere(reference: Reference, which: Which, onDone?: OnDone): Promise<Result> {
  const modes = [
    ...jobsFor(reference, 'enospc', false),
    ...jobsFor(reference, 'enospc', true),
    ...jobsFor(reference, 'eio', false),
    ...jobsFor(reference, 'eio', true),
    ...jobsFor(reference, 'short', false),
    ...jobsFor(reference, 'short', true),
  ];
  return inParallel(
    share(modes, which),
    (job) =>
      withRun(reference, job, ({ status, stderr }) => {
        const { fault, isOfLog } = job;
        const clean = isOfLog === true && fault.persists !== true ? LOG_FAILED : CLEAN;
        if (!clean.includes(status)) throw new Error(`it ended with ${status}: ${stderr}`);
        if (/\n\s+at /.test(stderr)) throw new Error(`it showed a stack: ${stderr}`);
      }),
    onDone,
  );
}

/**
 * The power goes at every sync, and when the run has ended: of each file only that is left which was synced. What the run
 * has reported must be there; the next run completes the rest.
 */
export function cutPowerEverywhere(reference: Reference, which: Which, onDone?: OnDone): Promise<Result> {
  const places = jobsFor(reference, 'kill', false).filter(({ title }) => / (?:fsync|fdatasync|rename) /.test(title));
  const ends = NIGHTS.map((night) => ({ night, fault: { mode: 'count', at: 0 }, title: `night ${night}, at its end` }));
  return inParallel(
    [...share(places, which), ...(ends as Job[])],
    async ({ night, fault, title }) => {
      const dir = reference.begin(night);
      const shadow = `${dir}-synced`;
      fs.mkdirSync(shadow);
      keepAsSynced(dir, shadow);
      const { status } = await reference.run(dir, fault, shadow);
      cutPower(dir, shadow);
      await checked(`power cut, ${title}`, async () => {
        if (status !== null) checkReported(reference, dir, night);
        await reference.checkRepair(dir, night);
      });
      for (const each of [dir, shadow]) fs.rmSync(each, { recursive: true });
    },
    onDone,
  );
}

function jobsFor(reference: Reference, mode: Mode, persists: boolean): Job[] {
  return NIGHTS.flatMap((night) =>
    placesFor(mode, reference.operations[night]).map(({ number, name, file }) => ({
      night,
      fault: { mode, at: number, persists },
      isOfLog: path.basename(path.dirname(file)) === 'logs',
      title: `night ${night}, ${mode}${persists ? ' for good' : ''} at operation ${number}: ${name} ${path.basename(file)}`,
    })),
  );
}

async function withRun(
  reference: Reference,
  { night, fault, title }: Job,
  check: (ended: Ended) => void,
): Promise<void> {
  const dir = reference.begin(night);
  const ended = await reference.run(dir, fault);
  await checked(title, async () => {
    check(ended);
    await reference.checkRepair(dir, night);
  });
  fs.rmSync(dir, { recursive: true });
}

async function checked(title: string, act: () => Promise<void>): Promise<void> {
  await act().catch((error: unknown) => {
    throw new Error(title, { cause: error });
  });
}

function filesOf(dir: string): string[] {
  const below = path.join(dir, 'db');
  return fs.readdirSync(below).map((name) => path.join(below, name));
}

function keepAsSynced(dir: string, shadow: string): void {
  for (const file of filesOf(dir)) fs.copyFileSync(file, path.join(shadow, String(fs.statSync(file).ino)));
}

function cutPower(dir: string, shadow: string): void {
  for (const file of filesOf(dir)) {
    const synced = path.join(shadow, String(fs.statSync(file).ino));
    fs.writeFileSync(file, fs.existsSync(synced) ? fs.readFileSync(synced) : '');
  }
}

/** What the program said it had done is there after the power cut. */
function checkReported(reference: Reference, dir: string, night: Night): void {
  checkIntegrity(dir);
  const { uses } = dumpOf(dir);
  if (uses.join('\n') !== reference.expected[night].uses.join('\n')) throw new Error('what was reported is lost');
}
