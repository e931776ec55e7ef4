// jsdom has no clipboard; JupyterLab warns of that in each file otherwise.
Object.defineProperty(navigator, 'clipboard', {
  value: { writeText: () => Promise.resolve() }
});
