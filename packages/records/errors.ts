/** A value that may occur once occurs twice. Rooms translate it into their own error (ConflictException, for example). */
export class UniqueViolation extends Error {
  readonly kind: string;
  /** The resource definition's column, or `id`. */
  readonly column: string;
  readonly value: string;

  constructor(kind: string, column: string, value: string, options?: ErrorOptions) {
    super(`${kind}: ${column} "${value}" exists already`, options);
    this.name = 'UniqueViolation';
    this.kind = kind;
    this.column = column;
    this.value = value;
  }
}

/** The state machine has no such arrow: a fault of ours, never the caller's. */
export class IllegalTransition extends Error {
  constructor(kind: string, id: string, from: string, to: string) {
    super(`${kind} ${id}: no transition from ${from} to ${to} in its state machine`);
    this.name = 'IllegalTransition';
  }
}

/** The row to be changed is not there. */
export class ResourceMissing extends Error {
  constructor(kind: string, id: string) {
    super(`${kind} ${id} does not exist`);
    this.name = 'ResourceMissing';
  }
}

/** The database has not yet been brought to this version. */
export class DataTooOld extends Error {
  constructor(migration: string) {
    super(
      `The records lack this version's migration ${migration}. Start \`helicase serve\` of this version on them once.`,
    );
    this.name = 'DataTooOld';
  }
}

/** Somebody else changed the row since the revision that the caller knew. */
export class RevisionConflict extends Error {
  constructor(kind: string, id: string, expected: number, actual: number | undefined) {
    super(
      `${kind} ${id} is at revision ${actual ?? 'unknown'}, not ${expected}: it was changed in the meantime`,
    );
    this.name = 'RevisionConflict';
  }
}

/** This attempt no longer holds its job; whatever it wanted to commit was rolled back. */
export class LeaseLost extends Error {
  constructor(kind: string, job: string) {
    super(`job ${job} (${kind}) was taken over or ended: this attempt may change nothing any more`);
    this.name = 'LeaseLost';
  }
}

/** The database was written by a newer Helicase than this one. */
export class DataTooNew extends Error {
  constructor(found: string, known: string) {
    super(
      `The database is of ${found}, but this Helicase knows ${known} at most. ` +
        'Start the Helicase version that wrote it (or a newer one), or restore a backup made by this version.',
    );
    this.name = 'DataTooNew';
  }
}

/** A transaction was asked for inside a transaction: on SQLite it would wait for itself for ever. */
export class NestedTransaction extends Error {
  constructor() {
    super(
      'A transaction or direct write was started inside a transaction. Pass the outer `tx` on, or do it before the transaction begins.',
    );
    this.name = 'NestedTransaction';
  }
}

/** A transaction was used after it had ended: a promise was not awaited inside it. */
export class TransactionEnded extends Error {
  constructor() {
    super('The transaction has ended; every query of it must be awaited inside its callback.');
    this.name = 'TransactionEnded';
  }
}

/** The blob's bytes may be gone: it was released, or the process that wrote it was given up for dead. */
export class BlobLost extends Error {
  constructor(id: string) {
    super(`Blob ${id} is not being written by a living process any more and cannot be kept; write it again`);
    this.name = 'BlobLost';
  }
}
