/** The new header's bytes and what of the bytes read so far follows it. */
export interface HeadBytes {
  readonly head: Buffer;
  readonly rest: Buffer;
}

/** The header's text with one more `@CO` line at its end, where one is given. */
export function withComment(text: Buffer, comment: string | undefined): Buffer {
  const end = text.indexOf(0); // padding that some writers leave
  const said = end === -1 ? text : text.subarray(0, end);
  if (comment === undefined) return said;
  const newline = said.length === 0 || said.at(-1) === 0x0a ? '' : '\n';
  return Buffer.concat([said, Buffer.from(`${newline}@CO\t${comment}\n`, 'utf8')]);
}
