import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Encodable } from "./message-codec.ts";

/**
 * The elements of a repeated field of which each is made when it is written, the last one first: so none is alive beside another. A list
 * of hundreds that is made before outlives collections of young garbage, which is what most of their time goes to.
 */
class ListInTurn<Item, Element> {
  readonly length: number;
  private readonly items: readonly Item[];
  private readonly make: (item: Item, index: number) => Element;

  constructor(items: readonly Item[], make: (item: Item, index: number) => Element) {
    this.length = items.length;
    this.items = items;
    this.make = make;
  }

  /** Makes the element each time it is asked for. */
  at(index: number): Element {
    return this.make(this.items[index] as Item, index);
  }
}

/** A repeated field whose elements are made of `items` when the message is written. Nothing else can be done with it. */
export function madeInTurn<D extends DescMessage, Item>(
  _element: D,
  items: readonly Item[],
  make: (item: Item, index: number) => Encodable<D>,
): MessageShape<D>[] {
  // All that the writer asks of a list is there.
  return new ListInTurn(items, make) as object as MessageShape<D>[];
}
