-- depends: 0106_originals
-- Mails are not all that cannot be read: messages of telephone systems and posts of boards are kept in the same place.
ALTER TABLE unread_mail ADD COLUMN IF NOT EXISTS channel text NOT NULL DEFAULT 'email';
