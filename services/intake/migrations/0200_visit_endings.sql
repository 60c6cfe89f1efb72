-- depends: 0120_reception
-- Why a visit ended before anybody received the visitor, and who wrote it down.
ALTER TABLE visit ADD COLUMN ended_for text CHECK (ended_for IN ('called_off', 'changed', 'slip', 'tired', 'elsewhere', 'personal'));
ALTER TABLE visit ADD COLUMN ended_by jsonb;
