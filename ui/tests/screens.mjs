/**
 * Opens every screen of the fixture build in a plain browser, in light and dark: takes a picture,
 * runs axe, and fails on any violation of the content security policy, on any error in the page and
 * on anything that has to be scrolled sideways.
 *
 *   npm run build:fixture && npm run screens -- [folder for pictures] [part of a screen's name]
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { openFixture } from './browser.mjs';
import { screens } from './screen-list.mjs';

const folder = process.argv[2] ?? '/tmp/ui-shots';
const part = process.argv[3] ?? '';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function problemsOf(page) {
  const { violations } = await page.evaluate(async () => {
    const options = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
    return window.axe.run(document, options);
  });
  return violations.map(
    ({ id, nodes }) => `axe ${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`,
  );
}

/** Boxes whose content is wider than they are, by the class that a person who fixes it looks for. */
async function sideways(page) {
  const wide = await page.evaluate(() => {
    const isWide = (box) => {
      const { overflowX } = getComputedStyle(box);
      return ['auto', 'scroll'].includes(overflowX) && box.scrollWidth > box.clientWidth + 1;
    };
    const root = document.documentElement;
    const boxes = [...document.querySelectorAll('body *')].filter(isWide);
    return (root.scrollWidth > root.clientWidth ? [root, ...boxes] : boxes).map(
      (box) => `${box.tagName.toLowerCase()}.${box.className}`,
    );
  });
  return wide.map((box) => `scrolls sideways: ${box}`);
}

async function visit(browser, base, theme, screen) {
  const viewport = screen.viewport ?? { width: 1280, height: 800 };
  const page = await browser.newPage({ colorScheme: theme, viewport, reducedMotion: 'reduce' });
  const problems = [];
  page.on('pageerror', (error) => problems.push(`page: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  await page.addInitScript(axeSource);
  // As in the window of the desktop.
  await page.addInitScript(() => void Object.freeze(Object.prototype));
  await page.goto(`${base}?scene=${screen.scene ?? ''}#${screen.hash ?? '/cases'}`);
  await page.waitForTimeout(screen.wait ?? 350);
  await screen.act?.(page);
  await page.waitForTimeout(150);
  problems.push(...(await problemsOf(page)), ...(await sideways(page)));
  await page.screenshot({ path: `${folder}/${screen.name}-${theme}.png` });
  await page.close();
  return problems;
}

mkdirSync(folder, { recursive: true });
const { browser, base, close } = await openFixture();
let failures = 0;
for (const screen of screens.filter(({ name }) => name.includes(part))) {
  for (const theme of ['light', 'dark']) {
    const problems = await visit(browser, base, theme, screen).catch((error) => [String(error)]);
    failures += problems.length;
    for (const problem of problems) console.log(`${screen.name} ${theme}: ${problem}`);
  }
}
await close();
console.log(failures === 0 ? `All screens are clean; pictures are in ${folder}` : `${failures} problems`);
process.exitCode = failures === 0 ? 0 : 1;
