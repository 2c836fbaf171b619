import { expect, it } from 'vitest';
import { compileKernel, readKernel } from './compile-kernel.ts';

it('the compiled kernel is that of its source: npm run kernel', () => {
  expect(compileKernel()).toBe(readKernel());
});
