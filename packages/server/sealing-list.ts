/** One kind of thing on disk, and who protects it. */
export interface StoredKind {
  readonly what: string;
  /** Below the data directory. */
  readonly where: string;
  readonly protection: 'sealed' | 'host';
  readonly how: string;
}

/** The written list of docs/sealed.md, which a test compares with it and `helicase doctor` prints. */
export const STORED_KINDS: readonly StoredKind[] = [
  {
    what: 'Read sets, references and their indexes',
    where: 'blobs/',
    protection: 'sealed',
    how: 'a key per file, wrapped by the store’s key',
  },
  {
    what: 'Variant and annotation tables (Parquet)',
    where: 'blobs/',
    protection: 'sealed',
    how: 'a key per file, wrapped by the store’s key',
  },
  {
    what: 'Workflow definitions',
    where: 'blobs/',
    protection: 'sealed',
    how: 'a key per file, wrapped by the workflow’s key',
  },
  {
    what: 'Log events, and what queries of them found',
    where: 'helicase.sqlite or PostgreSQL',
    protection: 'sealed',
    how: 'compressed chunks under the account’s key for logs',
  },
  {
    what: 'Audit records',
    where: 'helicase.sqlite or PostgreSQL; audit/ before they reach it',
    protection: 'sealed',
    how: 'compressed chunks under the account’s key for audit',
  },
  {
    what: 'Secret access keys',
    where: 'helicase.sqlite or PostgreSQL',
    protection: 'sealed',
    how: 'under the account’s key for secrets',
  },
  {
    what: 'Keys of accounts and stores',
    where: 'helicase.sqlite or PostgreSQL',
    protection: 'sealed',
    how: 'each wrapped by the key above it; the root key by nothing',
  },
  {
    what: 'Objects under server-side encryption (SSE-KMS, SSE-S3)',
    where: 'blobs/',
    protection: 'sealed',
    how: 'a key per file, wrapped by a key for the customer’s, which must be enabled, or by the account’s',
  },
  {
    what: 'Other objects of embedded buckets',
    where: 'blobs/',
    protection: 'host',
    how: 'plain, so that tools and tasks read them without copying',
  },
  {
    what: 'Container images',
    where: 'backends/; the registry behind --registry',
    protection: 'host',
    how: 'plain; they hold programs, not data',
  },
  {
    what: 'Work directories and logs of running tasks',
    where: 'runs/',
    protection: 'host',
    how: 'plain while the run lasts, then removed',
  },
  {
    what: 'Unsealed files for native readers',
    where: 'scratch/',
    protection: 'host',
    how: 'plain while they are read, then removed, after a crash at the next start; tables that no customer’s key guards stay for the next query, 8 GiB at most',
  },
  { what: 'Spill of SQL queries', where: 'scratch/', protection: 'host', how: 'plain while a query runs' },
  {
    what: 'Lines of stores’ access logs on their way to their bucket',
    where: 'access-logs/',
    protection: 'host',
    how: 'plain for some minutes; a line names who asked, and the object',
  },
  {
    what: 'Names, ids, descriptions, tags, statuses',
    where: 'helicase.sqlite or PostgreSQL',
    protection: 'host',
    how: 'plain rows',
  },
  {
    what: 'The root key',
    where: 'keys/root.key',
    protection: 'host',
    how: 'readable by the owner only; HELICASE_ROOT_KEY keeps it off this disk, a key of KMS or Vault wraps it',
  },
  {
    what: 'The root access key of the first account',
    where: 'credentials.json',
    protection: 'host',
    how: 'readable by the owner only; may be deleted once noted elsewhere',
  },
];
