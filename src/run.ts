import type { ExitCode } from './errors.ts';
import type { Options } from './options.ts';
import type { Outside } from './outside.ts';
import { checkDestinations } from './output.ts';
import { neededFiles, outputFiles } from './own-files.ts';

/** Runs one command. Loads what that command needs: loading takes longer than most commands take to run. */
export async function run(options: Options, outside: Outside): Promise<ExitCode> {
  checkDestinations(outputFiles(options), [...neededFiles(options), ...options.logs]);
  switch (options.command) {
    case 'init':
      return (await import('./init/init.ts')).init(options, outside);
    case 'status':
      return (await import('./actions/status.ts')).showStatus(options, outside);
    case 'doctor':
      return (await import('./actions/doctor.ts')).examine(options, outside);
    case 'parse':
      return (await lookingAtLogs()).parse(options, outside);
    case 'sql':
      return (await import('./actions/table-queries.ts')).showQueries(options, outside);
    case 'formats':
      return (await lookingAtLogs()).listFormats(options, outside);
    case 'formats detect':
      return (await lookingAtLogs()).detect(options, outside);
    default:
      return runStages(options.command, options, outside);
  }
}

type Staged = Exclude<
  Options['command'],
  'init' | 'status' | 'doctor' | 'parse' | 'sql' | 'formats' | 'formats detect'
>;

/** Commands that work on the database. */
async function runStages(command: Staged, options: Options, outside: Outside): Promise<ExitCode> {
  const stored = await import('./actions/stored.ts');
  switch (command) {
    case 'scan':
      return (await reading()).scan(options, outside, (result) => stored.writeReport(result, options, outside));
    case 'ingest':
      return (await reading()).readLogs(options, outside, () => 0);
    case 'report':
      return stored.withStore(options, outside, (store, inventories) =>
        stored.report(store, inventories, options, outside),
      );
    case 'explain':
      return stored.withStore(options, outside, async (store, inventories) =>
        (await looking()).explainKey(store, inventories, options, outside),
      );
    case 'check':
      if (options.logs.length > 0)
        return (await reading()).readLogs(options, outside, async (store) =>
          (await looking()).checkKey(store, [], options, outside),
        );
      return stored.withStore(options, outside, async (store, inventories) =>
        (await looking()).checkKey(store, inventories, options, outside),
      );
    case 'plan':
      return (await reading()).readLogs(options, outside, async (store, _, notTaken) =>
        (await permitting()).writePlan(store, notTaken, options, outside),
      );
    case 'plan verify':
      if (options.publicKey !== undefined) return (await permitting()).verifySignatures(options, outside);
      return (await reading()).readLogs(options, outside, async (store) =>
        (await permitting()).verifyPlan(store, options, outside),
      );
    case 'plan public-key':
      return (await permitting()).showPublicKey(options, outside);
    case 'handoff':
      return (await reading()).readLogs(options, outside, async (store, readAgain, notTaken) =>
        outside.listening(async () => (await handingOver()).handOff(store, readAgain, notTaken, options, outside)),
      );
    case 'handoff history':
      return stored.withStore(options, outside, async (store) =>
        (await handingOver()).showHistory(store, options, outside),
      );
    case 'handoff decide':
      return (await reading()).withWritable(options, async (store) =>
        (await handingOver()).decide(store, options, outside),
      );
    case 'coverage':
      return stored.withStore(options, outside, async (store) =>
        (await looking()).showCoverage(store, options, outside),
      );
    case 'backtest':
      return stored.withStore(options, outside, async (store, inventories) =>
        (await looking()).showBacktest(store, inventories, options, outside),
      );
    case 'prune':
      return (await reading()).pruneDatabase(options, outside);
    case 'keys import':
      return (await reading()).importInventories(options, outside);
    case 'keys list':
      return stored.withStore(options, outside, async (store) =>
        (await looking()).listInventories(store, options, outside),
      );
    default:
      return command satisfies never;
  }
}

async function lookingAtLogs(): Promise<typeof import('./actions/inspect-logs.ts')> {
  return await import('./actions/inspect-logs.ts');
}

async function reading(): Promise<typeof import('./actions/pipeline.ts')> {
  return await import('./actions/pipeline.ts');
}

async function looking(): Promise<typeof import('./actions/inspect.ts')> {
  return await import('./actions/inspect.ts');
}

async function permitting(): Promise<typeof import('./actions/permits.ts')> {
  return await import('./actions/permits.ts');
}

async function handingOver(): Promise<typeof import('./actions/handing-over.ts')> {
  return await import('./actions/handing-over.ts');
}
