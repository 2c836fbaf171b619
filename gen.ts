import { writeFileSync } from 'node:fs';
import { expectedFile, fixtureFolders, parseSamples } from './test/formats/fixture-folders.ts';
for (const folder of fixtureFolders()) { try { writeFileSync(expectedFile(folder), await parseSamples(folder)); } catch (e) { console.log(folder.name, String(e)); } }
