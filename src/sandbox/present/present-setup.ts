import { showFieldValues } from '../fields/field-values.ts'
import { self } from '../http/hal.ts'
import { type Catalog, type Element, type Field, isClosed, type Note, type Pipeline } from '../store/entities.ts'
import type { Store } from '../store/store.ts'

/** What surrounds the cards: lists and their elements, fields, pipelines, notes. */
export function createSetupPresenter(store: Store, api: string, account_id: number) {
  return { catalog, element, field, pipeline, note }

  function catalog(record: Catalog) {
    const isProducts = record.type === 'products'
    return {
      ...heading(record, record.created_at),
      sort: record.sort,
      type: record.type,
      can_add_elements: true,
      can_show_in_cards: false,
      can_link_multiple: true,
      can_be_deleted: !isProducts,
      sdk_widget_code: null,
      account_id,
      ...self(`${api}/catalogs/${record.id}`),
    }
  }

  function element(record: Element) {
    return {
      ...heading(record, record.updated_at),
      is_deleted: null,
      custom_fields_values: showFieldValues(store, record.fields),
      catalog_id: record.catalog_id,
      account_id,
      ...self(`${api}/catalogs/${record.catalog_id}/elements/${record.id}`),
    }
  }

  function heading({ id, name, created_by, created_at }: Catalog | Element, updated_at: number) {
    return { id, name, created_by, updated_by: created_by, created_at, updated_at }
  }

  function field(record: Field) {
    const { id, name, type, code, sort, entity_type, is_api_only, is_predefined, currency, choices } = record
    const place = record.catalog_id === null ? entity_type : `catalogs/${record.catalog_id}`
    return {
      id,
      name,
      type,
      account_id,
      code,
      sort,
      enums: type === 'category' ? null : choices,
      entity_type,
      remind: null,
      currency,
      triggers: [],
      is_deletable: !is_predefined,
      ...(entity_type === 'catalogs'
        ? {
            catalog_id: record.catalog_id,
            is_visible: true,
            is_required: false,
            settings: null,
            nested: nested(record),
          }
        : { is_api_only, is_predefined, group_id: null, required_statuses: [], tracking_callback: null }),
      ...(entity_type === 'leads' ? { is_computed: false, hidden_statuses: [], chained_lists: null } : {}),
      ...self(`${api}/${place}/custom_fields/${id}`),
    }
  }

  function nested({ type, choices }: Field) {
    if (type !== 'category' || choices === null) return null
    return choices.map(({ id, value, sort }) => ({ id, parent_id: null, value, sort }))
  }

  function pipeline(record: Pipeline) {
    const { id, name, sort, is_main } = record
    return {
      id,
      name,
      sort,
      is_main,
      is_unsorted_on: true,
      is_archive: false,
      account_id,
      ...self(`${api}/leads/pipelines/${id}`),
      _embedded: { statuses: record.statuses.map((each) => status(record, each)) },
    }
  }

  function status(parent: Pipeline, { id, name, sort, color, type }: Pipeline['statuses'][number]) {
    const is_editable = type === 0 && !isClosed(id)
    const address = self(`${api}/leads/pipelines/${parent.id}/statuses/${id}`)
    return { id, name, sort, is_editable, pipeline_id: parent.id, color, type, account_id, ...address }
  }

  function note(record: Note) {
    const { entity_type, ...shown } = record
    const address = self(`${api}/${entity_type}/${record.entity_id}/notes/${record.id}`)
    return { ...shown, updated_by: record.created_by, group_id: 0, account_id, ...address }
  }
}
