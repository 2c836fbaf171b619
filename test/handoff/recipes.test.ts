import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { parseMembers } from '../../src/config/config.ts';
import { fillAction } from '../../src/handoff/action.ts';
import { ROOT } from '../house/source-files.ts';
import { Install } from './install.ts';
import { inventoryFolders, readTogether } from '../inventories/fixture-folders.ts';

// The recipes of src/handoff/README.md, as they stand there, with the lists that the vendors' own commands print.

const PAGE = fs.readFileSync(path.join(ROOT, 'src/handoff/README.md'), 'utf8');

/** The settings under a heading such as `**Kong.**`. */
function recipe(title: string): object {
  const text = PAGE.slice(PAGE.indexOf(`**${title}.**`));
  return parse(/```yaml\n([^`]*)```/.exec(text)?.[1] ?? '') as object;
}

function commandsFor(
  title: string,
  inventory: string,
  columns?: Readonly<Record<string, string>>,
): readonly (readonly string[])[] {
  const [provider] = parseMembers({ handoff: recipe(title) }).handoff.providers;
  const actions = [provider?.disable, provider?.delete, provider?.undo].filter((action) => action !== undefined);
  const folder = inventoryFolders().find(({ name }) => name === inventory)!;
  return readTogether(folder, columns)
    .flatMap(({ entries }) => entries)
    .map((entry) => {
      const [filled, ...others] = actions.map((action) => fillAction(action, entry));
      expect([filled, ...others].filter((one) => one?.by === 'nobody')).toEqual([]);
      return filled?.by === 'command' ? filled.command : [];
    });
}

/** The commands under a sentence of the page. */
function script(sentence: string): string {
  return /```bash\n([^`]*)```/.exec(PAGE.slice(PAGE.indexOf(sentence)))?.[1] ?? '';
}

const hasTools = ['openssl', 'jq'].every(
  (tool) => spawnSync(tool, ['--version']).status === 0 || spawnSync(tool, ['version']).status === 0,
);

describe.skipIf(!hasTools)('what the page says of verifying without lastcall (needs openssl and jq)', () => {
  it('finds a signed plan good, and one in which a byte was changed bad', async () => {
    const install = await Install.make();
    onTestFinished(() => install.remove());
    const env = { XDG_CONFIG_HOME: install.path('home') };
    await install.run(['plan', '--sign', '-o', 'plan.json'], undefined, { env });
    install.write('lastcall.pem', (await install.run(['plan', 'public-key'], undefined, { env })).stdout);
    const verify = (): number | null =>
      spawnSync('bash', ['-c', script('Without lastcall')], { cwd: install.folder }).status;
    const plan = install.read('plan.json');
    expect(verify()).toBe(0);
    for (const [from, to] of [
      ['mail-2024', 'shop-2024'],
      ['"count":2', '"count":3'],
      ['"step":"disable"', '"step":"delete"'],
    ] as const) {
      install.write('plan.json', plan.replace(from, to));
      expect(verify(), from).toBe(1);
    }
  }, 60_000);
});

describe('a recipe', () => {
  it('for AWS names the user of each key', () => {
    expect(commandsFor('AWS access keys', 'aws-access-keys')).toContainEqual(
      'aws iam update-access-key --user-name ci-deploy --access-key-id AKIAEXAMPLECIDEPLOY1 --status Inactive'.split(
        ' ',
      ),
    );
  });

  it('for Kong stops the consumer of each key', () => {
    const commands = commandsFor('Kong', 'kong-keys');
    expect(commands.map((command) => command.at(-1))).toContain('http://localhost:8001/consumers/web-shop/plugins');
    expect(commands[0]).toContain('tags=lastcall-5f1e7a02-0000-4000-8000-000000000001');
    expect(parseMembers({ handoff: recipe('Kong') }).handoff.providers).toMatchObject([{ onlyKeyOf: 'owner' }]);
  });

  it('for Google Cloud names each key with its project', () => {
    const name = 'projects/123456789012/locations/global/keys/0a1b2c3d-0000-4000-8000-000000000001';
    expect(commandsFor('Google Cloud API keys', 'gcp-api-keys', { name: 'id' })).toContainEqual(
      `gcloud services api-keys delete ${name} --quiet`.split(' '),
    );
  });

  it('for a dashboard is a list of steps', () => {
    const { handoff } = parseMembers({ handoff: recipe('A dashboard without an API') });
    expect(handoff.providers).toMatchObject([{ disable: { by: 'hand' }, delete: { by: 'hand' } }]);
  });
});
