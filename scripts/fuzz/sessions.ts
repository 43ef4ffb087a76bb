/** The sessions that answers told of, for later requests to present: fitting ones, or those of others. */
import type { Plan } from './requests.ts';

interface Session {
  readonly id: string;
  /** Front and service it is of. */
  readonly base: string;
}

const MAX_REMEMBERED = 200;

export class Sessions {
  #list: Session[] = [];

  remember(id: string, base: string): void {
    this.#list.push({ id, base });
    if (this.#list.length > MAX_REMEMBERED) this.#list.shift();
  }

  /** It is none any more. */
  forget(id: string): void {
    this.#list = this.#list.filter(session => session.id !== id);
  }

  has(base: string): boolean {
    return this.#list.some(session => session.base === base);
  }

  /** Mostly one that fits; where it has to fit, always. */
  for(plan: Plan): string | null {
    const { session, fits, body } = plan;
    const begins = body?.includes('"method":"initialize"') === true;
    if (session === null || (begins && session % 4 !== 0)) return null;
    const fitting = this.#list.filter(({ base }) => base === baseOf(plan));
    const among = fitting.length > 0 && (fits || session % 6 !== 0) ? fitting : this.#list;
    return among[session % among.length]?.id ?? null;
  }
}

export const pathOf = ({ path }: Plan) => path.split('?', 1)[0] ?? path;

/** `/mcp/stream/proxy/a`, say, of whatever is behind it. */
export const baseOf = (plan: Plan) => pathOf(plan).split('/').slice(0, 5).join('/');
