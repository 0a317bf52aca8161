/** What is wrong with a definition, in words for its author: becomes the workflow's statusMessage. */
export class DefinitionProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DefinitionProblem';
  }
}
