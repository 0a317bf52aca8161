import { createHash } from 'node:crypto';
import { EvaluationError } from '../faults.ts';
import { childLocation, nameMembers } from '../files/names.ts';
import { nameOf } from '../files/run-files.ts';
import type { LoadListing } from '../load/model.ts';
import { isFile, isFileOrDirectory, listOf, textOf, type Value, type ValueObject } from '../value.ts';
import type { RunContext } from './run-context.ts';

/** A File or Directory with location, name, size and all that it brings along described too. */
export async function describeFile(given: ValueObject, context: RunContext): Promise<ValueObject> {
  const file: ValueObject = { ...given };
  const location = textOf(file['location']) ?? textOf(file['path']);
  if (location === undefined) await describeLiteral(file, context);
  else await describeStored(file, location, context);
  Object.assign(file, nameMembers(textOf(file['basename'])!));
  if (!isFile(file)) {
    delete file['nameroot'];
    delete file['nameext'];
  }
  if (file['secondaryFiles'] !== undefined)
    file['secondaryFiles'] = await describeAll(file['secondaryFiles'], context);
  return file;
}

async function describeAll(files: Value, context: RunContext): Promise<Value[]> {
  const described: Value[] = [];
  for (const file of listOf(files))
    if (isFileOrDirectory(file)) described.push(await describeFile(file, context));
  return described;
}

async function describeLiteral(file: ValueObject, context: RunContext): Promise<void> {
  if (isFile(file)) {
    const contents = textOf(file['contents']);
    if (contents === undefined) throw new EvaluationError('A File needs "location", "path" or "contents".');
    file['size'] = Buffer.byteLength(contents);
    file['basename'] ??= createHash('sha256').update(contents).digest('hex').slice(0, 32);
    return;
  }
  const directory: ValueObject = file;
  const given = directory['listing'];
  if (!Array.isArray(given)) throw new EvaluationError('A Directory needs "location", "path" or "listing".');
  const listing = await describeAll(given, context);
  directory['listing'] = listing;
  const content = JSON.stringify(listing);
  directory['basename'] ??= createHash('sha256').update(content).digest('hex').slice(0, 32);
}

async function describeStored(file: ValueObject, location: string, context: RunContext): Promise<void> {
  file['location'] = location;
  delete file['path'];
  delete file['dirname'];
  const known = isFile(file) ? file['size'] !== undefined : file['basename'] !== undefined;
  if (known && file['basename'] !== undefined) return;
  const facts = await context.files.facts(location);
  if (!facts) throw new EvaluationError(`${location} does not exist.`);
  if (facts.isDirectory === isFile(file)) {
    throw new EvaluationError(
      `${location} is ${facts.isDirectory ? 'a folder, not a File' : 'a file, not a Directory'}.`,
    );
  }
  file['basename'] ??= facts.name || nameOf(location);
  if (isFile(file)) file['size'] ??= facts.size;
}

/** Fills or removes `listing` as it was asked for; a literal's is all that it has. */
export async function applyListing(
  directory: ValueObject,
  listing: LoadListing,
  context: RunContext,
): Promise<void> {
  const location = textOf(directory['location']);
  if (location === undefined) return;
  if (listing === 'no_listing') delete directory['listing'];
  else if (directory['listing'] === undefined || listing === 'deep_listing') {
    directory['listing'] = await listingOf(location, listing === 'deep_listing', context);
  }
}

async function listingOf(location: string, deep: boolean, context: RunContext): Promise<Value[]> {
  const listing: Value[] = [];
  for (const { isDirectory, name } of await context.files.list(location)) {
    const child = await describeFile(
      { class: isDirectory ? 'Directory' : 'File', location: childLocation(location, name), basename: name },
      context,
    );
    if (isDirectory && deep) child['listing'] = await listingOf(textOf(child['location'])!, deep, context);
    listing.push(child);
  }
  return listing;
}
