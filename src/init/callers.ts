import type { Usage } from '../model.ts';

/** Calls that no rule names yet and that look like one system. */
export interface CallerCluster {
  /** A suggestion; undefined: only a person can know who that is. */
  readonly name: string | undefined;
  readonly userAgent: string | undefined;
  /** Networks it calls from, most calls first. */
  readonly networks: readonly string[];
  readonly calls: number;
  /** Different keys that it calls with. */
  readonly keys: number;
}

/** Programs that many systems are written with: such an agent names nobody. */
const LIBRARIES =
  /^(?:no agent|unreadable agent|python|aiohttp|httpx|urllib|curl|wget|go-http-client|go-resty|java|okhttp|apache-httpclient|jersey|axios|node|undici|got|ruby|faraday|rest-client|perl|libwww|php|guzzlehttp|dart|reqwest|hyper|boto3?|botocore|aws-sdk|aws-cli|awscli|terraform|postmanruntime|insomnia|httpie|kube-probe|.*(?:chrome|firefox|safari|edge|opera|explorer))/i;

/** Who called without a name, most calls first, at most `most` of them. */
export function clusterCallers(calls: readonly Usage[], most: number): readonly CallerCluster[] {
  const unnamed = calls.filter(({ system, keys }) => system.attribution === 'derived' && keys.length > 0);
  const byCaller = Map.groupBy(unnamed, ({ system }) => {
    const [product = '', network] = splitName(system.name);
    return LIBRARIES.test(product) ? JSON.stringify([product, network]) : JSON.stringify([product]);
  });
  return [...byCaller.values()]
    .map(clusterOf)
    .toSorted((a, b) => b.calls - a.calls)
    .slice(0, most);
}

function clusterOf(calls: readonly Usage[]): CallerCluster {
  const [product = ''] = splitName(calls[0]!.system.name);
  const networks = Map.groupBy(
    calls.flatMap(({ system }) => splitName(system.name)[1] ?? []),
    (network) => network,
  );
  const isLibrary = LIBRARIES.test(product);
  return {
    name: isLibrary
      ? undefined
      : product
          .toLowerCase()
          .replaceAll(/[^\p{Letter}\p{Number}.-]+/gu, '-')
          .replaceAll(/^-+|-+$/g, ''),
    userAgent: globOf(product, calls),
    networks: [...networks].toSorted((a, b) => b[1].length - a[1].length).map(([network]) => network),
    calls: calls.length,
    keys: new Set(calls.flatMap(({ keys }) => keys.map(({ key }) => key))).size,
  };
}

/** The product stands at the start of an agent, or somewhere in it; else no glob is sure to match. */
function globOf(product: string, calls: readonly Usage[]): string | undefined {
  if (product.includes('*') || product.includes('?')) return undefined;
  const agents = calls.map(({ userAgent = '' }) => userAgent);
  if (agents.every((agent) => agent.startsWith(product))) return `${product}*`;
  return agents.every((agent) => agent.includes(product)) ? `*${product}*` : undefined;
}

/** `billing @ 10.0.4.0/24`, as an unnamed caller is called. */
function splitName(name: string): readonly [product: string, network?: string] {
  const at = name.lastIndexOf(' @ ');
  return at === -1 ? [name] : [name.slice(0, at), name.slice(at + 3)];
}
