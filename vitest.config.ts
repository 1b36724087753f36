import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/manual/**', 'node_modules/**'],
    globalSetup: ['tests/support/build-pages.ts'],
    pool: 'forks',
    // Tests wait more than they count: with one worker less than processors, as is usual, half the machine would be idle.
    maxWorkers: '100%',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // A test without an assertion proves nothing.
    expect: { requireAssertions: true },
  },
})
