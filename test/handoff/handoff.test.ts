import { Ajv2020 } from 'ajv/dist/2020.js';
import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockRuns } from '../../src/engines/sqlite/lock.ts';
import type { HandoffHistory, HandoffResult, Verification } from '../../src/handoff/results.ts';
import type { Plan } from '../../src/handoff/permit.ts';
import { handoffSchema, handoffsSchema, planSchema, verificationSchema } from '../../src/index.ts';
import { Install, PROVIDER, TODAY } from './install.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const EXECUTE = ['handoff', 'plan.json', '--execute', '--yes', '--json'];

let install: Install;
/** Scanned, and with a plan for billing-2024 and mail-2024. */
let scanned: string;
let planned: string;

beforeAll(async () => {
  install = await Install.make();
  scanned = install.snapshot();
  const { status, stderr } = await install.run(['plan', '-o', 'plan.json']);
  if (status !== 0) throw new Error(stderr);
  planned = install.snapshot();
}, 600_000);

afterAll(() => {
  install.remove();
  for (const folder of [scanned, planned]) fs.rmSync(folder, { recursive: true });
});

function use(snapshot: string): Install {
  install.restore(snapshot);
  return install;
}

const resultsOf = (stdout: string) =>
  Object.fromEntries((JSON.parse(stdout) as HandoffResult).keys.map(({ key, result }) => [key, result]));

const changesOf = (stdout: string, of: string): readonly string[] => {
  const { problems, permits } = JSON.parse(stdout) as Verification;
  return [...problems, ...(permits.find(({ key }) => key === of)?.changes ?? [])].map(({ code }) => code);
};

interface Verified {
  readonly status: number | null;
  readonly changes: (key: string) => readonly string[];
}

const verify = async (at = TODAY): Promise<Verified> => {
  const { status, stdout } = await install.run(['plan', 'verify', 'plan.json', '--json'], at);
  return { status, changes: (key) => changesOf(stdout, key) };
};

