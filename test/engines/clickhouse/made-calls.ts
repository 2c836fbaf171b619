/** A call as it stands in a log and in a table. */
export interface MadeCall {
  readonly at: number;
  readonly key: string;
  readonly agent: string;
  readonly ip: string;
  readonly status: number;
  readonly path: string;
  readonly id: string;
  /** When it came to the table; at once, if nothing else is said. */
  readonly cameAt?: number;
}

export type MadeSource = 'gateway' | 'batch';

export const DAY = 86_400_000;
export const FIRST = Date.UTC(2026, 5, 1);
/** Days with calls, from the first one on. */
export const DAYS = 24;
export const NOW = '2026-06-25T06:00:00Z';

export const madeKey = (name: string): string => `acme_EXAMPLE_not_a_key_${name}`;

/** `busy` calls all the time, `gone` in the first days only, `query` in the query of the path, and some without a key. */
export function madeCalls(): MadeCall[] {
  return Array.from({ length: DAYS }, (_, day) => callsOfDay(day)).flat();
}

/** Of another source: a call a day, with a day off and a break of some days. */
export function madeBatchCalls(): MadeCall[] {
  const days = Array.from({ length: DAYS }, (_, day) => day).filter((day) => day % 7 !== 3 && (day < 9 || day > 12));
  return days.map((day) => ({ ...callsOfDay(day)[(day % 2) * 4]!, agent: 'night job', id: `batch-${day}` }));
}

function callsOfDay(day: number): MadeCall[] {
  return Array.from({ length: 24 }, (_, hour): MadeCall => {
    const at = FIRST + day * DAY + hour * 3_600_000 + ((day * 7919 + hour * 104_729) % 3_600_000);
    const who = hour % 4;
    const isGone = who === 1 && day >= 5;
    return {
      at,
      key: who === 2 ? '' : who === 3 ? '-' : isGone ? '' : `Bearer ${madeKey(who === 0 ? 'busy' : 'gone')}`,
      agent: who === 0 ? `billing/1.${day % 3}` : 'export\'s \\ "job"/3 \u00fc',
      ip: `10.0.${hour % 3}.${day % 5}`,
      status: [200, 200, 404, 401, 500][(day + hour) % 5] as number,
      path: who === 2 ? `GET /v1/x?page=${hour}&Api%5FKey=${madeKey('query')}&day=${day} HTTP/1.1` : `/v1/y?n=${day}`,
      id: `${day}-${hour}`,
    };
  });
}

export function asLines(calls: readonly MadeCall[]): string {
  const lines = calls.map(({ at, key, agent, ip, status, path, id }) =>
    JSON.stringify({ time: new Date(at).toISOString(), authorization: key, user_agent: agent, ip, status, path, id }),
  );
  return `${lines.join('\n')}\n`;
}

/** For `FORMAT TSV`. A call without a time is one at 0. */
export function asRows(calls: readonly MadeCall[], source: MadeSource = 'gateway'): string {
  const rows = calls.map(({ at, key, agent, ip, status, path, id, cameAt = at }) => {
    const texts = [key, agent, ip, String(status), path, id, source].map((cell) => cell.replaceAll('\\', '\\\\'));
    return [String(at), inSeconds(at), inSeconds(cameAt), ...texts].join('\t');
  });
  return `${rows.join('\n')}\n`;
}

function inSeconds(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

export const COLUMNS =
  'ms Int64, ts DateTime, came DateTime, auth String, agent String, ip String, status UInt16, path String, id String, src String';

export const FIELDS = '{ time: ms, key: auth, userAgent: agent, ip: ip, status: status, action: path }';
export const INVENTORY = `id,key,created
busy,${madeKey('busy')},2024-01-01
gone,${madeKey('gone')},2024-01-01
query,${madeKey('query')},2024-01-01
`;
