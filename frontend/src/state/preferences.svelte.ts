import { Session, type desktop } from '../lib/api';

const blank: desktop.Preferences = {
  theme: 'system', density: 'compact', treeWidth: 300, openTabs: [], split: false, panes: [], inboxView: 'columns', textSize: 0, sideWidth: 0, sidePanel: '',
};

/** What this workstation remembers of the window; changes are stored after a pause. */
export class PreferenceStore {
  value = $state<desktop.Preferences>({ ...blank });
  loaded = $state(false);
  #timer = 0;

  async load(): Promise<void> {
    this.loaded = false;
    try {
      const known = await Session.Preferences();
      this.value = { ...blank, ...known, openTabs: known.openTabs ?? [], panes: known.panes ?? [], treeWidth: known.treeWidth || blank.treeWidth };
    } catch {
      // The window works with what it has.
    }
    this.loaded = true;
  }

  set(change: Partial<desktop.Preferences>): void {
    Object.assign(this.value, change);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      Session.SavePreferences($state.snapshot(this.value)).catch(() => {
        // Remembering is a comfort; not worth a message.
      });
    }, 400);
  }
}

export const preferences = new PreferenceStore();

/** followTheme puts the chosen theme, or the system's, on the page. Call it while a component is set up. */
export function followTheme(): void {
  const system = window.matchMedia?.('(prefers-color-scheme: dark)');
  let dark = $state(system?.matches ?? false);
  $effect(() => {
    const change = (e: MediaQueryListEvent) => (dark = e.matches);
    system?.addEventListener('change', change);
    return () => system?.removeEventListener('change', change);
  });
  $effect(() => {
    const { theme, density, textSize } = preferences.value;
    const on = theme === 'dark' || (theme !== 'light' && dark);
    document.documentElement.dataset.theme = on ? 'dark' : 'light';
    document.documentElement.dataset.density = density || 'compact';
    // Every size is in rem, so one number makes all the letters larger.
    document.documentElement.style.fontSize = textSize ? `${textSize}%` : '';
  });
}
