// What the toolbar can do, as data: name, key, icon, whether it is on.
import type { Editor } from '@tiptap/core';
import type { Component } from 'svelte';
import AlignCenter from '@lucide/svelte/icons/text-align-center';
import AlignJustify from '@lucide/svelte/icons/text-align-justify';
import AlignLeft from '@lucide/svelte/icons/text-align-start';
import AlignRight from '@lucide/svelte/icons/text-align-end';
import Bold from '@lucide/svelte/icons/bold';
import Eraser from '@lucide/svelte/icons/remove-formatting';
import Italic from '@lucide/svelte/icons/italic';
import List from '@lucide/svelte/icons/list';
import ListOrdered from '@lucide/svelte/icons/list-ordered';
import Quote from '@lucide/svelte/icons/text-quote';
import Redo from '@lucide/svelte/icons/redo-2';
import Rule from '@lucide/svelte/icons/minus';
import Break from '@lucide/svelte/icons/separator-horizontal';
import Strike from '@lucide/svelte/icons/strikethrough';
import Sub from '@lucide/svelte/icons/subscript';
import Sup from '@lucide/svelte/icons/superscript';
import Underline from '@lucide/svelte/icons/underline';
import Undo from '@lucide/svelte/icons/undo-2';

/** One button of the toolbar. */
export interface Tool {
  id: string;
  label: string;
  icon: Component;
  shortcut?: string;
  act: (e: Editor) => void;
  /** Whether what it does is on where the cursor is; absent for plain acts. */
  on?: (e: Editor) => boolean;
  /** Why it cannot be used where the cursor is. */
  reason?: (e: Editor) => string;
}

const mark = (name: string) => (e: Editor) => e.isActive(name);
const align = (value: string): Pick<Tool, 'act' | 'on'> => ({
  act: (e) => (e.isActive({ textAlign: value }) ? e.chain().focus().unsetTextAlign().run() : e.chain().focus().setTextAlign(value).run()),
  on: (e) => e.isActive({ textAlign: value }),
});

/** The toolbar's groups, in order. */
export const TOOLS: Record<'history' | 'marks' | 'align' | 'blocks' | 'breaks', Tool[]> = {
  history: [
    { id: 'undo', label: 'Desfazer', icon: Undo, shortcut: 'Ctrl+Z', act: (e) => e.chain().focus().undo().run(), reason: (e) => (e.can().undo() ? '' : 'nada a desfazer') },
    { id: 'redo', label: 'Refazer', icon: Redo, shortcut: 'Ctrl+Y', act: (e) => e.chain().focus().redo().run(), reason: (e) => (e.can().redo() ? '' : 'nada a refazer') },
  ],
  marks: [
    { id: 'bold', label: 'Negrito', icon: Bold, shortcut: 'Ctrl+B', act: (e) => e.chain().focus().toggleBold().run(), on: mark('bold') },
    { id: 'italic', label: 'Itálico', icon: Italic, shortcut: 'Ctrl+I', act: (e) => e.chain().focus().toggleItalic().run(), on: mark('italic') },
    { id: 'underline', label: 'Sublinhado', icon: Underline, shortcut: 'Ctrl+U', act: (e) => e.chain().focus().toggleUnderline().run(), on: mark('underline') },
    { id: 'strike', label: 'Tachado', icon: Strike, shortcut: 'Ctrl+Shift+S', act: (e) => e.chain().focus().toggleStrike().run(), on: mark('strike') },
    { id: 'subscript', label: 'Subscrito', icon: Sub, shortcut: 'Ctrl+,', act: (e) => e.chain().focus().toggleSubscript().run(), on: mark('subscript') },
    { id: 'superscript', label: 'Sobrescrito', icon: Sup, shortcut: 'Ctrl+.', act: (e) => e.chain().focus().toggleSuperscript().run(), on: mark('superscript') },
    {
      id: 'clear',
      label: 'Limpar formatação',
      icon: Eraser,
      shortcut: 'Ctrl+\\',
      act: clearFormatting,
    },
  ],
  align: [
    { id: 'left', label: 'Alinhar à esquerda', icon: AlignLeft, shortcut: 'Ctrl+Shift+L', ...align('left') },
    { id: 'center', label: 'Centralizar', icon: AlignCenter, shortcut: 'Ctrl+Shift+E', ...align('center') },
    { id: 'right', label: 'Alinhar à direita', icon: AlignRight, shortcut: 'Ctrl+Shift+R', ...align('right') },
    { id: 'justify', label: 'Justificar', icon: AlignJustify, shortcut: 'Ctrl+Shift+J', ...align('justify') },
  ],
  blocks: [
    { id: 'bullet', label: 'Lista com marcadores', icon: List, shortcut: 'Ctrl+Shift+8', act: (e) => e.chain().focus().toggleBulletList().run(), on: mark('bulletList') },
    { id: 'ordered', label: 'Lista numerada', icon: ListOrdered, shortcut: 'Ctrl+Shift+7', act: (e) => e.chain().focus().toggleOrderedList().run(), on: mark('orderedList') },
    { id: 'quote', label: 'Bloco de citação', icon: Quote, shortcut: 'Ctrl+Shift+B', act: (e) => e.chain().focus().toggleBlockquote().run(), on: mark('blockquote') },
  ],
  breaks: [
    { id: 'rule', label: 'Linha horizontal', icon: Rule, act: (e) => e.chain().focus().setHorizontalRule().run() },
    { id: 'break', label: 'Quebra de página', icon: Break, shortcut: 'Ctrl+Enter', act: (e) => e.chain().focus().insertPageBreak().run() },
  ],
};

/** clearFormatting takes marks, alignment and named style away; words, lists and tables stay. */
export function clearFormatting(e: Editor): void {
  e.chain().focus().unsetAllMarks().unsetTextAlign().resetAttributes('paragraph', 'style').run();
}

/** blockOf names the style or heading where the cursor is, for the style list. */
export function blockOf(e: Editor): string {
  for (const level of [1, 2, 3]) if (e.isActive('heading', { level })) return `h${level}`;
  return String(e.getAttributes('paragraph').style ?? '');
}

/** setBlock gives the chosen paragraphs a named style, or makes them headings. */
export function setBlock(e: Editor, choice: string): void {
  const level = /^h([123])$/.exec(choice)?.[1];
  if (level) e.chain().focus().setHeading({ level: Number(level) as 1 | 2 | 3 }).run();
  else e.chain().focus().setParagraph().updateAttributes('paragraph', { style: choice, textAlign: null }).run();
}

/** inNested says whether the cursor is where a table cannot stand, and why. */
export function tableReason(e: Editor): string {
  if (e.isActive('table')) return '';
  for (const name of ['listItem', 'blockquote']) {
    if (e.isActive(name)) return 'a tabela fica fora de listas e citações';
  }
  return '';
}
