// Colours for code. The library's markup is taken apart: only its spans and their classes come onto the page.

import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import cpp from 'highlight.js/lib/languages/cpp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import markdown from 'highlight.js/lib/languages/markdown';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const languages = { bash, cpp, css, diff, go, ini, javascript, json, markdown, python, rust, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);
hljs.registerAliases(['c', 'cc', 'h', 'hpp'], { languageName: 'cpp' });
hljs.registerAliases(['sh', 'shell', 'console', 'zsh'], { languageName: 'bash' });
hljs.registerAliases(['html', 'svg'], { languageName: 'xml' });

/** More than that takes longer than a reader wants to wait. */
const kMostCharacters = 200000;

/** Colours the code in `node`, whose text stays the same, where the language is known. */
export function highlight(node: HTMLElement, language: string): void {
  const text = node.textContent ?? '';
  if (!hljs.getLanguage(language) || text.length > kMostCharacters) return;
  const parsed = document.createElement('template');
  parsed.innerHTML = hljs.highlight(text, { language, ignoreIllegals: true }).value;  // inert until it is copied
  const copy = (from: Node): Node[] => [...from.childNodes].map((child) => {
    if (!(child instanceof HTMLElement)) return document.createTextNode(child.textContent ?? '');
    const span = document.createElement('span');
    span.className = child.className;
    span.append(...copy(child));
    return span;
  });
  node.replaceChildren(...copy(parsed.content));
}

/** The language of a file by its name; empty where it is none of ours. */
export function languageOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const extension = name.slice(name.lastIndexOf('.') + 1);
  return hljs.getLanguage(extension) ? extension : '';
}
