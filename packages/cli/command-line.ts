import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { bundled, keepCompiled } from './bundle/bundled.ts';
import { UsageError } from './usage-error.ts';

/** One subcommand: its flags, its help and what it does; answers the exit status. */
interface Command {
  readonly summary: string;
  readonly usage: string;
  readonly options: ParseArgsOptionsConfig;
  run(flags: Flags, positionals: readonly string[]): Promise<number>;
}
type Flags = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

const DATA: ParseArgsOptionsConfig = { data: { type: 'string' } };
const SERVE: ParseArgsOptionsConfig = {
  ...DATA,
  config: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  regions: { type: 'string' },
  'account-id': { type: 'string' },
  'tls-certificate': { type: 'string' },
  'tls-key': { type: 'string' },
  database: { type: 'string' },
  bytes: { type: 'string' },
  registry: { type: 'string' },
  'archive-after-days': { type: 'string' },
  'scrub-rate': { type: 'string' },
  'quota-profile': { type: 'string' },
  'max-kept-runs': { type: 'string' },
  'cors-origins': { type: 'string' },
  'accelerator-types': { type: 'string' },
  'tasks-reach-s3': { type: 'boolean' },
  'require-encrypted-scratch': { type: 'boolean' },
  endpoints: { type: 'string' },
  'max-requests': { type: 'string' },
  'sign-in': { type: 'string' },
  'otlp-endpoint': { type: 'string' },
  'log-level': { type: 'string' },
};

