import { mount } from 'svelte';
import './ui/base.css';

async function start(): Promise<void> {
  // A desk in memory, for looking at the window without one; never in the product build.
  if (import.meta.env.MODE === 'double') await import('./dev/double');
  const { default: App } = await import('./App.svelte');
  const target = document.getElementById('app');
  if (!target) throw new Error('index.html has no #app');
  mount(App, { target });
}

void start();
