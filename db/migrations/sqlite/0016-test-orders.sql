-- Orders that a person sent from the pages to try the settings.
ALTER TABLE messages ADD COLUMN test TEXT;             -- sent, or cleaned once its lead was closed; null: a real order
