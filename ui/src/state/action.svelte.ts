/** One thing a person can do on a screen: runs a command, knows whether it runs and why it failed. */
import { call, toApiError, type ApiError, type Commands } from '../backend';
import { noteFailure, noteSourceAnswered } from './connection.svelte';

const asksASource: readonly (keyof Commands)[] = ['connect_source', 'sign_in_source', 'start_sandbox'];

/** What was typed may be wrong; that says nothing about the sources that are connected. */
const triesAnother: readonly (keyof Commands)[] = ['connect_source', 'sign_in_source', 'add_source'];

export class Action {
  running = $state(false);
  error = $state.raw<ApiError | null>(null);

  /** Runs a command; answers null when it failed, and then `error` says why. */
  async run<K extends keyof Commands>(
    name: K,
    request: Commands[K]['request'],
  ): Promise<Commands[K]['answer'] | null> {
    this.running = true;
    this.error = null;
    try {
      const answer = await call(name, request);
      if (asksASource.includes(name)) noteSourceAnswered();
      return answer;
    } catch (rejection) {
      this.error = toApiError(rejection);
      if (!triesAnother.includes(name)) noteFailure(this.error);
      return null;
    } finally {
      this.running = false;
    }
  }

  dismiss(): void {
    this.error = null;
  }
}
