/** Where the last page of a list begins. */
export function lastOffset(total: number, page: number): number {
  return Math.max(0, Math.ceil(total / page) - 1) * page;
}
