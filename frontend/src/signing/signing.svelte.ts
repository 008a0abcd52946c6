// One act of signing, from what will be signed to what the central said of it.
import { SvelteSet } from 'svelte/reactivity';
import { failure, Signing, type desktop } from '../lib/api';
import { attempt } from '../state/acts';
import { openPdf } from '../viewer/pdfjs';
import { followBatch } from './follow';
import { anchored, type Place } from './stamps';
import { certificateFindings, findingsOf, isWrongSecret, suggested, summary, unsigned, unusable, type Way } from './ways';

/** Where the dialog stands. */
export type Step = 'preparing' | 'choosing' | 'signing' | 'done' | 'failed';

/** A document of a process, to be signed. */
export type Ref = desktop.DocumentRef;

const wayKey = 'signing.way';

/** lastWay is how this window signed the last time; a window that keeps nothing begins with the certificate. */
function lastWay(): Way {
  try {
    return localStorage.getItem(wayKey) === 'password' ? 'password' : 'certificate';
  } catch {
    return 'certificate';
  }
}

function rememberWay(way: Way): void {
  try {
    localStorage.setItem(wayKey, way);
  } catch {
    // Only a convenience is lost.
  }
}

/**
 * settled looks for the text beside which the stamp of this very document stands; where it is
 * not found the stamp goes to its usual place.
 */
async function settled(item: desktop.SignItem): Promise<Place> {
  const p = item.stamp;
  if (p.mode !== 'anchor') return p;
  const task = await openPdf(item.previewUrl);
  try {
    const found = await anchored(await task.promise, p.anchor);
    return found ?? { ...p, mode: item.atEnd ? 'end' : 'none' };
  } catch {
    return { ...p, mode: item.atEnd ? 'end' : 'none' };
  } finally {
    void task.destroy();
  }
}

/** SignatureAct prepares documents, signs them as one batch and tells how each one ended. */
export class SignatureAct {
  step = $state<Step>('preparing');
  preparation = $state.raw<desktop.SignPreparation | null>(null);
  certificates = $state.raw<desktop.CertificateView[]>([]);
  storeProblems = $state.raw<string[]>([]);
  searching = $state(false);
  certificate = $state('');
  agency = $state('');
  position = $state('');
  /** What was found before signing, of the certificate and of each document with it. */
  check = $state.raw<desktop.SignCheck | null>(null);
  /** Documents that the servant took off the list. */
  readonly left = new SvelteSet<string>();
  batch = $state.raw<desktop.BatchView | null>(null);
  /** What stopped the act as a whole. */
  problem = $state('');
  /** A wrong PIN or password, shown at its field. */
  wrong = $state('');
  /** What a screen reader is told. */
  spoken = $state('');

  #way = $state<Way>(lastWay());
  #wayChosen = false;
  #checks = 0;
  #stop: (() => void) | null = null;
  #inPlaceOf: string[];
  #refs: Ref[];

  constructor(documents: Ref[], inPlaceOf: string[] = []) {
    this.#refs = documents;
    this.#inPlaceOf = [...inPlaceOf];
  }

  get way(): Way {
    return this.#way;
  }

  set way(way: Way) {
    this.#way = way;
    this.#wayChosen = true;
    this.wrong = '';
  }

  /** The documents of the list that nothing stops, whether the servant takes them or not. */
  get signable(): desktop.SignItem[] {
    return (this.preparation?.items ?? []).filter((i) => !i.problems?.length && !findingsOf(this.check, i.document).length);
  }

  /** The documents that will be signed. */
  get items(): desktop.SignItem[] {
    return this.signable.filter((i) => !this.left.has(i.document));
  }

  get chosen(): desktop.CertificateView | undefined {
    return this.certificates.find((c) => c.id === this.certificate);
  }

  /** prepare freezes the documents, or those that were left without a signature. */
  async prepare(documents: Ref[] = this.#refs): Promise<void> {
    this.#refs = documents;
    this.#stop?.();
    this.step = 'preparing';
    this.batch = null;
    this.check = null;
    this.problem = this.wrong = '';
    try {
      const p = await Signing.Prepare(documents);
      const items: desktop.SignItem[] = [];
      for (const i of p.items ?? []) items.push(i.problems?.length || i.stamp.mode !== 'anchor' ? i : { ...i, stamp: await settled(i) });
      this.preparation = { ...p, items };
      this.agency ||= p.agency;
      this.position ||= p.position;
      this.step = 'choosing';
      this.#beginWithAWayThatWorks();
    } catch (e) {
      this.problem = failure(e).message;
      this.step = 'failed';
    }
  }

  /** search looks for certificates in every token and store. */
  async search(): Promise<void> {
    if (this.searching) return;
    this.searching = true;
    try {
      this.take(await Signing.Certificates());
    } catch (e) {
      this.storeProblems = [failure(e).message];
    } finally {
      this.searching = false;
    }
    this.#beginWithAWayThatWorks();
  }

