import { Inbox, Session, failure, type desktop } from '../lib/api';
import { watchTopics } from './changes';

/** Who is here, in which unit, how the connection is, and the numbers of the menu. */
export class SessionStore {
  view = $state.raw<desktop.SessionView | null>(null);
  status = $state.raw<desktop.StatusView | null>(null);
  counts = $state.raw<desktop.InboxCounts | null>(null);
  problem = $state('');
  #stop: (() => void)[] = [];

  /** The acting unit, if there is a session. */
  get unit(): desktop.UnitView | undefined {
    return this.view?.units.find((u) => u.id === this.view?.unit);
  }

  get training(): boolean {
    return this.view?.central?.training ?? false;
  }

  /** begin reads everything and follows its changes. */
  async begin(): Promise<void> {
    this.#stop = [
      watchTopics(['session'], () => void this.reload()),
      watchTopics(['status', 'outbox', 'intake', 'keys', 'session'], () => void this.reloadStatus()),
      watchTopics(['inbox', 'outbox', 'intake', 'session'], () => void this.reloadCounts()),
    ];
    await this.reload();
  }

  /** end stops following. */
  end(): void {
    this.#stop.forEach((s) => s());
    this.#stop = [];
  }

  async reload(): Promise<void> {
    try {
      this.take(await Session.State());
    } catch (e) {
      this.problem = failure(e).message;
    }
  }

  /** take shows a session that a call answered with. */
  take(view: desktop.SessionView): void {
    this.view = view;
    this.problem = '';
    if (view.phase === 'ready') {
      void this.reloadStatus();
      void this.reloadCounts();
    } else {
      this.status = null;
      this.counts = null;
    }
  }

  async reloadStatus(): Promise<void> {
    if (this.view?.phase !== 'ready') return;
    try {
      this.status = await Session.Status();
    } catch {
      // The next change asks again; the bar keeps what it last knew.
    }
  }

  async reloadCounts(): Promise<void> {
    if (this.view?.phase !== 'ready') return;
    try {
      this.counts = await Inbox.Counts();
    } catch {
      // As above.
    }
  }
}

export const session = new SessionStore();
