import type { Duplex } from 'node:stream';

/** One message; longer ones end the channel, so that a hostile engine cannot fill the server's memory. */
const LONGEST_MESSAGE_BYTES = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

export interface MessageChannel {
  send(message: object): void;
  close(): void;
}

export interface ChannelEvents {
  onMessage(message: unknown): void;
  /** Once: the other side went, or said something that is not a message. */
  onClose(error?: Error): void;
}

/** JSON messages, one a line, over a duplex stream. */
export function openChannel(stream: Duplex, events: ChannelEvents): MessageChannel {
  let parts: Buffer[] = [];
  let size = 0;
  let closed = false;
  const close = (error?: Error) => {
    if (closed) return;
    closed = true;
    stream.destroy();
    events.onClose(error);
  };
  const keep = (bytes: Buffer) => {
    parts.push(bytes);
    size += bytes.length;
    if (size > LONGEST_MESSAGE_BYTES)
      close(new Error(`a message is longer than ${LONGEST_MESSAGE_BYTES} bytes`));
  };
  const flush = () => {
    const line = Buffer.concat(parts).toString('utf8');
    parts = [];
    size = 0;
    deliver(line, events, close);
  };
  stream.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1 && !closed; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      if (!closed) flush();
      start = end + 1;
    }
    if (!closed) keep(chunk.subarray(start));
  });
  stream.on('error', (error) => close(error));
  stream.on('end', () => close());
  stream.on('close', () => close());
  return {
    send: (message) => {
      if (!closed) stream.write(`${JSON.stringify(message)}\n`);
    },
    close: () => close(),
  };
}

function deliver(line: string, events: ChannelEvents, close: (error: Error) => void): void {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    close(new Error('a message is not JSON'));
    return;
  }
  events.onMessage(message);
}
