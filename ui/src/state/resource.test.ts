import { beforeEach, expect, it, vi } from 'vitest';

import type { ApiError, Event } from '../bindings/api';
import { useBackend } from '../backend';
import { Action } from './action.svelte';
import { connection } from './connection.svelte';
import { concerns, startEvents, subscribe } from './events';
import { Resource } from './resource.svelte';

const lost: ApiError = {
  code: 'source_unavailable',
  message: 'The source does not answer',
  hint: 'Try again.',
  retryable: true,
  correlation_id: null,
};

beforeEach(() => {
  connection.lostSince = null;
});

it('a resource keeps what it read when a later read fails, and takes note of a lost source', async () => {
  const load = vi.fn<() => Promise<number>>().mockResolvedValueOnce(1).mockRejectedValueOnce(lost);
  const resource = new Resource(load);
  await resource.reload();
  await resource.reload();
  expect(resource.data).toBe(1);
  expect(resource.error).toEqual(lost);
  expect(connection.lostSince).not.toBeNull();
});

it('a request during a read is followed by one more read, not by many', async () => {
  let finish = (): void => undefined;
  const load = vi.fn(
    () => new Promise<number>((resolve) => (finish = () => resolve(load.mock.calls.length))),
  );
  const resource = new Resource(load);
  const reading = resource.reload();
  void resource.reload();
  void resource.reload();
  finish();
  await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2));
  finish();
  await reading;
  expect(resource.data).toBe(2);
});

it('whoever asks during a read waits for what is there now', async () => {
  const finish: ((value: number) => void)[] = [];
  const resource = new Resource(() => new Promise<number>((resolve) => finish.push(resolve)));
  void resource.reload();
  const asked = resource.reload();
  finish[0]?.(1);
  await vi.waitFor(() => expect(finish).toHaveLength(2));
  finish[1]?.(2);
  await asked;
  expect(resource.data).toBe(2);
});

it('an answer that comes after closing is dropped', async () => {
  let finish = (): void => undefined;
  const resource = new Resource(() => new Promise<number>((resolve) => (finish = () => resolve(1))));
  const reading = resource.reload();
  resource.close();
  finish();
  await reading;
  expect(resource.data).toBeNull();
});

it('what is rejected without an error of the core is shown as an internal one', async () => {
  const resource = new Resource(() => Promise.reject(new TypeError('secret details')));
  await resource.reload();
  expect(resource.error?.code).toBe('internal');
  expect(JSON.stringify(resource.error)).not.toContain('secret');
});

it('an action answers null when it failed, and says why', async () => {
  useBackend({ call: () => Promise.reject(lost), onEvent: () => undefined });
  const action = new Action();
  expect(await action.run('get_status', {})).toBeNull();
  expect(action.error).toEqual(lost);
  expect(action.running).toBe(false);
});

it('events reach those who asked, until they no longer do', () => {
  let emit: (event: Event) => void = () => undefined;
  useBackend({ call: () => Promise.reject(lost), onEvent: (handler) => (emit = handler) });
  startEvents();
  const handler = vi.fn();
  const stop = subscribe(handler);
  emit({ kind: 'status_changed' });
  stop();
  emit({ kind: 'status_changed' });
  expect(handler).toHaveBeenCalledOnce();
});

it('an event concerns its own case and part', () => {
  const event: Event = { kind: 'case_changed', case_id: 'A', what: 'calls', call: 1 };
  expect(concerns(event, 'A', ['calls'])).toBe(true);
  expect(concerns(event, 'B', ['calls'])).toBe(false);
  expect(concerns(event, 'A', ['search'])).toBe(false);
});
