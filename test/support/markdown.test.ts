// The reader of pages, tested on pages small enough to see through.
import { expect, test } from 'vitest';
import { parsePage } from './markdown.js';

const page = (text: string) => parsePage('page.md', text);

test('finds front matter, headings, links and tables', () => {
  const found = page(
    [
      '---',
      'title: One',
      'questions:',
      '  - What?',
      '  - Why?',
      '---',
      '# What the line `x` means',
      'See [there](other.md#part) and ![a picture](a.svg), not `[this](one.md)`.',
      '',
      '| a | b |',
      '| --- | --- |',
      '| 1 | x \\| y |',
    ].join('\n'),
  );
  expect(found.frontMatter).toEqual({ title: 'One', questions: ['What?', 'Why?'] });
  expect(found.headings).toEqual(['what-the-line-x-means']);
  expect(found.links.map(({ target }) => target)).toEqual(['other.md#part', 'a.svg']);
  expect(found.tables.map((rows) => rows.map(({ cells }) => cells))).toEqual([
    [
      ['a', 'b'],
      ['1', 'x | y'],
    ],
  ]);
});

test('knows which blocks stand in which containers, and on which lines', () => {
  const found = page(
    [
      '::::challenge Try it',
      '```ts start',
      'a();',
      '```',
      '',
      '```text',
      'one',
      '```',
      ':::solution',
      '```ts',
      'b();',
      '```',
      ':::',
      '::::',
    ].join('\n'),
  );
  expect(
    found.codeBlocks.map(({ language, info, text, line, container, followsCode }) => [
      line,
      language,
      info,
      text,
      container?.kind,
      followsCode,
    ]),
  ).toEqual([
    [2, 'ts', 'start', 'a();', 'challenge', false],
    [6, 'text', '', 'one', 'challenge', true],
    [10, 'ts', '', 'b();', 'solution', false],
  ]);
  expect(found.containers.map(({ kind, title, parent }) => [kind, title, parent?.kind])).toEqual([
    ['challenge', 'Try it', undefined],
    ['solution', '', 'challenge'],
  ]);
});

test.each([
  ['```ts\na();', 'page.md:1: this fence is never closed'],
  [':::hint\n', 'page.md:1: :::hint is never closed'],
  [':::', 'page.md:1: these colons close nothing'],
  [':::challenge A\n:::hint\n:::\n:::', 'page.md:2: a block inside :::challenge needs fewer colons than it'],
  ['::::challenge A\n:::', 'page.md:2: :::challenge of line 1 is still open'],
  ['---\ntitle: One', 'page.md:1: the front matter has no end'],
  ['---\ntitle: One: two\n---', 'page.md:2: YAML would misread: One: two'],
  ['---\n- a\n---', 'page.md:2: the front matter holds "key: text" and lists, not: - a'],
])('refuses %j', (text, message) => {
  expect(() => page(text)).toThrow(message);
});
