import path from 'node:path';
import picomatch from 'picomatch';
import type { Fingerprinter } from '../attribution/fingerprint.ts';
import { createKeyResolver } from '../attribution/key-resolver.ts';
import { compileKeyPaths } from '../attribution/path-credentials.ts';
import { compileSystems, normaliseIp } from '../attribution/systems.ts';
import type { SourceConfig } from '../config/config.ts';
import { customLogFormat } from '../formats/custom-format.ts';
import type { FieldMap, Format } from '../formats/format.ts';
import { isTextPattern } from '../formats/text-pattern.ts';
import { memo } from '../memo.ts';
import type { Options } from '../options.ts';
import { placeOf } from '../sources/log-file.ts';
import { isAddress } from '../sources/s3-address.ts';
import type { LogSettings } from './reading-plan.ts';
import type { Interpretation } from './interpret.ts';

/** The options that say how logs are read. */
export type SettingOptions = Pick<
  Options,
  'formats' | 'sources' | 'source' | 'logFormat' | 'logFormatString' | 'records' | 'fields' | 'timezone' | 'systems'
>;

/**
 * How each log is to be read: what the configuration says of its path, and flags over that. `own`: the formats of the
 * user's, loaded.
 */
export function settingsByPath(
  options: Omit<SettingOptions, 'formats'>,
  fingerprinter: Fingerprinter,
  own: readonly Format[],
): (file: string) => LogSettings {
  const resolveKey = createKeyResolver(fingerprinter);
  const ipNormaliser = memo(normaliseIp);
  const nameSystem = compileSystems(options.systems);
  checkFormats(options);
  const sources = options.sources.map((source) => ({
    source,
    keyPaths: compileKeyPaths(source.keyPaths),
    isMatch: pathMatcher(source.paths),
  }));
  return (file) => {
    const { source, keyPaths } = sources.find(({ isMatch }) => isMatch(file)) ?? {};
    return {
      source: options.source ?? source?.name,
      choice: {
        own,
        format: options.logFormat === 'auto' ? (source?.format ?? 'auto') : options.logFormat,
        logFormatString: options.logFormatString ?? source?.logFormatString,
        recordsPath: options.records ?? source?.records,
        columns: source?.columns,
        delimiter: source?.delimiter,
        fields: { ...source?.fields, ...options.fields } as FieldMap,
        keyHeaders: source?.keyHeaders ?? [],
        sessionHeaders: source?.sessionHeaders ?? [],
      },
      interpretation: {
        timezone: source?.timezone ?? options.timezone,
        keyParameters: keyParametersOf(source),
        keyPaths,
        resolveKey,
        normaliseIp: ipNormaliser,
        nameSystem,
      },
    };
  };
}

/** What is made of a row of a table: as of a record of a log. */
export function interpretationOf(
  source: SourceConfig,
  options: Pick<Options, 'systems'>,
  fingerprinter: Fingerprinter,
): Interpretation {
  return {
    source: source.name,
    timezone: undefined,
    keyParameters: keyParametersOf(source),
    resolveKey: createKeyResolver(fingerprinter),
    normaliseIp: memo(normaliseIp),
    nameSystem: compileSystems(options.systems),
  };
}

/** What cannot be compiled is refused before the first log is read. */
function checkFormats({
  logFormat,
  logFormatString,
  sources,
}: Pick<SettingOptions, 'logFormat' | 'logFormatString' | 'sources'>): void {
  for (const { format, logFormatString: spec } of [{ format: logFormat, logFormatString }, ...sources]) {
    if (spec !== undefined) customLogFormat(spec);
    if (isTextPattern(format)) customLogFormat(format);
  }
}

function keyParametersOf(source: SourceConfig | undefined): readonly string[] | undefined {
  return source === undefined || source.keyParameters.length === 0 ? undefined : source.keyParameters;
}

/** A source's path is a file, a directory (everything below it), a glob or an address (everything that begins with it). */
export function pathMatcher(paths: readonly string[]): (file: string) => boolean {
  const matchers = paths.map((one) => {
    if (isAddress(one)) return (file: string) => file.startsWith(one);
    const whole = path.resolve(one);
    const isMatch = picomatch(whole, { dot: true });
    return (file: string) => file === whole || file.startsWith(`${whole}${path.sep}`) || isMatch(file);
  });
  return (file) => {
    const whole = placeOf(file);
    return matchers.some((isMatch) => isMatch(whole));
  };
}
