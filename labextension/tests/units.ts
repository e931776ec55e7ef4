/** A text with the no-break spaces that figures have before their units. */
export function unbroken(text: string): string {
  return text.replace(/ (?=(%|°|[GM]i?B|W|MHz|k?Wh))/g, '\u00a0');
}
