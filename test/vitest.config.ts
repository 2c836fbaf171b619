import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/temporary-folder.ts'],
    root: new URL('..', import.meta.url).pathname,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Tests start the real program and real SQLite files: processes, not threads.
    pool: 'forks',
    // Of two cores vitest uses one, and a test is idle half of its time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The program is started a thousand times: kept compiled, it starts in half the time.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/lastcall-tests', import.meta.url)) },
  },
});
