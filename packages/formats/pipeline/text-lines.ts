/** The lines of a text that comes in chunks, without their newlines; batches, because single lines are too many promises. */
export async function* textLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  let rest = '';
  for await (const chunk of chunks) {
    // One character per byte: no base, quality or name is cut by a chunk's end.
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines;
  }
  if (rest !== '') yield [rest];
}