// Each command's code is loaded when it is called: `helicase env` need not load a database.
const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    summary: 'start the server',
    usage: `helicase serve [--host 127.0.0.1,::1] [--port 4600] [--data ./helicase-data] [--config FILE]
               [--regions us-east-1,...] [--account-id ID] [--database sqlite|postgres://...] [--bytes folder|JSON]
               [--tls-certificate FILE --tls-key FILE] [--log-level debug|info|warn|error]
               [--quota-profile own|aws] [--max-kept-runs NUMBER] [--registry http://127.0.0.1:5000]
               [--archive-after-days NUMBER] [--scrub-rate BYTES-A-SECOND] [--cors-origins https://igv.org,...]
               [--tasks-reach-s3] [--accelerator-types nvidia-tesla-t4-a10g,...] [--require-encrypted-scratch]
               [--endpoints JSON] [--sign-in JSON] [--max-requests NUMBER] [--otlp-endpoint URL]
  --endpoints: private endpoints, each a further listener with a policy of its own, as
    [{"id": "vpce-lab", "listen": "10.0.0.5:4601" or "/run/helicase/lab.sock", "service": "storage-omics", "policy": {...}}]
  --sign-in: OpenID Connect issuers that the page /-/sign-in offers beside access keys, and the role that each gives, as
    [{"name": "Hospital", "issuer": "https://login.example.org", "clientId": "helicase", "roleArn": "arn:aws:iam::..."}]
  SIGHUP reads the certificate and its key anew.
  Each flag also by environment: HELICASE_HOST, HELICASE_PORT, HELICASE_DATA, ...`,
    options: SERVE,
    run: async (flags) => (await import('./commands/serve.ts')).serve(camelCase(flags)),
  },
  env: {
    summary: 'print the export lines that make AWS clients reach the server',
    usage: 'eval "$(helicase env [--data ./helicase-data] [--port N])"',
    options: { ...DATA, port: { type: 'string' } },
    run: async (flags) => {
      const { environmentLines } = await import('./commands/env.ts');
      const port = flags['port'] === undefined ? undefined : Number(flags['port']);
      console.log(environmentLines(dataFlag(flags), port));
      return 0;
    },
  },
  'why-not-cached': {
    summary: 'tell why a task of a run ran instead of coming from the run cache',
    usage: `helicase why-not-cached RUN TASK [--data ./helicase-data]
  TASK is the task's id or its name. Names what differs from what the run cache had of it.`,
    options: DATA,
    run: async (flags, [run, task]) => {
      if (run === undefined || task === undefined) {
        throw new UsageError('helicase why-not-cached needs a run and a task of it');
      }
      const { whyNotCached } = await import('./commands/why-not-cached.ts');
      console.log(await whyNotCached({ data: dataFlag(flags), run, task }));
      return 0;
    },
  },
  demo: {
    summary: 'from FASTQ to a SQL answer on a fresh server, through the AWS SDK',
    usage: `helicase demo [--data DIR] [--keep] [--seed N] [-- flags for serve]
  --data DIR  your own reference.fasta, *_R1.fastq.gz, *_R2.fastq.gz and, to compare with, truth.tsv`,
    options: { ...DATA, keep: { type: 'boolean' }, seed: { type: 'string' } },
    run: async (flags, positionals) => {
      const { demo } = await import('./demo/demo.ts');
      const data = flags['data'] as string | undefined;
      return demo({
        ...(data === undefined ? {} : { data }),
        keep: flags['keep'] === true,
        serve: positionals,
        seed: Number(flags['seed'] ?? 20261123),
      });
    },
  },
  cwl: {
    summary: 'run, check or draw a CWL tool or workflow, without a server',
    usage: `helicase cwl run [--outdir DIR] [--quiet] [--no-sandbox | --no-container | --images DIR] TOOL [JOB]
helicase cwl check FILE...
helicase cwl graph [--json] FILE
  run (also called cwl-runner) prints the output object. A tool that names an image runs in it: one of the OCI layouts
  and archives in DIR, of podman's, or of its registry; --no-container takes this machine's programs instead, and
  --no-sandbox runs these without any wall between them and your files.
  JOB may name its tool as cwl:tool. Exit status 33: the document needs something that is not supported.
  check prints every fault with its place; graph prints the steps and links, for Graphviz unless told.`,
    options: {
      outdir: { type: 'string' },
      quiet: { type: 'boolean' },
      'no-container': { type: 'boolean' },
      'no-sandbox': { type: 'boolean' },
      images: { type: 'string' },
      json: { type: 'boolean' },
      version: { type: 'boolean' },
    },
    run: async (flags, positionals) =>
      (await bundled<typeof import('./cwl/verbs.ts')>('cwl/verbs.ts')).cwlVerb(camelCase(flags), positionals),
  },
  wdl: {
    summary: 'check a WDL document or run it, without a server',
    usage: `helicase wdl check [--lenient] [--strict] FILE...
helicase wdl run [-i INPUTS.json] [--task NAME] [--outdir DIR] [--lenient] [--quiet]
                 [--no-sandbox | --no-container | --images DIR] [--resume DIR] FILE
  check prints errors and what a careful reader would ask about; --strict fails on these too.
  run prints the outputs as JSON and copies output files below DIR/out; DIR is the current folder unless told. A task
  that names an image runs in it: one of the OCI layouts and archives in DIR, of podman's, or of its registry;
  --no-container takes this machine's programs instead, and --no-sandbox runs these without any wall between them and
  your files. --task runs one task of the file alone.
  --resume DIR lets tasks run in DIR and stay there: the next run with it does not run again what finished in it.
  --lenient tolerates what Cromwell tolerates (WDL_LENIENT).`,
    options: {
      inputs: { type: 'string', short: 'i' },
      task: { type: 'string' },
      outdir: { type: 'string' },
      lenient: { type: 'boolean' },
      strict: { type: 'boolean' },
      quiet: { type: 'boolean' },
      'no-container': { type: 'boolean' },
      'no-sandbox': { type: 'boolean' },
      images: { type: 'string' },
      resume: { type: 'string' },
    },
    run: async (flags, positionals) =>
      (await bundled<typeof import('./wdl/verbs.ts')>('wdl/verbs.ts')).wdlVerb(camelCase(flags), positionals),
  },
  import: {
    summary: 'import the read sets of a manifest, in YAML or JSON, and watch until all are in',
    usage: `helicase import MANIFEST [--store ID] [--role ARN] [--data ./helicase-data] [--port N]
  MANIFEST is what StartReadSetImportJob takes (sequenceStoreId, roleArn, sources), or the list of sources alone, with
  --store and --role. Faults are told with line and column. Exit status 0 where every source came in. The job goes on in
  the server when this command is stopped.`,
    options: { ...DATA, port: { type: 'string' }, store: { type: 'string' }, role: { type: 'string' } },
    run: async (flags, [manifest, ...others]) => {
      if (manifest === undefined || others.length > 0)
        throw new UsageError('helicase import takes one manifest: helicase import reads.yaml');
      const { importReadSets } = await import('./commands/import.ts');
      return importReadSets(manifest, {
        data: dataFlag(flags),
        port: flags['port'] === undefined ? undefined : Number(flags['port']),
        store: flags['store'] as string | undefined,
        role: flags['role'] as string | undefined,
      });
    },
  },
  sql: {
    summary: 'ask the running server a question in SQL',
    usage: `helicase sql [--data ./helicase-data] [--port N] [--database NAME] [--format table|csv] "SELECT ..."
  Names are stores: SELECT contigname, start + 1 AS pos FROM my_store LIMIT 10. SHOW TABLES, DESCRIBE and EXPLAIN work.`,
    options: { ...DATA, port: { type: 'string' }, database: { type: 'string' }, format: { type: 'string' } },
    run: async (flags, [sql, ...others]) => {
      if (sql === undefined || others.length > 0) {
        throw new UsageError('helicase sql takes one query, in quotes: helicase sql "SELECT 1"');
      }
      const { runSql } = await import('./commands/sql.ts');
      return runSql(sql, {
        data: dataFlag(flags),
        port: flags['port'] === undefined ? undefined : Number(flags['port']),
        database: flags['database'] as string | undefined,
        format: (flags['format'] as string | undefined) ?? 'table',
      });
    },
  },
  nextflow: {
    summary: 'run a Nextflow pipeline on this machine, without a server',
    usage: `helicase nextflow run|config|inspect|lint|log|clean|secrets ... with Nextflow's own options
  helicase nextflow run SCRIPT|FOLDER [--param value] [-profile a,b] [-c FILE] [-params-file FILE] [-resume] [-stub] ...
  -resume does not run again what finished; with -dump-hashes each task that runs again says why.
  Tasks run with this machine's programs. docker.enabled, -with-docker [IMAGE] and their like let them run in their
  images: one of the OCI layouts and archives in -images DIR, of podman's, or of its registry.
  -no-sandbox runs them without any wall between them and your files.
  -with-dag NAME.html|svg|mmd|dot draws the channels, with -preview without running a task; -with-trace, -with-report and
  -with-timeline tell of the tasks. On a terminal a line for each process shows how far it is; -ansi-log false prints
  each task instead.`,
    options: {},
    run: async () => 2,
  },
  account: {
    summary: 'accounts of a server and their root keys, on its own machine',
    usage: `helicase account create [ID] [--data ./helicase-data]
helicase account list [--data ./helicase-data]
helicase account keys ID [--add] [--disable KEY] [--enable KEY] [--delete KEY] [--data ./helicase-data]
  Works while the server serves, which sees a change within five seconds. A secret is shown once.`,
    options: {
      ...SERVE,
      add: { type: 'boolean' },
      disable: { type: 'string' },
      enable: { type: 'string' },
      delete: { type: 'string' },
    },
    run: async (flags, positionals) =>
      (await import('./commands/account.ts')).account(camelCase(flags), positionals),
  },
  access: {
    summary: 'tell who may do what, and which statement of which policy decided',
    usage: `helicase access explain --action omics:GetReadSet --resource ARN [--principal ARN] [--context KEY=VALUE]...
                        [--data ./helicase-data]
  Without --principal: everyone of the resource's account, and those of others whom its policies are about. Who may read a
  read set or a reference is told for its files in S3 too. Exit status 1 where nobody is allowed. Objects are named
  arn:aws:s3:::BUCKET/KEY, those of a sequence store by the alias of its access point.`,
    options: {
      ...SERVE,
      action: { type: 'string' },
      resource: { type: 'string' },
      principal: { type: 'string' },
      context: { type: 'string', multiple: true },
    },
    run: async (flags, positionals) =>
      (await import('./commands/access.ts')).access(camelCase(flags), positionals),
  },
  events: {
    summary: 'print the events that rules match, and follow those that come',
    usage: `helicase events [--follow] [--since 10m|TIME] [--pattern JSON] [--account ID] [--region NAME]
                [--data ./helicase-data]
  On the server's own machine. One event a line, as targets of rules get it. --pattern is an event pattern of
  EventBridge's: '{"detail-type": ["Run Status Change"], "detail": {"status": ["FAILED"]}}'. Without --follow, those of
  the last day; with it, those from now on, or from --since.`,
    options: {
      ...SERVE,
      follow: { type: 'boolean' },
      since: { type: 'string' },
      pattern: { type: 'string' },
      account: { type: 'string' },
      region: { type: 'string' },
    },
    run: async (flags) => (await import('./commands/events.ts')).events(camelCase(flags)),
  },
  quota: {
    summary: 'decide what accounts asked for through Service Quotas',
    usage: `helicase quota requests [--data ./helicase-data]
helicase quota approve REQUEST... [--data ./helicase-data]
helicase quota deny REQUEST... [--data ./helicase-data]
  On the server's own machine. What is approved holds for the account that asked, in its region, within five seconds.
  Values for every account: "quotas": {"L-...": NUMBER} in the config file.`,
    options: SERVE,
    run: async (flags, positionals) =>
      (await import('./commands/quota.ts')).quota(camelCase(flags), positionals),
  },
  storage: {
    summary: 'tell what read sets take, in bytes for each gigabase, by store and tier',
    usage: `helicase storage [--json] [--data ./helicase-data]
  On the server's own machine. Bytes are those of the files with their indexes; what read sets of a store share counts
  once. --json prints one object a line.`,
    options: { ...SERVE, json: { type: 'boolean' } },
    run: async (flags) => (await import('./commands/storage.ts')).storage(camelCase(flags)),
  },
  doctor: {
    summary: 'say what works on this machine and what is sealed',
    usage: 'helicase doctor [--data ./helicase-data]',
    options: DATA,
    run: async (flags) => (await import('./commands/doctor.ts')).doctor(dataFlag(flags)),
  },
  fsck: {
    summary: 'check records against bytes both ways; exit status 0 when clean',
    usage: `helicase fsck [--data ./helicase-data] [--deep] [--config FILE] [--database ...] [--bytes ...]
  The server must be stopped. --deep reads every byte and authenticates it.`,
    options: { ...SERVE, deep: { type: 'boolean' } },
    run: async (flags) => (await import('./commands/fsck.ts')).fsck(camelCase(flags)),
  },
  scrub: {
    summary:
      'tell how far the re-reading of all stored bytes is, and what it found; exit status 0 when clean',
    usage: `helicase scrub [--data ./helicase-data]
  Works while the server serves, which does the reading (\`helicase serve --scrub-rate\`). Names each damaged blob and
  what it belongs to; a fault is dropped when a later reading finds the bytes whole, or their record is gone.`,
    options: DATA,
    run: async (flags) => (await import('./commands/scrub.ts')).scrub(dataFlag(flags)),
  },
  backup: {
    summary: 'copy database, bytes and keys as of one moment, while serving',
    usage: `helicase backup --to DIR [--data ./helicase-data] [--config FILE] [--bytes ...]
  DIR must be empty. It holds the root key unless HELICASE_ROOT_KEY is set: guard it as the data itself.`,
    options: { ...SERVE, to: { type: 'string' } },
    run: async ({ to, ...flags }) =>
      (await import('./commands/backup.ts')).backup(camelCase(flags), needed('backup', 'to', to)),
  },
  restore: {
    summary: 'fill an empty data directory from a backup, and check it',
    usage: 'helicase restore --from DIR [--data ./helicase-data] [--config FILE] [--bytes ...]',
    options: { ...SERVE, from: { type: 'string' } },
    run: async ({ from, ...flags }) =>
      (await import('./commands/restore.ts')).restore(camelCase(flags), needed('restore', 'from', from)),
  },
};

