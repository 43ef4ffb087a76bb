/** The statechart of each type: as data, and as the drawing. Each is asked for once. */
import { Chart } from '../model/chart.ts';
import { type Api, ApiFault } from './client.ts';
import { parseDrawing } from './drawing.ts';
import type { ServiceType, Statechart } from './shapes.ts';

export class Charts {
  readonly #api: Api;
  readonly #charts = new Map<ServiceType, Promise<Chart>>();
  readonly #drawings = new Map<ServiceType, Promise<Document>>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** @throws {ApiFault} */
  chart(type: ServiceType): Promise<Chart> {
    return this.#once(this.#charts, type, async () => {
      return new Chart(await this.#api.get<Statechart>(`statechart?type=${type}`));
    });
  }

  /** A drawing of the reader's own, to light as one likes. @throws {ApiFault} */
  async drawing(type: ServiceType): Promise<SVGSVGElement> {
    const source = await this.#once(this.#drawings, type, () => this.#load(type));
    return document.importNode(source.documentElement, true) as unknown as SVGSVGElement;
  }

  async #once<T>(known: Map<ServiceType, Promise<T>>, type: ServiceType, load: () => Promise<T>): Promise<T> {
    const loading = known.get(type) ?? load();
    known.set(type, loading);
    try {
      return await loading;
    } catch (error) {
      known.delete(type);
      throw error;
    }
  }

  async #load(type: ServiceType): Promise<Document> {
    const headers = { accept: 'image/svg+xml' };
    const response = await this.#api.request(`statechart?type=${type}`, { headers });
    const drawn = parseDrawing(await response.text());
    if (drawn.documentElement.localName === 'svg') return drawn;
    throw new ApiFault('The drawing could not be read.', response.status, '');
  }
}
