/**
 * Reviews a call of the fixture build without a pointer: every key does what the help sheet says, and
 * fields keep their own keys.
 *
 *   npm run build:fixture && npm run keyboard
 */
import assert from 'node:assert/strict';

import { openFixture } from './browser.mjs';

const { browser, base, close } = await openFixture();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
page.setDefaultTimeout(5000);
const field = (name) => page.getByTestId(name);

/** How many spans a tab of the queue has. */
const count = async (tab) => Number((await field(`queue-${tab}`).innerText()).split(/\s+/).at(-1));
const chosen = () => page.locator('[role=option][aria-selected=true]').getAttribute('id');
/** The name of what has the focus. */
const focused = () =>
  page.evaluate(() => {
    const { dataset, className } = document.activeElement;
    return dataset.testid ?? ('queue' in dataset ? 'queue' : className.split(' ')[0]);
  });

/** Looks until it is so; a decision takes a moment. */
async function becomes(what, look, expected) {
  const deadline = performance.now() + 5000;
  let found = await look();
  while (found !== expected && performance.now() < deadline) {
    await page.waitForTimeout(20);
    found = await look();
  }
  assert.equal(found, expected, what);
  console.log(`ok  ${what}`);
}

async function review() {
  await page.goto(`${base}#/review/SAR-2026-000417/3`);
  await field('redact').waitFor();
  await becomes('the review has the focus at once', focused, 'review');
  const first = await chosen();
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await chosen(), first);
  await page.keyboard.press('ArrowUp');
  await becomes('arrows go down and up', chosen, first);

  const [open, redacted, kept] = [await count('review'), await count('redact'), await count('keep')];
  await page.keyboard.press('r');
  await becomes('R redacts', () => count('redact'), redacted + 1);
  await page.keyboard.press('k');
  await becomes('K keeps', () => count('keep'), kept + 1);
  await becomes('the rest is open', () => count('review'), open - 2);
  await page.keyboard.press('Control+z');
  await becomes('Ctrl Z takes the last decision back', () => count('keep'), kept);
}

async function listen() {
  const label = async () => (await field('play-span').innerText()).split(/\s+/)[0];
  if ((await label()) === 'Stop') await page.keyboard.press(' ');
  await becomes('Space stops', label, 'Play');
  await page.keyboard.press(' ');
  await becomes('Space plays', label, 'Stop');
  await page.keyboard.press(' ');
  await page.keyboard.press('o');
  await becomes('O plays the original', () => field('mode-original').getAttribute('aria-pressed'), 'true');
}

async function useFields() {
  const before = await chosen();
  await page.keyboard.press('g');
  await becomes('G goes to the field for a time', focused, 'go-to-time');
  await page.keyboard.type('0:20');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('1');
  await becomes('arrows move within the field', () => field('go-to-time').inputValue(), '0:210');
  await page.keyboard.press('Enter');
  await becomes('Enter goes there, back to the queue', focused, 'queue');

  await field('keep-reason').focus();
  const reason = await field('keep-reason').inputValue();
  await page.keyboard.press('ArrowDown');
  assert.notEqual(await field('keep-reason').inputValue(), reason);
  await becomes('arrows choose in a list, not a span', chosen, before);
  await page.keyboard.press('Escape');
  await becomes('Esc leaves the list', focused, 'queue');
}

async function askForHelp() {
  const dialogs = () => page.locator('dialog[open]').count();
  await page.keyboard.press('?');
  await becomes('? shows all shortcuts', dialogs, 1);
  await page.keyboard.press('r');
  await page.keyboard.press('Escape');
  await becomes('Esc closes them', dialogs, 0);
  await becomes('the focus is where it was', focused, 'queue');
}

async function walkTheList() {
  await page.keyboard.press('Control+1');
  await becomes('Ctrl 1 shows the cases', () => page.evaluate(() => location.hash), '#/cases');
  await field('case-row').first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const opened = () => page.evaluate(() => location.hash);
  await becomes('Enter opens the second row', opened, '#/cases/SAR-2026-000402/overview');
}

/** Runs in the page. The body is the stop between the last element and the first. */
function focusedStop() {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const isMarked = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
  return {
    at: [...document.querySelectorAll('*')].indexOf(element),
    name: element.outerHTML.slice(0, 90),
    isSeen: isMarked || element === document.body,
  };
}

/** Tab reaches everything on a screen and comes round again, and what it reaches can be seen. */
async function tabThrough(hash) {
  await page.goto(`${base}#${hash}`);
  await page.reload();
  await page.locator('h1').first().waitFor();
  const seen = new Set();
  let last = -1;
  for (let step = 0; step < 80; step++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(focusedStop);
    // A field for a date has several stops of its own, which the browser marks.
    if (stop.at === last) continue;
    if (seen.has(stop.at)) break;
    seen.add(stop.at);
    last = stop.at;
    assert.ok(stop.isSeen, `the focus can be seen on ${stop.name}`);
  }
  assert.ok(seen.size < 80, `Tab comes round on ${hash}`);
  console.log(`ok  Tab goes through ${seen.size} stops of ${hash}`);
}

try {
  await review();
  await listen();
  await useFields();
  await askForHelp();
  await walkTheList();
  for (const hash of [
    '/cases',
    '/cases/new',
    '/cases/SAR-2026-000421/search',
    '/cases/SAR-2026-000417/calls',
    '/cases/SAR-2026-000422/package',
    '/review/SAR-2026-000417/3',
    '/audit',
    '/help',
    '/settings',
  ]) {
    await tabThrough(hash);
  }
} finally {
  await close();
}
