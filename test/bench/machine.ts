import os from 'node:os';

/** What the figures depend on, in a line. The load tells how busy others kept the machine. */
export function describeMachine(load: number): string {
  const [cpu] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${cpu?.model.trim() ?? 'unknown processor'}, ${os.availableParallelism()} cores, ${memory} GB, ${os.type()} ${os.release().split('-')[0]}, Node ${process.versions.node}; load ${load.toFixed(1)} before it began`;
}
