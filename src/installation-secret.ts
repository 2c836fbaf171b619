import fs from 'node:fs';
import { createFingerprinter, type Fingerprinter } from './attribution/fingerprint.ts';
import { loadSecret } from './attribution/secret-file.ts';
import type { Options } from './options.ts';

/** The secret of this installation. It is made with the first database and never again beside one. */
export function openSecret(options: Options): Buffer | string {
  return options.secret ?? loadSecret(options.secretFile, { mayCreate: !fs.existsSync(options.db) });
}

/** What keys are known by, under that secret. */
export function openFingerprinter(options: Options): Fingerprinter {
  return createFingerprinter(openSecret(options));
}
