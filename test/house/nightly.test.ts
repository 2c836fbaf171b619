import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS, EXIT_CODES } from '../../src/commands/command-list.ts';
import { environmentName, FLAGS } from '../../src/commands/flags.ts';
import { readVersion } from '../../src/version.ts';
import { CLI, environment } from '../run-cli.ts';
import { ROOT } from './source-files.ts';

const FOLDER = path.join(ROOT, 'fixtures/nightly');
const FILES = fs.readdirSync(FOLDER);
const read = (name: string): string => fs.readFileSync(path.join(FOLDER, name), 'utf8');
const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

describe('the nightly kit', () => {
  it('has one row for each of its files', () => {
    const shown = FILES.filter((name) => name !== 'README.md' && !name.endsWith('.dockerignore'));
    for (const name of shown) expect(read('README.md')).toContain(`[${name}](${name})`);
  });

  it('tells of every exit code that a scan can end with', () => {
    const told = [...read('README.md').matchAll(/^\| (?<code>\d) \|/gm)].map(({ groups }) => Number(groups?.['code']));
    // A scan refuses no plan.
    expect(told).toEqual(EXIT_CODES.map(({ code }) => code).filter((code) => code !== 6));
  });

  it('sets flags that there are', () => {
    const known = [...FLAGS.map(environmentName), 'LASTCALL_SECRET'];
    const text = FILES.map(read).join('\n');
    const used = [...text.matchAll(/\bLASTCALL_[A-Z_]+/g)].map(([name]) => name);
    expect(used.filter((name) => !known.includes(name))).toEqual([]);
    const commands = [...text.matchAll(/\blastcall (?<command>[a-z]+) --/g)].map(({ groups }) => groups?.['command']);
    expect(commands.length).toBeGreaterThan(1);
    expect(commands.filter((command) => !COMMANDS.some(({ name }) => name === command))).toEqual([]);
  });

  it('has a line for cron that says how it ended, and what is new, and else nothing', () => {
    const line = read('crontab').match(/^17 3 \* \* \* {2}(?<command>.+)$/m)?.groups?.['command'] ?? '';
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-nightly-'));
    const command = line.replace('/srv/lastcall', folder).replace('lastcall scan', `"$NODE" "$CLI" scan`);
    const env = { ...environment(), NODE: process.execPath, CLI };
    const failed = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' });
    expect(failed.stdout).toBe('lastcall ended with 2\n');
    fs.writeFileSync(path.join(folder, 'lastcall.yaml'), 'sources:\n  - { name: gateway, paths: [app.log] }\n');
    fs.writeFileSync(
      path.join(folder, 'app.log'),
      '{"time":"2026-01-31T12:00:00Z","api_key":"acme_live_EXAMPLE000000000001"}\n',
    );
    const first = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' });
    expect(first.stdout).toContain('all that is new');
    expect(first.stdout).not.toContain('ended with');
    const second = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' });
    expect(second.stdout).toBe('');
    fs.rmSync(folder, { recursive: true });
  });

  it('leaves no dump of its memory, which holds raw keys, where it crashes', () => {
    expect(read('lastcall.service')).toMatch(/^LimitCORE=0$/m);
    const limit = (read('crontab').match(/ulimit[^&]*/)?.[0] ?? ':') + '; ulimit -c';
    expect(spawnSync('sh', ['-c', `ulimit -S -c 1; ${limit}`], { encoding: 'utf8' }).stdout).toBe('0\n');
  });

  it.skipIf(!has('systemd-analyze'))('has units that systemd takes, with little exposed', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-nightly-'));
    for (const name of ['lastcall.service', 'lastcall.timer']) {
      // The manual page is not installed here.
      fs.writeFileSync(path.join(folder, name), read(name).replace(/^Documentation=.*\n/m, ''));
    }
    const units = ['lastcall.service', 'lastcall.timer'].map((name) => path.join(folder, name));
    const verified = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
    expect({ status: verified.status, stderr: verified.stderr }).toEqual({ status: 0, stderr: '' });
    const security = spawnSync('systemd-analyze', [
      'security',
      '--offline=true',
      '--no-pager',
      '--threshold=15',
      units[0]!,
    ]);
    expect(security.status).toBe(0);
    fs.rmSync(folder, { recursive: true });
  });

  it.skipIf(!has('logrotate'))('has a rotation that logrotate takes', () => {
    const { stderr } = spawnSync('logrotate', ['--debug', path.join(FOLDER, 'logrotate.conf')], { encoding: 'utf8' });
    expect(stderr).not.toMatch(/error/i);
    expect(read('logrotate.conf').replaceAll(/^#.*$/gm, '')).not.toContain('copytruncate');
  });

  it('has a CronJob that runs as nobody in particular and may write only where it must', () => {
    const job = parse(read('cronjob.yaml')) as CronJob;
    const pod = job.spec.jobTemplate.spec.template.spec;
    expect(job.spec.concurrencyPolicy).toBe('Forbid');
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
    const [container] = pod.containers;
    expect(container!.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container!.image).toBe(`lastcall:${readVersion()}`);
    const mounts = container!.volumeMounts;
    expect(mounts.map(({ name }) => name).toSorted()).toEqual(pod.volumes.map(({ name }) => name).toSorted());
    expect(mounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath)).toEqual([
      '/data',
      '/tmp',
    ]);
  });

  it('has a Dockerfile without a fault, of the Node that is tested, which does not run as root', () => {
    const text = read('Dockerfile');
    expect(validate(text).map(({ message }) => message)).toEqual([]);
    const { devDependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      devDependencies: Readonly<Record<string, string>>;
    };
    const bases = [...text.matchAll(/^FROM node:(?<version>[\d.]+)-/gm)].map(({ groups }) => groups?.['version']);
    expect(new Set(bases)).toEqual(new Set([devDependencies['node']]));
    expect(text.match(/^USER (?<user>.+)$/m)?.groups?.['user']).toBe('node');
  });
});

interface CronJob {
  readonly spec: {
    readonly concurrencyPolicy: string;
    readonly jobTemplate: { readonly spec: { readonly template: { readonly spec: Pod } } };
  };
}

interface Pod {
  readonly containers: readonly {
    readonly image: string;
    readonly securityContext: object;
    readonly volumeMounts: readonly {
      readonly name: string;
      readonly mountPath: string;
      readonly readOnly?: boolean;
    }[];
  }[];
  readonly volumes: readonly { readonly name: string }[];
}
