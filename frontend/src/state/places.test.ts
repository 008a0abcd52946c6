import { beforeEach, expect, test } from 'vitest';
import { desk } from '../dev/testdesk';
import { PlaceStore, maxTabs } from './places.svelte';
import { chord } from './shortcuts';

beforeEach(() => void desk({}));

test('a process is opened once, however often it is asked for', () => {
  const p = new PlaceStore();
  p.openProcess('a', { number: '1' });
  p.openProcess('b', { number: '2' });
  p.openProcess('a');
  expect(p.tabs.map((t) => t.id)).toEqual(['a', 'b']);
  expect(p.here).toMatchObject({ kind: 'process', id: 'a' });
});

test('one process is never shown on both sides, so that its text has one editor', () => {
  const p = new PlaceStore();
  p.openProcess('a');
  p.openProcess('b', { aside: true });
  p.openProcess('a');
  expect(p.panes.filter((x) => x.kind === 'process' && x.id === 'a')).toHaveLength(1);
  expect(p.active).toBe(0);
});

test('closing a tab shows its neighbour, and in the end the list', () => {
  const p = new PlaceStore();
  p.openProcess('a');
  p.openProcess('b');
  p.closeTab('b');
  expect(p.here).toMatchObject({ kind: 'process', id: 'a' });
  p.closeTab('a');
  expect(p.here).toEqual({ kind: 'inbox' });
  expect(p.split).toBe(false);
});

test('of too many tabs the oldest goes, but not one that is being edited', () => {
  const p = new PlaceStore();
  for (let i = 0; i < maxTabs; i++) p.openProcess(`p${i}`);
  p.guards.set('p0', () => true);
  p.openProcess('more');
  expect(p.tabs).toHaveLength(maxTabs);
  expect(p.tabs.map((t) => t.id)).toContain('p0');
  expect(p.tabs.map((t) => t.id)).not.toContain('p1');
});

test('keys are named as the help writes them', () => {
  const key = (key: string, mods: KeyboardEventInit = {}) => chord(new KeyboardEvent('keydown', { key, ...mods }));
  expect(key('k', { ctrlKey: true })).toBe('Ctrl+K');
  expect(key('A', { ctrlKey: true, shiftKey: true })).toBe('Ctrl+Shift+A');
  expect(key('F10', { altKey: true })).toBe('Alt+F10');
  expect(key('?', { shiftKey: true })).toBe('?');
});
