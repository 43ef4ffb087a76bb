import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Most of what the tests do is wait for processes: one worker for each core, none left out.
    maxWorkers: availableParallelism(),
    // A bound for what hangs, not for what is slow: processes start in seconds where many do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for takes as long as the machine is busy; shorter than a test's own limit, so that it is named.
    expect: { poll: { timeout: 15_000 } },
    reporters: ['default'],
  },
});
