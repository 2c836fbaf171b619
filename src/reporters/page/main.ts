import type { Choice } from './choice.ts';
import { addressOf, choiceInAddress, chosenKeys, NO_CHOICE } from './choice.ts';
import type { Key } from './data.ts';
import { KEYS, META } from './data.ts';
import { element, figure, plural } from './elements.ts';
import { keyRow } from './key-row.ts';
import { fillSources } from './source-list.ts';
import { drawAxis } from './strip.ts';

const PAGE_LENGTH = 100;

/** Of what is chosen, so many are on paper. */
const MOST_PRINTED = 1000;

/** More names than this are found by typing. */
const MOST_NAMES = 2000;

const form = find('form', HTMLFormElement);
const list = find('#list', HTMLElement);
const status = find('#count', HTMLElement);
const more = find('#more', HTMLButtonElement);

let shown: readonly Key[] = [];
let drawn = 0;

function start(): void {
  find('#axis', HTMLElement).append(drawAxis());
  fillSources(find('#source-list', HTMLElement));
  fillNames(
    'owners',
    KEYS.map(({ owner }) => owner),
  );
  fillNames(
    'names',
    KEYS.flatMap(({ systems }) => systems.map(([name]) => name)),
  );
  find('[name=finding]', HTMLSelectElement).append(...META.findings.map(([name]) => new Option(name)));
  form.addEventListener('input', () => {
    const choice = choiceInForm();
    history.replaceState(null, '', addressOf(choice));
    show(choice);
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  find('#all', HTMLButtonElement).addEventListener('click', () => {
    history.replaceState(null, '', '#');
    showAddress().focus();
  });
  more.addEventListener('click', () => {
    const before = drawn;
    drawMore();
    // Whoever pressed the button goes on where the new ones begin.
    list.children[before]?.querySelector('summary')?.focus();
  });
  addEventListener('beforeprint', () => {
    while (drawn < Math.min(shown.length, MOST_PRINTED)) drawMore();
  });
  addEventListener('hashchange', () => {
    if (location.hash.includes('=')) goTo(showAddress());
  });
  document.body.classList.add('ready');
  const keys = showAddress();
  // A link that was passed on leads to what it names.
  if (location.hash.includes('=')) goTo(keys);
}

function goTo(heading: HTMLElement): void {
  heading.scrollIntoView();
  heading.focus({ preventScroll: true });
}

/** Shows what the address asks for, and returns where that stands. */
function showAddress(): HTMLElement {
  const choice = choiceInAddress();
  for (const [name, value] of Object.entries(choice)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) field.value = value;
  }
  show(choice);
  return find('#keys', HTMLElement);
}

function choiceInForm(): Choice {
  const given = new FormData(form);
  const entries = Object.keys(NO_CHOICE).map((name) => [name, `${given.get(name)?.toString() ?? ''}`.trim()]);
  return { ...NO_CHOICE, ...Object.fromEntries(entries) };
}

function show(choice: Choice): void {
  shown = chosenKeys(choice);
  drawn = 0;
  list.replaceChildren();
  drawMore();
  const isAll = shown.length === KEYS.length;
  find('#all', HTMLButtonElement).hidden = isAll;
  if (shown.length === 0) list.append(element('li', 'none', 'No key fits.'));
}

function drawMore(): void {
  const next = shown.slice(drawn, drawn + PAGE_LENGTH);
  list.append(...next.map((key) => keyRow(key, shown.length === 1)));
  drawn += next.length;
  const rest = shown.length - drawn;
  more.hidden = rest === 0;
  more.textContent = `Show ${figure(Math.min(PAGE_LENGTH, rest))} more`;
  const left = META.leftOut === 0 ? '' : `; ${plural(META.leftOut, 'more key')} in the JSON and CSV reports`;
  const of = shown.length === KEYS.length ? '' : `, of ${figure(KEYS.length)}`;
  status.textContent = `${rest === 0 ? '' : `the first ${figure(drawn)} of `}${plural(shown.length, 'key')}${of}${left}`;
}

function fillNames(id: string, names: readonly string[]): void {
  const unique = [...new Set(names)].filter((name) => name !== '').toSorted();
  const options = unique.slice(0, MOST_NAMES).map((name) => {
    const option = element('option', '');
    option.value = name;
    return option;
  });
  find(`#${id}`, HTMLDataListElement).append(...options);
}

function find<Kind extends Element>(selector: string, kind: new () => Kind): Kind {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}

start();
