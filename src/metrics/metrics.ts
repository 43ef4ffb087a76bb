/** The page of all metrics, made when somebody asks for it. */
import { MetricsPage } from './exposition.ts';

/** Writes its families onto a page. */
export type Source = (page: MetricsPage) => void | Promise<void>;

export interface Metrics {
  /** The whole page. Whoever asks while one is being made gets that one. Never rejects. */
  render(): Promise<string>;
}

/** @param onFault hears of a source that failed; its families are missing from that page */
export function createMetrics(sources: readonly Source[], onFault: (error: unknown) => void): Metrics {
  let rendering: Promise<string> | null = null;
  const write = async () => {
    const page = new MetricsPage();
    for (const source of sources) {
      try {
        await source(page);
      } catch (error) {
        onFault(error);
      }
    }
    return page.toString();
  };
  return {
    render() {
      rendering ??= write().finally(() => {
        rendering = null;
      });
      return rendering;
    },
  };
}
