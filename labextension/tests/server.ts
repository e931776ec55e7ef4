import { ServerConnection } from '@jupyterlab/services';

/** A request that the stand-in server got. */
export interface IRequest {
  method: string;
  path: string;
  body: unknown;
}

type Answer = { status?: number; json?: unknown; text?: string } | Error;

/** Stands in for the server's HTTP side; an `Error` as answer is a server that cannot be reached. */
export class StandInServer {
  readonly requests: IRequest[] = [];
  readonly sockets: StandInSocket[] = [];
  readonly settings: ServerConnection.ISettings;

  constructor(private answers: Record<string, Answer> = {}) {
    const { sockets } = this;
    class Socket extends StandInSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    }
    this.settings = ServerConnection.makeSettings({
      baseUrl: 'http://host/base/',
      wsUrl: 'ws://host/base/',
      token: 's&cret',
      appendToken: true,
      fetch: request => this._fetch(request as Request),
      WebSocket: Socket as unknown as typeof WebSocket
    });
  }

  /** Sets the answer of a route: `server.on('GET devices', {json: …})`. */
  on(route: string, answer: Answer): void {
    this.answers = { ...this.answers, [route]: answer };
  }

  /** How often a route was asked. */
  count(route: string): number {
    return this.requests.filter(
      ({ method, path }) => `${method} ${path}` === route
    ).length;
  }

  get socket(): StandInSocket {
    const last = this.sockets.at(-1);
    if (!last) {
      throw new Error('No socket was opened');
    }
    return last;
  }

  private async _fetch(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname.replace('/base/tfgpu/', '');
    const text = await request.text();
    const { method } = request;
    this.requests.push({ method, path, body: text ? JSON.parse(text) : null });
    const answer = this.answers[`${method} ${path}`] ?? {
      status: 404,
      text: 'not here'
    };
    if (answer instanceof Error) {
      throw answer;
    }
    const { status = 200, json } = answer;
    const body =
      json === undefined ? (answer.text ?? '') : JSON.stringify(json);
    return new Response(status === 204 ? null : body, { status });
  }
}

/** Stands in for the browser's WebSocket; the test says when it opens, closes and gets something. */
export class StandInSocket {
  static readonly OPEN = 1;
  readyState = 0;
  readonly sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;

  constructor(readonly url: string) {}

  open(): void {
    this.readyState = StandInSocket.OPEN;
    this.onopen?.();
  }

  push(message: object | string): void {
    const data =
      typeof message === 'string' ? message : JSON.stringify(message);
    this.onmessage?.({ data });
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

/** Lets what is under way between promises come to its end (also under fake timers). */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) {
    await Promise.resolve();
  }
}
