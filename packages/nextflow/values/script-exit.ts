/** Thrown by `exit` and `System.exit`: the run ends with that status. */
export class ScriptExit extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ScriptExit';
    this.status = status;
  }
}
