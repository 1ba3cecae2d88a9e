/** The core of this desktop. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';

import type { Commands, Event } from '../bindings/api';
import { toApiError, type Backend } from './backend';

const EVENT_NAME = 'sar-event';

export const tauriBackend: Backend = {
  async call<K extends keyof Commands>(name: K, request: Commands[K]['request']) {
    try {
      return await invoke<Commands[K]['answer']>(name, { request });
    } catch (error) {
      throw toApiError(error);
    }
  },

  onEvent(handler) {
    void listen<Event>(EVENT_NAME, ({ payload }) => handler(payload));
  },
};
