/** Shows what a step is at. */
export type Update = (text: string) => void;

/** What the demo prints while it works: a line per step, rewritten on a terminal while the step goes on. */
export interface Progress {
  step<T>(title: string, work: (update: Update) => Promise<T>): Promise<T>;
  line(text: string): void;
}

export function consoleProgress(output: NodeJS.WriteStream, now: () => number): Progress {
  const rewrite = (text: string) => {
    if (output.isTTY) output.write(`\r\x1b[K${text}`);
  };
  return {
    line: (text) => void output.write(`${text}\n`),
    async step(title, work) {
      const start = now();
      let detail = '';
      rewrite(`  … ${title}`);
      const result = await work((text) => {
        detail = text;
        rewrite(`  … ${title}: ${text}`);
      });
      const seconds = ((now() - start) / 1000).toFixed(1);
      if (output.isTTY) output.write('\r\x1b[K');
      output.write(`  ✓ ${title}${detail ? `: ${detail}` : ''} (${seconds} s)\n`);
      return result;
    },
  };
}
