/** The page as a whole: the stream fills the book, the list shows it, the address says which service is open. */
import type { Charts } from './api/charts.ts';
import { type Api, ApiFault, servicePath } from './api/client.ts';
import type { Link, Live } from './api/live.ts';
import { List } from './list/list.ts';
import { Book } from './model/book.ts';
import type { Chart } from './model/chart.ts';
import { Loader } from './model/loader.ts';
import { Refresher } from './model/refresher.ts';
import { h } from './parts/dom.ts';
import { messageOf } from './parts/message-of.ts';
import { Notices } from './parts/notice.ts';
import { open, openId } from './parts/route.ts';
import { askForToken } from './parts/sign-in.ts';
import { soon } from './parts/ticker.ts';
import { openRegisterForm, type Registration } from './register/form.ts';
import { ServiceView } from './service/view.ts';
import { type TopBar, topBar } from './top-bar.ts';

export interface AppOptions {
  readonly api: Api;
  readonly live: Live;
  readonly charts: Charts;
}

export class App {
  readonly #options: AppOptions;
  readonly #notices = new Notices();
  readonly #main = h('main', {});
  readonly #bar: TopBar;
  #list: List | null = null;
  #book: Book | null = null;
  #refresher: Refresher | null = null;
  #chart: Chart | null = null;
  #view: ServiceView | null = null;
  #opening: Promise<void> | null = null;

  constructor(options: AppOptions) {
    this.#options = options;
    const { api, live } = options;
    this.#bar = topBar({
      register: () => this.#register(),
      retry: () => live.connect(),
      signOut: () => this.#signOut(),
    });
    document.body.append(this.#bar.element, this.#main, this.#notices.element);
    api.locked.subscribe(({ message }) => this.#unlock(message));
    live.link.subscribe(link => this.#linked(link));
    addEventListener('hashchange', () => this.#show());
    addEventListener('keydown', event => this.#key(event));
    live.connect();
  }

  #linked(link: Link): void {
    this.#bar.showLink(link);
    if (link.kind !== 'lost') this.#notices.say(link.kind === 'live' ? 'The page is live.' : '');
    else if (this.#bar.wasLive) this.#notices.say('The page is disconnected.');
    this.#bar.showSignOut(this.#options.api.token !== null);
    if (link.kind !== 'live' && link.kind !== 'off') return;
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      this.#explain(error);
    });
  }

  /** The first time: what states there are, then which services. */
  async #open(): Promise<void> {
    // The type that can get into the most states has them all in its drawing.
    const charts = await Promise.all([
      this.#options.charts.chart('Persistent'),
      this.#options.charts.chart('OneShot'),
    ]);
    const [chart] = charts.toSorted((a, b) => b.outermost.length - a.outermost.length);
    if (chart === undefined || this.#list !== null) return;
    this.#chart = chart;
    const book = new Book(path => chart.isFinal(path), soon);
    const loader = new Loader(this.#options.api, book);
    const refresher = new Refresher(this.#options.api, book, () => loader.load());
    const list = new List({ book, chart, open, seek: wish => void loader.seek(wish) });
    this.#book = book;
    this.#refresher = refresher;
    this.#list = list;
    this.#main.replaceChildren(list.element);
    this.#follow(book, loader, refresher, list);
    this.#bar.showRegister(true);
    this.#show();
    await loader.load();
  }

  #follow(book: Book, loader: Loader, refresher: Refresher, list: List): void {
    const { live } = this.#options;
    live.records.subscribe(record => {
      const isKnown = book.apply(record);
      // One that is not known may come with the rest of the list, unless it is new.
      const isMissing = !isKnown && (loader.isComplete || record.n === 1);
      if (isMissing || list.visible.some(({ id }) => id === record.id)) refresher.want(record.id);
    });
    live.vitals.subscribe(report => book.measure(report));
    live.gaps.subscribe(() => void loader.load());
    loader.progress.subscribe(progress => list.tell(progress));
  }

  #show(): void {
    const id = openId();
    const left = this.#view;
    left?.close();
    left?.element.remove();
    this.#view = null;
    this.#main.classList.toggle('open', id !== null);
    document.title = id === null ? 'Evergate' : `${id} · Evergate`;
    if (this.#list === null || this.#chart === null) return;
    if (id !== null) this.#showService(id, this.#list, this.#chart);
    else if (left !== null) this.#list.focusRows();
  }

  #showService(id: string, list: List, chart: Chart): void {
    const close = () => open(null);
    const view = new ServiceView(id, { ...this.#options, notices: this.#notices, chart, close });
    this.#view = view;
    this.#main.append(view.element);
    list.activate(id);
    view.focus();
  }

  #register(): void {
    const { api } = this.#options;
    openRegisterForm({
      exists: id => this.#book?.rows.has(id) ?? false,
      register: registration => register(api, registration),
      done: ids => {
        for (const id of ids) this.#refresher?.want(id);
        if (ids.length === 1) open(ids[0] ?? null);
        else this.#notices.show(`${ids.length} services are registered.`);
      },
    });
  }

  #key(event: KeyboardEvent): void {
    if (document.querySelector('dialog[open]') !== null) return;
    const { target, key } = event;
    const isSearch = target instanceof HTMLInputElement && target.type === 'search';
    // Esc in the search empties it, as browsers have it.
    if (key === 'Escape' && !(isSearch && target.value !== '')) this.#goBack();
    if (key !== '/' || isSearch) return;
    event.preventDefault();
    this.#list?.focusSearch();
  }

  /** One step out: from the past to the present, from a service to the list. */
  #goBack(): void {
    if (this.#view !== null && !this.#view.leavePast()) open(null);
  }

  #unlock(reason: string): void {
    const { api, live } = this.#options;
    askForToken(reason, token => {
      api.token = token;
      live.connect();
    });
  }

  #signOut(): void {
    this.#options.api.token = null;
    location.reload();
  }

  #explain(error: unknown): void {
    if (error instanceof ApiFault && error.isUnknownCaller) return;
    const text =
      error instanceof ApiFault && error.isMissingRoute
        ? 'This gateway does not offer the API that the page needs.'
        : messageOf(error);
    this.#main.replaceChildren(h('p', { class: 'empty', text }));
  }
}

async function register(api: Api, { id, type, config, start }: Registration): Promise<void> {
  await api.send('PUT', servicePath(id), { type, config });
  if (start) await api.send('POST', servicePath(id, 'start'));
}
