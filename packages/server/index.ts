export { type Configuration, ConfigurationError, readConfiguration } from './configuration.ts';
export { type Endpoint, readCredentials, readEndpoint, type StoredCredentials } from './credentials.ts';
export { DataDirectoryRefused } from './data-directory.ts';
