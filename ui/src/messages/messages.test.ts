import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import * as messages from '.';

const root = new URL('..', import.meta.url).pathname;
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(svelte|ts)$/.test(file) && !/^(messages|bindings|backend.fixture)/.test(file))
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

const keys = Object.entries(messages).flatMap(([group, sentences]) =>
  Object.keys(sentences).map((key) => [group, key] as const),
);

it('every sentence is shown somewhere', () => {
  const unused = keys.filter(([, key]) => !new RegExp(`\\b\\w+\\.${key}\\b`).test(sources));
  expect(unused).toEqual([]);
});

it('no sentence pleads, shouts or asks whether one is sure', () => {
  const texts = JSON.stringify(messages, (_, value: unknown) =>
    typeof value === 'function' ? String(value) : value,
  );
  expect(texts).not.toMatch(/please|oops|are you sure|[a-z]!/i);
});
