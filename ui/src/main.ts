import { mount } from 'svelte';

import './styles/index.css';
import App from './app/App.svelte';
import { startKeys } from './app/keys.svelte';
import { router } from './app/router.svelte';
import { theme } from './app/theme.svelte';
import { useBackend } from './backend';
import { startEvents } from './state/events';
import { startStatus } from './state/status.svelte';

// The mode is fixed when the page is built, so the page of the desktop holds no fixture.
useBackend(
  import.meta.env.MODE === 'fixture'
    ? (await import('./backend/fixture/fixture')).createFixture(location.search)
    : (await import('./backend/tauri')).tauriBackend,
);

theme.start();
router.start();
startKeys();
startEvents();
startStatus();

const target = document.getElementById('app');
if (target) mount(App, { target });
