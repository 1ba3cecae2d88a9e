/** Arrow keys move through the rows of a table, Enter opens one; one row is in the tab order. */
export function rowKeys(open: (row: HTMLElement) => void): (table: HTMLElement) => () => void {
  return (table) => {
    const rows = (): HTMLElement[] => [...table.querySelectorAll<HTMLElement>('tr[data-row]')];

    function move(from: HTMLElement, step: number): void {
      const all = rows();
      const target = all[all.indexOf(from) + step];
      if (!target) return;
      all.forEach((row) => (row.tabIndex = row === target ? 0 : -1));
      target.focus();
    }

    function onKeydown(event: KeyboardEvent): void {
      const row = event.target;
      if (!(row instanceof HTMLElement) || !row.matches('tr[data-row]')) return;
      if (event.key === 'ArrowDown') move(row, 1);
      else if (event.key === 'ArrowUp') move(row, -1);
      else if (event.key === 'Enter') open(row);
      else return;
      event.preventDefault();
    }

    table.addEventListener('keydown', onKeydown);
    return () => table.removeEventListener('keydown', onKeydown);
  };
}
