/**
 * The items that pass, in order: the list itself where all do, as in the lists of a call they nearly always do. A list for each
 * question is what a call can do without.
 */
export function only<Item, Passing extends Item>(
  list: readonly Item[],
  passes: (item: Item) => item is Passing,
): readonly Passing[]
export function only<Item>(list: readonly Item[], passes: (item: Item) => boolean): readonly Item[]
export function only<Item>(list: readonly Item[], passes: (item: Item) => boolean): readonly Item[] {
  return list.every(passes) ? list : list.filter(passes)
}
