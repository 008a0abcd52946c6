/** A key and what it does; SEI's own where it has one. */
export interface Shortcut {
  keys: string;
  what: string;
  /** Where it works, for the help. */
  where: 'Em toda parte' | 'Controle de Processos' | 'Processo' | 'Documento';
}

export const shortcutList: readonly Shortcut[] = [
  { keys: 'Ctrl+K', what: 'Pesquisar', where: 'Em toda parte' },
  { keys: 'Alt+F10', what: 'Pesquisar (como no SEI)', where: 'Em toda parte' },
  { keys: 'Alt+F2', what: 'Controle de Processos', where: 'Em toda parte' },
  { keys: 'Alt+F11', what: 'Trocar de unidade', where: 'Em toda parte' },
  { keys: 'Alt+I', what: 'Iniciar Processo', where: 'Em toda parte' },
  { keys: 'Ctrl+1 … Ctrl+9', what: 'Ir à aba do processo', where: 'Em toda parte' },
  { keys: 'Alt+W', what: 'Fechar a aba do processo', where: 'Em toda parte' },
  { keys: 'Alt+D', what: 'Dividir a tela', where: 'Em toda parte' },
  { keys: 'F6', what: 'Ir à próxima região da janela', where: 'Em toda parte' },
  { keys: '?', what: 'Esta lista', where: 'Em toda parte' },
  { keys: '↑ ↓', what: 'Percorrer a lista', where: 'Controle de Processos' },
  { keys: 'Enter', what: 'Abrir o processo', where: 'Controle de Processos' },
  { keys: 'Shift+Enter', what: 'Abrir ao lado', where: 'Controle de Processos' },
  { keys: 'Espaço', what: 'Marcar para ação em lote', where: 'Controle de Processos' },
  { keys: 'Ctrl+A', what: 'Marcar as linhas carregadas', where: 'Controle de Processos' },
  { keys: '↑ ↓ ← →', what: 'Percorrer a árvore', where: 'Processo' },
  { keys: 'Alt+N', what: 'Incluir Documento', where: 'Processo' },
  { keys: 'Alt+X', what: 'Documento Externo', where: 'Processo' },
  { keys: 'Ctrl+Shift+E', what: 'Enviar Processo', where: 'Processo' },
  { keys: 'Alt+A', what: 'Atribuir', where: 'Processo' },
  { keys: 'Alt+C', what: 'Ciência no processo', where: 'Processo' },
  { keys: 'Alt+U', what: 'Atualizar Andamento', where: 'Processo' },
  { keys: 'Alt+O', what: 'Concluir', where: 'Processo' },
  { keys: 'Alt+R', what: 'Reabrir', where: 'Processo' },
  { keys: 'Alt+E', what: 'Editar Conteúdo da minuta', where: 'Processo' },
  { keys: 'Ctrl+Shift+A', what: 'Assinar o documento', where: 'Processo' },
  { keys: 'Alt+S', what: 'Assinar Documentos', where: 'Processo' },
  { keys: 'Alt+Shift+C', what: 'Ciência no documento', where: 'Processo' },
  { keys: 'Ctrl+F', what: 'Procurar no documento', where: 'Documento' },
  { keys: '+ / −', what: 'Ampliar ou reduzir', where: 'Documento' },
  { keys: 'Page Up / Page Down', what: 'Rolar as páginas', where: 'Documento' },
];

/** chord names the key of an event as shortcutList writes it, e.g. "Ctrl+Shift+A". */
export function chord(e: KeyboardEvent): string {
  const key = e.key.length === 1 ? e.key.toUpperCase() : e.key;
  // "?" already says that Shift is down.
  const shift = e.shiftKey && (e.key.length > 1 || /\p{L}/u.test(e.key));
  return [(e.ctrlKey || e.metaKey) && 'Ctrl', e.altKey && 'Alt', shift && 'Shift', key].filter(Boolean).join('+');
}

/** isTyping tells whether the key belongs to a text that is being written. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}
