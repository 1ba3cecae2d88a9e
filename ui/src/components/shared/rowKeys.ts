/** Arrow keys, Home and End move through the rows of a table, Enter opens one; one row is in the tab order. */
export function rowKeys(open: (row: HTMLElement) => void): (table: HTMLElement) => () => void {
  return (table) => {
    const rows = (): HTMLElement[] => [...table.querySelectorAll<HTMLElement>('tr[data-row]')];

    function moveTo(target: HTMLElement | undefined, all: HTMLElement[]): void {
      if (!target) return;
      all.forEach((row) => (row.tabIndex = row === target ? 0 : -1));
      target.focus();
    }

    function onKeydown(event: KeyboardEvent): void {
      const row = event.target;
      if (!(row instanceof HTMLElement) || !row.matches('tr[data-row]')) return;
      const all = rows();
      const at = all.indexOf(row);
      if (event.key === 'ArrowDown') moveTo(all[at + 1], all);
      else if (event.key === 'ArrowUp') moveTo(all[at - 1], all);
      else if (event.key === 'Home') moveTo(all[0], all);
      else if (event.key === 'End') moveTo(all.at(-1), all);
      else if (event.key === 'Enter') open(row);
      else return;
      event.preventDefault();
    }

    // The row that Tab reaches may go away when the list is read again.
    const observer = new MutationObserver(() => {
      const [first, ...others] = rows();
      if (first && ![first, ...others].some(({ tabIndex }) => tabIndex === 0)) first.tabIndex = 0;
    });

    table.addEventListener('keydown', onKeydown);
    observer.observe(table, { childList: true, subtree: true });
    return () => {
      table.removeEventListener('keydown', onKeydown);
      observer.disconnect();
    };
  };
}
