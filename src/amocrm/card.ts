import { z } from 'zod'

/** What contacts and companies have in common. */
export const card = z
  .object({
    id: z.int(),
    name: z.string().nullish(),
    responsible_user_id: z.int().nullish(),
    created_at: z.int().nullish(),
    updated_at: z.int().nullish(),
    is_deleted: z.boolean().nullish(),
    custom_fields_values: z
      .array(
        z.object({
          field_id: z.int(),
          field_code: z.string().nullish(),
          values: z.array(z.object({ value: z.unknown() })),
        }),
      )
      .nullish(),
  })
  .transform(({ custom_fields_values, ...card }) => ({
    id: card.id,
    name: card.name ?? '',
    responsibleUserId: card.responsible_user_id ?? null,
    createdAt: card.created_at ?? 0,
    updatedAt: card.updated_at ?? 0,
    isDeleted: card.is_deleted ?? false,
    fields: (custom_fields_values ?? []).map(({ field_id, field_code, values }) => ({
      id: field_id,
      code: field_code ?? null,
      values: values.map(({ value }) => value),
    })),
  }))

/** A contact or a company; times are unix seconds. */
export type Card = z.output<typeof card>

/** In which order a list of cards is read; the newest change comes first. */
export type CardOrder = 'id' | 'updated_at'

export function orderQuery(order: CardOrder) {
  return order === 'id' ? 'order[id]=asc' : 'order[updated_at]=desc'
}