  /** take shows what the stores offer now. */
  take(list: desktop.CertificateList): void {
    this.certificates = list.certificates ?? [];
    this.storeProblems = list.problems ?? [];
    this.certificate = suggested(this.certificates, this.certificate);
  }

  /** Until the servant chooses, the dialog offers a way that works on this machine. */
  #beginWithAWayThatWorks(): void {
    const p = this.preparation;
    if (!p || this.step !== 'choosing') return;
    if (this.#way === 'password' && !p.password.allowed) this.#way = 'certificate';
    if (this.#wayChosen || this.searching) return;
    if (this.#way === 'certificate' && p.password.allowed && !this.certificates.some((c) => !unusable(c))) this.#way = 'password';
  }

  /** look asks what would come of signing so, before anything is typed. */
  async look(): Promise<void> {
    const mine = ++this.#checks;
    const certificate = this.way === 'certificate' ? this.certificate : '';
    const items = (this.preparation?.items ?? []).filter((i) => !i.problems?.length);
    if (this.step !== 'choosing' || !items.length || !this.agency || (this.way === 'certificate' && !certificate)) {
      this.check = null;
      return;
    }
    try {
      const found = await Signing.Check({ items, certificate, agency: this.agency });
      if (mine === this.#checks) this.check = found;
    } catch (e) {
      // The desk looks again when it signs.
      if (mine === this.#checks) this.check = { findings: [{ document: '', message: failure(e).message, blocks: false }], level: '', levelName: '' };
    }
  }

  /** place puts the stamp of a document, and of the others of its type when asked. */
  async place(item: desktop.SignItem, stamp: Place, others: boolean): Promise<void> {
    const p = this.preparation;
    if (!p) return;
    const items = await Promise.all(
      (p.items ?? []).map(async (i) => {
        if (i.document === item.document) return { ...i, stamp };
        if (!others || i.type !== item.type || i.problems?.length || (stamp.mode === 'end' && !i.atEnd)) return i;
        return { ...i, stamp: await settled({ ...i, stamp }) };
      }),
    );
    this.preparation = { ...p, items };
  }

  /** missing says what has still to be chosen, or "". */
  get missing(): string {
    if (this.signable.length === 0) return 'nenhum documento da lista pode ser assinado';
    if (this.items.length === 0) return 'marque ao menos um documento';
    if (!this.position.trim()) return 'escolha o cargo ou função';
    if (!this.agency) return 'escolha o órgão do assinante';
    if (this.way === 'certificate' && !this.chosen) return 'escolha um certificado';
    return certificateFindings(this.check, true)[0] ?? '';
  }

  /**
   * sign signs with the secret, which is used once and not kept. A wrong one is
   * never tried again by itself.
   */
  async sign(secret: string): Promise<void> {
    const items = this.items;
    this.step = 'signing';
    this.problem = this.wrong = '';
    this.spoken = `Assinando ${items.length === 1 ? 'o documento' : `${items.length} documentos`}…`;
    const form = { items, agency: this.agency, position: this.position, inPlaceOf: this.#inPlaceOf };
    try {
      const batch =
        this.way === 'password'
          ? await Signing.SignWithPassword({ ...form, password: secret })
          : await Signing.Sign({ ...form, certificate: this.certificate, pin: secret });
      rememberWay(this.way);
      this.#inPlaceOf = [batch.id];
      this.#follow(batch);
    } catch (e) {
      const f = failure(e);
      this.#back(f.code, f.message);
    }
  }

  /** cancel stops before the next document. */
  async cancel(): Promise<void> {
    const id = this.batch?.id;
    if (id) await attempt(async () => Signing.Cancel(id));
  }

  /** end lets go of everything. */
  end(): void {
    this.#stop?.();
    this.#stop = null;
    // What was prepared and not signed is not kept.
    void attempt(async () => Signing.Forget(this.#refs.map((r) => r.document)));
  }

  /** The documents that bear no signature of the batch. */
  get rest(): Ref[] {
    return this.batch ? unsigned(this.batch).map((l) => ({ process: l.processId, document: l.document })) : [];
  }

  #follow(first: desktop.BatchView): void {
    this.#stop?.();
    this.#stop = followBatch(first.id, (b) => this.#show(b));
    this.#show(first);
  }

  #show(b: desktop.BatchView): void {
    this.batch = b;
    if (b.state === 'running') {
      if (b.total > 1) this.spoken = `${b.signed} de ${b.total} assinados`;
      return;
    }
    if (this.step === 'signing' && isWrongSecret(b.code) && b.signed === 0) return this.#back(b.code, b.message);
    this.step = 'done';
    this.spoken = summary(b);
  }

  #back(code: string, message: string): void {
    this.#stop?.();
    this.step = 'choosing';
    this.batch = null;
    if (!isWrongSecret(code)) {
      this.problem = message;
      return;
    }
    this.wrong = message;
    // The token now says how many tries are left.
    if (this.way === 'certificate') void this.search();
  }
}
