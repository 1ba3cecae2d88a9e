// Runs before the page in a window that a test drives: keeps what the web view complains about, and lets
// the test say whether the desktop prefers dark colors.
(() => {
  const problems = [];
  const note = (kind, text) => problems.push(`${kind}: ${text}`);
  Object.defineProperty(window, '__sarProblems', { value: problems });
  addEventListener('securitypolicyviolation', (event) =>
    note('policy', `${event.violatedDirective} blocked ${event.blockedURI || 'inline'}`),
  );
  addEventListener('error', (event) => note('error', event.message));
  addEventListener('unhandledrejection', (event) => note('rejection', String(event.reason)));
  const report = console.error;
  console.error = (...words) => {
    note('console', words.map(String).join(' '));
    report.apply(console, words);
  };

  const preference = Object.assign(new EventTarget(), {
    media: '(prefers-color-scheme: dark)',
    matches: false,
  });
  const ask = window.matchMedia.bind(window);
  window.matchMedia = (query) => (query === preference.media ? preference : ask(query));
  Object.defineProperty(window, '__sarPreferDark', {
    value: (isDark) => {
      preference.matches = isDark;
      preference.dispatchEvent(new Event('change'));
    },
  });
})();