function camelCase(flags: Flags): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, value]) => [
      name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

function needed(command: string, name: string, value: Flags[string]): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`helicase ${command} needs --${name} DIR`);
}

function dataFlag(flags: Flags): string {
  return (flags['data'] as string | undefined) ?? process.env['HELICASE_DATA'] ?? 'helicase-data';
}

function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(
    ([name, command]) => `  ${name.padEnd(width)} ${command.summary}`,
  );
  return `helicase: an open, self-hosted platform that speaks the AWS HealthOmics API\n\n${lines.join('\n')}\n\nhelicase COMMAND --help tells more.`;
}

/** Their code comes from bundles, which are kept compiled themselves. */
const LANGUAGES = ['cwl', 'wdl', 'nextflow'];

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === 'help') {
    console.log(help());
    return name === undefined ? 2 : 0;
  }
  // Nextflow's options have one dash; its command line is its own.
  if (name === 'nextflow' && rest[0] !== '--help')
    return (await bundled<typeof import('./nextflow/verbs.ts')>('nextflow/verbs.ts')).nextflow(rest);
  const command = COMMANDS[name];
  if (!command) {
    const { closestName } = await import('@helicase/kernel');
    const meant = closestName(name, Object.keys(COMMANDS));
    const hint = meant === undefined ? '' : ` Did you mean ${meant}?`;
    console.error(`helicase: "${name}" is no command.${hint}\n\n${help()}`);
    return 2;
  }
  const { values, positionals } = parseArgs({
    args: rest,
    options: { ...command.options, help: { type: 'boolean' } },
    allowPositionals: true,
    strict: true,
  });
  if (values['help'] === true) {
    console.log(`${command.usage}\n`);
    return 0;
  }
  if (!LANGUAGES.includes(name)) keepCompiled();
  return command.run(values, positionals);
}

/** The program: does what the words after its name say, and leaves the status that it exits with. */
export async function commandLine(argv: readonly string[]): Promise<void> {
  // Whoever reads what is printed may stop (`| head`): the command goes on without.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  try {
    process.exitCode = await main(argv);
  } catch (error) {
    const fault = error as NodeJS.ErrnoException;
    const known = fault.code?.startsWith('ERR_PARSE_ARGS') || (await isRefusal(fault));
    console.error(
      `helicase: ${known || process.env['HELICASE_LOG_LEVEL'] !== 'debug' ? fault.message : fault.stack}`,
    );
    process.exitCode = known ? 2 : 1;
  }
}

/** Errors that say all that there is to say. The server's are looked up at the end: a language needs no server. */
async function isRefusal(error: Error): Promise<boolean> {
  if (error.name === UsageError.name) return true; // a bundle has a class of its own
  const { BackupRefused, ConfigurationError, DataDirectoryRefused } = await import('@helicase/server');
  return [BackupRefused, ConfigurationError, DataDirectoryRefused].some((kind) => error instanceof kind);
}
