/** Registers services by pasting the `mcpServers` JSON that other clients use. */
import { SERVICE_TYPES, type ServiceType } from '../api/shapes.ts';
import { openDialog } from '../parts/dialogs.ts';
import { h, setAttributes } from '../parts/dom.ts';
import { messageOf } from '../parts/message-of.ts';
import { type Field, field } from './field.ts';
import { type PastedServer, readPasted } from './servers.ts';

const EXAMPLE = `{
  "mcpServers": {
    "files": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/tmp"]
    }
  }
}`;

export interface Registration {
  readonly id: string;
  readonly type: ServiceType;
  readonly config: unknown;
  readonly start: boolean;
}

export interface FormOptions {
  /** Whether there is such a service already. */
  exists(id: string): boolean;
  /** @throws what the gateway said */
  register(registration: Registration): Promise<void>;
  /** Everything is registered. @param ids in the order of the text */
  done(ids: readonly string[]): void;
}

/** Opens the form. */
export function openRegisterForm(options: FormOptions): void {
  new RegisterForm(options).open();
}

class RegisterForm {
  readonly #options: FormOptions;
  readonly #config: Field<HTMLTextAreaElement>;
  readonly #id: Field<HTMLInputElement>;
  readonly #types = SERVICE_TYPES.map(type => typeChoice(type));
  readonly #start = h('input', { attributes: { type: 'checkbox', id: 'register-start' } });
  readonly #submit = h('button', { class: 'primary', text: 'Register', attributes: { type: 'submit' } });
  readonly #note = h('p', { class: 'help', attributes: { 'aria-live': 'polite' } });
  #servers: readonly PastedServer[] = [];
  #dialog: HTMLDialogElement | null = null;

  constructor(options: FormOptions) {
    this.#options = options;
    const area = h('textarea', {
      attributes: { rows: 9, placeholder: EXAMPLE, spellcheck: 'false', autocomplete: 'off' },
    });
    this.#config = field('Config', area, 'As in the settings of other MCP clients; one server or several.');
    const id = h('input', {
      attributes: { type: 'text', maxlength: 128, spellcheck: 'false', autocomplete: 'off' },
    });
    this.#id = field('Id', id, 'What clients call it in the address. No slash.');
    area.addEventListener('input', () => this.#read());
    id.addEventListener('input', () => this.#showNote());
    this.#start.checked = true;
  }

  open(): void {
    const cancel = h('button', { text: 'Cancel', attributes: { type: 'button' } });
    const form = h(
      'form',
      { class: 'fields', attributes: { novalidate: true } },
      this.#config.element,
      this.#id.element,
      h('fieldset', {}, h('legend', { text: 'Type' }), ...this.#types.map(({ element }) => element)),
      h(
        'label',
        { class: 'choice', attributes: { for: 'register-start' } },
        this.#start,
        h('span', { text: 'Start it now' }),
      ),
      this.#note,
      h('div', { class: 'buttons' }, cancel, this.#submit),
    );
    form.addEventListener('submit', event => {
      event.preventDefault();
      void this.#register();
    });
    this.#dialog = openDialog('Register a service', form);
    this.#dialog.classList.add('wide');
    cancel.addEventListener('click', () => this.#dialog?.close());
    this.#config.input.focus();
  }

  /** Reads what was pasted; one server gives its name to an id that was not typed. */
  #read(): void {
    const pasted = readPasted(this.#config.input.value);
    this.#config.complain(pasted.kind === 'broken' ? pasted.problem : null);
    this.#servers = pasted.kind === 'servers' ? pasted.servers : [];
    const [only] = this.#servers;
    const isMany = this.#servers.length > 1;
    this.#id.element.hidden = isMany;
    const { input } = this.#id;
    if (!isMany && only?.name && (input.value === '' || input.dataset.given === input.value)) {
      input.value = only.name;
      input.dataset.given = only.name;
    }
    this.#showNote();
  }

  #showNote(): void {
    const wished = this.#wished().map(({ id }) => id);
    const known = wished.filter(id => this.#options.exists(id));
    const many = wished.length > 1 ? [`${wished.length} services: ${wished.join(', ')}.`] : [];
    const replaced =
      known.length === 0
        ? []
        : [`There is a service ${known.join(', ')} already: its config is replaced for its next start.`];
    this.#note.textContent = [...many, ...replaced].join(' ');
    this.#submit.textContent = wished.length > 1 ? `Register ${wished.length} services` : 'Register';
  }

  #wished(): readonly Registration[] {
    const type = this.#types.find(({ input }) => input.checked)?.type ?? 'Persistent';
    const start = this.#start.checked;
    const own = this.#id.input.value.trim();
    if (this.#servers.length === 1) {
      return this.#servers.map(({ config }) => ({ id: own, type, config, start }));
    }
    return this.#servers.map(({ name, config }) => ({ id: name ?? own, type, config, start }));
  }

  async #register(): Promise<void> {
    this.#id.complain(null);
    if (this.#servers.length === 0) {
      const { value } = this.#config.input;
      if (value.trim() === '') this.#config.complain('config is empty; paste the JSON of a server.');
      return this.#config.input.focus();
    }
    const wished = this.#wished();
    const problem = wished.map(({ id }) => problemOf(id)).find(found => found !== null) ?? null;
    if (problem !== null) {
      this.#id.complain(problem);
      return this.#id.input.focus();
    }
    setAttributes(this.#submit, { 'aria-busy': 'true' });
    try {
      if (await this.#registerAll(wished)) {
        this.#dialog?.close();
        this.#options.done(wished.map(({ id }) => id));
      }
    } finally {
      setAttributes(this.#submit, { 'aria-busy': null });
    }
  }

  /** One after the other; what was refused is told with its id when there are several. */
  async #registerAll(wished: readonly Registration[]): Promise<boolean> {
    const problems: string[] = [];
    for (const registration of wished) {
      try {
        await this.#options.register(registration);
      } catch (error) {
        problems.push(wished.length > 1 ? `${registration.id}: ${messageOf(error)}` : messageOf(error));
      }
    }
    if (problems.length === 0) return true;
    const blamed = problems.length === 1 && namesId(problems[0] ?? '') ? this.#id : this.#config;
    blamed.complain(problems.join('\n'));
    blamed.input.focus();
    return false;
  }
}

/** What an address cannot carry; all else about ids is the gateway's to say. */
function problemOf(id: string): string | null {
  if (id === '') return 'id is empty; give the service a name.';
  return id === '.' || id === '..' ? `id is "${id}", which is no name in an address; choose another.` : null;
}

/** Whether a refusal is about the id rather than the config. */
const namesId = (problem: string) => /\b(mcp_)?id (is|contains|has|must)\b/.test(problem);

const MEANING: Readonly<Record<ServiceType, string>> = {
  Persistent: 'restarts by itself when its backend is lost',
  OneShot: 'ends with its backend, and starts only when told',
};

function typeChoice(type: ServiceType) {
  const input = h('input', {
    attributes: { type: 'radio', name: 'type', value: type, id: `register-${type}` },
  });
  input.checked = type === 'Persistent';
  const words = h('span', {}, h('b', { text: type }), ` ${MEANING[type]}`);
  return {
    type,
    input,
    element: h('label', { class: 'choice', attributes: { for: input.id } }, input, words),
  };
}
