import { pathToFileURL } from 'node:url';
import type { HandoffDriver } from './driver-module.ts';

// The program that a driver runs in: it has the environment, the time and the end of a command, and never the secret.

const [module = '', step = '', key = ''] = process.argv.slice(2);
try {
  const { default: driver } = (await import(pathToFileURL(module).href)) as {
    readonly default?: Partial<HandoffDriver>;
  };
  const act = step === 'disable' || step === 'delete' ? driver?.[step] : undefined;
  if (typeof act !== 'function') throw new Error(`its default export has no function "${step}"`);
  const said = key === '' ? undefined : await act(JSON.parse(key) as Parameters<typeof act>[0]);
  if (typeof said === 'string') process.stdout.write(said);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : 'the driver failed');
  process.exitCode = 1;
}
