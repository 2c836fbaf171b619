/** How long the processor worked on it, in milliseconds: in this thread alone, however busy the machine is. */
export function cpuMs(act: () => void): number {
  const before = process.threadCpuUsage();
  act();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
