const lent = new WeakSet<ArrayBufferLike>();

/**
 * Marks bytes of a stream as belonging to nobody but whoever reads them: that reader may give them back. Bytes that
 * share their memory with others (a view of more, Node's pool of small buffers) are not marked.
 */
export function lend<Bytes extends Uint8Array>(bytes: Bytes): Bytes {
  if (bytes.byteLength > 0 && bytes.byteLength === bytes.buffer.byteLength) lent.add(bytes.buffer);
  return bytes;
}

/**
 * Frees the memory of bytes that were lent, which the garbage collector would do much later: at gigabytes a second the
 * difference is more than half of the time. Every view of them is empty afterwards. What was not lent stays.
 */
export function giveBack(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (lent.delete(buffer) && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
