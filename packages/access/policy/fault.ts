/** Why a text is no policy: IAM's sentence first, then what in the text it means. */
export class PolicyFault extends Error {
  constructor(sentence: string, detail?: string) {
    super(detail === undefined ? sentence : `${sentence} (${detail})`);
    this.name = 'PolicyFault';
  }
}

export function syntaxFault(where: string, detail: string): PolicyFault {
  return new PolicyFault('Syntax errors in policy.', `${where} ${detail}`);
}
