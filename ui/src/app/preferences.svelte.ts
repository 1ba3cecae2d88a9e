/**
 * How this person likes the window. Kept in the page's storage, which holds nothing of a case; the
 * window of the desktop is private, so there it lasts until the window closes.
 */

export type ThemeChoice = 'system' | 'light' | 'dark';
export const themeChoices: readonly ThemeChoice[] = ['system', 'light', 'dark'];

const KEY = 'sar-portal.preferences';

export class Preferences {
  #theme = $state<ThemeChoice>('system');
  #letterKeys = $state(true);

  constructor(private readonly storage: () => Storage) {
    const kept = this.#read();
    this.#theme = themeChoices.find((choice) => choice === kept.get('theme')) ?? 'system';
    this.#letterKeys = kept.get('letterKeys') !== false;
  }

  get theme(): ThemeChoice {
    return this.#theme;
  }

  set theme(choice: ThemeChoice) {
    this.#theme = choice;
    this.#keep();
  }

  /** Off: letters decide nothing; buttons still do (WCAG 2.1.4). */
  get letterKeys(): boolean {
    return this.#letterKeys;
  }

  set letterKeys(isOn: boolean) {
    this.#letterKeys = isOn;
    this.#keep();
  }

  #read(): ReadonlyMap<string, unknown> {
    try {
      const value: unknown = JSON.parse(this.storage().getItem(KEY) ?? '{}');
      return new Map(Object.entries(Object(value)));
    } catch {
      // Without storage, or with something else in it, everything is as at first.
      return new Map();
    }
  }

  #keep(): void {
    try {
      this.storage().setItem(KEY, JSON.stringify({ theme: this.#theme, letterKeys: this.#letterKeys }));
    } catch {
      // The choice holds until the page is loaded again.
    }
  }
}

export const preferences = new Preferences(() => localStorage);
