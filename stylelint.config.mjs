export default {
  extends: ['stylelint-config-standard'],
  rules: {
    // JupyterLab's convention: jp- and Lumino's lm- with names in CamelCase.
    'selector-class-pattern': '^(jp|lm)-[A-Za-z0-9]+(-[A-Za-z0-9]+)*$',
    'no-descending-specificity': null,
    // Colours come from JupyterLab's variables, so that every theme fits.
    'color-no-hex': true,
    'color-named': 'never'
  }
};
