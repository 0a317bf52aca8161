import { NEXTFLOW_VERSION } from '@helicase/nextflow';

const HELP = `helicase nextflow [-c FILE | -C FILE] [-log FILE] [-q] COMMAND ...

  run SCRIPT|FOLDER   run a pipeline
      --NAME VALUE, -params-file FILE     its parameters
      -profile A,B, -c FILE, -process.NAME VALUE, -e.NAME=VALUE, -qs N
      -resume                             take over what finished; -dump-hashes says why not
      -stub, -preview, -entry NAME, -main-script FILE, -name NAME, -w FOLDER, -output-dir FOLDER
      -with-trace, -with-report, -with-timeline, -with-dag [FILE]
      -with-docker [IMAGE], -images DIR   in images, otherwise with this machine's programs
      -no-sandbox                         tasks as plain processes of the user
      -ansi-log false, -dump-channels [NAMES], -output-format text|json|none
  config [FOLDER]     what a run would have: -profile, -a, -sort, -flat, -properties, -value NAME, -o json|yaml|flat
  inspect SCRIPT      the images of its processes: -format json|config
  lint FILE|FOLDER... what is wrong with scripts and configurations: -output full|json
  log [RUN...]        runs, and their tasks: -f FIELDS, -F CONDITION, -t TEMPLATE, -l, -after, -before, -but
  clean [RUN...]      work folders of runs: -n shows, -f removes; -after, -before, -but
  secrets list|get|set|delete

Pipelines are local folders. Options have one dash, as Nextflow's; two are a pipeline's parameter.`;

/** The answer to a question about the command itself; undefined: it is no such question. */
export function answerOf(argv: readonly string[]): string | undefined {
  if (argv.length === 0 || ['help', '-h', '-help', '--help'].includes(argv[0]!)) return HELP;
  if (argv.length === 2 && ['-h', '-help', '--help'].includes(argv[1]!)) return HELP;
  if (argv[0] === '-v') return `nextflow version ${NEXTFLOW_VERSION} (helicase)`;
  if (argv[0] !== '-version' && argv[0] !== 'info') return undefined;
  return `  Version: ${NEXTFLOW_VERSION} of the language, run by helicase without a JVM\n  Runtime: Node ${process.version} on ${process.platform} ${process.arch}`;
}
