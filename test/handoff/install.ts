import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CLI, environment, type Run } from '../run-cli.ts';
import { runHere } from './run-here.ts';

const DAY_MS = 86_400_000;
export const TODAY: number = Date.UTC(2026, 0, 10);
const FIRST = Date.UTC(2024, 0, 1);

const KEYS: Readonly<Record<string, string>> = {
  'shop-2024': 'acme_live_EXAMPLE0000shop00001111',
  'billing-2024': 'acme_live_EXAMPLE000billing2222',
  'mail-2024': 'acme_live_EXAMPLE00000mail003333',
  ...Object.fromEntries([1, 2, 3, 4].map((n) => [`app-${n}`, `acme_live_EXAMPLE0000app${n}000444${n}`])),
};

const USUAL = ['shop', 'app-1', 'app-2', 'app-3', 'app-4'] as const;

/** Writes down what it is told. */
export const PROVIDER = '#!/bin/sh\ncd "$(dirname "$0")"\necho "$@" >> provider.log\n';

interface More {
  readonly env?: Readonly<Record<string, string>>;
  readonly answers?: readonly string[];
  readonly meanwhile?: () => Promise<void>;
}

export type KeyId = 'shop-2024' | 'billing-2024' | 'mail-2024';

/**
 * An installation with two years of logs: `shop` and four apps call to this day, `billing` and `mail` are long gone, so
 * that `billing-2024` and `mail-2024` are safe. Its provider writes down what it is told.
 */
export class Install {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Install> {
    const install = new Install(fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-handoff-')));
    const lines: string[] = [];
    for (let at = FIRST; at < TODAY; at += DAY_MS) {
      lines.push(...USUAL.map((system) => lineOf(system, at + 8 * 3_600_000)));
      if (at < FIRST + 500 * DAY_MS) lines.push(lineOf('billing', at + 9 * 3_600_000), lineOf('mail', at));
    }
    install.write('app.log', lines.join(''));
    const rows = Object.entries(KEYS).map(([id, key]) => `${id},${id.replace('-2024', '')},2023-12-01,active,${key}`);
    install.write('keys.csv', `id,label,created,status,key\n${rows.join('\n')}\n`);
    install.write('provider.sh', `${PROVIDER}printf "\\033[31m::set-env name=x::y\\n"\n`, 0o755);
    install.configure();
    const { status, stderr } = await install.run(['scan', '--quiet', '-o', 'csv=x.csv']);
    if (status !== 0) throw new Error(stderr);
    return install;
  }

  /** As it is now, to be put back later: files are known by their place, too. */
  snapshot(): string {
    const kept = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-kept-'));
    fs.cpSync(this.folder, kept, { recursive: true });
    return kept;
  }

  restore(snapshot: string): void {
    for (const name of fs.readdirSync(this.folder)) fs.rmSync(this.path(name), { recursive: true });
    fs.cpSync(snapshot, this.folder, { recursive: true });
  }

  configure(handoff: Readonly<Record<string, unknown>> = {}): void {
    const given = {
      quietPeriod: '3 days',
      disable: ['./provider.sh', 'disable', '{keyId}'],
      delete: ['./provider.sh', 'delete', '{keyId}'],
      maxNewlySafeShare: 0.5,
      ...handoff,
    };
    const source = { name: 'app', paths: ['app.log'], format: 'json', deliveryLag: '1 hour' };
    this.write(
      'lastcall.yaml',
      JSON.stringify({ sources: [source], inventories: [{ path: 'keys.csv' }], handoff: given }),
    );
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  write(name: string, text: string, mode = 0o644): void {
    fs.writeFileSync(this.path(name), text, { mode });
  }

  read(name: string): string {
    return fs.existsSync(this.path(name)) ? fs.readFileSync(this.path(name), 'utf8') : '';
  }

  /** What the provider was told. */
  get told(): readonly string[] {
    return this.read('provider.log').split('\n').slice(0, -1);
  }

  call(key: KeyId, at: number, status = 200, system: string = key.replace('-2024', '')): void {
    fs.appendFileSync(this.path('app.log'), lineOf(system, at, KEYS[key], status));
  }

  /** A day of the usual calls. */
  usualDay(at: number): void {
    for (const system of USUAL) fs.appendFileSync(this.path('app.log'), lineOf(system, at + 8 * 3_600_000));
  }

  run(args: readonly string[], at: number = TODAY, more: More = {}): Promise<Run> {
    const env = { LASTCALL_NOW: new Date(at).toISOString(), ...more.env };
    return runHere(args, { cwd: this.folder, env, answers: more.answers ?? [], meanwhile: more.meanwhile });
  }

  start(args: readonly string[], at: number = TODAY): ChildProcess {
    const env = environment({ LASTCALL_NOW: new Date(at).toISOString() });
    return spawn(process.execPath, [CLI, ...args], { cwd: this.folder, env, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

function lineOf(system: string, at: number, key?: string, status = 200): string {
  const own = key ?? Object.entries(KEYS).find(([id]) => id === system || id === `${system}-2024`)![1];
  return `${JSON.stringify({ time: new Date(at).toISOString(), api_key: own, service: system, system, status })}\n`;
}
