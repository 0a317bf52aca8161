import type { ValueObject } from '../value.ts';

/** `basename`, `nameroot` and `nameext` as File has them: "a leading period is part of the nameroot". */
export function nameMembers(basename: string): ValueObject {
  const dot = basename.lastIndexOf('.');
  const split = dot > 0 ? dot : basename.length;
  return { basename, nameroot: basename.slice(0, split), nameext: basename.slice(split) };
}

/** A location beside another: the same folder with another last part. */
export function siblingLocation(location: string, name: string): string {
  const folder = location.slice(0, location.lastIndexOf('/') + 1);
  return folder + (!location.startsWith('file:') ? name : name.split('/').map(encodeURIComponent).join('/'));
}

export function childLocation(location: string, name: string): string {
  return siblingLocation(`${location.replace(/\/+$/, '')}/`, name);
}

/** "For each caret, one extension is removed from the file's name", then the rest is appended. */
export function secondaryName(basename: string, pattern: string): string {
  let name = basename;
  let suffix = pattern;
  for (; suffix.startsWith('^'); suffix = suffix.slice(1)) {
    const dot = name.lastIndexOf('.');
    if (dot > 0) name = name.slice(0, dot);
  }
  return name + suffix;
}
