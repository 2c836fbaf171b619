/** Whether a name is a path to a module of the user's: `./my-reporter.mjs`. Our own names have no dot. */
export function isModulePath(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}
