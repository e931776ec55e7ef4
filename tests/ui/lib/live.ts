import type { Page, WebSocket, WebSocketRoute } from '@playwright/test';

const LIVE = /\/tfgpu\/live(\?|$)/;

/** The live sockets that this page opens from now on. */
export function liveSockets(page: Page): WebSocket[] {
  const sockets: WebSocket[] = [];
  page.on('websocket', socket => {
    if (LIVE.test(socket.url())) {
      sockets.push(socket);
    }
  });
  return sockets;
}

/** Waits until so many readings more have come. */
export async function nextReadings(
  socket: WebSocket,
  count: number
): Promise<void> {
  for (let left = count; left > 0; left--) {
    await socket.waitForEvent('framereceived', {
      predicate: ({ payload }) =>
        String(payload).startsWith('{"type":"reading"')
    });
  }
}

/** What lies between a page and its server: the live socket and our questions can be cut off. */
export class Line {
  /** Sockets that the page tried to open. */
  attempts = 0;
  /** Questions that came to nothing. */
  refused = 0;

  /** Stands between from the next load of the page on. */
  async attach(page: Page): Promise<void> {
    await page.routeWebSocket(LIVE, route => {
      this.attempts += 1;
      if (this._cut) {
        void route.close();
      } else {
        route.connectToServer();
        this._route = route;
      }
    });
    await page.route('**/tfgpu/**', route => {
      if (!this._cut) {
        return route.fallback();
      }
      this.refused += 1;
      return route.abort('connectionrefused');
    });
  }

  async cut(): Promise<void> {
    this._cut = true;
    await this._route?.close();
  }

  mend(): void {
    this._cut = false;
  }

  private _cut = false;
  private _route: WebSocketRoute | null = null;
}

/** Shows or hides the page as a change of the browser's tab does. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate(hidden => {
    const state = hidden ? 'hidden' : 'visible';
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      get: () => state
    });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}
