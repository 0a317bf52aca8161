/** What `arity` wants, in words, where the count does not fit: '1', '2', '1..*', '0..1'. */
export function arityProblem(arity: string, count: number): string | undefined {
  const found = /^(\d+)(?:\.\.(\d+|\*))?$/.exec(arity.trim());
  if (!found) return `an arity such as '1', '0..1' or '1..*' (this is '${arity}')`;
  const least = Number(found[1]);
  const most = found[2] === undefined ? least : found[2] === '*' ? Infinity : Number(found[2]);
  return count >= least && count <= most ? undefined : arity;
}
