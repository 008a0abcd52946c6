import type { Editor } from '@tiptap/core';
import { CellSelection, isInTable, selectedRect } from '@tiptap/pm/tables';
import type { MenuItem } from '../ui';
import { tableReason } from './format';
import { MAX_COLUMNS } from './styles';

/** tableItems is the table menu for where the cursor is. */
export function tableItems(e: Editor): MenuItem[] {
  const inside = e.isActive('table') && isInTable(e.state);
  const outside = inside ? '' : 'coloque o cursor em uma tabela';
  const columns = inside ? selectedRect(e.state).map.width : 0;
  const full = columns >= MAX_COLUMNS ? `uma tabela tem no máximo ${MAX_COLUMNS} colunas` : '';
  const cells = e.state.selection instanceof CellSelection;
  const item = (id: string, label: string, act: () => void, reason = outside, group?: string): MenuItem => ({ id, label, act, reason, group });
  const insert = (rows: number, cols: number) => () => insertTable(e, rows, cols);
  const cannot = inside ? 'uma tabela não pode conter outra' : tableReason(e);
  return [
    item('t2', 'Inserir tabela 2 × 2', insert(2, 2), cannot, 'Inserir'),
    item('t3', 'Inserir tabela 3 × 3', insert(3, 3), cannot),
    item('t5', 'Inserir tabela de 5 linhas × 4 colunas', insert(5, 4), cannot),
    item('above', 'Inserir linha acima', () => e.chain().focus().addRowBefore().run(), outside, 'Linhas'),
    item('below', 'Inserir linha abaixo', () => e.chain().focus().addRowAfter().run()),
    item('norow', 'Excluir linha', () => e.chain().focus().deleteRow().run()),
    item('header', 'Linha de cabeçalho (ligar ou desligar)', () => e.chain().focus().toggleHeaderRow().run()),
    item('left', 'Inserir coluna à esquerda', () => e.chain().focus().addColumnBefore().run(), outside || full, 'Colunas'),
    item('right', 'Inserir coluna à direita', () => e.chain().focus().addColumnAfter().run(), outside || full),
    item('nocol', 'Excluir coluna', () => e.chain().focus().deleteColumn().run()),
    item('merge', 'Mesclar células', () => e.chain().focus().mergeCells().run(), outside || (cells ? '' : 'selecione duas ou mais células'), 'Células'),
    item('split', 'Dividir célula', () => e.chain().focus().splitCell().run(), outside || (e.can().splitCell() ? '' : 'a célula não é mesclada')),
    item('none', 'Excluir tabela', () => e.chain().focus().deleteTable().run()),
  ];
}

/** insertTable puts a table with a header row where the cursor is. */
export function insertTable(e: Editor, rows: number, cols: number): void {
  e.chain().focus().insertTable({ rows, cols, withHeaderRow: true }).run();
}
