/** A table among the logs: a source of the configuration, by its name. */
export function tableAddress(source: string): string {
  return `clickhouse://${source}`;
}

/** Sources as they are called in the configuration or among the logs; all that are tables, when none is named. */
export function tableAddresses(names: readonly string[], sources: readonly Source[]): readonly string[] {
  if (names.length === 0)
    return sources.flatMap(({ name, table }) => (table === undefined ? [] : [tableAddress(name)]));
  return names.map((name) => (name.startsWith(tableAddress('')) ? name : tableAddress(name)));
}

interface Source {
  readonly name: string;
  readonly table?: { readonly passwordFrom: string } | undefined;
}

/** By the name of the source. What is not set is no password. */
export function passwordsOf(
  sources: readonly Source[],
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const passwords = sources.flatMap(({ name: source, table }): [string, string][] => {
    const password = table === undefined ? undefined : environment[table.passwordFrom];
    return password === undefined ? [] : [[source, password]];
  });
  return Object.fromEntries(passwords);
}
