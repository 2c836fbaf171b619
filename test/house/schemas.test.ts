import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { SCHEMA_FOLDER, schemaFiles } from './schemas.ts';

const files = [...schemaFiles()];

it.each(files)('reports/schemas/%s is that of the library (npm run goldens, and read the diff)', (file, text) => {
  expect(readFileSync(join(SCHEMA_FOLDER, file), 'utf8')).toBe(text);
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  expect(ajv.validateSchema(JSON.parse(text) as object)).toBe(true);
  expect(text).toContain(`"lastcall.${file.replace('-1.json', '/1')}"`);
});

it('reports/schemas holds nothing else', () => {
  expect(readdirSync(SCHEMA_FOLDER).toSorted()).toEqual(files.map(([file]) => file).toSorted());
});
