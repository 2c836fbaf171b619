/** A step of `npm run build`: writes the manual page into the package. */
import fs from 'node:fs';
import path from 'node:path';
import { manPage } from '../../src/commands/man-page.ts';
import { FORMATS } from '../../src/formats/index.ts';
import { reporters } from '../../src/reporters/index.ts';
import { readVersion } from '../../src/version.ts';

const file = path.join(import.meta.dirname, '../../dist/lastcall.1');
fs.writeFileSync(file, manPage({ version: readVersion(), formats: FORMATS, reporters }));
