import type { Context } from '../context.ts'
import { showLink } from '../crm/links.ts'
import { accountOf, type Presenter } from '../present/present.ts'
import { type EntityType, entityTypes } from '../store/entities.ts'

const everything = new Set(['contacts', 'catalog_elements', 'leads'])

/** Every entity as the API shows it; a seed can be written the same way. */
export function showState({ store }: Context, presenter: Presenter) {
  return {
    account: accountOf(store),
    users: store.users.all(),
    pipelines: store.pipelines.all().map(presenter.pipeline),
    custom_fields: {
      ...Object.fromEntries(entityTypes.map((type) => [type, fieldsOf(type)])),
      catalogs: fieldsOf('catalogs'),
    },
    loss_reasons: store.loss_reasons.all(),
    contacts: store.contacts.all().map((contact) => presenter.contact(contact, everything)),
    companies: store.companies.all().map((company) => presenter.company(company, everything)),
    leads: store.leads.all().map((lead) => presenter.lead(lead, everything)),
    catalogs: store.catalogs.all().map(presenter.catalog),
    elements: store.elements.all().map((element) => presenter.element(element)),
    links: store.links.all().map(showLink),
    notes: store.notes.all().map((note) => ({ entity_type: note.entity_type, ...presenter.note(note) })),
    unsorted: store.unsorted
      .all()
      .filter(({ outcome }) => outcome === null)
      .map(presenter.unsorted),
    tags: store.tags.all(),
    tasks: store.tasks.all(),
    webhooks: store.webhooks.all(),
    tokens: store.tokens.all(),
  }

  function fieldsOf(type: EntityType | 'catalogs') {
    return store.fields
      .all()
      .filter((field) => field.entity_type === type)
      .map(presenter.field)
  }
}
