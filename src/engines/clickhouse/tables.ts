import type { Problem } from '../../ingest/problem.ts';
import { readTable, type TableContext, type TableResult, type TableSource } from './read-table.ts';
import { openServer, type TableServer } from './server.ts';

/** The tables of a run, ready to be asked. */
export interface Tables {
  readonly count: number;
  /** Reads one after the other. A table that cannot be read is a problem of its own, and no reason to stop. */
  read(context: TableContext): Promise<TableResult>;
  close(): Promise<void>;
}

export interface TableLogin {
  readonly one: TableSource;
  readonly password: string | undefined;
}

/** Loads the client if there is a table at all. Throws `input` when it is not installed. */
export async function openTables(logins: readonly TableLogin[]): Promise<Tables> {
  const opened = await Promise.all(
    logins.map(async ({ one, password }) => ({ one, server: await openServer(one.table, password) })),
  );
  return {
    count: opened.length,
    read: async (context) => {
      const result = { records: 0, days: 0, problems: [] as Problem[] };
      for (const { one, server } of opened) {
        if (context.isInterrupted()) break;
        if (isOpenToOthers(one)) result.problems.push(plainTransport(one));
        const { records, days, problems } = await readUntilInterrupted(one, server, context);
        result.records += records;
        result.days += days;
        result.problems.push(...problems);
      }
      return result;
    },
    close: async () => {
      await Promise.all(opened.map(({ server }) => server.close()));
    },
  };
}

const LOOK_MS = 200;

async function readUntilInterrupted(
  one: TableSource,
  server: TableServer,
  context: TableContext,
): Promise<TableResult> {
  const watch = setInterval(() => {
    if (context.isInterrupted()) server.abort();
  }, LOOK_MS);
  try {
    return await readTable(one, server, context);
  } finally {
    clearInterval(watch);
  }
}

/** Keys come as they are logged and are hashed here, so the way must be a closed one. */
function isOpenToOthers({ table }: TableSource): boolean {
  const { protocol, hostname } = new URL(table.url);
  return protocol === 'http:' && !/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

function plainTransport({ place }: TableSource): Problem {
  return {
    file: place,
    message: 'its keys and the password cross the network as plain text',
    hint: 'Use the https address of the server.',
    isIncomplete: false,
  };
}
