import { describe, expect, it } from 'vitest';
import { newLab } from './harness.ts';

const SHARED = '"time":"2026-09-01T10:00:00.5Z"';

function call(type: string, id: string, accessor: string): string {
  const request = `"id":"${id}","operation":"read","path":"secret/data/a","client_token_accessor":"${accessor}","remote_address":"192.0.2.1"`;
  return `{${SHARED},"type":"${type}","request":{${request}}}\n`;
}

function kmip(type: string): string {
  return `{${SHARED},"type":"kmip-${type}","request":{"client_certificate_serial_number":"7931","remote_address":"192.0.2.1:4000"}}\n`;
}

async function usesOf(logs: Readonly<Record<string, string>>, source = 'vault', fields = {}): Promise<string[]> {
  const lab = newLab();
  for (const [name, text] of Object.entries(logs)) lab.write(name, text);
  await lab.read(undefined, { source, fields });
  return lab.dump().uses.map((use) => {
    const cells = use.split(' | ');
    return `${cells[1]}: ${cells[7]}`;
  });
}

const ID = '24ac580b-805a-d9ee-4d0d-7046932f4e05';

describe('an audit log of Vault', () => {
  it('counts a call once for its request and its response', async () => {
    const log =
      call('request', ID, 'accessor-1') + call('response', ID, 'accessor-1') + call('request', 'other', 'accessor-1');
    expect(await usesOf({ 'audit.log': log })).toEqual(['accessor-1: 2']);
  });

  it('counts a call once for each of the ids that two devices have for its token', async () => {
    const first = call('request', ID, 'accessor-hashed') + call('response', ID, 'accessor-hashed');
    const second = call('request', ID, 'accessor-raw') + call('response', ID, 'accessor-raw');
    expect(await usesOf({ 'one.log': first, 'two.log': second })).toEqual(['accessor-hashed: 1', 'accessor-raw: 1']);
  });

  it('counts a call of KMIP once, which has no id', async () => {
    const pair = kmip('request') + kmip('response');
    expect(await usesOf({ 'audit.log': pair + pair })).toEqual(['7931: 2']);
  });
});

describe('a table with a column that is called like an event id', () => {
  const HEADER = 'time,api_key,event_id\n';
  const row = (second: number, key: number, id: string): string =>
    `2026-09-01T10:00:0${second}Z,example-key-number-${key},${id}\n`;

  // A type of events, a number that begins anew: the second key is in use all the same.
  it('counts calls of other instants and other keys that have the same in it', async () => {
    const log = HEADER + row(1, 1, '7') + row(1, 2, '7') + row(2, 2, '7');
    const calls = (await usesOf({ 'a.csv': log }, 'app')).map((use) => use.split(': ')[1]);
    expect(calls.toSorted()).toEqual(['1', '2']);
  });

  it('counts once what is delivered again', async () => {
    const logs = { 'a.csv': HEADER + row(1, 1, '7'), 'b.csv': HEADER + row(2, 1, '8') + row(1, 1, '7') };
    expect((await usesOf(logs, 'app')).map((use) => use.split(': ')[1])).toEqual(['2']);
  });
});

describe('a log of CloudTrail of which another field is mapped as the event id', () => {
  const SESSION = '24ac580b-805a-d9ee-4d0d-7046932f4e05';
  const event = (second: number, key: number): string =>
    `{"eventVersion":"1.08","eventTime":"2026-09-01T10:00:0${second}Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","sharedEventID":"${SESSION}","eventID":"e-${second}-${key}","userIdentity":{"accessKeyId":"AKIAEXAMPLE00000000${key}"}}`;

  it.each(['eventName', 'sharedEventID'])('counts calls of other instants and keys: %s', async (eventId) => {
    const log = `{"Records":[${[event(1, 1), event(1, 2), event(2, 2), event(2, 2)].join(',')}]}`;
    const calls = (await usesOf({ 'trail.json': log }, 'aws', { eventId })).map((use) => use.split(': ')[1]);
    expect(calls).toEqual(['1', '2']);
  });
});
