/** Letters of any language, digits and what mail addresses have; two at least. */
export const loginShape = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]{1,63}$/u
