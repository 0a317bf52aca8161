import { illegalArgument } from '../values/errors.ts';
import { text } from '../values/text.ts';
import type { Plugin } from './plugins.ts';

/** Lengths and kinds of segments; only the last may have "+", all that is left of the read. */
const STRUCTURE = /^(?:[1-9]\d*[TBMSC])*(?:[1-9]\d*|\+)[TBMSC]$/;

/** Of nf-fgbio, `readStructure`: it checks one such as 8B12M+T and gives it. */
export const fgbio: Plugin = {
  functions: {
    readStructure: ([given = null]) => {
      const written = text(given).toUpperCase().replace(/\s/g, '');
      if (STRUCTURE.test(written)) return written;
      throw illegalArgument(
        `"${text(given)}" is not a read structure: a length and one of T, B, M, S, C for each segment; + may be the last length.`,
      );
    },
  },
};
