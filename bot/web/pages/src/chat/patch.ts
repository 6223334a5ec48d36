// Brings what is shown to what it should be and touches nothing else, so that a selection in it, and what was scrolled, stays.

interface Step {
  /** Whether the selection would be lost by it. */
  hurts: (selected: Range) => boolean;
  run: () => void;
}

/** Makes the children of `box` those of `wanted`, which is used up. False: nothing was done, because the selection would be lost. */
export function patch(box: Node, wanted: Node): boolean {
  const steps: Step[] = [];
  plan(box, wanted, steps);
  const selection = getSelection();
  const selected = selection?.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
  if (selected && steps.some((step) => step.hurts(selected))) return false;
  steps.forEach((step) => step.run());
  return true;
}

function plan(old: Node, wanted: Node, steps: Step[]): void {
  const before = [...old.childNodes];
  const after = [...wanted.childNodes];
  after.forEach((node, index) => {
    const shown = before[index];
    if (!shown) steps.push({ hurts: () => false, run: () => old.appendChild(node) });
    else if (shown.isEqualNode(node)) return;
    else if (shown instanceof Text && node instanceof Text) planText(shown, node.data, steps);
    else if (isSame(shown, node)) planElement(shown as Element, node as Element, steps);
    else steps.push({ hurts: (selected) => selected.intersectsNode(shown), run: () => old.replaceChild(node, shown) });
  });
  for (const node of before.slice(after.length)) {
    steps.push({ hurts: (selected) => selected.intersectsNode(node), run: () => old.removeChild(node) });
  }
}

const isSame = (shown: Node, node: Node) => shown instanceof Element && node instanceof Element && shown.tagName === node.tagName;

function planElement(shown: Element, node: Element, steps: Step[]): void {
  steps.push({ hurts: () => false, run: () => {
    const unfolded = shown instanceof HTMLDetailsElement ? 'open' : '';  // which is the reader's
    for (const { name } of [...shown.attributes]) if (name !== unfolded && !node.hasAttribute(name)) shown.removeAttribute(name);
    for (const { name, value } of node.attributes) if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  } });
  plan(shown, node, steps);
}

/** Only what is between the beginning and the end that both have. */
function planText(shown: Text, text: string, steps: Step[]): void {
  const most = Math.min(shown.length, text.length);
  let begin = 0;
  while (begin < most && shown.data[begin] === text[begin]) begin += 1;
  let end = 0;
  while (end < most - begin && shown.data[shown.length - 1 - end] === text[text.length - 1 - end]) end += 1;
  const to = shown.length - end;
  const within = (node: Node, offset: number) => node === shown && offset > begin && offset < to;
  steps.push({
    hurts: ({ startContainer, startOffset, endContainer, endOffset }) => within(startContainer, startOffset) || within(endContainer, endOffset),
    run: () => shown.replaceData(begin, to - begin, text.slice(begin, text.length - end)),
  });
}
