/** Something read from the core, with the four states a screen has. */
import { untrack } from 'svelte';

import { toApiError, type ApiError, type Event } from '../backend';
import { noteFailure } from './connection.svelte';
import { subscribe } from './events';

/** Progress events come many times a second; one read per this time is enough. */
const QUIET_MS = 200;

export class Resource<T> {
  data = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  #load: () => Promise<T>;
  #reading: Promise<void> | null = null;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /**
   * Reads it now; a read that is already under way may have begun too early, so it is followed by one
   * more. Whoever waits for this sees what was there at the call, or newer.
   */
  reload(): Promise<void> {
    if (this.#reading) this.#again = true;
    else this.#reading = this.#readUntilCurrent();
    return this.#reading;
  }

  /** Reads it soon, once for many requests. */
  reloadSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.reload();
    }, QUIET_MS);
  }

  open(): void {
    this.#closed = false;
    void this.reload();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #readUntilCurrent(): Promise<void> {
    do {
      this.#again = false;
      await this.#read();
    } while (this.#again && !this.#closed);
    this.#reading = null;
  }

  async #read(): Promise<void> {
    try {
      const data = await this.#load();
      if (this.#closed) return;
      this.data = data;
      this.error = null;
    } catch (rejection) {
      if (this.#closed) return;
      this.error = toApiError(rejection);
      noteFailure(this.error);
    }
  }
}

/**
 * A resource that lives as long as the component that makes it. It is read again after each event
 * that is about it or that says to look again, and whenever the answer of `key` changes. Call it while a component is set up.
 */
export function liveResource<T>(
  load: () => Promise<T>,
  isAbout: (event: Event) => boolean,
  key: () => unknown = () => null,
): Resource<T> {
  const resource = new Resource(load);
  $effect(() => {
    key();
    untrack(() => resource.open());
    const stop = subscribe((event) => {
      // The core also sends `status_changed` when this window was too slow to take every event.
      if (event.kind === 'status_changed') resource.reloadSoon();
      else if (!isAbout(event)) return;
      else if (event.kind === 'job_progress') resource.reloadSoon();
      else void resource.reload();
    });
    return () => {
      stop();
      resource.close();
    };
  });
  return resource;
}
