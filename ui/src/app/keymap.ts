/**
 * Every key in one table: the handler looks commands up here, and the help sheet is made from it.
 *
 * Letters act only in the review (WCAG 2.1.4). Keys are matched on `event.key`, and none needs Shift
 * or AltGr on a German or French keyboard, except `?`, which Help shows too.
 */

export type Scope = 'everywhere' | 'list' | 'review';

export interface KeyCommand {
  id: CommandId;
  scope: Scope;
  /** Chords that trigger it; `Mod` is Ctrl, or Cmd on a Mac. */
  chords: readonly string[];
  label: string;
}

export type CommandId =
  | 'go-cases'
  | 'go-review'
  | 'go-packages'
  | 'go-audit'
  | 'go-settings'
  | 'new-case'
  | 'filter'
  | 'primary'
  | 'next-pane'
  | 'previous-pane'
  | 'shortcuts'
  | 'row-down'
  | 'row-up'
  | 'row-first'
  | 'row-last'
  | 'row-open'
  | 'play'
  | 'play-on'
  | 'redact'
  | 'keep'
  | 'next-span'
  | 'previous-span'
  | 'edges'
  | 'left'
  | 'right'
  | 'mark'
  | 'mode'
  | 'channel'
  | 'slower'
  | 'faster'
  | 'go-to-time'
  | 'zoom-span'
  | 'zoom-all'
  | 'undo'
  | 'reason'
  | 'leave';

export const keymap: readonly KeyCommand[] = [
  { id: 'go-cases', scope: 'everywhere', chords: ['Mod+1'], label: 'Cases' },
  { id: 'go-review', scope: 'everywhere', chords: ['Mod+2'], label: 'Review' },
  { id: 'go-packages', scope: 'everywhere', chords: ['Mod+3'], label: 'Packages' },
  { id: 'go-audit', scope: 'everywhere', chords: ['Mod+4'], label: 'Audit log' },
  { id: 'go-settings', scope: 'everywhere', chords: ['Mod+,'], label: 'Settings' },
  { id: 'new-case', scope: 'everywhere', chords: ['Mod+n'], label: 'New case' },
  { id: 'filter', scope: 'everywhere', chords: ['Mod+f', '/'], label: 'Filter' },
  { id: 'primary', scope: 'everywhere', chords: ['Mod+Enter'], label: 'Main button of the screen' },
  { id: 'next-pane', scope: 'everywhere', chords: ['F6'], label: 'Next pane' },
  { id: 'previous-pane', scope: 'everywhere', chords: ['Shift+F6'], label: 'Previous pane' },
  { id: 'shortcuts', scope: 'everywhere', chords: ['?', 'Shift+?'], label: 'All shortcuts' },
  { id: 'row-down', scope: 'list', chords: ['ArrowDown'], label: 'Next row' },
  { id: 'row-up', scope: 'list', chords: ['ArrowUp'], label: 'Previous row' },
  { id: 'row-first', scope: 'list', chords: ['Home'], label: 'First row' },
  { id: 'row-last', scope: 'list', chords: ['End'], label: 'Last row' },
  { id: 'row-open', scope: 'list', chords: ['Enter'], label: 'Open the row' },
  { id: 'play', scope: 'review', chords: [' '], label: 'Play the span with 2 s around it; again: stop' },
  { id: 'play-on', scope: 'review', chords: ['Shift+ '], label: 'Play on from here' },
  { id: 'redact', scope: 'review', chords: ['r'], label: 'Redact, then the next span plays' },
  {
    id: 'keep',
    scope: 'review',
    chords: ['k'],
    label: 'Keep with the chosen reason, then the next span plays',
  },
  { id: 'next-span', scope: 'review', chords: ['ArrowDown'], label: 'Next span' },
  { id: 'previous-span', scope: 'review', chords: ['ArrowUp'], label: 'Previous span' },
  { id: 'edges', scope: 'review', chords: ['e'], label: 'Edges: start, end, off' },
  {
    id: 'left',
    scope: 'review',
    chords: ['ArrowLeft', 'Shift+ArrowLeft', 'Mod+ArrowLeft'],
    label: 'Edge 50 ms earlier (Shift 10, Ctrl 250); otherwise seek 1 s (Shift 5 s)',
  },
  {
    id: 'right',
    scope: 'review',
    chords: ['ArrowRight', 'Shift+ArrowRight', 'Mod+ArrowRight'],
    label: 'Edge 50 ms later; otherwise seek on',
  },
  { id: 'mark', scope: 'review', chords: ['a'], label: 'Mark a span: once for its start, again for its end' },
  { id: 'mode', scope: 'review', chords: ['o'], label: 'Redacted or original, at the same instant' },
  { id: 'channel', scope: 'review', chords: ['c'], label: 'Channel: both, then one by one' },
  { id: 'slower', scope: 'review', chords: ['d'], label: 'Slower' },
  { id: 'faster', scope: 'review', chords: ['f'], label: 'Faster' },
  { id: 'go-to-time', scope: 'review', chords: ['g'], label: 'Go to a time' },
  { id: 'zoom-span', scope: 'review', chords: ['z'], label: 'Zoom to the span' },
  { id: 'zoom-all', scope: 'review', chords: ['0'], label: 'Whole call' },
  { id: 'undo', scope: 'review', chords: ['Mod+z'], label: 'Undo the last decision' },
  { id: 'reason', scope: 'review', chords: ['1', '2', '3', '4', '5', '6'], label: 'Reason to redact' },
  { id: 'leave', scope: 'review', chords: ['Escape'], label: 'Leave the edges or the mark' },
];

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** The chord of a key press in the form of the table. Alt belongs to the desktop: it never matches. */
export function chordOf(press: KeyPress): string {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  const parts = [
    press.altKey ? 'Alt' : null,
    press.ctrlKey || press.metaKey ? 'Mod' : null,
    press.shiftKey ? 'Shift' : null,
    key,
  ];
  return parts.filter((part) => part !== null).join('+');
}

/** The command of a key press in a scope. */
export function commandFor(press: KeyPress, scope: Scope): CommandId | null {
  const chord = chordOf(press);
  const found = keymap.find((command) => command.scope === scope && command.chords.includes(chord));
  return found?.id ?? null;
}

/** Whether a command is triggered by a key that types something. */
export function isPlainKey(press: KeyPress): boolean {
  return press.key.length === 1 && !press.ctrlKey && !press.metaKey;
}

/** What takes typed keys: a field for text, or a list to choose from. */
export type FieldKind = 'text' | 'choice';

/** Whether a key press belongs to the field that has the focus: typing, moving in it, undoing in it. */
export function isFieldKey(press: KeyPress, field: FieldKind): boolean {
  if (isPlainKey(press) || press.key.startsWith('Arrow')) return true;
  return field === 'text' && chordOf(press) === 'Mod+z';
}

const signs: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Mod: 'Ctrl',
  Escape: 'Esc',
};

/** The caps of a chord as a person knows them: `Mod+z` is Ctrl, Z. */
export function keyCaps(chord: string): string[] {
  return chord.split('+').map((part) => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}
