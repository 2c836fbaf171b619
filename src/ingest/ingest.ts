import type { IngestContext, IngestResult } from './context.ts';
import { hasDigests } from './delivery.ts';
import { IngestRun } from './ingest-run.ts';
import { ReadAhead, sizeOf } from './read-ahead.ts';

/**
 * Reads what is new in the logs into the ledger. Every log that cannot be read whole is a problem of its own, a fault
 * in the ledger, and no reason to stop. Throws for trouble with the database only.
 */
export async function ingest(files: readonly string[], context: IngestContext): Promise<IngestResult> {
  const run = new IngestRun({ ...context, hasDigests: hasDigests(files) }, sizeOf(files, context.objects));
  try {
    const ahead = new ReadAhead(files, context.objects, context.ledger);
    for (const [index, file] of files.entries()) {
      if (context.isInterrupted()) break;
      ahead.from(index);
      await run.file(file, files[index + 1]);
    }
    await run.settleAll();
    await run.readDeferred();
    if (!context.isInterrupted()) run.noteLostTails();
    run.noteDoubtfulSources();
    run.commit();
  } catch (error) {
    await run.abandon();
    context.ledger.rollback();
    throw error;
  }
  return run.result();
}
