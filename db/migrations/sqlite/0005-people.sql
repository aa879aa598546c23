-- What an order makes in the CRM besides its lead.
ALTER TABLE messages ADD COLUMN contact_id INTEGER;          -- the buyer's contact in amoCRM, where this order made it
ALTER TABLE messages ADD COLUMN company_id INTEGER;          -- the buyer's company in amoCRM, where this order made it
ALTER TABLE messages ADD COLUMN cards_request_at INTEGER;    -- unix ms; a create of contacts, companies or products was sent then and its answer may be unknown
