/** What we need of the toolbar's element, a FAST toolbar. */
interface IToolbarElement extends Element {
  reduceFocusableElements?(): void;
}

/**
 * Makes the toolbar around an element look again which of its items can have the
 * focus. It looks only when an item comes or goes; a button that React draws into
 * an item later is else out of reach of the arrow keys, and focus given to it goes
 * on to the toolbar's first button.
 */
export function refreshToolbar(element: Element | null): void {
  const toolbar: IToolbarElement | null | undefined =
    element?.closest('jp-toolbar');
  toolbar?.reduceFocusableElements?.();
}
