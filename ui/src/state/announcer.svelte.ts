/** The one polite status line: shown in the status bar, read by screen readers. */

class Announcer {
  text = $state('');

  say(text: string): void {
    this.text = text;
  }
}

export const announcer = new Announcer();
