import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { keysInFields } from '../../src/ingest/keys-in-fields.ts';
import { planReading } from '../../src/ingest/reading-plan.ts';
import { runCli } from '../run-cli.ts';
import { newLab } from './harness.ts';
import { AUTO, HOW, keyOf } from './reading.ts';

const KEY = 'acme_live_EXAMPLEAAAAAAAA0001';
const OTHER = 'acme_live_EXAMPLEBBBBBBBB0002';
const TIME = '2026-09-01T10:00:00Z';

function fieldsOf(text: string, key: string, fields = {}): readonly string[] {
  const plan = planReading(Buffer.from(text), { ...AUTO, fields });
  const found = keysInFields(plan, plan.sample, HOW).filter((one) => one.key === keyOf(key));
  return found.map(({ field }) => field);
}

const line = (members: object): string => `${JSON.stringify({ time: TIME, status: 200, ...members })}\n`;

describe('a key in a field where none is read', () => {
  it.each<[string, string, string[]]>([
    ['a member', line({ session: { cred: KEY } }), ['session.cred']],
    ['a member that is an object where a key is looked for', line({ apiKey: { id: KEY } }), ['apiKey.id']],
    ['text', line({ note: `called with ${KEY}, again` }), ['note']],
    ['the first element of a list', line({ used: [{ by: KEY }] }), ['used[*].by']],
    ['a list of headers', line({ meta: [{ name: 'X-Acme', value: KEY }] }), ['meta{X-Acme}']],
    ['the name of the system', line({ consumer: KEY }), ['consumer']],
    ['a column', `time,ip,status,api_key,cred\n${TIME},192.0.2.1,200,,${KEY}\n`, ['cred']],
    ['a pair', `time=${TIME} method=GET status=200 cred=${KEY}\n`, ['cred']],
  ])('is found: %s', (_, text, fields) => {
    expect(fieldsOf(text, KEY)).toEqual(fields);
  });

  it.each<[string, string, object]>([
    ['it is read', line({ api_key: KEY }), {}],
    ['it is read beside it', line({ api_key: KEY, copy: KEY }), {}],
    ['its place is mapped', line({ cred: KEY }), { key: 'cred' }],
    ['its place is said to be known', line({ note: KEY }), { 'identity.note': 'note' }],
    ['its list is mapped', line({ notes: [KEY] }), { 'identity.note': 'notes' }],
  ])('is none where %s', (_, text, fields) => {
    expect(fieldsOf(text, KEY, fields)).toEqual([]);
  });

  it('is found in a record of another key too, in whichever of the first records it is', () => {
    const lines = Array.from({ length: 90 }, (_, n) =>
      line(n % 3 === 0 ? { api_key: OTHER, cred: KEY } : { api_key: OTHER }),
    );
    expect(fieldsOf(lines.join(''), KEY)).toEqual(['cred']);
  });

  it('is not looked for in a log of public ids', () => {
    const event = { eventVersion: '1.08', eventTime: TIME, eventSource: 's3.amazonaws.com', eventName: 'X', userIdentity: { accessKeyId: 'AKIAEXAMPLE000000009' }, requestParameters: { x: KEY } }; // prettier-ignore
    expect(fieldsOf(`${JSON.stringify(event)}\n`, KEY)).toEqual([]);
  });

  it('keeps keys from being safe when it is listed, and the report says where it stands', () => {
    const lab = newLab();
    lab.write('a.jsonl', line({ api_key: OTHER }) + line({ session: { cred: KEY } }));
    fs.writeFileSync(
      path.join(lab.dir, 'keys.csv'),
      `id,key,created\none,${KEY},2020-01-01\ntwo,${OTHER},2020-01-01\n`,
    );
    const options = { cwd: lab.dir, env: { LASTCALL_NOW: '2026-09-03T00:00:00Z' } };
    const { stdout, stderr, status } = runCli(['scan', 'logs', '--keys', 'keys.csv', '-o', 'json'], options);
    const { keys } = JSON.parse(stdout) as { keys: { key: string; blockers: { code: string; text: string }[] }[] };
    const blockers = keys.find(({ key }) => key === 'one')?.blockers.filter(({ code }) => code === 'unread-input');
    expect(blockers?.map(({ text }) => text).join()).toContain('fields where they are not read (session.cred)');
    expect(stderr).toContain("fields: {key: '... || session.cred'}");
    expect([status, stdout.includes(KEY), stderr.includes(KEY)]).toEqual([3, false, false]);
  });

  it.each<[string, (n: number) => string, string]>([
    ['JSON', (n) => line(n % 7 === 3 ? { session: { cred: KEY } } : { api_key: OTHER, n }), ''],
    ['a table', (n) => `${TIME},200,${n % 7 === 3 ? `,${KEY}` : `${OTHER},`}\n`, 'time,status,api_key,cred\n'],
  ])('is found behind the first records where one of many callers sends it, in %s', (_, lineOf, header) => {
    const lab = newLab();
    const first = header === '' ? line({ api_key: OTHER }) : `${TIME},200,${OTHER},\n`;
    lab.write('a.log', header + first.repeat(1500) + Array.from({ length: 20_000 }, (__, n) => lineOf(n)).join(''));
    fs.writeFileSync(path.join(lab.dir, 'keys.csv'), `id,key,created\none,${KEY},2020-01-01\n`);
    const { stderr, status } = runCli(['scan', 'logs', '--keys', 'keys.csv'], { cwd: lab.dir });
    expect(stderr).toContain(header === '' ? '(session.cred)' : '(cred)');
    expect(status).toBe(3);
  });
});
