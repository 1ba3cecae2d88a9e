import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

const tauri = {
  group: ['@tauri-apps/*'],
  message: 'Only src/backend talks to the desktop; everything else calls src/backend.',
};
const pages = { group: ['**/pages/**'], message: 'Pages compose components; components know no page.' };
const domains = ['case', 'recording', 'redaction', 'delivery'];

/** The import rule of a folder; rules of several folders do not add up, so each states all of its own. */
function imports(files, patterns) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

/** A domain component uses shared components and its own folder. */
function domainRule(domain) {
  const others = domains.filter((other) => other !== domain);
  const foreign = {
    group: others.flatMap((other) => [`../${other}/*`, `**/components/${other}/*`]),
    message: `Components of ${domain} use shared ones and their own.`,
  };
  return imports([`src/components/${domain}/**`], [tauri, pages, foreign]);
}

export default ts.config(
  { ignores: ['dist', '.fixture', 'node_modules', 'coverage', 'src/bindings'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser } } },
  { files: ['tests/**', '*.config.*'], languageOptions: { globals: { ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // Links are parts of the address after `#`; there is no SvelteKit to resolve them.
      'svelte/no-navigation-without-resolve': 'off',
      // State is replaced as a whole (`$state.raw`), so a plain Map or Date in it never changes unseen.
      'svelte/prefer-svelte-reactivity': 'off',
      'svelte/no-at-html-tags': 'error',
      'svelte/button-has-type': 'error',
      // The content security policy blocks `style="…"`; `style:name={value}` sets a property and passes.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'SvelteAttribute[key.name="style"]',
          message: 'Blocked by the policy: use style:name={…}.',
        },
      ],
    },
  },
  {
    files: ['src/**'],
    rules: {
      'no-console': 'error',
      'no-eval': 'error',
      'max-lines': ['error', 300],
      complexity: ['error', 12],
      '@typescript-eslint/no-explicit-any': 'error',
      // Types of the core are what they are; a cast would hide a change of the bindings.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Markup comes from templates only.' },
      ],
    },
  },
  imports(['src/**'], [tauri]),
  imports(
    ['src/components/shared/**'],
    [
      tauri,
      pages,
      {
        group: ['../../*', '../case/*', '../recording/*', '../redaction/*', '../delivery/*'],
        message: 'Shared components know no words of the field.',
      },
    ],
  ),
  ...domains.map(domainRule),
  imports(
    ['src/state/**', 'src/text/**', 'src/waveform/**', 'src/review/**', 'src/messages/**'],
    [tauri, pages, { group: ['**/components/**'], message: 'What is not markup does not depend on markup.' }],
  ),
  { files: ['src/backend/**'], rules: { 'no-restricted-imports': 'off' } },
);
