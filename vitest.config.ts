import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  define: { checksPrograms: 'true' },
  resolve: {
    alias: [
      // Tests beside a source file run on the source; what imports 'heddle' by name gets the built package, as a user does.
      { find: /^#platform$/, replacement: here('./src/platform/node.ts') },
      { find: /^#platform\/threads$/, replacement: here('./src/platform/node-threads.ts') },
      { find: /^heddle$/, replacement: here('./dist/index.js') },
      { find: /^heddle\/array$/, replacement: here('./dist/array-entry.js') },
      { find: /^heddle\/io$/, replacement: here('./dist/io/index.js') },
      { find: /^heddle\/ir$/, replacement: here('./dist/ir-entry.js') },
      { find: /^heddle\/math$/, replacement: here('./dist/math/index.js') },
      { find: /^heddle\/measure$/, replacement: here('./dist/measure/index.js') },
    ],
  },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // The built package runs as it is, with its own imports, and not through the aliases above.
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'build/test-results.json' }]] : ['default'],
  },
});
