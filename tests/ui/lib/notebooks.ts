/** A notebook with these cells and no kernelspec, as a file's content. */
export function notebookWith(cells: string[]): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
    cells: cells.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: 'code',
      metadata: {},
      execution_count: null,
      outputs: [],
      source
    }))
  };
}

/** A cell's outputs in a saved notebook. */
export interface IOutput {
  output_type: string;
  text?: string | string[];
  data?: Record<string, unknown>;
}

/** The plain text of an output; an empty text where it has none. */
export function plainText(output: IOutput): string {
  const text = output.text ?? output.data?.['text/plain'] ?? '';
  return Array.isArray(text) ? text.join('') : String(text);
}
