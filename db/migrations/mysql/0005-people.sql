-- What an order makes in the CRM besides its lead.
ALTER TABLE messages
  ADD COLUMN contact_id BIGINT NULL COMMENT 'the contact of the buyer in amoCRM, where this order made it',
  ADD COLUMN company_id BIGINT NULL COMMENT 'the company of the buyer in amoCRM, where this order made it',
  ADD COLUMN cards_request_at BIGINT NULL COMMENT 'unix ms, a create of contacts, companies or products was sent then and its answer may be unknown';