describe('a plan', { timeout: 120_000 }, () => {
  it('is good as long as nothing changed, and refused after a day', async () => {
    use(planned);
    expect(await verify()).toMatchObject({ status: 0 });
    expect((await verify(TODAY + 24 * HOUR_MS)).changes('billing-2024')).toEqual(['expired']);
  });

  it('loses the key that was called since, with the caller`s name, and no other', async () => {
    use(planned).call('billing-2024', TODAY + HOUR_MS);
    const { status, changes } = await verify(TODAY + 2 * HOUR_MS);
    expect(status).toBe(6);
    expect(changes('billing-2024')).toEqual(['called', 'not-safe']);
    expect(changes('mail-2024')).toEqual([]);
    const { status: code, stdout } = await install.run(EXECUTE, TODAY + 2 * HOUR_MS);
    expect({ code, ...resultsOf(stdout) }).toEqual({ code: 6, 'billing-2024': 'refused', 'mail-2024': 'done' });
    expect(install.told).toEqual(['disable mail-2024']);
  });

  it('loses a key that somebody tried and was refused with', async () => {
    use(planned).call('billing-2024', TODAY + HOUR_MS, 401, 'cron');
    expect((await verify(TODAY + 2 * HOUR_MS)).changes('billing-2024')).toContain('refused-call');
  });

  it('loses a key that was made anew under its id, changed, or taken off the list', async () => {
    use(planned);
    const keys = install.read('keys.csv');
    install.write('keys.csv', keys.replace('billing-2024,billing,2023-12-01', 'billing-2024,billing,2026-01-09'));
    expect((await verify()).changes('billing-2024')).toContain('recreated');
    install.write('keys.csv', keys.replace('billing-2024,billing,', 'billing-2024,Billing 2,'));
    expect((await verify()).changes('billing-2024')).toEqual(['inventory-changed']);
    install.write('keys.csv', keys.replace(/^billing-2024.*\n/m, ''));
    expect((await verify()).changes('billing-2024')).toEqual(['unknown-key']);
    install.write('keys.csv', keys);
    expect((await verify()).status).toBe(0);
  });

  it('loses what a stricter policy, an exemption or a lost day of logs no longer allows', async () => {
    use(planned);
    const config = JSON.parse(install.read('lastcall.yaml')) as { sources: object[] };
    const configure = (more: object): void => install.write('lastcall.yaml', JSON.stringify({ ...config, ...more }));
    configure({ policy: { floorDays: 31 } });
    expect((await verify()).changes('billing-2024')).toEqual(['policy-changed']);
    configure({ exemptions: [{ key: 'billing-2024', reason: 'audit', until: '2027-01-01' }] });
    expect((await verify()).changes('billing-2024')).toEqual(['not-safe']);
    expect((await verify()).changes('mail-2024')).toEqual([]);
    configure({ sources: [{ ...config.sources[0], outages: [{ from: '2025-10-01', to: '2025-10-03' }] }] });
    expect((await verify()).changes('mail-2024')).toEqual(['coverage-lost']);
  });

  it('of another database, or of a later state of this one, is refused', async () => {
    use(planned);
    const plan = install.read('plan.json');
    use(scanned).write('plan.json', plan);
    expect((await verify()).changes('')).toEqual(['database-rolled-back']);
    for (const name of ['lastcall.db', 'lastcall.db-wal', 'lastcall.db-shm'])
      fs.rmSync(install.path(name), { force: true });
    expect((await verify()).changes('')).toEqual(['database-replaced']);
    expect(await install.run(EXECUTE)).toMatchObject({ status: 6, stdout: '' });
    expect(install.told).toEqual([]);
  });

  it('that expired is not made good by a clock that is set back', async () => {
    use(planned);
    expect((await verify(TODAY + 48 * HOUR_MS)).status).toBe(6);
    expect((await verify(TODAY + HOUR_MS)).changes('')).toEqual(['clock']);
    expect(await install.run(EXECUTE, TODAY + HOUR_MS)).toMatchObject({ status: 6 });
    expect(await install.run(['plan', '-o', 'new.json'], TODAY + HOUR_MS)).toMatchObject({ status: 6 });
    expect(fs.existsSync(install.path('new.json'))).toBe(false);
  });

  it('that was edited is refused whole, whatever was edited', async () => {
    use(planned);
    const plan = JSON.parse(install.read('plan.json')) as Plan;
    install.write('plan.json', JSON.stringify({ ...plan, permits: plan.permits.slice(1) }));
    expect((await verify()).changes('')).toEqual(['cut-off']);
    install.write('plan.json', fs.readFileSync(`${planned}/plan.json`, 'utf8').replaceAll('mail-2024', 'shop-2024'));
    const { status, stderr } = await install.run(EXECUTE);
    expect({ status, told: install.told }).toEqual({ status: 6, told: [] });
    expect(stderr).toContain('The plan is refused: the permit of "shop-2024" was changed since it was written');
  });

  it('is not made while another run holds the database', async () => {
    use(scanned);
    const lock = lockRuns(install.path('lastcall.db'));
    expect(await install.run(['plan', '-o', 'plan.json'])).toMatchObject({ status: 4 });
    lock.release();
    expect(fs.existsSync(install.path('plan.json'))).toBe(false);
  });

  it('is not made from logs that were not read whole', async () => {
    use(scanned).write('cut.log.gz', '\u001f\u008b nonsense');
    const config = JSON.parse(install.read('lastcall.yaml')) as { sources: { paths: string[] }[] };
    config.sources[0]!.paths.push('cut.log.gz');
    install.write('lastcall.yaml', JSON.stringify(config));
    fs.writeFileSync(install.path('cut.log.gz'), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]));
    const { status, stderr } = await install.run(['plan', '-o', 'plan.json']);
    expect(status).toBe(3);
    expect(stderr).toContain('No plan: some input was not fully read');
    expect(fs.existsSync(install.path('plan.json'))).toBe(false);
  });

  it('is not made, and nothing is done, while a list of keys was not taken', async () => {
    use(planned);
    const rows = install.read('keys.csv').split('\n');
    install.write('keys.csv', `${rows.filter((row) => !row.startsWith('app-')).join('\n')}\n`);
    const { status, stderr } = await install.run(['plan', '-o', 'new.json']);
    expect({ status, stderr }).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('this inventory lists 3 keys'),
    });
    expect(fs.existsSync(install.path('new.json'))).toBe(false);
    expect(await install.run(['plan', 'verify', 'plan.json'])).toMatchObject({ status: 3 });
    expect(await install.run(EXECUTE)).toMatchObject({ status: 3, stdout: '' });
    expect(install.told).toEqual([]);
    expect(await install.run(['keys', 'import', 'keys.csv', '--accept'])).toMatchObject({ status: 0 });
    expect(await install.run(EXECUTE)).toMatchObject({ status: 0 });
  });

  it('of an implausible share of the keys needs a reason, and the reason is kept', async () => {
    use(scanned).configure({ maxNewlySafeShare: 0.2 });
    const { status, stderr } = await install.run(['plan', '-o', 'plan.json']);
    expect(status).toBe(6);
    expect(stderr).toContain('2 of 7 keys were safe when they were first judged, more than 20 %');
    expect(fs.existsSync(install.path('plan.json'))).toBe(false);
    // What cannot be issued is not offered.
    expect((await install.run(['plan'])).stdout).not.toContain('To issue them');
    expect(await install.run(['plan', '-o', 'plan.json', '--force', 'first plan, looked at each'])).toMatchObject({
      status: 0,
    });
    expect((JSON.parse(install.read('plan.json')) as Plan).plan.forced).toBe('first plan, looked at each');
    expect((await install.run(['handoff', 'history'])).stdout).toContain('forced: first plan, looked at each');
    // Looked at once, they are no news.
    expect(await install.run(['plan', '-o', 'plan.json'])).toMatchObject({ status: 0 });
  });

  it('of keys that became safe at once is not made by waiting, but once somebody has looked since', async () => {
    use(scanned).configure({ maxNewlySafeShare: 0.2 });
    const night = async (day: number): Promise<void> => {
      install.usualDay(TODAY + (day - 1) * DAY_MS);
      await install.run(['scan', '--quiet', '-o', 'csv=x.csv'], TODAY + day * DAY_MS);
    };
    const plan = async (day: number, ...more: string[]) =>
      install.run(['plan', '-o', 'plan.json', ...more], TODAY + day * DAY_MS);
    for (let day = 1; day <= 9; day++) await night(day);
    expect(await plan(9)).toMatchObject({ status: 6 });
    expect(await plan(9, '--force', 'looked at each')).toMatchObject({ status: 0 });
    expect(await plan(9)).toMatchObject({ status: 0 });
    // Something takes both back, and gives both free on one day: somebody has to look again.
    const config = JSON.parse(install.read('lastcall.yaml')) as object;
    const exemptions = ['billing-2024', 'mail-2024'].map((key) => ({ key, reason: 'audit', until: '2026-01-25' }));
    install.write('lastcall.yaml', JSON.stringify({ ...config, exemptions }));
    for (let day = 10; day <= 20; day++) await night(day);
    const again = await plan(20);
    expect(again.status).toBe(6);
    expect(again.stderr).toMatch(/2 of 7 keys became safe on 2026-01-2\d, more than 20 %/);
    expect(await plan(20, '--force', 'looked again')).toMatchObject({ status: 0 });
    expect(await plan(20)).toMatchObject({ status: 0 });
  });

  it('that is signed can be verified with the public key alone', async () => {
    use(scanned);
    const env = { XDG_CONFIG_HOME: install.path('home') };
    const keyFile = install.path('home/lastcall/lastcall-signing-key.pem');
    expect((await install.run(['plan', '--sign', '-o', 'plan.json'], TODAY, { env })).status).toBe(0);
    expect(fs.statSync(keyFile).mode & 0o777).toBe(0o600);
    install.write('key.pem', (await install.run(['plan', 'public-key'], TODAY, { env })).stdout);
    expect(install.read('key.pem')).toMatch(/^-----BEGIN PUBLIC KEY-----/);
    fs.rmSync(install.path('lastcall.db'));
    const elsewhere = ['plan', 'verify', 'plan.json', '--public-key', 'key.pem'];
    const good = await install.run(elsewhere);
    expect(good).toMatchObject({ status: 0 });
    expect(good.stderr).toContain('Calls since then are known where the database is');
    expect(await install.run(elsewhere, TODAY + 24 * HOUR_MS)).toMatchObject({ status: 6, stderr: '' });
    expect((await install.run(elsewhere, TODAY - HOUR_MS)).stdout).toContain('it is from 2026-01-10T00:00:00.000Z');
    install.write('plan.json', install.read('plan.json').replaceAll('mail-2024', 'shop-2024'));
    expect(await install.run(elsewhere)).toMatchObject({ status: 6 });
    install.write('plan.json', fs.readFileSync(`${planned}/plan.json`, 'utf8'));
    expect((await install.run(elsewhere)).stdout).toContain('it is not signed');
  });
});

