import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../run-cli.ts';
import { newLab, readOnce } from './harness.ts';
import { jsonLine, jsonLog } from './made-logs.ts';

const QUIET = 'example-quiet-key-7';

interface Found {
  readonly verdict: string;
  readonly lastUsedAt: string | null;
  readonly requests: number;
  readonly systems: readonly { readonly system: string }[];
}

/** One key was used once, long ago; what a line that cannot be read says of it is up to the test. */
function judge(unreadable: string, log = ''): Found | undefined {
  const lab = newLab();
  fs.writeFileSync(path.join(lab.dir, 'keys.csv'), `id,key\nquiet,${QUIET}\nother,example-key-number-1\n`);
  const used = JSON.stringify({ time: '2026-09-01T00:00:00Z', api_key: QUIET, user_agent: 'curl/8.5.0' });
  lab.write('a.log', `${used}\n${jsonLog(0, 5000)}${unreadable}${log}`);
  const args = ['scan', 'logs', '--keys', 'keys.csv', '--db', 'x.db', '--fail-on', 'none', '--as-of', '2026-10-30'];
  const { stdout } = runCli([...args, '-o', 'json'], { cwd: lab.dir });
  const { keys } = JSON.parse(stdout) as { keys: (Found & { key: string })[] };
  expect(stdout).not.toContain(QUIET);
  return keys.find(({ key }) => key === 'quiet');
}

const LAST = JSON.parse(jsonLine(4999)) as { time: string };

describe('a line that cannot be read', () => {
  it('does not count for a key that it does not hold', () => {
    expect(judge('{"api_key":"example-quiet-key-\n')).toMatchObject({ lastUsedAt: '2026-09-01T00:00:00.000Z' });
  });

  it.each([
    ['torn', `{"api_key":"${QUIET}", "path":`],
    ['no JSON at all', `denied: ${QUIET}`],
    ['without a time', `{"api_key":"${QUIET}"}`],
    ['with an impossible time', `{"time":"2026-02-30T00:00:00Z","api_key":"${QUIET}"}`],
    ['glued to another', `{"api_key":"${QUIET}"}${jsonLine(6000).trimEnd()}`],
    ['far too deep', `${'['.repeat(5000)}"${QUIET}"`],
  ])('and holds a listed key counts as its use at that place: %s', (_, line) => {
    expect(judge(`${line}\n`)).toMatchObject({
      lastUsedAt: LAST.time,
      requests: 2,
      systems: expect.arrayContaining([expect.objectContaining({ system: 'unreadable record' })]),
    });
  });

  it('counts as soon as there is a time to place it at', () => {
    const lab = newLab();
    fs.writeFileSync(path.join(lab.dir, 'keys.csv'), `id,key\nquiet,${QUIET}\n`);
    lab.write('a.log', `${jsonLine(0)}${jsonLine(1)}`);
    lab.write('b.log', `{"api_key":"${QUIET}"\n${jsonLog(10, 20)}`);
    runCli(['ingest', 'logs', '--keys', 'keys.csv', '--db', lab.db], { cwd: lab.dir });
    expect(lab.dump().uses.filter((use) => use.includes('unreadable record'))).toHaveLength(1);
  });

  it('counts for a key in a line of many megabytes', () => {
    const lab = newLab();
    fs.writeFileSync(path.join(lab.dir, 'keys.csv'), `id,key\nquiet,${QUIET}\n`);
    const filler = 'x'.repeat(9_000_000);
    lab.write(
      'a.log',
      `10.0.0.1 - - [01/Sep/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 1\n`.repeat(20) +
        `${filler} ${QUIET} ${filler}\n`,
    );
    runCli(['ingest', 'logs', '--keys', 'keys.csv', '--db', lab.db], { cwd: lab.dir });
    expect(lab.dump().uses.filter((use) => use.includes('unreadable record'))).toHaveLength(1);
  });
});

