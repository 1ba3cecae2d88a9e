/** What was probably missed, in words that both screens share. */
export function probable(low: number, high: number, expected: number): string {
  if (high === 0) return 'nothing';
  const range = low === high ? String(high) : `${low} to ${high}`;
  return `${range} ${high === 1 ? 'item' : 'items'} (${expected.toFixed(1)} on average)`;
}
