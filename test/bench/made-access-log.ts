import { madeCallers, madeInstants, METHODS, numbersFrom, STATUSES } from './made-log.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** An access log in the combined format, as nginx and Apache write it; the key is a parameter of the query. */
export function* combinedLines(records: number, seed = 1): Generator<string> {
  const next = numbersFrom(seed);
  const caller = madeCallers(next);
  const instant = madeInstants(records, next);
  for (let i = 0; i < records; i++) {
    const { key, agent, ip } = caller();
    yield (
      `${ip} - - [${clfTime(instant(i))}] "${METHODS[next(METHODS.length)]} ` +
      `/v1/customers/${next(100_000)}/invoices?page=${next(40)}&api_key=${key} HTTP/1.1" ` +
      `${STATUSES[next(STATUSES.length)]} ${next(9000)} "-" "${agent}"\n`
    );
  }
}

/** `01/Sep/2026:10:00:00 +0000` */
function clfTime(at: Date): string {
  const iso = at.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[at.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
