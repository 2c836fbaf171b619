import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DriverKey, FilledAction } from './action.ts';
import { type CommandSettings, runCommand } from './run-command.ts';
import type { OutcomeBody, Step } from './steps.ts';

/**
 * What a module of the user's exports by default to hand keys over. A step is done when its promise is fulfilled, with a
 * text for the ledger or nothing, and failed when it is rejected. When the process ends otherwise, nobody knows.
 */
export interface HandoffDriver {
  /** Makes the key refuse calls, in a way that can be taken back. */
  readonly disable: (key: DriverKey) => Promise<string | void>;
  readonly delete?: (key: DriverKey) => Promise<string | void>;
}

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
