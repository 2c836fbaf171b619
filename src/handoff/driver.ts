import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FilledAction } from './action.ts';
import { type CommandSettings, runCommand } from './run-command.ts';
import type { OutcomeBody, Step } from './steps.ts';

export interface DriverSettings extends CommandSettings {
  /** The program of Node.js. */
  readonly nodePath: string;
}

/** Runs one step of a driver, in a process of its own. */
export function runDriver(
  { module, key }: Extract<FilledAction, { readonly by: 'driver' }>,
  step: Step,
  { nodePath, ...settings }: DriverSettings,
): Promise<OutcomeBody> {
  return runCommand([nodePath, hostFile(), module, step, JSON.stringify(key)], settings);
}

/** Loads a driver as it will be loaded, and does nothing with it. Why it cannot do a step, or undefined. */
export async function driverProblem(
  module: string,
  step: Step,
  { nodePath, ...settings }: DriverSettings,
): Promise<string | undefined> {
  const { result, detail } = await runCommand([nodePath, hostFile(), module, step], settings);
  return result === 'done' ? undefined : (detail ?? result);
}

/** This program runs as it was written or as it was compiled. */
function hostFile(): string {
  return fileURLToPath(new URL(`./driver-host${path.extname(fileURLToPath(import.meta.url))}`, import.meta.url));
}
