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

async function usesOf(logs: Readonly<Record<string, string>>): Promise<string[]> {
  const lab = newLab();
  for (const [name, text] of Object.entries(logs)) lab.write(name, text);
  await lab.read(undefined, { source: 'vault' });
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
