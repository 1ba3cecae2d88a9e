/** Light or dark: what the desktop prefers, unless the person at the desk chose. */
import { preferences, type ThemeChoice } from './preferences.svelte';

const preference = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  isDark = $state(preference.matches);

  /** Follows the desktop from now on. */
  start(): void {
    preference.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  choose(choice: ThemeChoice): void {
    preferences.theme = choice;
    this.#apply();
  }

  #apply(): void {
    const choice = preferences.theme;
    this.isDark = choice === 'system' ? preference.matches : choice === 'dark';
    document.documentElement.dataset.theme = this.isDark ? 'dark' : 'light';
  }
}

export const theme = new Theme();
