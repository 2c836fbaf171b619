import { csv } from './csv.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { markdown } from './markdown.ts';
import { ocsf } from './ocsf.ts';
import { prometheus } from './prometheus.ts';
import type { Reporter } from './reporter.ts';
import { sarif } from './sarif.ts';
import { table } from './table.ts';

/** Every output that `-o` can name. Add a reporter here. */
export const reporters: readonly Reporter[] = [table, html, json, csv, markdown, sarif, ocsf, prometheus];
