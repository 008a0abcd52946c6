// What an open text is: where it came from, whether it is kept, what others did
// to it meanwhile. It knows nothing of how the text is shown.
import { Documents, failure, type desktop } from '../lib/api';
import { clock } from '../lib/format';

/** How the text stands, in the order in which it becomes safer. */
export type Keeping = 'loading' | 'unchanged' | 'typing' | 'kept' | 'saving' | 'saved' | 'problem';

/** How long a pause in typing is before the text is kept here, in milliseconds. */
export const PAUSE = 700;

/** EditorSession keeps one open text safe. */
export class EditorSession {
  view = $state.raw<desktop.EditorView | null>(null);
  keeping = $state<Keeping>('loading');
  /** The state in words, for the bar and the screen reader. */
  words = $state('Abrindo o texto…');
  problem = $state('');
  /** Texts of others that are not joined into this one yet. */
  sides = $state.raw<desktop.RevisionView[]>([]);
  /** A newer text that came from the central while this one was open. */
  newer = $state.raw<desktop.RevisionView | null>(null);
  /** Side revisions that the next save says to be joined. */
  merging = $state<string[]>([]);

  #base = '';
  #saved = ''; // canonical form of the base's text
  #known = new Set<string>(); // heads that are ours or were decided about
  #current = '';
  #timer = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    readonly process: string,
    readonly document: string,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** The revision that the text continues. */
  get base(): string {
    return this.#base;
  }

  /** Whether the text differs from the last one saved into the process. */
  get dirty(): boolean {
    return this.#current !== this.#saved;
  }

  /** open reads the text; normal gives the form in which texts are compared. */
  async open(normal: (text: string) => string): Promise<desktop.EditorView | null> {
    try {
      const view = await Documents.Edit(this.process, this.document);
      this.view = view;
      this.sides = view.sides ?? [];
      this.#base = view.base;
      this.#known.add(view.base);
      this.#current = normal(view.text);
      this.#saved = this.#current;
      if (view.unsaved) {
        this.#saved = normal(await Documents.RevisionText(this.process, this.document, view.base));
        this.#tell('kept', 'Texto não salvo, recuperado deste computador');
      } else {
        this.#tell('unchanged', 'Nenhuma alteração');
      }
      return view;
    } catch (e) {
      this.#fail(e);
      return null;
    }
  }

  /** changed takes what the servant typed; it is kept at the next pause. */
  changed(text: string): void {
    if (text === this.#current) return;
    this.#current = text;
    this.#tell('typing', 'Digitando…');
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.flush(), PAUSE);
  }

  /** flush keeps the text now; what is asked later waits for it. */
  flush(): Promise<void> {
    window.clearTimeout(this.#timer);
    if (this.keeping !== 'typing' && this.keeping !== 'problem') return this.#tail.then(() => undefined);
    return this.#next(() => this.#keep());
  }

  async #keep(): Promise<void> {
    const text = this.#current;
    try {
      if (text === this.#saved) {
        await Documents.Discard(this.process, this.document);
        if (text === this.#current) this.#tell('unchanged', 'Igual ao último texto salvo');
      } else {
        await Documents.Autosave(this.process, this.document, this.#base, text);
        if (text === this.#current) this.#tell('kept', `Guardado neste computador às ${clock(this.now())}`);
      }
    } catch (e) {
      this.#fail(e);
    }
  }

  /** shown keeps the text and gives the revision that it is, "" while it is none. */
  async shown(): Promise<string> {
    await this.flush();
    return this.dirty ? '' : this.#base;
  }

  /** save stores a revision and queues it; the answer tells whether it is stored. */
  save(): Promise<boolean> {
    window.clearTimeout(this.#timer);
    return this.#next(async () => {
      const text = this.#current;
      const merges = [...this.merging];
      this.#tell('saving', 'Gravando…');
      try {
        const result = await Documents.Save(this.process, this.document, this.#base, text, merges);
        this.#base = result.base;
        this.#known.add(result.base);
        this.#saved = text;
        this.sides = this.sides.filter((s) => !merges.includes(s.id));
        this.merging = this.merging.filter((m) => !merges.includes(m));
        if (text !== this.#current) this.changedAgain();
        else this.#tell('saved', result.queued ? `Salvo às ${clock(this.now())} · aguardando envio` : result.message);
        return true;
      } catch (e) {
        this.#fail(e);
        return false;
      }
    });
  }

  /** changedAgain keeps what was typed while a save ran. */
  private changedAgain(): void {
    const text = this.#current;
    this.#current = '';
    this.changed(text);
  }

  /** discard gives up the text that is kept here and gives the saved one. */
  discard(): Promise<string> {
    window.clearTimeout(this.#timer);
    return this.#next(async () => {
      await Documents.Discard(this.process, this.document);
      this.#current = this.#saved;
      this.merging = [];
      this.#tell('unchanged', 'Texto não salvo descartado');
      return this.#saved;
    });
  }

  /** look asks whether others changed the text while it is open. */
  async look(): Promise<void> {
    if (!this.view) return;
    const revisions = (await Documents.Revisions(this.process, this.document)) ?? [];
    this.sides = revisions.filter((r) => r.side);
    if (this.keeping === 'saved' && revisions.some((r) => r.id === this.#base && !r.local)) {
      this.words = this.words.replace('aguardando envio', 'registrado pela central');
    }
    const head = revisions.find((r) => r.head);
    if (!head || head.local || this.#known.has(head.id)) {
      if (head && this.#known.has(head.id)) this.newer = null;
      return;
    }
    this.newer = head;
  }

  /**
   * continueFrom makes the revision the one that this text follows: the servant
   * has seen it and decided what stays.
   */
  continueFrom(revision: string, text: string): void {
    // What was saved here and came late is the text that was just decided about.
    if (this.sides.some((s) => s.id === this.#base)) this.merge(this.#base);
    this.#base = revision;
    this.#known.add(revision);
    this.#saved = text;
    this.newer = null;
    if (this.dirty) this.changedAgain();
    else this.#tell('unchanged', 'Texto da central carregado');
  }

  /** merge marks a side revision as joined by the next save. */
  merge(side: string): void {
    if (!this.merging.includes(side)) this.merging = [...this.merging, side];
  }

  #next<T>(act: () => Promise<T>): Promise<T> {
    const run = this.#tail.then(act);
    this.#tail = run.catch(() => undefined);
    return run;
  }

  #tell(keeping: Keeping, words: string): void {
    this.keeping = keeping;
    this.words = words;
    this.problem = '';
  }

  #fail(e: unknown): void {
    this.keeping = 'problem';
    this.problem = failure(e).message;
    this.words = 'Não salvo';
  }
}
