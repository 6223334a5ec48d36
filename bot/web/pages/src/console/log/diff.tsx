// A unified diff, line by line. The signs stay, so that colour never says it alone.

function kindOf(line: string): string {
  if (line.startsWith('+++') || line.startsWith('---')) return 'file';
  if (line.startsWith('@@')) return 'place';
  return line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : '';
}

export function Diff({ text, label }: { text: string; label: string }) {
  return <pre class="diff" tabIndex={0} role="group" aria-label={label}><code>
    {text.replace(/\n$/, '').split('\n').map((line) => <span class={kindOf(line)}>{line}{'\n'}</span>)}
  </code></pre>;
}
