import { showFieldValues } from '../fields/field-values.ts'
import { self } from '../http/hal.ts'
import {
  type Catalog,
  type Element,
  type Field,
  isClosed,
  type Note,
  type Pipeline,
  type Status,
} from '../store/entities.ts'
import type { FieldGroup } from '../store/setup-entities.ts'
import type { Store } from '../store/store.ts'

/** What surrounds the cards: lists and their elements, fields, pipelines, notes. */
export function createSetupPresenter(store: Store, api: string, account_id: number) {
  return { catalog, element, field, fieldGroup, pipeline, status, note }

  function catalog(record: Catalog) {
    const { can_add_elements = true, can_show_in_cards = false, can_link_multiple = true } = record
    return {
      ...heading(record, record.updated_at ?? record.created_at),
      sort: record.sort,
      type: record.type,
      can_add_elements,
      can_show_in_cards,
      can_link_multiple,
      can_be_deleted: record.type === 'regular',
      sdk_widget_code: null,
      account_id,
      ...self(`${api}/catalogs/${record.id}`),
    }
  }

  function element(record: Element, asked: Set<string> = new Set()) {
    return {
      ...heading(record, record.updated_at),
      is_deleted: record.is_deleted ? true : null,
      custom_fields_values: showFieldValues(store, record.fields),
      catalog_id: record.catalog_id,
      account_id,
      ...(asked.has('invoice_link') ? { invoice_link: null } : {}),
      ...self(`${api}/catalogs/${record.catalog_id}/elements/${record.id}`),
    }
  }

  function heading(
    { id, name, created_by, updated_by = created_by, created_at }: Catalog | Element,
    updated_at: number,
  ) {
    return { id, name, created_by, updated_by, created_at, updated_at }
  }

  function field(record: Field) {
    const { id, name, type, code, sort, entity_type, is_api_only, is_predefined, currency, choices, more = {} } = record
    const { remind = null, search_in = null, settings = null, group_id = null, tracking_callback = null } = more
    const { is_visible = true, is_required = false, chained_lists = null } = more
    const { required_statuses = [], hidden_statuses = [] } = more
    const inCatalog = {
      catalog_id: record.catalog_id,
      is_visible,
      is_required,
      settings,
      search_in,
      nested: nested(record),
    }
    const onCard = { is_api_only, is_predefined, group_id, required_statuses, tracking_callback }
    return {
      id,
      name,
      type,
      account_id,
      code,
      sort,
      enums: type === 'category' ? null : choices,
      entity_type,
      remind,
      currency,
      triggers: [],
      is_deletable: !is_predefined,
      ...(entity_type === 'catalogs' ? inCatalog : onCard),
      ...(entity_type === 'leads' ? { is_computed: false, hidden_statuses, chained_lists } : {}),
      ...self(`${api}/${placeOf(record)}/custom_fields/${id}`),
    }
  }

  function nested({ type, choices }: Field) {
    if (type !== 'category' || choices === null) return null
    return choices.map(({ id, value, sort, parent_id = null }) => ({ id, parent_id, value, sort }))
  }

  function fieldGroup(record: FieldGroup) {
    const { id, name, sort, entity_type } = record
    const place = placeOf(record)
    const members = store.fields.all().filter(({ more }) => more?.group_id === id)
    const fields = members.map((member) => member.id)
    const address = self(`${api}/${place}/custom_fields/groups/${id}`)
    return { id, name, is_predefined: false, type: entity_type, entity_type, sort, fields, ...address }
  }

  function pipeline(record: Pipeline) {
    const { id, name, sort, is_main, is_unsorted_on = true, is_archive = false } = record
    return {
      id,
      name,
      sort,
      is_main,
      is_unsorted_on,
      is_archive,
      account_id,
      ...self(`${api}/leads/pipelines/${id}`),
      _embedded: { statuses: record.statuses.map((each) => status(record, each)) },
    }
  }

  function status(parent: Pipeline, record: Status, asked: Set<string> = new Set()) {
    const { id, name, sort, color, type, descriptions = [] } = record
    const is_editable = type === 0 && !isClosed(id)
    const address = self(`${api}/leads/pipelines/${parent.id}/statuses/${id}`)
    const told = asked.has('descriptions') ? { descriptions } : {}
    return { id, name, sort, is_editable, pipeline_id: parent.id, color, type, account_id, ...told, ...address }
  }

  function note(record: Note) {
    const { entity_type, ...shown } = record
    const address = self(`${api}/${entity_type}/${record.entity_id}/notes/${record.id}`)
    return { updated_by: record.created_by, ...shown, group_id: 0, account_id, ...address }
  }
}

const placeOf = ({ entity_type, catalog_id }: Field | FieldGroup) =>
  catalog_id === null ? entity_type : `catalogs/${catalog_id}`
