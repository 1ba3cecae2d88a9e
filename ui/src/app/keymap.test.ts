import { describe, expect, it } from 'vitest';

import { chordOf, commandFor, isFieldKey, keyCaps, keymap, type KeyPress } from './keymap';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe('the keymap', () => {
  it('gives each chord of a scope to one command', () => {
    const chords = keymap.flatMap(({ scope, chords }) => chords.map((chord) => `${scope} ${chord}`));
    expect(new Set(chords).size).toBe(chords.length);
  });

  it('keeps letters out of the window: they act in the review only (WCAG 2.1.4)', () => {
    const letters = keymap.filter(({ chords }) => chords.some((chord) => /^[a-z]$/.test(chord)));
    expect(letters.map(({ scope }) => scope)).toEqual(letters.map(() => 'review'));
  });

  it('uses no key that means something else to the desktop or the web view', () => {
    const chords = keymap.flatMap(({ chords }) => chords);
    for (const taken of ['F5', 'F12', 'Mod+r', 'Mod+p', 'Mod+w']) expect(chords).not.toContain(taken);
    expect(chords.filter((chord) => chord.includes('Alt'))).toEqual([]);
  });

  it('names every command', () => {
    expect(keymap.filter(({ label }) => label === '')).toEqual([]);
  });
});

describe('a key press', () => {
  it.each([
    [press('r'), 'redact'],
    [press('R'), 'redact'],
    [press(' '), 'play'],
    [press(' ', { shiftKey: true }), 'play-on'],
    [press('ArrowLeft', { shiftKey: true }), 'left'],
    [press('z', { ctrlKey: true }), 'undo'],
    [press('z', { metaKey: true }), 'undo'],
    [press('z'), 'zoom-span'],
    [press('3'), 'reason'],
    [press('r', { altKey: true }), null],
    [press('q'), null],
  ])('%o in the review is %s', (event, command) => {
    expect(commandFor(event, 'review')).toBe(command);
  });

  it('is looked up in its own scope', () => {
    expect(commandFor(press('r'), 'everywhere')).toBeNull();
    expect(commandFor(press('n', { ctrlKey: true }), 'everywhere')).toBe('new-case');
    expect(commandFor(press('?', { shiftKey: true }), 'everywhere')).toBe('shortcuts');
  });

  it('has a stable chord', () => {
    expect(chordOf(press('N', { ctrlKey: true, shiftKey: true }))).toBe('Mod+Shift+n');
  });
});

describe('in a field', () => {
  it.each([
    [press('r'), 'choice', true],
    [press(' '), 'choice', true],
    [press('ArrowDown'), 'choice', true],
    [press('ArrowLeft', { shiftKey: true }), 'text', true],
    [press('z', { ctrlKey: true }), 'text', true],
    // A list has nothing to undo, so the last decision is undone.
    [press('z', { ctrlKey: true }), 'choice', false],
    [press('Escape'), 'text', false],
    [press('Enter', { ctrlKey: true }), 'text', false],
    [press('F6'), 'choice', false],
  ] as const)('%o belongs to a %s field: %s', (event, field, expected) => {
    expect(isFieldKey(event, field)).toBe(expected);
  });
});

it('key caps read as they are printed', () => {
  expect(keyCaps('Shift+ ')).toEqual(['Shift', 'Space']);
  expect(keyCaps('Mod+z')).toEqual(['Ctrl', 'Z']);
  expect(keyCaps('ArrowLeft')).toEqual(['←']);
});
