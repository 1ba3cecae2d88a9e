/** Serves the fixture build, with the policy of the window, and opens a plain browser. */
import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';
import { preview } from 'vite';

const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path && existsSync(path));

export async function openFixture() {
  const server = await preview({ mode: 'fixture', build: { outDir: '.fixture' }, logLevel: 'error' });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  return {
    browser,
    base: server.resolvedUrls.local[0],
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
