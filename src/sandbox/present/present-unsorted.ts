import { self } from '../http/hal.ts'
import type { EntityType, Unsorted } from '../store/entities.ts'

/** Unsorted entities as the API shows them. */
export function createUnsortedPresenter(api: string, account_id: number) {
  return { unsorted, addedUnsorted, settledUnsorted }

  function unsorted(record: Unsorted) {
    const { source_uid, source_name, metadata } = record
    return { ...heading(record), source_uid, source_name, metadata, account_id, _embedded: embedded(record) }
  }

  function addedUnsorted(record: Unsorted, request_id: string | number) {
    return { uid: record.id, account_id, request_id, ...addressOf(record), _embedded: embedded(record) }
  }

  function settledUnsorted(record: Unsorted) {
    return { ...heading(record), _embedded: embedded(record) }
  }

  function heading(record: Unsorted) {
    const { id: uid, category, pipeline_id, created_at } = record
    return { uid, category, pipeline_id, created_at, ...addressOf(record) }
  }

  function addressOf({ id }: Unsorted) {
    return self(`${api}/leads/unsorted/${id}`)
  }

  function embedded({ lead_id, contact_id, company_id }: Unsorted) {
    return {
      leads: references('leads', lead_id),
      contacts: references('contacts', contact_id),
      companies: references('companies', company_id),
    }
  }

  function references(type: EntityType, id: number | null) {
    return id === null ? [] : [{ id, ...self(`${api}/${type}/${id}`) }]
  }
}
