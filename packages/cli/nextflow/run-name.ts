/** Halves of the name that a run has which is given none, as Nextflow makes them. */
const ADJECTIVES = [
  ...[
    'agitated',
    'amazing',
    'awesome',
    'berserk',
    'boring',
    'clever',
    'cranky',
    'elated',
    'focused',
    'golden',
  ],
  ...['happy', 'jolly', 'lethal', 'mighty', 'nauseous', 'pensive', 'sad', 'sleepy', 'stoic', 'tiny'],
];
const NAMES = [
  ...['avogadro', 'bardeen', 'bell', 'curie', 'darwin', 'easley', 'einstein', 'euler', 'franklin', 'galileo'],
  ...[
    'goodall',
    'hopper',
    'kalam',
    'lovelace',
    'mendel',
    'meitner',
    'noether',
    'pasteur',
    'sanger',
    'turing',
  ],
];

/** A name that the history does not have yet. */
export function randomRunName(taken: ReadonlySet<string>): string {
  const free = ADJECTIVES.flatMap((adjective) => NAMES.map((name) => `${adjective}_${name}`)).filter(
    (name) => !taken.has(name),
  );
  return free[Math.floor(Math.random() * free.length)] ?? `run_${taken.size + 1}`;
}
