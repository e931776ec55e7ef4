import { refreshToolbar } from '../../src/chip/toolbar';

describe('The toolbar around a button', () => {
  it('looks again which items can have the focus', () => {
    const reduceFocusableElements = jest.fn();
    const toolbar = Object.assign(document.createElement('jp-toolbar'), {
      reduceFocusableElements
    });
    toolbar.innerHTML = '<div><button></button></div>';
    refreshToolbar(toolbar.querySelector('button'));
    expect(reduceFocusableElements).toHaveBeenCalledTimes(1);
  });

  it('may be none, or of another make', () => {
    const other = document.createElement('jp-toolbar');
    expect(() => refreshToolbar(null)).not.toThrow();
    expect(() => refreshToolbar(document.body)).not.toThrow();
    expect(() => refreshToolbar(other)).not.toThrow();
  });
});
