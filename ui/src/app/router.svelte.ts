/** The current route, kept in step with the address. */
import { hrefTo, parseRoute, type Route } from './route';

class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  start(): void {
    addEventListener('hashchange', () => (this.route = parseRoute(location.hash)));
  }

  go(route: Route): void {
    location.hash = hrefTo(route);
  }
}

export const router = new Router();
