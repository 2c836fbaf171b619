import { csv } from './csv.ts';
import { html } from './html.ts';
import { json } from './json.ts';
import { markdown } from './markdown.ts';
import type { Reporter } from './reporter.ts';
import { table } from './table.ts';

/** Every output that `-o` can name. Add a reporter here. */
export const reporters: readonly Reporter[] = [table, html, json, csv, markdown];
