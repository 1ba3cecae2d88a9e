/** Light or dark: what the desktop prefers, unless the person at the desk chose. */

export type ThemeChoice = 'system' | 'light' | 'dark';

const preference = matchMedia('(prefers-color-scheme: dark)');

class Theme {
  choice = $state<ThemeChoice>('system');
  isDark = $state(preference.matches);

  /** Follows the desktop from now on. */
  start(): void {
    preference.addEventListener('change', () => this.#apply());
    this.#apply();
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    this.#apply();
  }

  #apply(): void {
    this.isDark = this.choice === 'system' ? preference.matches : this.choice === 'dark';
    document.documentElement.dataset.theme = this.isDark ? 'dark' : 'light';
  }
}

export const theme = new Theme();
