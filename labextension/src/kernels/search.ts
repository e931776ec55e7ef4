import type { IGroup } from './items';

/**
 * A text as it is compared: in lower case, and composed, as some file systems
 * take Korean syllables and accents apart.
 */
export function comparable(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** The groups with the items in which every word of the query occurs; groups without any are left out. */
export function search(
  groups: readonly IGroup[],
  query: string
): readonly IGroup[] {
  const words = comparable(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) {
    return groups;
  }
  return groups
    .map(group => ({
      ...group,
      items: group.items.filter(item =>
        words.every(word => item.text.includes(word))
      )
    }))
    .filter(group => group.items.length > 0);
}
