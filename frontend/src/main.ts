import { mount } from 'svelte';
import App from './App.svelte';
import { reportPresence } from './lib/idle';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');

reportPresence();

export default mount(App, { target });
