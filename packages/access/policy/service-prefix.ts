/** The guide calls the service HealthOmics, its actions and keys begin with `omics:`; both are taken. */
export function canonicalPrefix(lowerCaseName: string): string {
  return lowerCaseName.startsWith('healthomics:') ? lowerCaseName.slice('health'.length) : lowerCaseName;
}
