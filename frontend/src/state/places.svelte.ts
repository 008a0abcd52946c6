import { preferences } from './preferences.svelte';

/** What a pane shows: a screen of the side menu, or a process. */
export type Place =
  | { kind: 'inbox' | 'tosign' | 'outbox' | 'refused' | 'intake' | 'start' }
  | { kind: 'search'; query: string }
  | { kind: 'process'; id: string; document?: string };

/** A process that is open in a tab. */
export interface OpenTab {
  id: string;
  number: string;
  title: string;
}

export const maxTabs = 12;

/** Which processes are open, and what each of the one or two panes shows. */
export class PlaceStore {
  tabs = $state<OpenTab[]>([]);
  panes = $state<Place[]>([{ kind: 'inbox' }]);
  active = $state(0);
  /** Set by a screen that has unsaved input; asked before a tab is closed. */
  guards = new Map<string, () => boolean>();

  get here(): Place {
    return this.panes[this.active] ?? { kind: 'inbox' };
  }

  get split(): boolean {
    return this.panes.length > 1;
  }

  /** go shows a place in the active pane. */
  go(place: Place): void {
    this.panes[this.active] = place;
    if (this.split) this.#remember();
  }

  /** restore shows two panes as they were last time: processes by id, "" for the list. */
  restore(panes: readonly string[]): void {
    if (panes.length !== 2 || this.split || this.here.kind !== 'inbox') return;
    this.panes = panes.map((id): Place => (this.tabs.some((t) => t.id === id) ? { kind: 'process', id } : { kind: 'inbox' }));
    this.active = 0;
  }

  /** openProcess shows a process, in a new tab if it has none yet; aside, in the other pane. */
  openProcess(id: string, known: { number?: string; title?: string; document?: string; aside?: boolean } = {}): void {
    if (!this.tabs.some((t) => t.id === id)) {
      this.tabs.push({ id, number: known.number ?? '…', title: known.title ?? '' });
      while (this.tabs.length > maxTabs) {
        const old = this.tabs.find((t) => !this.panes.some((p) => p.kind === 'process' && p.id === t.id) && !this.guards.get(t.id)?.());
        if (!old) break;
        this.tabs.splice(this.tabs.indexOf(old), 1);
      }
    }
    if (known.aside) this.aside({ kind: 'process', id, document: known.document });
    else {
      // The same process twice side by side would be two editors of one text.
      const other = this.panes.findIndex((p, i) => i !== this.active && p.kind === 'process' && p.id === id);
      if (other >= 0) this.active = other;
      this.go({ kind: 'process', id, document: known.document });
    }
    this.#remember();
  }

  /** aside shows a place in the second pane. */
  aside(place: Place): void {
    if (this.panes.length < 2) this.panes.push(place);
    else this.panes[1 - this.active] = place;
    this.active = this.panes.length === 2 && this.active === 0 ? 1 : 0;
    this.#remember();
  }

  /** toggleSplit opens a second pane beside the first, or leaves only the active one. */
  toggleSplit(): void {
    if (this.split) {
      this.panes = [this.here];
      this.active = 0;
    } else {
      const shown = this.here.kind === 'process' ? this.here.id : '';
      const other = this.tabs.find((t) => t.id !== shown);
      this.aside(other ? { kind: 'process', id: other.id } : { kind: 'inbox' });
    }
    this.#remember();
  }

  /** describe gives a tab the number and type of its process, once read. */
  describe(id: string, number: string, title: string): void {
    const tab = this.tabs.find((t) => t.id === id);
    if (!tab || (tab.number === number && tab.title === title)) return;
    tab.number = number;
    tab.title = title;
  }

  /** closeTab closes a process; panes that showed it go back to its neighbour or the list. */
  closeTab(id: string): void {
    const at = this.tabs.findIndex((t) => t.id === id);
    if (at < 0) return;
    this.tabs.splice(at, 1);
    const next = this.tabs[at] ?? this.tabs[at - 1];
    this.panes.forEach((p, i) => {
      if (p.kind !== 'process' || p.id !== id) return;
      const free = next && !this.panes.some((o) => o.kind === 'process' && o.id === next.id);
      this.panes[i] = free ? { kind: 'process', id: next.id } : { kind: 'inbox' };
    });
    if (this.split && this.panes.every((p) => p.kind === 'inbox')) {
      this.panes = [{ kind: 'inbox' }];
      this.active = 0;
    }
    this.#remember();
  }

  /** reset forgets everything, at the end of a session or a change of unit. */
  reset(): void {
    this.tabs = [];
    this.panes = [{ kind: 'inbox' }];
    this.active = 0;
  }

  #remember(): void {
    const panes = this.split ? this.panes.map((p) => (p.kind === 'process' ? p.id : '')) : [];
    preferences.set({ openTabs: this.tabs.map((t) => t.id), split: this.split, panes });
  }
}

export const places = new PlaceStore();
