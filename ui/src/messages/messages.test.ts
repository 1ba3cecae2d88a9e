import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import * as messages from '.';

const root = new URL('..', import.meta.url).pathname;
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(svelte|ts)$/.test(file) && !/^(messages|bindings|backend.fixture)/.test(file))
  .map((file) => readFileSync(join(root, file), 'utf8'));

/** The sentences of a group that a file shows, under the name by which it imports the group. */
function shownIn(source: string, group: string): string[] {
  const imported = /import \{([^}]*)\} from '[./]*messages'/.exec(source)?.[1] ?? '';
  const name = new RegExp(`\\b${group}(?: as (\\w+))?\\b`).exec(imported);
  if (!name) return [];
  const uses = source.matchAll(new RegExp(`\\b${name[1] ?? group}\\.(\\w+)`, 'g'));
  return [...uses].flatMap(([, key]) => key ?? []);
}

it('every sentence is shown somewhere', () => {
  const unused = Object.entries(messages).flatMap(([group, sentences]) => {
    const shown = new Set(sources.flatMap((source) => shownIn(source, group)));
    return Object.keys(sentences)
      .filter((key) => !shown.has(key))
      .map((key) => `${group}.${key}`);
  });
  expect(unused).toEqual([]);
});

it('no sentence pleads, shouts or asks whether one is sure', () => {
  const texts = JSON.stringify(messages, (_, value: unknown) =>
    typeof value === 'function' ? String(value) : value,
  );
  expect(texts).not.toMatch(/please|oops|are you sure|[a-z]!/i);
});
