import type { Captures, Format } from './format.ts';
import { splitRequest, unescapeLog } from './log-format.ts';
import { sameNames, shareOfLines } from './text-lines.ts';

/** `%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %b`. httpd.apache.org/docs/current/ssl/ssl_howto.html#logging */
export const apacheSslRequest: Format = {
  name: 'apache-ssl-request',
  title: 'Apache ssl_request_log',
  syntax: { kind: 'text', match },
  fields: sameNames('time ip method action identity.protocol identity.cipher'),
  recognise: (sample) => shareOfLines(sample, match),
  limits:
    'It has no status, header or agent: keys are seen only in query strings, and refused calls count as accepted. The access log beside it says more.',
};

function match(line: string): Captures | undefined {
  const parts = LINE.exec(line);
  if (parts === null) return undefined;
  const [, time, ip, protocol, cipher, request = ''] = parts;
  return { time, ip, ...splitRequest(unescapeLog(request)), 'identity.protocol': protocol, 'identity.cipher': cipher };
}

const LINE =
  /^\[(\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] (\S{1,255}) (TLSv[\d.]+|SSLv[\d.]+|-) ([A-Z\d_-]{1,60}) "((?:[^"\\]|\\.)*)" (?:\d+|-)$/;