describe('a hand-off', { timeout: 120_000 }, () => {
  it('does nothing unless told to', async () => {
    use(planned);
    const { status, stdout } = await install.run(['handoff', 'plan.json']);
    expect(status).toBe(0);
    expect(stdout).toContain('Dry run: nothing was done');
    expect(install.told).toEqual([]);
    expect((await verify()).status).toBe(0);
  });

  it('does each step once: a permit that was used is refused', async () => {
    use(planned);
    expect(await install.run(EXECUTE)).toMatchObject({ status: 0 });
    const again = await install.run(EXECUTE);
    expect(again.status).toBe(6);
    expect(
      changesOf(again.stdout.replace('"keys"', '"permits"').replace('"undecided"', '"problems"'), 'mail-2024'),
    ).toEqual(['replayed']);
    expect(install.told).toEqual(['disable billing-2024', 'disable mail-2024']);
  });

  it('asks for the label of each key, and takes no other word for it', async () => {
    use(planned);
    const { status, stdout } = await install.run(['handoff', 'plan.json', '--execute', '--json'], TODAY, {
      answers: ['mail', 'mail'],
    });
    expect({ status, ...resultsOf(stdout) }).toEqual({ status: 1, 'billing-2024': 'declined', 'mail-2024': 'done' });
    expect(install.told).toEqual(['disable mail-2024']);
  });

  it('asks for the id where two keys have one label', async () => {
    use(scanned).write('keys.csv', install.read('keys.csv').replace('mail-2024,mail,', 'mail-2024,billing,'));
    await install.run(['plan', '-o', 'plan.json']);
    const { stdout } = await install.run(['handoff', 'plan.json', '--execute', '--json'], TODAY, {
      answers: ['billing', 'mail-2024'],
    });
    expect(resultsOf(stdout)).toEqual({ 'billing-2024': 'declined', 'mail-2024': 'done' });
  });

  it('makes what status tells of the last scan out of date, and a later scan tells of disabled keys', async () => {
    use(scanned);
    await install.run(['plan', '-o', 'json=plan.json']);
    expect((await install.run(['status'])).stdout).toContain('can be deleted today: billing and mail');
    await install.run(EXECUTE);
    const late = (await install.run(['status'], TODAY + 60_000)).stdout;
    expect(late).toContain('Keys were handed over after the last scan');
    expect(late).toContain('could be deleted then: ');
    await install.run(['scan', '--quiet', '-o', 'csv=x.csv'], TODAY + 120_000);
    const after = (await install.run(['status'], TODAY + 180_000)).stdout;
    expect(after).toMatch(/safe +2 +2 disabled: lastcall plan says when they can go/);
    expect(after).not.toContain('PROBLEMS');
  });

  it('leaves out a key that shares what it would stop with another one in force', async () => {
    use(scanned);
    const owners: Readonly<Record<string, string>> = {
      'billing-2024': 'shop',
      'shop-2024': 'shop',
      'mail-2024': 'mail',
    };
    const owned = (given: typeof owners): void => {
      const rows = fs.readFileSync(`${scanned}/keys.csv`, 'utf8').trim().split('\n');
      const lines = rows.map((row, index) => `${row},${index === 0 ? 'owner' : (given[row.split(',')[0]!] ?? '')}`);
      install.write('keys.csv', `${lines.join('\n')}\n`);
    };
    owned(owners);
    install.configure({ onlyKeyOf: 'owner' });
    const { stdout } = await install.run(['plan', '-o', 'table', '-o', 'json=plan.json']);
    expect(stdout).toContain('disable mail (mail-2024)');
    expect(stdout).toMatch(/billing \(billing-2024\): shop-2024 has the same owner, and would be stopped too: wait/);
    // Its consumer gets another key after the plan was made.
    owned({ ...owners, 'app-1': 'mail' });
    const late = await install.run(['plan', 'verify', 'plan.json', '--json']);
    expect(changesOf(late.stdout, 'mail-2024')).toEqual(['other-step']);
    expect(resultsOf((await install.run(EXECUTE)).stdout)).toEqual({ 'mail-2024': 'refused' });
    owned({ 'shop-2024': 'shop' });
    const unnamed = (await install.run(['plan'])).stdout;
    expect(unnamed).toContain('billing (billing-2024): the inventory does not say its owner');
    expect(install.told).toEqual([]);
  });

  it('lets others write while it waits for an answer, and looks again at what they found', async () => {
    use(planned);
    let scan: number | null = null;
    let busy = false;
    const { status, stdout, stderr } = await install.run(['handoff', 'plan.json', '--execute', '--json'], TODAY, {
      answers: ['billing', 'mail'],
      meanwhile: async () => {
        install.call('billing-2024', TODAY - 1);
        ({ status: scan } = await install.run(['scan', '--quiet', '-o', 'csv=x.csv']));
        const lock = lockRuns(install.path('lastcall.db'));
        busy = true;
        setTimeout(() => lock.release(), 700);
      },
    });
    expect({ scan, busy, status, ...resultsOf(stdout) }).toEqual({
      scan: 0, busy: true, status: 6, 'billing-2024': 'refused', 'mail-2024': 'done',
    }); // prettier-ignore
    expect(stderr).toContain('Another run holds the database. This one goes on when it is done.');
    expect(install.told).toEqual(['disable mail-2024']);
  });

  it('shows what a command says as text that does nothing', async () => {
    use(planned);
    const { stdout } = await install.run(['handoff', 'plan.json', '--execute', '--yes']);
    expect(stdout).toContain(String.raw`\x1b[31m::set-env name=x::y`);
    expect(stdout).not.toContain('\u001b');
    expect((await install.run(['handoff', 'history'])).stdout).not.toContain('\u001b');
  });

  it('keeps no key that a command prints', async () => {
    use(planned).write('provider.sh', '#!/bin/sh\necho "deleted acme_live_EXAMPLE000billing2222"\n', 0o755);
    const { stdout } = await install.run(EXECUTE);
    expect(stdout).toContain('deleted acme_...2222');
    for (const name of fs.readdirSync(install.folder).filter((one) => one.startsWith('lastcall.db')))
      expect(fs.readFileSync(install.path(name)).includes('acme_live_EXAMPLE000billing2222'), name).toBe(false);
  });

  it('lets one of two at once do its work', async () => {
    use(planned).write('provider.sh', `${PROVIDER}sleep 3\n`, 0o755);
    const first = install.start(EXECUTE);
    const ended = new Promise((resolve) => first.once('exit', resolve));
    while (install.told.length === 0 && first.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await install.run(EXECUTE)).toMatchObject({ status: 4, stdout: '' });
    expect(await ended).toBe(0);
    expect(install.told).toEqual(['disable billing-2024', 'disable mail-2024']);
  });

  it('that was killed in the middle is not repeated until a person has decided', async () => {
    use(planned).write('provider.sh', `${PROVIDER}kill -9 $PPID\n`, 0o755);
    const killed = install.start(EXECUTE);
    expect(await new Promise((resolve) => killed.once('exit', (_, signal) => resolve(signal)))).toBe('SIGKILL');
    expect(install.told).toEqual(['disable billing-2024']);
    install.write('provider.sh', PROVIDER, 0o755);
    const after = await install.run(EXECUTE);
    expect(resultsOf(after.stdout)).toEqual({ 'billing-2024': 'refused', 'mail-2024': 'done' });
    expect((JSON.parse(after.stdout) as HandoffResult).undecided).toMatchObject([
      { key: 'billing-2024', step: 'disable' },
    ]);
    expect((await install.run(['plan'])).stdout).toContain('nobody knows whether it was disabled');
    const nobody = 'obody knows whether billing (billing-2024) was disabled at 2026-01-10 00:00 UTC';
    expect((await install.run(['scan', '--quiet', '-o', 'csv=x.csv'])).stderr).toContain(nobody);
    expect((await install.run(['status'])).stdout).toContain(nobody);
    expect(await install.run(['doctor'])).toMatchObject({ status: 1, stdout: expect.stringContaining(nobody) });
    const history = (await install.run(['handoff', 'history'])).stdout;
    expect(history).toContain('billing (billing-2024): nobody knows whether it was disabled\n');
    expect(await install.run(['handoff', 'decide', 'billing-2024', 'not-done'])).toMatchObject({ status: 0 });
    expect(await install.run(['handoff', 'decide', 'billing-2024', 'done'])).toMatchObject({ status: 2 });
    expect(await install.run(['plan', '-o', 'plan.json'])).toMatchObject({ status: 0 });
    expect(resultsOf((await install.run(EXECUTE)).stdout)).toEqual({ 'billing-2024': 'done' });
    expect(install.told).toEqual(['disable billing-2024', 'disable mail-2024', 'disable billing-2024']);
  });

  it('whose command hangs or fails says so, and goes on', async () => {
    use(planned).configure({ timeoutSeconds: 1 });
    install.write('provider.sh', '#!/bin/sh\n[ "$2" = mail-2024 ] && exit 7\nsleep 60\n', 0o755);
    const { status, stdout } = await install.run(EXECUTE);
    expect({ status, ...resultsOf(stdout) }).toEqual({ status: 1, 'billing-2024': 'unknown', 'mail-2024': 'failed' });
    expect((await install.run(['plan'])).stdout).toMatch(
      /disable mail \(mail-2024\)[\s\S]*billing-2024\): nobody knows/,
    );
  });

  it('deletes after quiet days with complete logs only, and what was deleted and is called is a zombie', async () => {
    use(planned);
    expect(await install.run(EXECUTE)).toMatchObject({ status: 0 });
    expect((await install.run(['plan'], TODAY + 2 * DAY_MS)).stdout).toContain('0 keys can be handed over');
    for (let day = 0; day < 5; day++) install.usualDay(TODAY + day * DAY_MS);
    install.call('billing-2024', TODAY + 2 * DAY_MS, 401, 'year-end');
    const now = TODAY + 5 * DAY_MS;
    const { status, stdout } = await install.run(['plan', '-o', 'table', '-o', 'json=plan.json'], now);
    expect(status).toBe(0);
    expect(stdout).toContain('delete mail (mail-2024)');
    expect(stdout).not.toContain('billing-2024');
    expect(resultsOf((await install.run(EXECUTE, now)).stdout)).toEqual({ 'mail-2024': 'done' });
    expect(install.told.at(-1)).toBe('delete mail-2024');
    // Its owner takes it off the list, and somebody calls with it after all.
    install.write('keys.csv', install.read('keys.csv').replace(/^mail-2024.*\n/m, ''));
    install.call('mail-2024', now + HOUR_MS, 401, 'newsletter');
    const scan = await install.run(['scan', '--fail-on', 'zombie,shadow', '-o', 'json=report.json'], now + 2 * HOUR_MS);
    expect(scan.status).toBe(1);
    expect(scan.stderr).toContain('mail (mail-2024) was deleted at 2026-01-15 00:00 UTC; newsletter was refused at');
    const report = JSON.parse(install.read('report.json')) as {
      keys: { label: string; status: string; findings: string[] }[];
    };
    expect(report.keys.find(({ label }) => label === 'mail')).toMatchObject({
      status: 'deleted',
      findings: ['zombie'],
    });
    const history = JSON.parse((await install.run(['handoff', 'history', '--json'], now)).stdout) as HandoffHistory;
    expect(history.brokenAt).toBeNull();
    expect(history.keys).toMatchObject([
      { key: 'billing-2024', status: 'disabled', calls: [{ system: 'year-end', isRefused: true }] },
      { key: 'mail-2024', status: 'deleted', calls: [{ system: 'newsletter', isRefused: true }] },
    ]);
  });

  it('is no zombie`s for calls from before', async () => {
    use(planned);
    expect(await install.run(EXECUTE)).toMatchObject({ status: 0 });
    expect(await install.run(['scan', '--fail-on', 'zombie', '-o', 'csv=x.csv'])).toMatchObject({ status: 0 });
  });

  it('by hand shows the steps and waits for a word', async () => {
    use(planned).configure({ disable: { steps: ['Open the dashboard', 'Switch {keyId} off'] }, delete: undefined });
    expect(resultsOf((await install.run(EXECUTE)).stdout)).toEqual({
      'billing-2024': 'declined',
      'mail-2024': 'declined',
    });
    const answers = ['billing', 'done', 'mail'];
    const { stdout, stderr } = await install.run(['handoff', 'plan.json', '--execute', '--json'], TODAY, { answers });
    expect(stderr).toContain('  2. Switch billing-2024 off\n');
    expect(resultsOf(stdout)).toEqual({ 'billing-2024': 'done', 'mail-2024': 'unknown' });
  });

  describe('by a driver of the user', () => {
    const byDriver = { disable: { driver: './driver.mjs' }, delete: undefined };
    const told = "import fs from 'node:fs'; const tell = (text) => fs.appendFileSync('driver.log', `${text}\\n`);";

    it('runs it in a process of its own, without the secret, and keeps what it says', async () => {
      use(planned).configure({ ...byDriver, environment: ['TOKEN'] });
      const body = 'tell(JSON.stringify([key, Object.keys(process.env)])); return `gone: ${key.id}`;';
      install.write('driver.mjs', `${told} export default { async disable(key) { ${body} } };`);
      const { status, stdout } = await install.run(EXECUTE, TODAY, { env: { TOKEN: 'example' } });
      expect({ status, ...resultsOf(stdout) }).toEqual({ status: 0, 'billing-2024': 'done', 'mail-2024': 'done' });
      const [first] = install
        .read('driver.log')
        .split('\n')
        .map((line) => JSON.parse(line || '[]') as [object, string[]]);
      expect(first?.[0]).toMatchObject({ id: 'billing-2024', label: 'billing', columns: {} });
      expect(first?.[1]).toContain('TOKEN');
      expect(first?.[1].filter((name) => name.startsWith('LASTCALL'))).toEqual([]);
      const history = await install.run(['handoff', 'history', '--json']);
      expect(history.stdout).toContain('gone: billing-2024');
    });

    it('fails with what it throws, and is not known when it hangs', async () => {
      use(planned).configure({ ...byDriver, timeoutSeconds: 5 });
      const body =
        "if (id === 'mail-2024') throw new Error('not today'); await new Promise((end) => setTimeout(end, 60_000));";
      install.write('driver.mjs', `export default { async disable({ id }) { ${body} } };`);
      const { stdout } = await install.run(EXECUTE);
      expect(resultsOf(stdout)).toEqual({ 'billing-2024': 'unknown', 'mail-2024': 'failed' });
      expect(stdout).toContain('not today');
    });

    it.each([
      ['export default { delete() {} };', 'its default export has no function "disable"'],
      ['export const disable = () => {};', 'its default export has no function "disable"'],
      ['export default {', 'Unexpected end of input'],
    ])('%s is refused before the first key is touched', async (text, problem) => {
      use(planned).configure(byDriver);
      install.write('driver.mjs', text);
      const { status, stderr } = await install.run(EXECUTE);
      expect(status).toBe(2);
      expect(stderr).toContain(`driver.mjs: `);
      expect(stderr).toContain(problem);
      expect((await install.run(['handoff', 'history'])).stdout).not.toContain('billing-2024');
    });
  });

  it('without a command is no hand-off', async () => {
    use(planned).configure({ disable: undefined, delete: undefined });
    expect(await install.run(EXECUTE)).toMatchObject({ status: 2 });
  });
});

