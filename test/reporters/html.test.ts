import { createHash } from 'node:crypto';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model.ts';
import { html } from '../../src/reporters/html.ts';
import { inert } from '../../src/reporters/inert.ts';
import { ciCommands, firstHazard } from './hazards.ts';
import { HOSTILE_STRINGS, hostileReport } from './hostile.ts';
import { assemblePage, PAGE_PARTS, pageParts, readAssets, readPart } from './page/assemble-page.ts';
import { traced, tracedReport } from './page/traced-report.ts';
import { sampleKey, sampleReport } from './sample-report.ts';

describe('the assets of the page', () => {
  it('are those of their source: npm run page', () => {
    expect(assemblePage()).toBe(readAssets());
  });

  it('hold every part', () => {
    expect(pageParts().toSorted()).toEqual(PAGE_PARTS.toSorted());
  });

  it('name each thing once, since all parts share one scope', () => {
    const declared = /^(?:export )?(?:function|const|let|class) (?<name>\w+)/gm;
    const found = PAGE_PARTS.flatMap((part) =>
      [...readPart(part).matchAll(declared)].map(({ groups }) => groups?.['name']),
    );
    expect(found.length).toBeGreaterThan(40);
    expect(found.filter((name, index) => found.indexOf(name) !== index)).toEqual([]);
  });
});

describe('the HTML report', () => {
  it('lets nothing run and load but its own script and style, known by their hashes', () => {
    const elements = elementsOf(parse(render(tracedReport())));
    const policy = elements.find(({ attrs }) => attrs.some(({ value }) => value === 'Content-Security-Policy'));
    const [script, ...others] = elements.filter(({ tagName, attrs }) => isScript(tagName, attrs));
    const [style] = elements.filter(({ tagName }) => tagName === 'style');
    expect(others).toEqual([]);
    const hashes = [script, style].map(
      (one) => `'sha256-${createHash('sha256').update(textOf(one)).digest('base64')}'`,
    );
    expect(policy?.attrs.find(({ name }) => name === 'content')?.value).toBe(
      `default-src 'none'; script-src ${hashes[0]}; style-src ${hashes[1]}; base-uri 'none'; form-action 'none'`,
    );
    const references = elements.flatMap(({ attrs }) => attrs.filter(({ name }) => /^(?:href|src|action)$/.test(name)));
    expect(references.length).toBeGreaterThan(5);
    expect(references.filter(({ value }) => !value.startsWith('#'))).toEqual([]);
  });

  it('answers on its first screen what can go, what nearly, what cannot be known and why', () => {
    const text = textOf(parse(render(tracedReport()))).replaceAll(/\s+/g, ' ');
    expect(text).toContain('2 can be deleted today partner sandbox 2024 checkout (old)');
    expect(text).toMatch(
      /2 nearly: safe on the date shown, if nobody calls 2027-02-03 billing live 2027-10-20 mobile app 5.x/,
    );
    expect(text).toMatch(
      /2 cannot be known: the logs do not answer kept by an exemption: 1 key the provider saw a later use: 1 key/,
    );
  });

  it('comes in one piece per key and holds no key in between', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => traced(sampleKey({ key: `k_${index}` })));
    const pieces = [...html.render(sampleReport({ keys }), VIEW)];
    expect(pieces.length).toBeGreaterThan(1000);
    const data = pieces.filter((piece) => /k_\d+/.test(piece) && !piece.includes('<'));
    expect(data).toHaveLength(1000);
    expect(Math.max(...data.map(({ length }) => length))).toBeLessThan(500);
  });

  it('holds 50,000 keys at most, and says how many it leaves out', () => {
    const one = traced(sampleKey());
    const keys = { length: 50_003, *[Symbol.iterator]() { for (let at = 0; at < 50_003; at++) yield one; } }; // prettier-ignore
    const text = render(sampleReport({ keys, summary: sampleReport().summary }));
    expect(text.match(/"k_4f1a22b0c3d4e5f60718"/g)).toHaveLength(50_000);
    expect(text).toContain('"leftOut":3}');
  });

  it('has the same elements whatever the texts, and shows each as it is', () => {
    const benign = shapeOf(parse(render(hostileReport('benign'))));
    expect(benign.length).toBeGreaterThan(80);
    for (const hostile of HOSTILE_STRINGS) {
      const output = render(hostileReport(hostile));
      const document = parse(output);
      expect(shapeOf(document), hostile).toEqual(benign);
      expect(firstHazard(output), hostile).toBeUndefined();
      expect(ciCommands(output), hostile).toEqual([]);
      const blocks = elementsOf(document).filter(({ attrs }) =>
        attrs.some(({ name, value }) => name === 'class' && value === 'keys'),
      );
      const rows = blocks.flatMap((block) => JSON.parse(textOf(block)) as unknown[][]);
      expect(rows.map(([key]) => key)).toEqual(Array.from({ length: 4 }, () => inert(hostile)));
    }
  });
});

const VIEW = { columns: 120, color: false };

function render(report: Report): string {
  return [...html.render(report, VIEW)].join('');
}

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

function elementsOf(node: Node): Element[] {
  const children = 'childNodes' in node ? node.childNodes.flatMap(elementsOf) : [];
  return 'tagName' in node ? [node, ...children] : children;
}

function isScript(tagName: string, attrs: Element['attrs']): boolean {
  return tagName === 'script' && !attrs.some(({ name, value }) => name === 'type' && value === 'application/json');
}

function textOf(node: Node | undefined): string {
  if (node === undefined) return '';
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

/** Elements with the names of their attributes, and comments: what markup from data would change. */
function shapeOf(document: Node): string[] {
  const describeNode = (node: Node): string[] => {
    const children = 'childNodes' in node ? node.childNodes.flatMap(describeNode) : [];
    if ('tagName' in node) return [`${node.tagName} ${node.attrs.map(({ name }) => name).join(' ')}`, ...children];
    return node.nodeName === '#comment' ? ['comment'] : children;
  };
  return describeNode(document);
}
