/** One browser and one gateway for all tests of a file. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import {
  type RunningGateway,
  removeDirectory,
  startGateway,
  temporaryDirectory,
} from '../../support/gateway-process.ts';
import { startBrowser } from './chromium.ts';
import { type PageGateway, pageGateway } from './gateway.ts';
import { Screen } from './screen.ts';

/** Longest wait for something on the page, in ms: shorter than a test's own limit, so that what was waited for is named. */
const WAIT_MS = 20_000;

export interface Visit {
  readonly page: Page;
  readonly screen: Screen;
  /** What the page should never have: errors of scripts, and what its policy forbade. */
  readonly faults: readonly string[];
}

export class Stage {
  #browser: Browser | undefined;
  #running: RunningGateway | undefined;
  #dataDir: string | undefined;

  /** @param flags of the gateway; null: the tests start gateways of their own */
  constructor(flags: readonly string[] | null) {
    beforeAll(async () => {
      this.#browser = await startBrowser();
      if (flags === null) return;
      this.#dataDir = temporaryDirectory();
      this.#running = await startGateway(this.#dataDir, ...flags);
    });
    afterAll(async () => {
      await this.#browser?.close();
      await this.#running?.end('SIGTERM');
      if (this.#dataDir !== undefined) removeDirectory(this.#dataDir);
    });
  }

  get url(): string {
    if (this.#running === undefined) throw new Error('the gateway does not run');
    return this.#running.url;
  }

  /** @param token sent with what the test itself asks */
  gateway(token?: string): PageGateway {
    return pageGateway(this.url, token);
  }

  /** A tab of its own, with its own storage, closed after the test. */
  async visit(options: BrowserContextOptions = {}): Promise<Visit> {
    if (this.#browser === undefined) throw new Error('the browser does not run');
    const context = await this.#browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    return { page, screen: new Screen(page), faults: await faultsOf(page) };
  }
}

async function faultsOf(page: Page): Promise<readonly string[]> {
  const faults: string[] = [];
  page.on('pageerror', error => faults.push(`error: ${error.message}`));
  await page.exposeFunction('tellFault', (fault: string) => faults.push(fault));
  await page.addInitScript(() => {
    const { tellFault } = globalThis as unknown as { tellFault(fault: string): void };
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      tellFault(`the policy forbade ${violatedDirective} ${blockedURI}`),
    );
  });
  return faults;
}
