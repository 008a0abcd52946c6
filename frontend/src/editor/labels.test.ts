import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { labels } from './labels';

interface Case {
  name: string;
  styles: string[];
  labels: string[];
  names: string[];
}

const cases = JSON.parse(readFileSync(resolve(__dirname, '../../../internal/richtext/testdata/labels.json'), 'utf8')) as Case[];

for (const c of cases) {
  test(`numbers as internal/richtext does: ${c.name}`, () => {
    const got = labels(c.styles.map((style) => ({ style })));
    expect(got.map((l) => l.label)).toEqual(c.labels);
    expect(got.map((l) => l.name)).toEqual(c.names);
  });
}
