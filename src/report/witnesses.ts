import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Store, WritableStore } from '../engines/sqlite/store.ts';
import { clearLost, findLost, isReadAgain, type LostRuns, noteLost, openGap, readWitness, witnessed, writeWitness } from '../engines/sqlite/witness.ts'; // prettier-ignore
import type { Problem } from '../ingest/problem.ts';
import type { EpochMs, Fault } from '../model.ts';
import type { Options } from '../options.ts';

type Where = Pick<Options, 'secret' | 'secretFile'>;

/**
 * Beside the secret, for each database and each place of it: a copy elsewhere is a database of its own. None where the
 * secret comes from the environment: there may be no disk that outlives the run.
 */
function witnessFile({ id, file }: Store, { secret, secretFile }: Where): string | undefined {
  if (secret !== undefined) return undefined;
  const name = createHash('sha256')
    .update(`${id} ${fs.realpathSync(file)}`)
    .digest('hex');
  return path.join(path.dirname(secretFile), 'lastcall-runs', `${name.slice(0, 32)}.json`);
}

/** Runs that the database has had and has no longer; undefined: none, or a run has looked for their logs since. */
export function missingRuns(store: Store, where: Where): LostRuns | undefined {
  return findLost(store.db, readWitness(witnessFile(store, where)));
}

/** The gap that missing runs leave. */
export function missingFaults(store: Store, where: Where): readonly Fault[] {
  const lost = missingRuns(store, where);
  return lost === undefined ? [] : [openGap(lost)];
}

/** Watches one run. */
export interface RunWitness {
  /** Within the transaction that starts the run. */
  begin(scan: number): void;
  /** Within the transaction that ends it: what was lost may have been read again. */
  end(): void;
  /** After that. */
  remember(scan: number, startedAt: EpochMs): void;
  problems(): readonly Problem[];
}

export function witnessRun(store: WritableStore, where: Where): RunWitness {
  const { db, ledger } = store;
  const file = witnessFile(store, where);
  const before = readWitness(file);
  const found = findLost(db, before);
  let lost: readonly LostRuns[] = [...before.lost, ...(found === undefined ? [] : [found])];
  return {
    begin(scan) {
      for (const one of lost) noteLost(ledger, one, scan);
    },
    end() {
      const isMended = new Set(lost.filter((one) => isReadAgain(db, one)));
      for (const one of isMended) clearLost(db, one);
      lost = lost.filter((one) => !isMended.has(one));
    },
    remember(scan, startedAt) {
      if (file === undefined) return;
      writeWitness(file, { runs: witnessed(db, before, { scan, startedAt, read: ledger.readSince }), lost });
    },
    problems: () => (found === undefined ? [] : [olderCopy(store.file, found, !lost.includes(found))]),
  };
}

function olderCopy(file: string, { name }: LostRuns, isMended: boolean): Problem {
  const message = `it is an older copy, without ${name}`;
  if (isMended) return { file, message, hint: 'All that they had read was read again.', isIncomplete: false };
  const hint =
    'What they had read is a gap now. It closes when their logs are read again: all of them, as far as they were read.';
  return { file, message, hint, isIncomplete: true };
}
