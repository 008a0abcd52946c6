// One act of signing, from what will be signed to what came of it.
import { failure, Processes, Signing, type desktop } from '../lib/api';
import { watchTopics } from '../state/changes';
import { isWrongSecret, suggested, summary, type Way } from './ways';

/** Where the dialog stands. */
export type Step = 'preparing' | 'choosing' | 'signing' | 'done' | 'failed';

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

/** SignatureAct prepares documents, signs them once and tells how each one ended. */
export class SignatureAct {
  step = $state<Step>('preparing');
  preparation = $state.raw<desktop.SignPreparation | null>(null);
  certificates = $state.raw<desktop.CertificateView[]>([]);
  storeProblems = $state.raw<string[]>([]);
  searching = $state(false);
  certificate = $state('');
  agency = $state('');
  position = $state('');
  way = $state<Way>(lastWay());
  /** What stopped the act as a whole. */
  problem = $state('');
  /** A wrong PIN or password, shown at its field. */
  wrong = $state('');
  signed = $state.raw<ReadonlySet<string>>(new Set());
  results = $state.raw<desktop.SignResult[] | null>(null);
  /** What a screen reader is told. */
  spoken = $state('');

  constructor(
    readonly process: string,
    readonly documents: string[],
  ) {}

  /** The documents that can be signed. */
  get items(): desktop.SignItem[] {
    return (this.preparation?.items ?? []).filter((i) => !i.problems?.length);
  }

  get chosen(): desktop.CertificateView | undefined {
    return this.certificates.find((c) => c.id === this.certificate);
  }

  /** prepare freezes the documents, or those that were left without a signature. */
  async prepare(documents: string[] = this.documents): Promise<void> {
    this.step = 'preparing';
    this.results = null;
    this.signed = new Set();
    this.problem = this.wrong = '';
    try {
      const p = await Signing.Prepare(this.process, documents);
      this.preparation = p;
      this.agency ||= p.agency;
      this.position ||= p.position;
      if (this.way === 'password' && !p.password.allowed) this.way = 'certificate';
      this.step = 'choosing';
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
  }

  /** take shows what the stores offer now. */
  take(list: desktop.CertificateList): void {
    this.certificates = list.certificates ?? [];
    this.storeProblems = list.problems ?? [];
    this.certificate = suggested(this.certificates, this.certificate);
  }

  /** missing says what has still to be chosen, or "". */
  get missing(): string {
    if (this.items.length === 0) return 'nenhum documento da lista pode ser assinado';
    if (!this.position.trim()) return 'escolha o cargo ou função';
    if (!this.agency) return 'escolha o órgão do assinante';
    if (this.way === 'certificate' && !this.chosen) return 'escolha um certificado';
    return '';
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
    const stop = await this.#follow(items);
    try {
      const results =
        this.way === 'password'
          ? await Signing.SignWithPassword({ items, password: secret, agency: this.agency, position: this.position })
          : await Signing.Sign({ items, certificate: this.certificate, pin: secret, agency: this.agency, position: this.position });
      rememberWay(this.way);
      this.#end(items, results ?? []);
    } catch (e) {
      const f = failure(e);
      this.#back(f.code, f.message);
    } finally {
      stop();
    }
  }

  #end(items: desktop.SignItem[], results: desktop.SignResult[]): void {
    const first = results[0];
    if (first && !first.ok && isWrongSecret(first.code)) return this.#back(first.code, first.message);
    this.results = results;
    this.step = 'done';
    this.spoken = summary(items.length, results);
  }

  #back(code: string, message: string): void {
    this.step = 'choosing';
    if (!isWrongSecret(code)) {
      this.problem = message;
      return;
    }
    this.wrong = message;
    // The token now says how many tries are left.
    if (this.way === 'certificate') void this.search();
  }

  /** #follow marks documents as their signatures enter the process, one by one. */
  async #follow(items: desktop.SignItem[]): Promise<() => void> {
    const counts = async () => {
      const view = await Processes.Get(this.process);
      return new Map((view.documents ?? []).map((d) => [d.id, d.signatures?.length ?? 0]));
    };
    const before = await counts().catch(() => null);
    if (!before) return () => undefined;
    return watchTopics([`process:${this.process}`, 'outbox'], () => {
      void counts()
        .then((now) => {
          if (this.step !== 'signing') return;
          const done = items.filter((i) => (now.get(i.document) ?? 0) > (before.get(i.document) ?? 0)).map((i) => i.document);
          if (done.length === this.signed.size) return;
          this.signed = new Set(done);
          this.spoken = `${done.length} de ${items.length} assinados`;
        })
        .catch(() => undefined);
    });
  }
}
