/** Watches a list in the page: milliseconds from now until it has changed, laid out. */
export function timeOfChange(selector: string): { change: Promise<number> } {
  const change = new Promise<number>(resolve => {
    const before = performance.now();
    const list = document.querySelector(selector)!;
    const observer = new MutationObserver(() => {
      observer.disconnect();
      list.getBoundingClientRect();
      resolve(Math.round(performance.now() - before));
    });
    observer.observe(list, {
      subtree: true,
      childList: true,
      characterData: true
    });
  });
  return { change };
}
