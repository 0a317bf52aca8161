/** The source cannot be imported, and trying again would not help; the message is the source's statusMessage. */
export class SourceRefused extends Error {
  override readonly name = 'SourceRefused';
}