describe('what is written for programs', { timeout: 120_000 }, () => {
  it('fits the published schemas', async () => {
    use(planned);
    const check = (schema: object, text: string): void => {
      const ajv = new Ajv2020({ strict: false });
      expect(ajv.validate(schema, JSON.parse(text)), ajv.errorsText()).toBe(true);
    };
    check(planSchema, install.read('plan.json'));
    check(verificationSchema, (await install.run(['plan', 'verify', 'plan.json', '--json'])).stdout);
    check(handoffSchema, (await install.run(EXECUTE)).stdout);
    install.call('billing-2024', TODAY + HOUR_MS, 401);
    check(handoffSchema, (await install.run(EXECUTE, TODAY + 2 * HOUR_MS)).stdout);
    check(handoffsSchema, (await install.run(['handoff', 'history', '--json'], TODAY + 2 * HOUR_MS)).stdout);
  });
});

describe('check', { timeout: 60_000 }, () => {
  it('reads what is new first', async () => {
    use(scanned);
    expect(await install.run(['check', 'billing-2024'])).toMatchObject({ status: 0, stderr: '' });
    install.call('billing-2024', TODAY + HOUR_MS);
    const { status, stdout } = await install.run(['check', 'billing-2024', '--json'], TODAY + 2 * HOUR_MS);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ key: 'billing-2024', verdict: 'in-use' });
  });

  it('is of now, unless another time is typed; then it says so', async () => {
    use(scanned).call('billing-2024', TODAY - HOUR_MS);
    expect(
      await install.run(['check', 'billing-2024'], TODAY, { env: { LASTCALL_AS_OF: '2026-01-01' } }),
    ).toMatchObject({
      status: 1,
    });
    const { stderr } = await install.run(['check', 'billing-2024', '--as-of', '2026-01-01'], TODAY);
    expect(stderr).toContain('this is the answer as of 2026-01-01T23:59:59.999Z, not of now');
  });
});

