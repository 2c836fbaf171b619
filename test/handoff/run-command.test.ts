import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { hideKnown } from '../../src/attribution/raw-secret.ts';
import { type CommandSettings, runCommand } from '../../src/handoff/run-command.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-command-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const KEY = 'acme_live_EXAMPLE000plain2222';
const settings = (more: Partial<CommandSettings> = {}): CommandSettings => ({
  timeoutMs: 20_000,
  environment: { PATH: process.env['PATH'] ?? '', ONLY: 'this' },
  signalGroup: (pid, signal) => process.kill(-pid, signal),
  hideKeys: (text) => hideKnown(text, (word) => word === KEY),
  ...more,
});
const sh = (script: string, more: Partial<CommandSettings> = {}) =>
  runCommand(['/bin/sh', '-c', script], settings(more));

describe('a command', () => {
  it('is done when it ends with 0, failed when it ends otherwise', async () => {
    expect(await sh('echo fine')).toEqual({ result: 'done', detail: 'exit code 0: fine' });
    expect(await sh('echo why >&2; exit 3')).toEqual({ result: 'failed', detail: 'exit code 3: why' });
  });

  it('that is not there has failed', async () => {
    const { result, detail } = await runCommand([path.join(folder, 'nothing')], settings());
    expect(result).toBe('failed');
    expect(detail).toMatch(/cannot be run \(ENOENT\)$/);
  });

  it('gets its arguments as they are: no shell looks at them', async () => {
    const words = ['$(touch evil)', '`id`', '; ls', '*', 'a b', '"'];
    const out = path.join(folder, 'words.json');
    const script = 'require("node:fs").writeFileSync(process.argv[1], JSON.stringify(process.argv.slice(2)))';
    await runCommand([process.execPath, '-e', script, out, ...words], settings());
    expect(JSON.parse(fs.readFileSync(out, 'utf8'))).toEqual(words);
  });

  it('gets the given environment and no input', async () => {
    expect(await sh('env | grep -v ^_= | cut -d= -f1 | sort | tr "\\n" " "; cat')).toMatchObject({
      detail: 'exit code 0: ONLY PATH PWD',
    });
  });

  it('that takes too long is stopped with all that it started, and nobody knows what it did', async () => {
    const mark = path.join(folder, 'late');
    const script = `trap '' TERM; (sleep 4; touch ${mark}) & sleep 60`;
    const { result, detail } = await sh(script, { timeoutMs: 300 });
    expect({ result, detail }).toEqual({ result: 'unknown', detail: 'stopped after 0.3 s' });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(fs.existsSync(mark)).toBe(false);
  }, 20_000);

  it('that is killed may have done it or not', async () => {
    expect(await sh('kill -9 $$')).toEqual({ result: 'unknown', detail: 'ended by SIGKILL' });
  });

  it('that leaves a child with its outputs open is not waited for', async () => {
    const startedAt = Date.now();
    expect(await sh('sleep 6 & echo fine')).toEqual({ result: 'done', detail: 'exit code 0: fine' });
    expect(Date.now() - startedAt).toBeLessThan(5500);
  }, 20_000);

  it('may say as much as it likes: little is kept, on one line, without keys', async () => {
    const flood = await sh('yes flood | head -c 3000000');
    expect(flood.result).toBe('done');
    expect(flood.detail.length).toBeLessThan(2100);
    const { detail } = await sh('printf "a\\nsk_live_EXAMPLEabcdefghijklmnop1234 b\\r\\n"');
    expect(detail).toBe('exit code 0: a sk_...1234 b');
  });

  it('may print a key that looks like no secret: what is known is hidden, wherever it stands', async () => {
    const { detail } = await sh(`echo 'deleted ${KEY}, {"key":"${KEY}"} at /keys/${KEY}?key=${KEY}.'`);
    expect(detail).not.toContain(KEY);
    expect(detail).toMatch(/^exit code 0: deleted acme_...2222, \{"key":"acme_...2222"\} at/);
    // Half a key at the end of what is kept is a key, too.
    const cut = await sh(`head -c 1990 /dev/zero | tr '\\0' ' '; echo ${KEY}`);
    expect(cut.detail).toBe('exit code 0');
  });
});
