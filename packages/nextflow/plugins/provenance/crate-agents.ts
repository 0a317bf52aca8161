import type { GroovyMap } from '../../values/map.ts';
import type { Entity } from './crate-entity.ts';
import { option } from './record.ts';

interface Contact {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly contactType?: string;
  readonly orcid?: string;
  readonly ror?: string;
}

interface Agents {
  /** References to those of the entities. */
  readonly agent: { readonly '@id': string } | undefined;
  readonly publisher: { readonly '@id': string } | undefined;
  readonly entities: readonly Entity[];
}

/** Who ran the workflow, for whom, and who publishes the crate: `prov.formats.wrroc.{agent,organization,publisher}`. */
export function crateAgents(options: GroovyMap): Agents {
  const person = option(options, 'agent') as Contact | undefined;
  const group = option(options, 'organization') as Contact | undefined;
  const publisher = option(options, 'publisher');
  const groupId = group && (group.ror ?? '#organization-1');
  const personId = person && (person.orcid ?? '#agent-1');
  const contacts = [person, group].flatMap((contact) => contactPoint(contact) ?? []);
  const entity = (id: string, type: string, contact: Contact, more: object): Entity => {
    const point = contactPoint(contact);
    return {
      ...{ '@id': id, '@type': type, name: contact.name, ...more },
      ...(point && { contactPoint: { '@id': point['@id'] } }),
    };
  };
  return {
    agent: reference(personId),
    publisher: reference([personId, groupId].find((id) => id !== undefined && id === publisher)),
    entities: [
      ...(person && personId
        ? [entity(personId, 'Person', person, { affiliation: reference(groupId) })]
        : []),
      ...(group && groupId ? [entity(groupId, 'Organization', group, { url: group.ror })] : []),
      ...contacts,
    ],
  };
}

function contactPoint(contact: Contact | undefined): Entity | undefined {
  const { contactType, email, orcid, phone, ror } = contact ?? {};
  const id = email === undefined ? phone && `tel:${phone.replace(/\s/g, '')}` : `mailto:${email}`;
  if (!id) return undefined;
  return { '@id': id, '@type': 'ContactPoint', contactType, email, telephone: phone, url: orcid ?? ror };
}

function reference(id: string | undefined) {
  return id === undefined ? undefined : { '@id': id };
}