describe('where no logs are configured', { timeout: 60_000 }, () => {
  const withoutLogs = (): void => {
    const { sources: _, ...rest } = JSON.parse(install.read('lastcall.yaml')) as { sources: unknown };
    install.write('lastcall.yaml', JSON.stringify(rest));
  };
  const later = TODAY + 25 * HOUR_MS;

  it('a gate says so, and is none after a day', async () => {
    use(planned);
    withoutLogs();
    const soon = await install.run(['check', 'billing-2024'], TODAY + HOUR_MS);
    expect(soon.status).toBe(0);
    expect(soon.stderr).toContain(
      'no logs are configured, so nothing new was read: they were last read at 2026-01-10T00:00:00.000Z',
    );
    expect(await install.run(['check', 'billing-2024'], later)).toMatchObject({ status: 3 });
    expect(await install.run(['plan', 'verify', 'plan.json'], later)).toMatchObject({ status: 6 });
    const refused = await install.run(['plan', '-o', 'new.json'], later);
    expect(refused).toMatchObject({ status: 3 });
    expect(refused.stderr).toContain('Refused: no logs are configured');
    expect(fs.existsSync(install.path('new.json'))).toBe(false);
    // A run that read nothing makes nothing new.
    expect(await install.run(['check', 'billing-2024'], later)).toMatchObject({ status: 3 });
  });

  it('nothing is done to a key after a day', async () => {
    use(scanned).configure({ expiry: '3 days' });
    expect(await install.run(['plan', '-o', 'plan.json'])).toMatchObject({ status: 0 });
    withoutLogs();
    expect(await install.run(['plan', 'verify', 'plan.json'], later)).toMatchObject({ status: 3 });
    expect(await install.run(EXECUTE, later)).toMatchObject({ status: 3, stdout: '' });
    expect(install.told).toEqual([]);
  });
});

