import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BINARY = path.join(ROOT, 'src/kernel/scan-binary.ts');

/** Enough for all that `memory.ts` lays out, in pages of 64 KiB. */
const PAGES = 537;

/** The text of `scan-binary.ts` for the kernel as its source stands. */
export function compileKernel(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lastcall-kernel-'));
  try {
    const out = path.join(folder, 'kernel.wasm');
    const asc = path.join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
    const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--enable', 'bulk-memory'];
    const memory = ['--initialMemory', String(PAGES), '--maximumMemory', String(PAGES)];
    execFileSync(process.execPath, [asc, 'src/kernel/assembly/index.ts', '--outFile', out, ...options, ...memory], {
      cwd: ROOT,
    });
    return textOf(fs.readFileSync(out));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

export function readKernel(): string {
  return fs.readFileSync(BINARY, 'utf8');
}

/** Base64 may hold line ends. */
function textOf(wasm: Buffer): string {
  const lines = wasm.toString('base64').replace(/.{118}/g, '$&\n');
  return `/** The kernel, compiled from \`assembly/\` by \`npm run kernel\`. Committed, so that nobody needs its compiler to run lastcall. */\nexport const SCAN_BINARY: string = \`\n${lines}\n\`;\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) fs.writeFileSync(BINARY, compileKernel());
