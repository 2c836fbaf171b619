import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { DamagedInput } from '../../src/sources/decompress.ts';
import { ByteCursor, type LogFile, openLog } from '../../src/sources/log-file.ts';
import { newLab } from '../ingest/harness.ts';
import { gzip, jsonLog, zstd } from '../ingest/made-logs.ts';

const LOG = jsonLog(0, 5000);
const NO_STDIN = Readable.from([]);

interface Content {
  readonly text: string;
  readonly damage: unknown;
}

async function contentOf(log: LogFile, from = 0): Promise<Content> {
  const parts: Buffer[] = [];
  try {
    for await (const bytes of log.bytes(from)) parts.push(Buffer.from(bytes));
  } catch (damage) {
    return { text: Buffer.concat(parts).toString(), damage };
  }
  return { text: Buffer.concat(parts).toString(), damage: undefined };
}

async function withLog<T>(content: string | Buffer, act: (log: LogFile, path: string) => Promise<T>): Promise<T> {
  const lab = newLab();
  lab.write('a.log', content);
  const log = await openLog(lab.path('a.log'), NO_STDIN);
  try {
    return await act(log, lab.path('a.log'));
  } finally {
    log.close();
  }
}

describe.each([
  ['none', Buffer.from(LOG), false],
  ['gzip', gzip(LOG), true],
  ['zstd', zstd(LOG), true],
] as const)('a file (compression: %s)', (compression, content, isFinal) => {
  it('gives its bytes from any place, as often as wanted', async () => {
    await withLog(content, async (log) => {
      expect([log.compression, log.isFinal, log.stat.size]).toEqual([compression, isFinal, content.length]);
      for (const from of [0, 1, 300_000, LOG.length - 1, LOG.length, 0]) {
        expect(await contentOf(log, from)).toEqual({ text: LOG.slice(from), damage: undefined });
      }
    });
  });

  it('shows its first bytes, and loses none by that', async () => {
    await withLog(content, async (log) => {
      for (const count of [1, 100, LOG.length, LOG.length + 1]) {
        expect((await log.peek(count)).toString()).toBe(LOG.slice(0, count));
      }
      expect((await contentOf(log)).text).toBe(LOG);
    });
  });

  it('through standard input gives the same, once', async () => {
    const pieces = [content.subarray(0, 3), content.subarray(3, 500), content.subarray(500)];
    const log = await openLog('-', Readable.from(pieces, { objectMode: true }));
    expect((await log.peek(100)).toString()).toBe(LOG.slice(0, 100));
    expect((await log.peek(5000)).toString()).toBe(LOG.slice(0, 5000));
    expect(await contentOf(log)).toEqual({ text: LOG, damage: undefined });
    expect([log.compression, log.isFinal, log.bytesRead()]).toEqual([compression, true, content.length]);
  });
});

describe('a file that changes while it is read', () => {
  it('is read up to the size it had', async () => {
    await withLog(LOG, async (log, path) => {
      fs.appendFileSync(path, 'more\n');
      expect(await contentOf(log)).toEqual({ text: LOG, damage: undefined });
      const chunks = log.bytes(0);
      const first = await chunks.next();
      fs.appendFileSync(path, 'more\n');
      let { length } = first.value as Buffer;
      expect(length).toBeLessThan(LOG.length);
      for await (const bytes of chunks) length += bytes.length;
      expect(length).toBe(LOG.length);
    });
  });

  it('is damaged when it gets shorter', async () => {
    await withLog(LOG, async (log, path) => {
      fs.truncateSync(path, 1000);
      const { text, damage } = await contentOf(log);
      expect(text).toBe(LOG.slice(0, 1000));
      expect(damage).toMatchObject({ kind: 'truncated', offset: 1000 });
    });
  });

  it('is the file that was opened, whatever is at its path by then', async () => {
    await withLog(LOG, async (log, path) => {
      fs.renameSync(path, `${path}.1`);
      fs.writeFileSync(path, 'another\n');
      expect((await contentOf(log)).text).toBe(LOG);
    });
  });
});

describe('a damaged file', () => {
  it('shows what can be read of its beginning, and the damage behind it', async () => {
    const packed = gzip(LOG);
    await withLog(packed.subarray(0, packed.length - 5000), async (log) => {
      const first = await log.peek(LOG.length);
      expect(first.length).toBeGreaterThan(1000);
      expect(LOG.startsWith(first.toString())).toBe(true);
      const { text, damage } = await contentOf(log);
      expect(damage).toBeInstanceOf(DamagedInput);
      expect(LOG.startsWith(text)).toBe(true);
    });
  });

  it('without a readable byte is refused at once', async () => {
    await withLog(gzip(LOG).subarray(0, 5), (log) => expect(log.peek(10)).rejects.toBeInstanceOf(DamagedInput));
  });

  it('through standard input shows the damage when its beginning was looked at', async () => {
    const packed = gzip(LOG);
    const log = await openLog('-', Readable.from([packed.subarray(0, packed.length - 5000)], { objectMode: true }));
    await log.peek(LOG.length);
    expect((await contentOf(log)).damage).toBeInstanceOf(DamagedInput);
  });
});

it('an empty file has no bytes', async () => {
  await withLog('', async (log) => {
    expect([await log.peek(10), await contentOf(log)]).toEqual([Buffer.alloc(0), { text: '', damage: undefined }]);
  });
});

it.each(['pipe', 'directory', 'missing'])('what is no file is refused and not waited for: %s', async (name) => {
  const lab = newLab();
  execFileSync('mkfifo', [lab.path('pipe')]);
  fs.mkdirSync(lab.path('directory'));
  await expect(openLog(lab.path(name), NO_STDIN)).rejects.toThrow(name === 'missing' ? 'ENOENT' : 'not a regular file');
});

describe('a cursor', () => {
  it('takes as many bytes as are wanted, whatever the size of the chunks', async () => {
    const cursor = new ByteCursor(
      Readable.from(
        ['abc', 'd', '', 'efgh'].map((one) => Buffer.from(one)),
        { objectMode: true },
      ),
    );
    const taken: string[] = [];
    for (const count of [2, 0, 3, 10, 1]) taken.push((await cursor.take(count)).toString());
    expect(taken).toEqual(['ab', '', 'cde', 'fgh', '']);
  });
});
