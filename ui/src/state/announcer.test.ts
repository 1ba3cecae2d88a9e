import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Announcer } from './announcer.svelte';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('a sentence stays on its screen and does not follow to the next', () => {
  const announcer = new Announcer();
  announcer.say('Call approved.');
  vi.advanceTimersByTime(5000);
  expect(announcer.text).toBe('Call approved.');
  announcer.leaveScreen();
  expect(announcer.text).toBe('');
});

it('a sentence said while the screen changes is about the next screen', () => {
  const announcer = new Announcer();
  announcer.say('Frozen.');
  vi.advanceTimersByTime(30);
  announcer.leaveScreen();
  expect(announcer.text).toBe('Frozen.');
  vi.advanceTimersByTime(5000);
  announcer.leaveScreen();
  expect(announcer.text).toBe('');
});

it('a sentence goes by itself, counted from the last one', () => {
  const announcer = new Announcer();
  announcer.say('Keep. 3 left.');
  vi.advanceTimersByTime(15_000);
  announcer.say('Keep. 2 left.');
  vi.advanceTimersByTime(15_000);
  expect(announcer.text).toBe('Keep. 2 left.');
  vi.advanceTimersByTime(5000);
  expect(announcer.text).toBe('');
});

it('the same sentence is a new one each time', () => {
  const announcer = new Announcer();
  announcer.say('Undone.');
  const { turn } = announcer;
  announcer.say('Undone.');
  expect(announcer.turn).not.toBe(turn);
});