describe('a part of a document that cannot be read', () => {
  const event = (n: number): string =>
    `{"eventVersion":"1.08","eventTime":"2026-09-01T10:0${n}:00Z","eventSource":"s3.amazonaws.com","eventName":"X","eventID":"event-${n}"}`;
  const WHOLE = `{"Records":[${event(3)}]}\n`;

  it.each([
    ['an element that is no object', `{"Records":[${event(1)},"${QUIET}",${event(2)}]}`],
    ['a list where a record should be', `{"Records":[${event(1)},[{"key":"${QUIET}"}],${event(2)}]}`],
    ['text between records', `{"Records":[${event(1)}, key=${QUIET} ,${event(2)}]}`],
    ['text between documents', `{"Records":[${event(1)}]}\nkey=${QUIET}\n{"Records":[${event(2)}]}`],
    ['a document of another shape', `{"Records":[${event(1)}]}{"Events":[{"key":"${QUIET}"}]}`],
    ['a name in such a document', `{"Records":[${event(1)}]}{"${QUIET}":1}`],
    ['a record that is cut off', `{"Records":[${event(1)},{"key":"${QUIET}","x`],
  ])('and holds a listed key counts as its use: %s', (_, log) => {
    const lab = newLab();
    fs.writeFileSync(path.join(lab.dir, 'keys.csv'), `id,key\nquiet,${QUIET}\n`);
    lab.write('trail.json', WHOLE + log);
    const ingest = ['ingest', 'logs', '--keys', 'keys.csv', '--log-format', 'aws-cloudtrail', '--db', lab.db];
    runCli(ingest, { cwd: lab.dir });
    expect(lab.dump().uses.filter((use) => use.includes('unreadable record'))).toHaveLength(1);
  });

  it('does not count for what stands in the shell of a document that has its records', () => {
    const lab = newLab();
    fs.writeFileSync(path.join(lab.dir, 'keys.csv'), `id,key\nquiet,${QUIET}\n`);
    lab.write('trail.json', `${WHOLE}{"note":"${QUIET}","Records":[${event(1)},"odd"],"next":"${QUIET}"}`);
    runCli(['ingest', 'logs', '--keys', 'keys.csv', '--db', lab.db], { cwd: lab.dir });
    expect(lab.dump().uses).toEqual([]);
  });
});

describe('a share of unreadable records', () => {
  it.each([
    [0.0001, 3],
    [0.5, 0],
  ])('of more than %d is told as the policy has it', (quarantineShare, status) => {
    const lab = newLab();
    fs.writeFileSync(path.join(lab.dir, 'lastcall.yaml'), `policy:\n  quarantineShare: ${quarantineShare}\n`);
    lab.write('a.log', `${jsonLog(0, 500)}oops\n`);
    expect(runCli(['ingest', 'logs', '--db', 'x.db'], { cwd: lab.dir }).status).toBe(status);
  });
});

describe('a key where no key belongs', () => {
  const SECRET = 'sk_live_EXAMPLEexample0123456789';

  it.each([
    ['path', { path: `/v1/${SECRET}/things` }],
    ['path', { path: `/v1/listed/${QUIET}` }],
    ['user_agent', { user_agent: `tool/1.0 (${SECRET})` }],
  ])('is not printed by parse: %s', (_, fields) => {
    const lab = newLab();
    fs.writeFileSync(path.join(lab.dir, 'keys.csv'), `id,key\nquiet,${QUIET}\n`);
    lab.write('a.log', `${JSON.stringify({ time: '2026-09-01T00:00:00Z', api_key: 'example-other-1', ...fields })}\n`);
    const { status, stdout } = runCli(['parse', 'logs', '--keys', 'keys.csv', '--inventory-ids'], { cwd: lab.dir });
    expect(status).toBe(0);
    expect(stdout).not.toContain(SECRET);
    expect(stdout).not.toContain(QUIET);
  });

  it.each([
    ['is not closed again', ''],
    ['is closed by another row', '2026-09-20T00:00:00Z,x,curl/8\n2026-09-20T00:00:00Z,x,curl/8\n'],
  ])('is searched over all of the lines that a quoted cell holds, when the quote %s', (_, rest) => {
    const lab = newLab();
    fs.writeFileSync(path.join(lab.dir, 'keys.csv'), `id,key\nquiet,${QUIET}\n`);
    const row = '2026-09-01T00:00:00Z,another-key-of-some-length,curl/8\n';
    lab.write('a.csv', `time,api_key,user_agent\n${row.repeat(20)}2026-09-10T00:00:00Z,${QUIET},"curl\n${rest}`);
    runCli(['ingest', 'logs', '--keys', 'keys.csv', '--db', lab.db], { cwd: lab.dir });
    expect(lab.dump().uses.filter((use) => use.includes('unreadable record'))).toHaveLength(1);
  });
});

describe('a last line that nobody finished', () => {
  const DAY_MS = 86_400_000;
  const cut = (end: string): string => `${jsonLog(0, 20)}${jsonLine(20).slice(0, 40)}${end}`;

  it('may still be written on, and after a day is one that cannot be read', async () => {
    const lab = newLab();
    lab.write('a.log', cut(''));
    await lab.read([''], { now: Date.now() });
    expect(lab.dump().hours).toEqual((await readOnce({ 'a.log': jsonLog(0, 20) })).hours);
    for (const days of [2, 3]) {
      await lab.read([''], { now: Date.now() + days * DAY_MS });
      expect(lab.dump().hours).toEqual((await readOnce({ 'a.log': cut('\n') })).hours);
    }
    lab.append('a.log', jsonLine(20).slice(40));
    await lab.read([''], { now: Date.now() + 4 * DAY_MS });
    expect(lab.dump()).toEqual(await readOnce({ 'a.log': jsonLog(0, 21) }));
  });

  it('is not read again every night', async () => {
    const lab = newLab();
    lab.write('a.log', cut(''));
    const read = async (days: number): Promise<number> =>
      (await lab.read([''], { now: Date.now() + days * DAY_MS })).files;
    expect([await read(0), await read(2), await read(3)]).toEqual([1, 1, 0]);
  });
});
