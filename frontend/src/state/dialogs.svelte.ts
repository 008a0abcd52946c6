/** Dialogs of the whole window; one at a time. */
export type WindowDialog = '' | 'search' | 'shortcuts' | 'about' | 'password' | 'renew' | 'preferences';

class DialogStore {
  open = $state<WindowDialog>('');

  show(dialog: WindowDialog): void {
    this.open = dialog;
  }

  close(): void {
    this.open = '';
  }
}

export const dialogs = new DialogStore();
