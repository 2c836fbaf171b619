import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { MadeTable } from './made-table.ts';

/** A made table behind HTTP, for what only a wire can do wrong. */
export interface MadeServer {
  readonly url: string;
  readonly table: MadeTable;
  readonly requests: { readonly url: URL; readonly headers: http.IncomingHttpHeaders; readonly body: string }[];
  /** Answers in place of the table; true: it has. `text`: what the table would say. */
  answer: (response: http.ServerResponse, text: string, body: string) => boolean;
  close(): Promise<void>;
}

export async function startMadeServer(tls?: https.ServerOptions): Promise<MadeServer> {
  const made: Omit<MadeServer, 'url' | 'close'> = { table: new MadeTable(), requests: [], answer: () => false };
  const listener: http.RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.on('end', async () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      made.requests.push({ url, headers: request.headers, body });
      const text = await textOf(body, made.table);
      if (!made.answer(response, text, body)) response.end(text);
    });
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(made, {
    url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  });
}

async function textOf(body: string, table: MadeTable): Promise<string> {
  if (body.includes('FORMAT JSONCompact')) {
    const meta = (await table.types(body)).map((type, index) => ({ name: `lc_${index}`, type }));
    return JSON.stringify({ meta, data: [], rows: 0 });
  }
  let text = '';
  for await (const row of table.rows(body)) text += `${JSON.stringify(row)}\n`;
  return text;
}
