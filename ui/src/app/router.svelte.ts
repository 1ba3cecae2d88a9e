/** The current route, kept in step with the address. */
import { announcer } from '../state/announcer.svelte';
import { hrefTo, parseRoute, type Route } from './route';

class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  start(): void {
    addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash);
      announcer.leaveScreen();
    });
  }

  go(route: Route): void {
    location.hash = hrefTo(route);
  }
}

export const router = new Router();
