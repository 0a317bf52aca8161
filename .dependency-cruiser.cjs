// The floors of ARCHITECTURE.md: a room imports only lower floors, and on its own floor nothing. Through a room's face only.
const floors = require('./floors.json');

const rooms = Object.keys(floors);
const forbiddenFor = (room) => rooms.filter((other) => other !== room && floors[other] >= floors[room]);

module.exports = {
  forbidden: [
    ...rooms
      .filter((room) => forbiddenFor(room).length > 0)
      .map((room) => ({
        name: `floor-${floors[room]}-${room}`,
        comment: `${room} stands on floor ${floors[room]}: it may import only rooms of lower floors. Declare a port and have the composition root fill it.`,
        severity: 'error',
        from: { path: `^packages/${room}/` },
        to: { path: `^packages/(${forbiddenFor(room).join('|')})/` },
      })),
    {
      name: 'through-the-face',
      comment: 'Another room is reached through its index.ts alone.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/[^/]+/', pathNot: ['^packages/$1/', '^packages/[^/]+/index\\.ts$'] },
    },
    {
      name: 'no-unknown-room',
      comment: 'A room must stand on a floor: add it to floors.json.',
      severity: 'error',
      from: {},
      to: { path: '^packages/', pathNot: `^packages/(${rooms.join('|')})/` },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^node:' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)node_modules/(?!@helicase)' },
    tsPreCompilationDeps: true,
    preserveSymlinks: false,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
