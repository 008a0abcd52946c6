import type { Component } from 'svelte';

/** One line of a Menu. */
export interface MenuItem {
  id: string;
  label: string;
  act: () => void;
  icon?: Component;
  detail?: string;
  shortcut?: string;
  /** Of a choice among several. */
  checked?: boolean;
  /** Why it cannot be done now. */
  reason?: string;
  /** A heading above this item. */
  group?: string;
}
