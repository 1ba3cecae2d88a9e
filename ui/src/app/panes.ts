/** F6 goes from pane to pane, as desktops do. */
const FOCUSABLE = 'a[href], button:not(:disabled), input, select, textarea, [tabindex="0"]';

export function movePane(step: 1 | -1): void {
  const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter(
    (pane) => pane.querySelector('[data-pane]') === null,
  );
  if (panes.length === 0) return;
  const current = panes.findIndex((pane) => pane.contains(document.activeElement));
  const next = panes[(current + step + panes.length) % panes.length];
  (next?.querySelector<HTMLElement>(FOCUSABLE) ?? next)?.focus();
}