describe('a key that was disabled by a hand-off', { timeout: 60_000 }, () => {
  it('is in the mail of the night in which somebody calls with it, and in no other', async () => {
    use(planned);
    expect(await install.run(EXECUTE)).toMatchObject({ status: 0 });
    const night = async (day: number): Promise<string> => {
      install.usualDay(TODAY + (day - 1) * DAY_MS);
      const { stdout, stderr } = await install.run(['scan', '--quiet', '--since', 'last'], TODAY + day * DAY_MS);
      return stdout + stderr;
    };
    expect(await night(1)).toBe('');
    install.call('billing-2024', TODAY + DAY_MS + HOUR_MS, 401, 'year-end');
    expect(await night(2)).toContain('was disabled at 2026-01-10 00:00 UTC; year-end was refused at 2026-01-11 01:00');
    expect(await night(3)).toBe('');
    install.call('billing-2024', TODAY + 3 * DAY_MS + HOUR_MS, 401, 'cron');
    expect(await night(4)).toContain('cron was refused at');
    expect(await night(5)).toBe('');
    // Who asks for everything is told each time.
    const { stderr } = await install.run(['report', '-o', 'csv=x.csv'], TODAY + 5 * DAY_MS);
    expect(stderr).toContain('year-end was refused at');
  });

  it('is as untouched as before once it is enabled again', async () => {
    use(planned);
    expect(await install.run(EXECUTE)).toMatchObject({ status: 0 });
    expect(await install.run(['handoff', 'decide', 'billing-2024', 'enabled'])).toMatchObject({ status: 0 });
    expect((await install.run(['handoff', 'history'])).stdout).toContain('billing (billing-2024): untouched\n');
  });

  it('is safe no more once somebody is refused with it, who never called before', async () => {
    use(planned);
    expect(await install.run(EXECUTE)).toMatchObject({ status: 0 });
    for (let day = 0; day < 2; day++) install.usualDay(TODAY + day * DAY_MS);
    expect(await install.run(['check', 'billing-2024'], TODAY + 2 * DAY_MS)).toMatchObject({ status: 0 });
    install.call('billing-2024', TODAY + DAY_MS, 401, 'year-end');
    const { status, stdout } = await install.run(['check', 'billing-2024'], TODAY + 2 * DAY_MS);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^waiting billing-2024: .*disabled on 2026-01-10, and missed: year-end was refused on 2026-01-11/,
    );
    // Who missed it is remembered when it is enabled again.
    expect(await install.run(['handoff', 'decide', 'billing-2024', 'enabled'], TODAY + 2 * DAY_MS)).toMatchObject({
      status: 0,
    });
    const after = await install.run(['check', 'billing-2024', '--json'], TODAY + 2 * DAY_MS);
    expect(JSON.parse(after.stdout)).toMatchObject({
      status: 'active', verdict: 'waiting', safeOn: '2027-01-11', findings: ['revived'],
    }); // prettier-ignore
  });
});
