/** The UTC day, as days since 1970, with which the folder of a key is over, going by the date in its name: of a day or of a month. */
export function endOfFolder(folder: string): { readonly lastDay: number; readonly isDay: boolean } | undefined {
  const { year, month, day } = (DAY.exec(folder) ?? MONTH.exec(folder))?.groups ?? {};
  if (year === undefined || month === undefined) return undefined;
  const [y, m, d] = [Number(year), Number(month), day === undefined ? 0 : Number(day)];
  // Day 0 of the next month is the last of this one.
  const last = new Date(Date.UTC(y, m - 1 + (day === undefined ? 1 : 0), d));
  const isReal = m >= 1 && m <= 12 && (day === undefined || (d >= 1 && last.getUTCDate() === d));
  return isReal ? { lastDay: last.getTime() / DAY_MS, isDay: day !== undefined } : undefined;
}

const DAY_MS = 86_400_000;
/** `2026/09/01/`, `2026-09-01/`, `20260901/`, and the same with names before them: `dt=2026-09-01/`, `year=2026/month=09/day=01/`. */
const DAY = /(?:^|[/=])(?<year>20\d\d)(?:-?|\/(?:month=|m=)?)(?<month>\d\d)(?:-?|\/(?:day=|d=)?)(?<day>\d\d)\/$/;
const MONTH = /(?:^|[/=])(?<year>20\d\d)(?:-|\/(?:month=|m=)?)(?<month>\d\d)\/$/;
