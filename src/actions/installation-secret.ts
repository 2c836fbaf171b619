import fs from 'node:fs';
import { createFingerprinter, type Fingerprinter } from '../attribution/fingerprint.ts';
import { loadSecret } from '../attribution/secret-file.ts';
import type { Problem } from '../ingest/problem.ts';
import type { Options } from '../options.ts';

type Warn = (problem: Problem) => void;

/** The secret of this installation. It is made with the first database, which is told once, and never again beside one. */
export function openSecret(options: Options, warn?: Warn): Buffer | string {
  const { secret, secretFile, db, quiet } = options;
  if (secret !== undefined) return secret;
  const isNew = !fs.existsSync(secretFile);
  const loaded = loadSecret(secretFile, { mayCreate: !fs.existsSync(db) });
  if (isNew && !quiet) warn?.(made(secretFile));
  return loaded;
}

/** What keys are known by, under that secret. */
export function openFingerprinter(options: Options, warn?: Warn): Fingerprinter {
  return createFingerprinter(openSecret(options, warn));
}

function made(file: string): Problem {
  const message =
    'the secret of this installation was made here. Back it up, apart from the database, which is of no use without it';
  return { file, message, hint: undefined, isIncomplete: false };
}
