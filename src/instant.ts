// From its own file: the package as a whole takes two seconds to load.
import { parseISO } from 'date-fns/parseISO';
import type { EpochMs } from './model.ts';

/** What a typed date or instant stands for. An instant has `fromAt === toAt`; a day has its first and last millisecond. */
export interface Stretch {
  readonly fromAt: EpochMs;
  readonly toAt: EpochMs;
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/i;
const DAY_MS = 86_400_000;

/** Reads `2026-01-31` (a UTC day) or an ISO 8601 instant; without an offset it is UTC. Undefined: it is neither. */
export function parseInstant(text: string): Stretch | undefined {
  const parts = ISO.exec(text.trim());
  if (parts === null) return undefined;
  const [, day, time = '00:00', zone = 'Z'] = parts;
  const at = parseISO(`${day}T${time}${zone.toUpperCase()}`).getTime();
  if (Number.isNaN(at)) return undefined;
  return { fromAt: at, toAt: parts[2] === undefined ? at + DAY_MS - 1 : at };
}
