import { expect, it } from 'vitest';

import { Preferences } from './preferences.svelte';

/** As much of a storage as is used. */
class MapStorage implements Storage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key(): null {
    return null;
  }

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }
}

it('choices are there again the next time', () => {
  const storage = new MapStorage();
  const first = new Preferences(() => storage);
  expect([first.theme, first.letterKeys]).toEqual(['system', true]);
  first.theme = 'dark';
  first.letterKeys = false;
  const second = new Preferences(() => storage);
  expect([second.theme, second.letterKeys]).toEqual(['dark', false]);
});

it.each(['', 'no json', 'null', '7', '{"theme":"pink","letterKeys":"yes"}'])(
  'what is kept as %j is as at first',
  (kept) => {
    const storage = new MapStorage();
    storage.setItem('sar-portal.preferences', kept);
    const preferences = new Preferences(() => storage);
    expect([preferences.theme, preferences.letterKeys]).toEqual(['system', true]);
  },
);

it('a window without storage still takes the choice', () => {
  const preferences = new Preferences(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  preferences.theme = 'light';
  expect(preferences.theme).toBe('light');
});
